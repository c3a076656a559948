"""Scores of whole phone sequences: what training maximises, and alignments.

Scores are logarithms, shape (batch, time, outputs), one output for silence (0) and one for each
phone (1…). A sequence's score is the sum over all its alignments; a phone lasts one frame of 30 ms
or more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

SILENCE = 0
NEVER = -1e30


@dataclass(frozen=True)
class Bigram:
    """Which phone follows which, and how long they last: logarithms.

    `follows` (outputs by outputs) has no self-loops; `begins` and `ends` (outputs).
    """

    follows: torch.Tensor
    begins: torch.Tensor
    ends: torch.Tensor
    stays: torch.Tensor
    leaves: torch.Tensor


def bigram(sequences: Sequence[Sequence[int]], outputs: int, stays: torch.Tensor) -> Bigram:
    """Counted, every possible pair once more than it was seen. `stays`: probabilities."""
    counts = torch.full((outputs + 1, outputs + 1), 0.1)
    for labels in sequences:
        for one, two in zip([outputs, *labels], [*labels, outputs], strict=True):
            counts[one, two] += 1
    counts[:outputs, :outputs].fill_diagonal_(0)
    counts[SILENCE, SILENCE] = 0
    shares = (counts / counts.sum(1, keepdim=True)).clamp(min=1e-10).log()
    return Bigram(
        shares[:outputs, :outputs], shares[outputs, :outputs], shares[:outputs, outputs],
        stays.log(), (1 - stays).log(),
    )  # fmt: skip


def any_sequence(scores: torch.Tensor, lengths: torch.Tensor, model: Bigram) -> torch.Tensor:
    """Logarithm of the sum over all sequences that the bigram allows, shape (batch,)."""
    moves = (model.follows + model.leaves[:, None]).exp() + torch.diag(model.stays.exp())
    top = scores.amax(2, keepdim=True)
    likelihoods = (scores - top).exp()
    total = (top[:, :, 0] * _mask(lengths, scores.shape[1])).sum(1)
    alpha = likelihoods[:, 0] * model.begins.exp()
    for time in range(1, scores.shape[1]):
        norm = alpha.sum(1, keepdim=True)
        within = (time < lengths)[:, None]
        alpha_next = (alpha / norm) @ moves * likelihoods[:, time]
        total = total + torch.where(within[:, 0], norm[:, 0].log(), 0.0)
        alpha = torch.where(within, alpha_next, alpha)
    return total + (alpha @ (model.ends + model.leaves).exp()).log()


def one_sequence(
    scores: torch.Tensor, lengths: torch.Tensor, labels: Sequence[Sequence[int]], model: Bigram
) -> torch.Tensor:
    """Logarithm of the sum over all alignments of the given sequences, shape (batch,). Silence in
    a sequence may be left out."""
    ids, arcs = _linear(labels, model)
    emitted = scores.gather(2, ids[:, None, :].expand(-1, scores.shape[1], -1))
    alpha = arcs.begins + emitted[:, 0]
    for time in range(1, scores.shape[1]):
        paths = _ways(alpha, arcs)
        moved = torch.logsumexp(paths, 0) + emitted[:, time]
        alpha = torch.where((time < lengths)[:, None], moved, alpha)
    return torch.logsumexp(alpha + arcs.ends, 1)


def align(
    scores: torch.Tensor, lengths: torch.Tensor, labels: Sequence[Sequence[int]], model: Bigram
) -> tuple[list[npt.NDArray[np.int16]], torch.Tensor]:
    """The best alignment of each sequence (an output a frame), and its score."""
    ids, arcs = _linear(labels, model)
    emitted = scores.gather(2, ids[:, None, :].expand(-1, scores.shape[1], -1))
    alpha = arcs.begins + emitted[:, 0]
    back = torch.zeros(scores.shape[1], *alpha.shape, dtype=torch.int64)
    for time in range(1, scores.shape[1]):
        paths = _ways(alpha, arcs)
        best, back[time] = paths.max(0)
        alpha = torch.where((time < lengths)[:, None], best + emitted[:, time], alpha)
    final, state = (alpha + arcs.ends).max(1)
    found = []
    for row, end in enumerate(lengths.tolist()):
        at, path = int(state[row]), np.zeros(end, np.int16)
        for time in range(end - 1, -1, -1):
            path[time] = ids[row, at]
            at -= int(back[time, row, at]) if time else 0
        found.append(path)
    return found, final


@dataclass(frozen=True)
class _Arcs:
    """Logarithms of ways into each state (nexts: from the one before, skips: past one silence)."""

    begins: torch.Tensor
    stays: torch.Tensor
    nexts: torch.Tensor
    skips: torch.Tensor
    ends: torch.Tensor


def _linear(labels: Sequence[Sequence[int]], model: Bigram) -> tuple[torch.Tensor, _Arcs]:
    """Each state's output, and the ways into it."""
    longest = max(2, max(map(len, labels)))  # one that skips needs two before it
    ids = torch.tensor([[*row, *[0] * (longest - len(row))] for row in labels])
    count = torch.tensor([len(row) for row in labels])[:, None]
    at = torch.arange(longest)[None]
    real = at < count
    no = torch.tensor(NEVER)
    leaves = model.leaves[ids]
    nexts = torch.full(ids.shape, NEVER)
    nexts[:, 1:] = leaves[:, :-1] + model.follows[ids[:, :-1], ids[:, 1:]]
    skips = torch.full(ids.shape, NEVER)
    skips[:, 2:] = leaves[:, :-2] + model.follows[ids[:, :-2], ids[:, 2:]]
    skips[:, 2:] = torch.where(ids[:, 1:-1] == SILENCE, skips[:, 2:], no)
    first_silent = (ids[:, :1] == SILENCE) & (at == 1)
    begins = torch.where((at == 0) | first_silent, model.begins[ids], no)
    last = at == count - 1
    before_silence = (at == count - 2) & (ids.gather(1, count - 1) == SILENCE)
    ends = torch.where(last | before_silence, leaves + model.ends[ids], no)
    arcs = (begins, model.stays[ids], nexts, skips, ends)
    return ids, _Arcs(*(torch.where(real, part, no) for part in arcs))


def _ways(alpha: torch.Tensor, arcs: _Arcs) -> torch.Tensor:
    """Scores of the three ways into each state, shape (3, batch, states): it stays, it comes from
    the state before, it comes from the one before that."""
    never = torch.full((len(alpha), 1), NEVER)
    nexts = torch.cat((never, alpha[:, :-1] + arcs.nexts[:, 1:]), 1)
    skips = torch.cat((never, never, alpha[:, :-2] + arcs.skips[:, 2:]), 1)
    return torch.stack((alpha + arcs.stays, nexts, skips))


def _mask(lengths: torch.Tensor, frames: int) -> torch.Tensor:
    return (torch.arange(frames)[None] < lengths[:, None]).float()
