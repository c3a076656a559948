"""Which phone is said when: a flat start, made better round by round.

The trunk stays as it is and is run once; a new output layer is trained on targets that are, at
first, a recording's phones spread evenly over its loud part, and then each round's own best
alignment.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from rich.progress import track
from torch import nn

from . import sequence
from .examples import Example, Examples
from .features import Mel
from .network import SUBSAMPLING, Network, bias
from .sequence import SILENCE, Bigram

Targets = npt.NDArray[np.int16]


def evenly(frames: Mel, labels: Sequence[int]) -> Targets:
    """A target each 30 ms: silence where it is quiet, the phones evenly over what is between."""
    energy = np.logaddexp.reduce(frames, 1)[::SUBSAMPLING]
    phones = [label for label in labels if label != SILENCE]
    targets = np.zeros(len(energy), np.int16)
    if not phones:
        return targets
    low, high = np.quantile(energy, [0.05, 0.95])
    loud = np.flatnonzero(energy > low + 0.4 * (high - low))
    first, last = (loud[0], loud[-1] + 1) if len(loud) else (0, len(energy))
    if last - first < len(phones):
        first, last = 0, len(energy)
    targets[first:last] = np.array(phones)[
        np.arange(last - first) * len(phones) // max(1, last - first)
    ]
    return targets


@torch.no_grad()
def run_trunk(
    network: Network, examples: Examples, chosen: Sequence[Example], frames: int = 24_000
) -> list[torch.Tensor]:
    """The trunk's output for each example, half precision: (⌈frames / 3⌉, 768)."""
    network.eval()
    order = sorted(range(len(chosen)), key=lambda i: chosen[i].frames)
    found: list[torch.Tensor] = [torch.empty(0)] * len(chosen)
    batch: list[int] = []
    for place in track(range(len(order) + 1), "Running the trunk"):
        full = place == len(order) or (len(batch) + 1) * chosen[order[place]].frames > frames
        if batch and full:
            _run(network, examples, chosen, batch, found)
            batch = []
        if place < len(order):
            batch.append(order[place])
    return found


def _run(
    network: Network, examples: Examples, chosen: Sequence[Example], batch: Sequence[int],
    found: list[torch.Tensor],
) -> None:  # fmt: skip
    longest = max(chosen[i].frames for i in batch)
    mel = np.stack(
        [
            np.pad(examples.mel(chosen[i]), ((0, longest - chosen[i].frames), (0, 0)), mode="edge")
            for i in batch
        ]
    )
    hidden = network.hidden(torch.from_numpy(mel)).transpose(1, 2).half()
    for i, row in zip(batch, hidden, strict=True):
        found[i] = row[: -(-chosen[i].frames // SUBSAMPLING)].clone()


def align(
    network: Network,
    hidden: Sequence[torch.Tensor],
    labels: Sequence[Sequence[int]],
    targets: list[Targets],
    model: Bigram,
    rounds: int,
    prior_scale: float,
    seed: int,
) -> torch.Tensor:
    """Train the output layers on `targets`, replacing them by better ones each round; returns how
    frequent each output is."""
    rng = np.random.default_rng(seed)
    norm = nn.BatchNorm1d(network.head.out_channels, eps=0.01)
    prior = torch.ones(1)
    for number in range(rounds):
        loss = _train_output(network, norm, hidden, targets, rng)
        counts = torch.bincount(
            torch.from_numpy(np.concatenate(targets).astype(np.int64)),
            minlength=network.output.out_channels,
        )
        prior = (counts + 1.0) / (counts + 1.0).sum()
        print(f"round {number + 1}: {loss:.3f} nats a frame, silence {prior[SILENCE]:.2f}")
        folded = copy.deepcopy(network)
        _fold(norm, folded)
        if number < rounds - 1:
            _realign(folded, hidden, labels, targets, model, prior_scale * prior.log())
    network.load_state_dict(folded.state_dict())
    return prior


@torch.no_grad()
def _fold(norm: nn.BatchNorm1d, network: Network) -> None:
    """Put a norm between head and output into the output's weights."""
    assert norm.running_var is not None
    assert norm.running_mean is not None
    factor = norm.weight / (norm.running_var + norm.eps).sqrt()
    shift = norm.bias - norm.running_mean * factor
    bias(network.output).add_(network.output.weight[:, :, 0] @ shift)
    network.output.weight.mul_(factor[None, :, None])


def _train_output(
    network: Network, norm: nn.BatchNorm1d, hidden: Sequence[torch.Tensor],
    targets: Sequence[Targets], rng: np.random.Generator, passes: int = 2,
) -> float:  # fmt: skip
    head = [*network.head.parameters(), *norm.parameters(), *network.output.parameters()]
    optimizer = torch.optim.AdamW(head, 1e-3)
    total = count = 0.0
    for _ in range(passes):
        order = rng.permutation(len(hidden))
        for at in range(0, len(order), 256):
            rows = order[at : at + 256]
            x = torch.cat([hidden[i] for i in rows]).float()
            y = torch.from_numpy(np.concatenate([targets[i] for i in rows]).astype(np.int64))
            inner = norm(F.relu(network.head(x.t()[None])))
            loss = F.cross_entropy(network.output(inner)[0].t(), y)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call] # PyTorch gives it no types
            optimizer.step()
            total, count = total * 0.98 + loss.item(), count * 0.98 + 1
    return total / count


@torch.no_grad()
def align_all(
    network: Network, examples: Examples, pairs: Sequence[tuple[Example, list[int]]],
    model: Bigram, log_prior: torch.Tensor,
) -> list[Targets]:  # fmt: skip
    """The best alignment of each example with its labels."""
    hidden = run_trunk(network, examples, [example for example, _ in pairs])
    targets: list[Targets] = [np.zeros(0, np.int16)] * len(pairs)
    _realign(network, hidden, [row for _, row in pairs], targets, model, log_prior)
    return targets


@torch.no_grad()
def _realign(
    network: Network, hidden: Sequence[torch.Tensor], labels: Sequence[Sequence[int]],
    targets: list[Targets], model: Bigram, log_prior: torch.Tensor,
) -> None:  # fmt: skip
    network.eval()
    order = sorted(range(len(hidden)), key=lambda i: len(hidden[i]))
    for at in range(0, len(order), 128):
        rows = order[at : at + 128]
        lengths = torch.tensor([len(hidden[i]) for i in rows])
        x = torch.nn.utils.rnn.pad_sequence([hidden[i] for i in rows], batch_first=True).float()
        scores = network.classify(x.transpose(1, 2)) - log_prior
        found, _ = sequence.align(scores, lengths, [labels[i] for i in rows], model)
        for i, path in zip(rows, found, strict=True):
            targets[i] = path


def save(path: Path, targets: Sequence[Targets], prior: torch.Tensor) -> None:
    """Write alignments, in the order of their examples."""
    lengths = np.array([len(row) for row in targets])
    np.savez(path, targets=np.concatenate(targets), lengths=lengths, prior=prior.numpy())


def load(path: Path) -> tuple[list[Targets], torch.Tensor]:
    """What `save` wrote."""
    with np.load(path) as found:
        ends = np.cumsum(found["lengths"])[:-1]
        return np.split(found["targets"], ends), torch.from_numpy(found["prior"])
