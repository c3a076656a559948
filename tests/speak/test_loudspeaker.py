"""A real loudspeaker, as far as ALSA, PortAudio and sounddevice can tell."""

import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
import soxr
from device_chain import PulseAudio
from loudspeaker_program import command, program, run
from speaker_ear import Ear

from voice_triage.speak.synthesis import Pyttsx3

pytestmark = pytest.mark.aloud

QUESTION = "Have you lost control of your bladder?"


def test_a_sentence_arrives_whole_and_play_waits_for_its_end(
    speaker_chain: PulseAudio, ear: Ear
) -> None:
    (line,) = run(speaker_chain, f"play(Loudspeaker(), Pyttsx3().render({QUESTION!r}))")
    returned = float(line.removeprefix("played "))
    time.sleep(0.4)
    speech = Pyttsx3().render(QUESTION)
    audible = np.flatnonzero(np.abs(speech.samples.astype(int)) > 50)
    pause = (len(speech.samples) - audible[-1]) / speech.rate  # espeak-ng ends with one
    assert -0.02 < returned - ear.last_sound() - pause < 0.3
    heard = ear.sound().astype(float)
    assert len(heard) / ear.RATE == pytest.approx((audible[-1] - audible[0]) / 22050, abs=0.05)
    said = speech.samples[audible[0] : audible[-1]].astype(float)
    assert np.std(heard) == pytest.approx(np.std(said), rel=0.1)


def test_the_end_of_a_sound_is_not_cut_off(speaker_chain: PulseAudio, ear: Ear) -> None:
    # A tone is loud up to its last sample, unlike a sentence.
    (line,) = run(speaker_chain, "play(Loudspeaker(), tone(1.0))")
    time.sleep(0.4)
    assert -0.02 < float(line.removeprefix("played ")) - ear.last_sound() < 0.3
    assert len(ear.sound()) / ear.RATE == pytest.approx(1.0, abs=0.04)


def test_the_end_of_a_short_tone_is_known_too(speaker_chain: PulseAudio, ear: Ear) -> None:
    source = """
loudspeaker = Loudspeaker()
for _ in range(5):
    time.sleep(0.6)
    play(loudspeaker, tone(0.1))
"""
    with program(source, speaker_chain) as talk:
        assert talk.stdout is not None
        for line in talk.stdout:
            time.sleep(0.3)
            assert -0.02 < float(line.removeprefix("played ")) - ear.last_sound() < 0.15


def test_a_rate_that_the_device_refuses_is_resampled(speaker_chain: PulseAudio, ear: Ear) -> None:
    run(speaker_chain, "play(Loudspeaker(), tone(1.0, 500_000))")
    time.sleep(0.4)
    heard = ear.sound()
    assert len(heard) / ear.RATE == pytest.approx(1.0, abs=0.04)
    crossings = np.count_nonzero(np.diff(np.signbit(heard[2000:12000].astype(float))))
    assert crossings == pytest.approx(2 * 440 * 10000 / ear.RATE, abs=4)


def test_nothing_to_say_opens_no_device() -> None:
    source = "play(Loudspeaker('nonexistent'), tone(0)); print('sounddevice' in sys.modules)"
    done = subprocess.run(command(source), check=True, stdout=subprocess.PIPE, text=True)
    assert done.stdout.endswith("\nFalse\n")
    assert done.stdout.startswith("played")


def test_stop_is_silence_at_once(speaker_chain: PulseAudio, ear: Ear) -> None:
    source = """
loudspeaker = Loudspeaker()
loudspeaker.play(tone(0.1))
time.sleep(0.5)
for _ in range(5):
    playback = loudspeaker.start(tone(20))
    time.sleep(0.5)
    assert not playback.done
    asked = time.monotonic()
    playback.stop()
    stopped = time.monotonic()
    assert playback.done
    playback.wait()
    playback.stop()
    print(asked, stopped, len(playback.played.samples) / playback.played.rate, flush=True)
    time.sleep(0.5)
"""
    with program(source, speaker_chain) as talk:
        assert talk.stdout is not None
        for line in talk.stdout:
            time.sleep(0.3)
            asked, stopped, seconds = map(float, line.split())
            assert stopped - asked < 0.1
            assert ear.last_sound() - asked < 0.1
            assert 0.1 < seconds < 0.6
    assert talk.returncode == 0


def test_what_was_played_and_when(speaker_chain: PulseAudio, ear: Ear) -> None:
    source = """
loudspeaker = Loudspeaker()
loudspeaker.play(tone(0.2))
time.sleep(0.6)
playback = loudspeaker.start(tone(1.0))
before = playback.played
playback.wait()
played = playback.played
assert before is None and len(played.samples) == 22050 and played.rate == 22050
assert np.array_equal(played.samples, tone(1.0).samples)
print(played.began)
"""
    (line,) = run(speaker_chain, source)
    time.sleep(0.4)
    assert ear.last_sound() - 1.0 == pytest.approx(float(line), abs=0.04)


def test_the_next_utterance_stops_the_last(speaker_chain: PulseAudio, ear: Ear) -> None:
    source = """
loudspeaker = Loudspeaker()
first = loudspeaker.start(tone(20))
time.sleep(0.5)
second = loudspeaker.start(tone(0.5))
first.wait()
second.wait()
print(first.done, second.done, time.monotonic())
"""
    began = time.monotonic()
    (line,) = run(speaker_chain, source)
    assert line.startswith("True True")
    time.sleep(0.4)
    assert ear.last_sound() - began < 5


def test_five_hundred_utterances_leave_nothing_behind(speaker_chain: PulseAudio) -> None:
    source = """
import os, threading
loudspeaker = Loudspeaker()
def left():
    loudspeaker.close()
    return threading.active_count(), len(os.listdir("/proc/self/fd"))
playback = loudspeaker.start(tone(5))
time.sleep(0.3)
playback.stop()
before = left()
for index in range(500):
    playback = loudspeaker.start(tone(5))
    if index % 3:
        time.sleep(0.01)
        playback.stop()
print(before == left(), before, left())
import gc
from voice_triage.speak.outgoing import Outgoing
gc.collect()
print(sum(isinstance(thing, Outgoing) for thing in gc.get_objects()))
"""
    lines = run(speaker_chain, source)
    assert lines[0].startswith("True")
    assert int(lines[1]) <= 2


def test_ctrl_c_stops_the_sound_at_once(speaker_chain: PulseAudio, ear: Ear) -> None:
    source = "Loudspeaker().play(tone(20))"
    with subprocess.Popen(
        command(source), env=speaker_chain.env, stderr=subprocess.PIPE
    ) as program:
        ear.wait_for_sound()
        time.sleep(0.3)
        pressed = time.monotonic()
        program.send_signal(signal.SIGINT)
        _, complaint = program.communicate(timeout=5)
    assert time.monotonic() - pressed < 1.5
    time.sleep(0.4)
    assert ear.last_sound() - pressed < 0.25
    assert b"KeyboardInterrupt" in complaint


def test_the_chain_itself_keeps_time(speaker_chain: PulseAudio, ear: Ear, tmp_path: Path) -> None:
    """If this fails, the others' figures mean nothing."""
    import soundfile

    tone = 8000 * np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    soundfile.write(tmp_path / "tone.wav", soxr.resample(tone, 22050, 44100).astype("<i2"), 44100)
    subprocess.run(
        ["paplay", "--device=speaker", tmp_path / "tone.wav"],
        env=speaker_chain.env,
        check=True,
        timeout=10,
    )
    time.sleep(0.4)
    assert len(ear.sound()) / ear.RATE == pytest.approx(1.0, abs=0.04)
