"""A whole conversation through a real sound device: it speaks from the loudspeaker and hears what
is said into the microphone. PulseAudio's null sinks are the devices; nothing else is different."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from device_chain import PulseAudio
from programs import PROGRAM, environment, run
from voices import samples, speak


@pytest.fixture(scope="module")
def chain() -> Iterator[PulseAudio]:
    with PulseAudio() as pulse:
        yield pulse


def test_a_conversation_in_the_air(tmp_path: Path, chain: PulseAudio) -> None:
    answers = {
        "bladder-control": speak("no", tmp_path / "no.wav"),
        "leg-feeling": speak("yes", tmp_path / "yes.wav", "slt"),
    }
    recording = tmp_path / "heard.wav"
    recorder = chain.recorder(recording)
    program = subprocess.Popen(
        [*PROGRAM, "--json", "--answers", "mic", "--region", "GB"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=environment(**chain.env), cwd="/",
    )  # fmt: skip
    assert program.stdout is not None
    events = []
    for line in program.stdout:
        events.append(json.loads(line))
        if events[-1]["event"] == "asked":
            # What was heard rightly and is read back all the same is agreed to, as people would.
            agrees = events[-1]["kind"] == "confirm"
            chain.speak(answers["leg-feeling" if agrees else events[-1]["question"]])
    _, shown = program.communicate(timeout=60)
    recorder.send_signal(2)
    recorder.wait(timeout=10)
    assert program.returncode == 0, shown
    replies = [(e["question"], e["answer"]) for e in events if e["event"] == "answered"]
    assert replies == [("bladder-control", "no"), ("leg-feeling", "yes")]
    assert events[-1]["urgency"] == "emergency"
    assert "can't" not in shown.splitlines()[0], "nothing failed"
    sound, rate = samples(recording)
    loud = np.abs(sound.astype(float)).reshape(-1)[: len(sound) // rate * rate]
    seconds_with_sound = (loud.reshape(-1, rate).max(axis=1) > 1000).sum()
    assert seconds_with_sound > 30, "the questions and all of the advice were heard in the room"


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
