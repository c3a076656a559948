"""How soon speech is heard, and how soon it is silent, at the loudspeaker of a real device chain.

    .venv/bin/python benchmarks/speaking.py                  # 20 of each
    .venv/bin/python benchmarks/speaking.py --busy           # with every core kept busy

Times of the first and last sample are taken where the sound server hands them out, to a recorder of
its own; both ends read the same clock. Crackles are gaps and jumps in a tone of 3 s.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

sys.path[:0] = [str(Path(__file__).parents[1] / "tests" / each) for each in ("", "speak")]

from device_chain import PulseAudio
from speaker_ear import Ear

from voice_triage.speak.cache import CachedSynthesizer
from voice_triage.speak.earcons import Earcon
from voice_triage.speak.player import Loudspeaker
from voice_triage.speak.speaker import Speaker
from voice_triage.speak.synthesis import Pyttsx3, Speech

TEXT = "Have you lost control of your bladder?"


class Chain(NamedTuple):
    """What an Ear needs of a device chain that another process has started."""

    env: dict[str, str]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--number", type=int, default=20, help="of each measurement")
    parser.add_argument("--busy", action="store_true", help="keep every core busy meanwhile")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.inside:
        # PortAudio looks for its devices once: it must start in the chain's environment.
        with PulseAudio() as chain:
            command = [sys.executable, __file__, *sys.argv[1:], "--inside"]
            sys.exit(subprocess.run(command, env=chain.env, check=False).returncode)
    crowd = [multiprocessing.Process(target=spin, daemon=True) for _ in range(os.cpu_count() or 1)]
    for each in crowd if options.busy else ():
        each.start()
    load = os.getloadavg()[0]
    print(
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, "
        f"load {load:.1f}{', every core kept busy' if options.busy else ''}"
    )
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), options.number)


def spin() -> None:
    """Keep a core busy."""
    while True:
        pass


def measure(folder: Path, number: int) -> None:
    """All measurements, each printed as it ends."""
    speaker = Speaker(CachedSynthesizer(Pyttsx3(), folder), Loudspeaker(), print)
    fresh, kept = [], []
    for index in range(number):
        began = time.monotonic()
        CachedSynthesizer(Pyttsx3(), None).render(f"{TEXT} {index}")
        fresh.append(time.monotonic() - began)
    CachedSynthesizer(Pyttsx3(), folder).render(TEXT, 150)
    for _ in range(number):
        cached = CachedSynthesizer(Pyttsx3(), folder)
        began = time.monotonic()
        cached.render(TEXT, 150)
        kept.append(time.monotonic() - began)
    show("rendering a question", fresh)
    show("the same from disk", kept)
    with Ear(Chain(dict(os.environ))) as ear:
        speaker.say(TEXT)
        first_sample(ear, speaker, number, "begin() to first sample, device closed", cold)
        first_sample(ear, speaker, number, "… with a tone before it", toned)
        stopping(ear, number)
        ending(ear, number)
        crackles(ear, number)
    speaker.close()


def cold(_speaker: Speaker) -> None:
    """Long enough for the device to be closed."""
    time.sleep(0.5)


def toned(_speaker: Speaker) -> None:
    """The same."""
    time.sleep(0.5)


def first_sample(
    ear: Ear, speaker: Speaker, number: int, name: str, before: Callable[[Speaker], None]
) -> None:
    """From begin() to the first audible sample; and how wrong `played.began` is."""
    heard, wrong = [], []
    for _ in range(number):
        before(speaker)
        began = time.monotonic()
        speaking = speaker.begin(TEXT, after=Earcon.HEARD if before is toned else None)
        time.sleep(0.6)
        first = ear.first_sound(began)
        heard.append(first - began)
        if (played := speaking.played) is not None:
            audible = int(np.flatnonzero(np.abs(played.samples.astype(int)) > 50)[0])
            wrong.append(abs(played.began + audible / played.rate - first))
        speaking.stop()
    show(name, heard)
    show("  played.began is wrong by", wrong)


def stopping(ear: Ear, number: int) -> None:
    """From stop() in the middle of a tone to the last audible sample."""
    loudspeaker, quiet = Loudspeaker(), []
    for index in range(number):
        playback = loudspeaker.start(tone(5))
        time.sleep(0.5 + index * 0.007)
        asked = time.monotonic()
        playback.stop()
        time.sleep(0.5)
        quiet.append(max(ear.last_sound() - asked, 0.0))
    loudspeaker.close()
    show("stop() to the last sample", quiet)


def ending(ear: Ear, number: int) -> None:
    """From the last sample to wait()'s return."""
    loudspeaker, late = Loudspeaker(), []
    for _ in range(number):
        loudspeaker.play(tone(0.5))
        returned = time.monotonic()
        time.sleep(0.5)
        late.append(returned - ear.last_sound())
    loudspeaker.close()
    show("the last sample to wait()'s return", late)


def crackles(ear: Ear, number: int) -> None:
    """Tones of 3 s in which the recorder heard a gap or a jump."""
    loudspeaker, bad = Loudspeaker(), 0
    for _ in range(number):
        began = time.monotonic()
        loudspeaker.play(tone(3))
        time.sleep(0.3)
        bad += crackled(ear.since(began))
    loudspeaker.close()
    print(f"{'tones that crackled':42} {bad} of {number}")


def crackled(heard: np.ndarray) -> bool:
    """Whether a tone of 440 Hz has a gap in it, or is too long, or jumps."""
    loud = np.flatnonzero(np.abs(heard.astype(int)) > 300)
    inside = heard[loud[0] : loud[-1] + 1].astype(float)
    steepest = 8000 * 2 * np.pi * 440 / Ear.RATE
    gap = int(np.diff(loud).max()) > 30  # a zero crossing takes 4 samples
    jump = np.abs(np.diff(inside)).max() > 2 * steepest
    return bool(gap or jump or abs(len(inside) / Ear.RATE - 3) > 0.01)


def tone(seconds: float) -> Speech:
    """440 Hz at a quarter of full scale."""
    times = np.arange(round(seconds * Ear.RATE)) / Ear.RATE
    return Speech((8000 * np.sin(2 * np.pi * 440 * times)).astype(np.int16), Ear.RATE)


def show(name: str, seconds: list[float]) -> None:
    """Median, 95th percentile and worst."""
    ordered = sorted(seconds)
    p95 = ordered[min(round(0.95 * len(ordered)), len(ordered) - 1)]
    median = statistics.median(ordered)
    print(
        f"{name:42} median {median * 1000:5.0f} ms   95 % {p95 * 1000:5.0f} ms   "
        f"worst {ordered[-1] * 1000:5.0f} ms",
        flush=True,
    )


if __name__ == "__main__":
    main()
