"""The start word: how often it starts by itself, and how often it is heard.

    .venv/bin/python benchmarks/start_word.py --speech DIR [--phrase computer] [--hours 1]

Recordings are DIR/manifest.tsv (tab-separated: path, text, source, split and seconds) and what it
names. Noise and read sentences, of all splits, are played one after another as one stream; where
there is more than `--hours`, evenly spread ones are taken. The phrase is spoken by synthetic
voices and, where the manifest has it, by real people (who may be those that the model learned
from), clean and in noise of split `dev` at 10 dB.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.progress import track

from voice_triage import assemble
from voice_triage.evaluate import manifest, mix
from voice_triage.evaluate.manifest import Recording
from voice_triage.evaluate.room import CLEAN, Condition
from voice_triage.listen.frames import FRAME_SAMPLES, Frame
from voice_triage.listen.recognizer import Vosk
from voice_triage.listen.recording import to_frames_of
from voice_triage.listen.start_word import Waiting

ESPEAK = ("en-us", "en-gb", "en-gb-scotland", "en-gb-x-rp", "en-us+m1", "en-us+m3", "en-us+m7",
          "en-us+f1", "en-us+f3", "en-gb+f2", "en-gb+f5", "en-gb+m3")  # fmt: skip
SPEEDS = ("120", "150", "180")
FLITE = ("slt", "rms", "awb", "kal16")
OTHERS = assemble.lexicon().sound_alikes
REAL = 60
"""Recordings of real people at most."""
SILENCE_MS = (2_000.0, 1_500.0)
"""Around the phrase: nobody has spoken for a while, and then waits."""


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--speech", type=Path, required=True, help="folder with manifest.tsv")
    parser.add_argument("--phrase", default="start")
    parser.add_argument("--hours", type=float, default=1.0, help="of sound without the phrase")
    parser.add_argument("--model", help="speech model, by name or path")
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}")
    vosk = assemble.vosk(options.model)
    recordings = manifest.read(options.speech / "manifest.tsv")
    noises = tuple(r.path for r in recordings if not r.text and r.columns["split"] == "dev")
    print(f"\n'{options.phrase}', said by itself:")
    with tempfile.TemporaryDirectory() as folder:
        hits("synthetic voices", list(spoken(options.phrase, Path(folder))), noises, vosk)
    real = [r for r in recordings if r.text == options.phrase]
    hits("real people", real[:: len(real) // REAL + 1], noises, vosk)
    print(f"\n'{options.phrase}' not said, or inside a sentence:")
    for what, some in others(recordings).items():
        false_starts(what, spread(some, options.hours * 3600), options.phrase, vosk)


def others(recordings: Sequence[Recording]) -> dict[str, list[Recording]]:
    """Sound in which nobody says the phrase alone."""
    return {
        "noise": [r for r in recordings if not r.text],
        "sentences": [r for r in recordings if r.columns["source"] == "speechocean762"],
    }


def spread(recordings: Sequence[Recording], seconds: float) -> list[Recording]:
    """Evenly spread ones, that long together; all when there are not so many."""
    total = sum(float(r.columns["seconds"]) for r in recordings)
    share = min(1.0, seconds / total) if total else 0.0
    return [r for n, r in enumerate(recordings) if int((n + 1) * share) > int(n * share)]


def false_starts(what: str, recordings: Sequence[Recording], phrase: str, vosk: Vosk) -> None:
    """Play them as one stream and count."""
    waiting = Waiting(phrase, vosk, OTHERS)
    starts: list[str] = []
    seconds, began = 0.0, time.process_time()
    for recording in track(recordings, what, transient=True):
        for frame in to_frames_of(recording.path):
            seconds += len(frame) / 16_000
            if waiting.hears(frame):
                starts.append(recording.text or recording.name)
                waiting.begin()
    busy = (time.process_time() - began) / max(seconds, 1e-9)
    print(
        f"{what:18} {len(starts):3} false starts in {seconds / 3600:.2f} h, "
        f"{busy:.1%} of one core   {starts}"
    )


def hits(who: str, recordings: Sequence[Recording], noises: tuple[Path, ...], vosk: Vosk) -> None:
    """How many of them start."""
    setting = mix.Setting(SILENCE_MS, noises)
    for condition in (CLEAN, Condition(snr_db=10.0)):
        missed = [
            r.name
            for r in track(recordings, who, transient=True)
            if not starts(mix.mixed(r, mix.samples(r.path), condition, setting), r.text, vosk)
        ]
        count = len(recordings) - len(missed)
        print(f"{who:18} {condition.name:12} {count:3} of {len(recordings)}   missed: {missed[:4]}")


def starts(sound: Frame, phrase: str, vosk: Vosk) -> bool:
    """Whether the program would start."""
    waiting = Waiting(phrase, vosk, OTHERS)
    cuts = range(0, len(sound), FRAME_SAMPLES)
    return any(waiting.hears(sound[at : at + FRAME_SAMPLES]) for at in cuts) or waiting.ends()


def spoken(phrase: str, folder: Path) -> Iterator[Recording]:
    """The phrase in every synthetic voice, espeak-ng's at every speed."""
    espeak = [
        (f"{voice} {speed}", ["espeak-ng", "-v", voice, "-s", speed, phrase, "-w"])
        for voice in ESPEAK
        for speed in SPEEDS
    ]
    flite = [(voice, ["flite", "-voice", voice, "-t", phrase, "-o"]) for voice in FLITE]
    for name, command in espeak + flite:
        path = folder / f"{name}.wav"
        subprocess.run([*command, str(path)], check=True, capture_output=True)
        yield Recording(name, path, phrase, None, None, {})


if __name__ == "__main__":
    main()
