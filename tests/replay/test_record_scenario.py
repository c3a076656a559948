"""`voice-triage record`: what somebody says at a microphone becomes a scenario that replays."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import yaml
from device_chain import PulseAudio
from programs import PROGRAM, environment, run
from voices import samples, speak

from voice_triage.cli_record import Meter
from voice_triage.listen.frames import Frame
from voice_triage.replay.takes import Metered, file_name, trimmed

pytestmark = pytest.mark.aloud


@pytest.fixture(scope="module")
def chain() -> Iterator[PulseAudio]:
    with PulseAudio() as pulse:
        yield pulse


def test_what_was_said_becomes_a_scenario_that_replays(tmp_path: Path, chain: PulseAudio) -> None:
    said = iter([speak("no", tmp_path / "no.wav"), speak("yes", tmp_path / "yes.wav", "rms")])
    program = subprocess.Popen(
        [*PROGRAM, "record", "--name", "Numb legs!", "-o", str(tmp_path / "made"), "--no-voice"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=environment(**chain.env), cwd="/",
    )  # fmt: skip
    assert program.stdout is not None
    shown: list[str] = []
    for line in program.stdout:
        shown.append(line)
        if "listening…" in line:
            # Heard rightly and read back all the same, it is agreed to, as people would.
            agrees = "Is that right?" in "".join(shown[-4:])
            chain.speak(tmp_path / "yes.wav" if agrees else next(said))
    _, complaints = program.communicate(timeout=60)
    assert program.returncode == 0, complaints
    path = tmp_path / "made" / "numb_legs.triage.yaml"
    assert f"{path} is written." in "".join(shown).replace("\n", "")
    written = yaml.safe_load(path.read_text())
    assert written["name"] == "Numb legs!"
    assert written["expect"]["urgency"] == "emergency"
    assert written["expect"]["answered"] == {"bladder-control": "no", "leg-feeling": "yes"}
    for pieces in written["answers"].values():
        for piece in pieces:
            sound_, rate = samples(path.parent / piece["audio"])
            assert 0.3 < len(sound_) / rate < 3.0
            assert np.abs(sound_.astype(float)).max() > 1000
    replayed = run("replay", path)
    assert replayed.code == 0, replayed.out + replayed.err


def test_no_microphone_and_a_name_that_is_taken(tmp_path: Path) -> None:
    ran = run("record", "--name", "a", "-o", tmp_path, PULSE_SERVER="/no/such/server")
    assert ran.code == 2
    assert "microphone" in ran.err
    assert ran.said_plainly()
    assert not list(tmp_path.iterdir())
    (tmp_path / "a.triage.yaml").write_text("")
    ran = run("record", "--name", "a", "-o", tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert "a.triage.yaml is there already. Choose another --name." in ran.err


def test_trimming_keeps_a_margin() -> None:
    chance = np.random.default_rng(1)
    quiet = (chance.standard_normal(16_000) * 8).astype(np.int16)
    loud = (chance.standard_normal(8_000) * 4000).astype(np.int16)
    sound = trimmed(np.array_split(np.concatenate((quiet, quiet, loud, quiet, quiet)), 100))
    assert sound is not None
    assert len(sound) / 16_000 == pytest.approx(0.5 + 0.3 + 0.5, abs=0.05)
    assert trimmed([quiet]) is None


def test_names_become_file_names() -> None:
    assert file_name("Numb legs, a quiet voice!") == "numb_legs_a_quiet_voice"
    assert file_name("…") == "scenario"


def frames(*peaks: int) -> list[Frame]:
    """A square wave of 20 ms for each."""
    return [np.tile(np.array([peak, -peak], np.int16), 160) for peak in peaks]


class FakeMicrophone:
    """Has these frames to hear, and more of the last without end."""

    live, lost, exhausted = True, 0, False

    def __init__(self, heard: list[Frame]) -> None:
        self._heard = heard

    def utterance(self) -> Iterator[Frame]:
        yield from self._heard
        while True:
            yield self._heard[-1]

    overhear = utterance

    def close(self) -> None:
        pass


@pytest.mark.parametrize("width", [120, 80, 40, 30, 20])
def test_the_meter_stands_in_one_line_and_says_what_is_too_loud(width: int) -> None:
    def drawn(*peaks: int) -> str:
        shown: list[str] = []
        meter = Meter()

        def hears(level_dbfs: float | None, clipped: bool) -> None:
            meter.hears(level_dbfs, clipped)
            shown.append(meter.drawn(width).plain)

        listened = Metered(FakeMicrophone(frames(*peaks)), hears).utterance()
        for _ in peaks:
            next(listened)
        assert all(len(line) <= width for line in shown)
        last = shown[-1]
        del listened
        assert shown[-1] == ""  # nobody listens any more
        return last

    quiet, fair, loud = drawn(0), drawn(3000), drawn(32767)
    full, rest = "\N{FULL BLOCK}", "\N{BOX DRAWINGS LIGHT HORIZONTAL}"
    assert quiet.count(full) == 0
    assert loud.count(rest) == 0
    if width >= 40:
        assert 0 < quiet.count(rest) == fair.count(full) + fair.count(rest) == loud.count(full)
        assert 0 < fair.count(full) < loud.count(full)
        assert quiet.endswith(" -60 dB")
        assert fair.endswith(" -21 dB")
        assert loud.endswith("   -0 dB  too loud")
    # A short word stays to be seen, and what was too loud to be read.
    after = drawn(32767, *[0] * 50)
    if width >= 40:
        assert after.endswith(" -25 dB  too loud")
    assert "too loud" not in drawn(32767, *[0] * 120)
