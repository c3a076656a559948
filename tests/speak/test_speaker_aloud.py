"""The speaker through a real sound server: how soon, how it ends, and that it comes back."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from device_chain import PulseAudio
from speaker_ear import Ear

pytestmark = pytest.mark.aloud

PRELUDE = """
import sys, time
from pathlib import Path
from voice_triage.speak.cache import CachedSynthesizer
from voice_triage.speak.earcons import Earcon
from voice_triage.speak.manner import Manner
from voice_triage.speak.player import Loudspeaker
from voice_triage.speak.speaker import Speaker
from voice_triage.speak.synthesis import Pyttsx3

def tell(message):
    print("failed", message.splitlines()[0], flush=True)

def back():
    print("back", flush=True)

QUESTION = "Have you lost control of your bladder?"
LONG = QUESTION + " " + "Keep still and wait for help. " * 11
speaker = Speaker(CachedSynthesizer(Pyttsx3(), Path(sys.argv[1])), Loudspeaker(), tell, back)
"""


def program(source: str, chain: PulseAudio, cache: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", PRELUDE + source, str(cache)],
        env=chain.env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def run(source: str, chain: PulseAudio, cache: Path) -> list[str]:
    with program(source, chain, cache) as talk:
        output, _ = talk.communicate(timeout=40)
    assert talk.returncode == 0
    return output.splitlines()


def test_say_returns_when_the_text_has_been_heard(
    speaker_chain: PulseAudio, ear: Ear, tmp_path: Path
) -> None:
    source = """
speaker.prepare([QUESTION])
began = time.monotonic()
assert speaker.say(QUESTION)
print(began, time.monotonic())
speaker.close()
"""
    ((began, ended),) = [map(float, line.split()) for line in run(source, speaker_chain, tmp_path)]
    time.sleep(0.4)
    assert began < ear.first_sound(began) < ended
    assert -0.02 < ended - ear.last_sound() < 0.15  # without the silence that espeak-ng ends with


def test_a_tone_leads_into_the_text(speaker_chain: PulseAudio, ear: Ear, tmp_path: Path) -> None:
    source = """
speaker.say(QUESTION, Manner(gain_db=-12))
time.sleep(0.6)
print(time.monotonic(), flush=True)
speaker.say(QUESTION, after=Earcon.HEARD)
"""
    (began,) = map(float, run(source, speaker_chain, tmp_path))
    time.sleep(0.4)
    heard = np.abs(ear.since(began).astype(int))
    loud = np.flatnonzero(heard > 50)
    gaps = np.diff(loud[: ear.RATE // 4]) / ear.RATE
    assert 0.02 < gaps.max() < 0.06
    assert heard[: loud[0] + ear.RATE // 12].max() < 3500  # first the tone, which is quiet


def test_a_long_text_is_said_whole_and_can_be_stopped(
    speaker_chain: PulseAudio, ear: Ear, tmp_path: Path
) -> None:
    source = """
speaking = speaker.begin(LONG, Manner(words_per_minute=235))
while len(speaking._playbacks) < 3:
    time.sleep(0.01)
time.sleep(0.5)
played = speaking.played
asked = time.monotonic()
speaking.stop()
print(asked, played.began, speaking.wait(), speaking.done, len(played.samples) / played.rate)
speaker.close()
"""
    (line,) = run(source, speaker_chain, tmp_path)
    asked, began, spoken, done, seconds = line.split()
    time.sleep(0.3)
    assert (spoken, done) == ("False", "True")
    assert ear.last_sound() - float(asked) < 0.1
    assert ear.first_sound(float(began) - 0.5) == pytest.approx(float(began), abs=0.05)
    assert float(seconds) > 3


def test_ctrl_c_is_silence_at_once(speaker_chain: PulseAudio, ear: Ear, tmp_path: Path) -> None:
    source = "print(flush=True); speaker.say(LONG)"
    with program(source, speaker_chain, tmp_path) as talk:
        assert talk.stdout is not None
        talk.stdout.readline()
        ear.wait_for_sound()
        time.sleep(0.5)
        pressed = time.monotonic()
        talk.send_signal(signal.SIGINT)
        talk.communicate(timeout=10)
    assert talk.returncode not in (None, 0)
    time.sleep(0.3)
    assert ear.last_sound() - pressed < 0.25


def test_speech_comes_back_with_the_loudspeaker(tmp_path: Path) -> None:
    with PulseAudio() as chain:
        source = "for _ in sys.stdin: print(speaker.say(QUESTION), flush=True)"
        with program(source, chain, tmp_path) as talk:
            assert talk.stdin is not None
            assert talk.stdout is not None
            with Ear(chain) as ear:
                print(file=talk.stdin, flush=True)
                ear.wait_for_sound()
                pactl(chain, "unload-module", "module-null-sink")
                said = talk.stdout.readline() + talk.stdout.readline()
                assert "in the middle of a sentence" in said
                assert said.endswith("False\n")
            print(file=talk.stdin, flush=True)
            assert talk.stdout.readline().startswith("failed No loudspeaker can be opened")
            assert talk.stdout.readline() == "False\n"
            print(file=talk.stdin, flush=True)
            assert talk.stdout.readline() == "False\n"  # told already
            pactl(chain, "load-module", "module-null-sink", "sink_name=speaker")
            with Ear(chain) as again:
                print(file=talk.stdin, flush=True)
                again.wait_for_sound()
                assert talk.stdout.readline() == "back\n"
                assert talk.stdout.readline() == "True\n"
            talk.stdin.close()


def pactl(chain: PulseAudio, *words: str) -> None:
    subprocess.run(["pactl", *words], env=chain.env, check=True, timeout=10, capture_output=True)
