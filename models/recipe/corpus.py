"""Recordings and what is said in them, in the form that every step reads.

A corpus is a folder with `audio.i16` (all sound, one after the other: 16 kHz, mono, int16, native
byte order) and `utterances.jsonl` (a line an utterance, see Utterance).
"""

from __future__ import annotations

import csv
import io
import json
import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

RATE = 16_000
"""Hz; what Vosk is given."""

Sound = npt.NDArray[np.int16]
"""Shape (samples,), 16 kHz."""


@dataclass(frozen=True)
class Utterance:
    """One recording."""

    name: str
    text: str
    """Lower case; empty: nobody speaks."""
    speaker: str
    source: str
    split: str
    """train, dev or held-out (left out of training by this recipe)."""
    start: int
    """First sample in audio.i16."""
    samples: int


class Corpus:
    """A corpus on disk, its sound mapped into memory."""

    def __init__(self, folder: Path) -> None:
        with (folder / "utterances.jsonl").open() as lines:
            self.utterances = [Utterance(**json.loads(line)) for line in lines]
        self._audio = np.memmap(folder / "audio.i16", np.int16, "r")

    def sound(self, utterance: Utterance) -> Sound:
        """The samples of an utterance."""
        return self._audio[utterance.start : utterance.start + utterance.samples]


@dataclass(frozen=True)
class Clip:
    """An utterance on its way into a corpus."""

    name: str
    text: str
    speaker: str
    source: str
    split: str
    sound: Sound


def write(folder: Path, clips_from: Callable[[int], Iterable[Clip]]) -> None:
    """Write a corpus; it appears under its name only when it is whole. One that was cut off goes on
    where it stopped: `clips_from` is given how many clips there are already."""
    draft = folder.with_suffix(".draft")
    draft.mkdir(parents=True, exist_ok=True)
    rows, start = _written(draft)
    with (draft / "audio.i16").open("ab") as audio, (draft / "utterances.jsonl").open("w") as lines:
        audio.truncate(start * 2)
        lines.writelines(rows)
        for clip in clips_from(len(rows)):
            audio.write(clip.sound.tobytes())
            audio.flush()
            row = Utterance(
                clip.name, clip.text, clip.speaker, clip.source, clip.split, start, len(clip.sound)
            )
            lines.write(json.dumps(asdict(row), ensure_ascii=False) + "\n")
            start += len(clip.sound)
    draft.rename(folder)


def _written(draft: Path) -> tuple[list[str], int]:
    """The whole lines of an unfinished corpus, and how many samples they stand for."""
    path = draft / "utterances.jsonl"
    rows = (
        [r for r in path.read_text().splitlines(True) if r.endswith("\n")] if path.exists() else []
    )
    if not rows:
        return [], 0
    last = Utterance(**json.loads(rows[-1]))
    return rows, last.start + last.samples


def decode(file: Path | io.BytesIO) -> Sound:
    """A sound file's first channel at 16 kHz."""
    samples, rate = soundfile.read(file, dtype="float32", always_2d=True)
    mono = soxr.resample(samples[:, 0], rate, RATE) if rate != RATE else samples[:, 0]
    return np.asarray(np.clip(mono, -1, 32767 / 32768) * 32768, np.int16)


def recordings(speech: Path) -> list[dict[str, str]]:
    """The rows of `speech`/manifest.tsv."""
    with (speech / "manifest.tsv").open(newline="") as table:
        return list(csv.DictReader(table, delimiter="\t"))


def clips(speech: Path, rows: Iterable[dict[str, str]], held_out: set[str]) -> Iterator[Clip]:
    """The recordings of these rows, in the order of the tar files that hold them.

    `held_out`: speakers of the training split whom this recipe doesn't train on.
    """
    wanted = {row["path"]: row for row in rows}
    for archive in sorted(speech.glob("*.tar")):
        with tarfile.open(archive) as members:
            for member in members:
                row = wanted.get(member.name.removeprefix("./"))
                content = members.extractfile(member) if row else None
                if row is None or content is None:
                    continue
                split = "held-out" if row["speaker"] in held_out else row["split"]
                sound = decode(io.BytesIO(content.read()))
                yield Clip(row["path"], row["text"], row["speaker"], row["source"], split, sound)
