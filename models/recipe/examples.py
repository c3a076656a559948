"""What training learns from: features of every recording at several speeds, and their phones."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.progress import track

from .corpus import Corpus, Sound
from .features import MELS, Mel, faster, mel
from .sequence import SILENCE
from .words import PHONES, Pronunciation


@dataclass(frozen=True)
class Example:
    """One recording at one speed."""

    name: str
    text: str
    source: str
    speed: float
    start: int
    """First row in features.f16."""
    frames: int


class Examples:
    """All examples, their features mapped into memory."""

    def __init__(self, folder: Path) -> None:
        with (folder / "examples.jsonl").open() as lines:
            self.list = [Example(**json.loads(line)) for line in lines]
        shape = (sum(example.frames for example in self.list), MELS)
        self._rows = np.memmap(folder / "features.f16", np.float16, "r", shape=shape)

    def mel(self, example: Example) -> Mel:
        """Its log mel energies, shape (frames, 40)."""
        rows = self._rows[example.start : example.start + example.frames]
        return rows.astype(np.float32)


def make(folder: Path, corpora: Iterable[Corpus], speeds: tuple[float, ...]) -> None:
    """Features of every training recording that is longer than 0.1 s."""
    draft = folder.with_suffix(".draft")
    draft.mkdir(parents=True, exist_ok=True)
    jobs = [
        (corpus, utterance)
        for corpus in corpora
        for utterance in corpus.utterances
        if utterance.split == "train" and utterance.samples > 1600
    ]
    start = 0
    with (
        (draft / "features.f16").open("wb") as rows,
        (draft / "examples.jsonl").open("w") as lines,
        ProcessPoolExecutor() as pool,
    ):
        sounds: Iterator[Sound] = (np.array(corpus.sound(u)) for corpus, u in jobs)
        found = pool.map(_features, sounds, [speeds] * len(jobs), chunksize=64)
        for (_, utterance), variants in zip(
            jobs, track(found, "Computing features", total=len(jobs)), strict=True
        ):
            for speed, frames in zip(speeds, variants, strict=True):
                rows.write(frames.tobytes())
                example = Example(
                    utterance.name, utterance.text, utterance.source, speed, start, len(frames)
                )
                lines.write(json.dumps(asdict(example)) + "\n")
                start += len(frames)
    draft.rename(folder)


def _features(sound: Sound, speeds: tuple[float, ...]) -> list[npt.NDArray[np.float16]]:
    return [mel(faster(sound, speed)).astype(np.float16) for speed in speeds]


def labels(text: str, dictionary: dict[str, list[Pronunciation]]) -> list[int] | None:
    """A text's phones as network outputs, silence around every word; None: a word is unknown."""
    row = [SILENCE]
    for word in text.split():
        if word not in dictionary:
            return None
        row += [PHONES.index(phone) + 1 for phone in dictionary[word][0]]
        row.append(SILENCE)
    return row
