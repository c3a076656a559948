"""The commands that look for sound devices, where there are some. Conversations: `chain/`."""

from collections.abc import Iterator

import pytest
from device_chain import PulseAudio
from programs import run

pytestmark = pytest.mark.aloud


@pytest.fixture(scope="module")
def chain() -> Iterator[PulseAudio]:
    with PulseAudio() as pulse:
        yield pulse


def test_devices_and_doctor_find_them(chain: PulseAudio) -> None:
    listed = run("devices", **chain.env)
    assert listed.code == 0, listed.err
    assert "microphone and loudspeaker" in listed.out
    examined = run("doctor", **chain.env)
    assert "good Loudspeaker" in examined.out, examined.out + examined.err
    # The virtual room is perfectly silent, which from a real microphone is a fault.
    assert "BAD  Microphone: only silence" in examined.out
    assert "good Loopback: the microphone doesn't hear the loudspeaker" in examined.out
    assert examined.code == 1
