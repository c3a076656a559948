"""Sums and best paths over alignments are those that trying every path gives."""

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from recipe import sequence

OUTPUTS = 4
STAYS = torch.tensor([0.9, 0.6, 0.5, 0.7])
MODEL = sequence.bigram([[0, 1, 2, 0], [0, 3, 1, 0], [1, 0, 2]], OUTPUTS, STAYS)


def path_score(scores: torch.Tensor, path: tuple[int, ...], model: sequence.Bigram) -> float:
    total = float(model.begins[path[0]] + scores[0, path[0]])
    for time, (one, two) in enumerate(itertools.pairwise(path), 1):
        move = model.stays[one] if one == two else model.leaves[one] + model.follows[one, two]
        total += float(move + scores[time, two])
    return total + float(model.leaves[path[-1]] + model.ends[path[-1]])


def brute(
    scores: torch.Tensor, model: sequence.Bigram, allowed: list[list[int]] | None = None
) -> dict[tuple[int, ...], float]:
    """Every path's score; `allowed`: only paths that go through one of these sequences."""
    return {
        path: path_score(scores, path, model)
        for path in itertools.product(range(OUTPUTS), repeat=len(scores))
        if allowed is None or [label for label, _ in itertools.groupby(path)] in allowed
    }


def with_and_without_silence(labels: list[int]) -> list[list[int]]:
    choices = [(True, False) if label == sequence.SILENCE else (True,) for label in labels]
    return [list(itertools.compress(labels, kept)) for kept in itertools.product(*choices)]


def total(scores: dict[tuple[int, ...], float]) -> float:
    return float(torch.logsumexp(torch.tensor(list(scores.values())), 0))


@settings(deadline=None, max_examples=15)
@given(
    seed=st.integers(0, 10_000),
    lengths=st.lists(st.integers(3, 5), min_size=1, max_size=2),
)
def test_sums_are_those_of_all_paths(seed: int, lengths: list[int]) -> None:
    torch.manual_seed(seed)
    scores = torch.randn(len(lengths), max(lengths), OUTPUTS)
    labels = [[0, 1, 2, 0], [0, 3, 0], [0, 2, 0, 1, 0]][: len(lengths)]
    every = sequence.any_sequence(scores, torch.tensor(lengths), MODEL)
    one = sequence.one_sequence(scores, torch.tensor(lengths), labels, MODEL)
    for row, length in enumerate(lengths):
        within = scores[row, :length]
        assert float(every[row]) == pytest.approx(total(brute(within, MODEL)), abs=1e-3)
        wanted = total(brute(within, MODEL, with_and_without_silence(labels[row])))
        assert float(one[row]) == pytest.approx(wanted, abs=1e-3)


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10_000), length=st.integers(3, 5))
def test_the_best_alignment_is_the_best_path(seed: int, length: int) -> None:
    torch.manual_seed(seed)
    scores, labels = torch.randn(1, length, OUTPUTS), [0, 3, 1, 0]
    (found,), score = sequence.align(scores, torch.tensor([length]), [labels], MODEL)
    paths = brute(scores[0], MODEL, with_and_without_silence(labels))
    assert float(score) == pytest.approx(max(paths.values()), abs=1e-3)
    assert paths[tuple(found.tolist())] == pytest.approx(max(paths.values()), abs=1e-3)


def test_a_bigram_is_a_distribution() -> None:
    assert float(MODEL.begins.exp().sum()) == pytest.approx(1.0, abs=0.2)
    for label in range(OUTPUTS):
        out = float(MODEL.follows[label].exp().sum() + MODEL.ends[label].exp())
        assert out == pytest.approx(1.0, abs=1e-4)
        assert float(MODEL.stays[label].exp() + MODEL.leaves[label].exp()) == pytest.approx(1.0)
        assert float(MODEL.follows[label, label].exp()) < 1e-6, "staying is no following"


def test_gradients_are_finite_where_a_sequence_hardly_fits() -> None:
    scores = torch.randn(2, 5, OUTPUTS, requires_grad=True)
    lengths = torch.tensor([5, 3])
    labels = [[0, 1, 2, 3, 1, 0], [0, 3, 1, 2, 0]]
    loss = sequence.any_sequence(scores, lengths, MODEL) - sequence.one_sequence(
        scores, lengths, labels, MODEL
    )
    loss.sum().backward()
    assert scores.grad is not None
    assert bool(torch.isfinite(scores.grad).all())
