"""Batches of distorted examples: another room, microphone, distance and noise every time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from scipy.signal import lfilter

from .examples import Example, Examples
from .features import MELS, Mel, curve
from .network import SUBSAMPLING
from .sequence import SILENCE
from .settings import Noise

FLOOR = 1e-7
"""Power of digital silence, as the features have it."""
DECIBEL = float(np.log(10) / 10)


@dataclass(frozen=True)
class Item:
    """An example with its sequence and frame targets."""

    example: Example
    labels: list[int]
    targets: npt.NDArray[np.int16]
    """An output each 30 ms, at the example's own speed."""


@dataclass(frozen=True)
class Batch:
    """Shapes: mel (items, frames, 40); targets (items, ⌈frames / 3⌉); lengths (items,) counts
    outputs."""

    mel: torch.Tensor
    targets: torch.Tensor
    lengths: torch.Tensor
    items: Sequence[Item]


def shuffled(
    items: Sequence[Item], weights: npt.NDArray[np.float64], frames: int, rng: np.random.Generator
) -> list[list[Item]]:
    """An epoch: item i comes `weights[i]` times on average; a batch has items of like length, and
    at most `frames` frames."""
    times = np.floor(weights + rng.random(len(items))).astype(int)
    order = rng.permutation(np.repeat(np.arange(len(items)), times))
    found: list[list[Item]] = []
    for at in range(0, len(order), 4000):
        part = sorted(order[at : at + 4000], key=lambda i: items[i].example.frames)
        batch: list[Item] = []
        for i in part:
            if batch and (len(batch) + 1) * (items[i].example.frames + 60) > frames:
                found.append(batch)
                batch = []
            batch.append(items[i])
        found.append(batch)
    return [found[i] for i in rng.permutation(len(found))]


class Distorter:
    """Makes batches; `noise` is a long stretch of noise, `babble` speech of many people."""

    def __init__(
        self, examples: Examples, noise: Mel, babble: Sequence[Example], levels: Noise,
        rng: np.random.Generator,
    ) -> None:  # fmt: skip
        self._examples, self._noise, self._babble, self._rng = examples, noise, babble, rng
        self._levels = levels

    def batches(self, epoch: Sequence[Sequence[Item]]) -> Iterator[Batch]:
        """Each batch of an epoch, distorted."""
        for items in epoch:
            yield self.batch(items)

    def batch(self, items: Sequence[Item]) -> Batch:
        """Silence around each item, then reverberation, noise, microphone and level."""
        rng = self._rng
        before = rng.integers(0, 35, len(items))
        after = rng.integers(0, 50, len(items))
        spans = [item.example.frames for item in items]
        frames = int(max(b + n + a for b, n, a in zip(before, spans, after, strict=True)))
        outputs = -(-frames // SUBSAMPLING)
        power = np.full((len(items), frames, MELS), FLOOR, np.float32)
        targets = np.full((len(items), outputs), SILENCE, np.int64)
        for row, (item, begin) in enumerate(zip(items, before, strict=True)):
            power[row, begin : begin + spans[row]] = np.exp(self._examples.mel(item.example))
            times = np.arange(outputs) * SUBSAMPLING - begin
            within = (times >= 0) & (times < spans[row])
            index = np.minimum(times[within] // SUBSAMPLING, len(item.targets) - 1)
            targets[row, within] = item.targets[index]
        lengths = np.array(
            [-(-(b + n + a) // SUBSAMPLING) for b, n, a in zip(before, spans, after, strict=True)]
        )
        log = self._distorted(power)
        return Batch(
            torch.from_numpy(log), torch.from_numpy(targets), torch.from_numpy(lengths), items
        )

    def _distorted(self, power: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        rng, count = self._rng, len(power)
        level = np.quantile(power.sum(2), 0.85, axis=1) + 1e-3
        for row in np.flatnonzero(rng.random(count) < 0.4):
            decay = 10 ** (-6 * 0.01 / rng.uniform(0.15, 0.9))
            share = decay * 10 ** (-rng.uniform(0, 12) / 10)
            power[row] += lfilter([0, share], [1, -decay], power[row], axis=0)
        levels = self._levels
        quiet = rng.random(count) < levels.quiet
        snr = np.where(
            quiet, rng.uniform(*levels.quiet_db, count), rng.uniform(*levels.noisy_db, count)
        )
        for row in np.arange(count):
            if rng.random() < 0.07:
                continue  # digital silence around it
            noise = self._some_noise(power.shape[1])
            gain = level[row] / (noise.sum(1).mean() + 1e-9) * 10 ** (-snr[row] / 10)
            power[row] += np.float32(gain) * noise
        log = np.log(power)
        for row in np.arange(count):
            log[row] += curve(rng, 4.0) + np.float32(rng.normal(-3, 9) * DECIBEL)
        self._mask(log)
        return np.maximum(log, np.float32(np.log(FLOOR)))

    def _some_noise(self, frames: int) -> npt.NDArray[np.float32]:
        """Recorded, of many voices, or hiss of any colour; powers, shape (frames, 40)."""
        rng, kind = self._rng, self._rng.random()
        if kind < 0.5:
            begin = rng.integers(len(self._noise))
            rows = np.arange(begin, begin + frames) % len(self._noise)
            return np.exp(self._noise[rows])
        if kind < 0.7:
            total = np.zeros((frames, MELS), np.float32)
            for _ in range(rng.integers(1, 5)):
                voice = self._babble[int(rng.integers(len(self._babble)))]
                other = np.exp(self._examples.mel(voice))
                other /= other.sum(1).mean() + 1e-9
                rows = np.arange(frames) + rng.integers(len(other))
                total += np.float32(rng.uniform(0.2, 1)) * other[rows % len(other)]
            return total
        colour = np.exp(curve(rng, 10.0) + np.linspace(0, rng.normal(0, 3), MELS, dtype=np.float32))
        return (colour * rng.gamma(4.0, 0.25, (frames, MELS))).astype(np.float32)

    def _mask(self, log: npt.NDArray[np.float32]) -> None:
        """SpecAugment: a band and a moment go missing."""
        rng = self._rng
        for row in range(len(log)):
            if rng.random() < 0.4:
                low, width = rng.integers(0, MELS - 6), rng.integers(1, 7)
                log[row, :, low : low + width] = log[row].mean()
            if rng.random() < 0.25:
                begin, width = rng.integers(0, log.shape[1]), rng.integers(1, 7)
                log[row, begin : begin + width] = log[row].min()
