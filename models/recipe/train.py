"""Step `train`: features, alignments, then the network, first to say each frame's phone, then to
score each right phone sequence above all others (lattice-free maximum mutual information)."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from rich.progress import Progress

from . import alignment, sequence, words
from .batches import Batch, Distorter, Item, shuffled
from .corpus import Corpus
from .examples import Example, Examples, labels, make
from .network import SUBSAMPLING, Network
from .sequence import SILENCE, Bigram
from .settings import Settings
from .settings import Train as Options

OUTPUTS = len(words.PHONES) + 1


def train(settings: Settings) -> None:
    """work/recordings, work/synthetic → work/network.pt."""
    torch.manual_seed(settings.seed)
    work, options = settings.work, settings.train
    if not (work / "features").exists():
        make(work / "features", [Corpus(work / "recordings"), Corpus(work / "synthetic")],
             options.speeds)  # fmt: skip
    examples = Examples(work / "features")
    pairs = _with_labels(examples.list)
    if not (work / "alignment.npz").exists():
        _align(settings, examples, pairs)
    aligned, prior = alignment.load(work / "alignment.npz")
    items = _items(pairs, aligned)
    Trainer(settings, examples, items, prior).run()


def stays(options: Options) -> torch.Tensor:
    """Probability of another frame of each output."""
    found = torch.full((OUTPUTS,), options.stay_phone)
    found[SILENCE] = options.stay_silence
    return found


def _with_labels(found: Sequence[Example]) -> list[tuple[Example, list[int]]]:
    """Examples with their phones; left out: unknown words, and speech too short for its phones."""
    dictionary = words.dictionary()
    pairs = []
    for example in found:
        row = labels(example.text, dictionary)
        if row is None:
            continue
        if example.frames // SUBSAMPLING > sum(label != SILENCE for label in row) + 1:
            pairs.append((example, row))
    return pairs


def _align(
    settings: Settings, examples: Examples, pairs: Sequence[tuple[Example, list[int]]]
) -> None:
    options = settings.train
    rng = np.random.default_rng(settings.seed)
    network = Network(OUTPUTS, options.layers)
    network.load_trunk()
    plain = [pair for pair in pairs if pair[0].speed == 1]
    some = [plain[i] for i in rng.permutation(len(plain))[: options.align_on]]
    model = sequence.bigram([row for _, row in some], OUTPUTS, stays(options))
    hidden = alignment.run_trunk(network, examples, [example for example, _ in some])
    targets = [alignment.evenly(examples.mel(example), row) for example, row in some]
    prior = alignment.align(
        network, hidden, [row for _, row in some], targets, model, options.align_rounds,
        options.prior_scale, settings.seed,
    )  # fmt: skip
    whole = alignment.align_all(network, examples, plain, model, options.prior_scale * prior.log())
    torch.save(network.state_dict(), settings.work / "aligner.pt")
    alignment.save(settings.work / "alignment.npz", whole, prior)


def _items(
    pairs: Sequence[tuple[Example, list[int]]], aligned: Sequence[alignment.Targets]
) -> list[Item]:
    """Every speed's targets, from those at speed 1."""
    plain = (example.name for example, _ in pairs if example.speed == 1)
    by_name = dict(zip(plain, aligned, strict=True))
    items = []
    for example, row in pairs:
        if example.name not in by_name:
            continue
        targets = by_name[example.name]
        times = np.arange(-(-example.frames // SUBSAMPLING))
        at = np.minimum((times * example.speed).astype(int), len(targets) - 1)
        items.append(Item(example, row, targets[at]))
    return items


@dataclass
class _Average:
    """A running average of the weights: it hears better than the last step's."""

    network: Network
    decay: float

    @torch.no_grad()
    def add(self, other: Network, step: int) -> None:
        decay = min(self.decay, (1 + step) / (10 + step))
        for mine, theirs in zip(
            self.network.state_dict().values(), other.state_dict().values(), strict=True
        ):
            if mine.is_floating_point():
                mine.lerp_(theirs, 1 - decay)
            else:
                mine.copy_(theirs)


class Trainer:
    """Trains from epoch to epoch; goes on from work/training.pt if that is there."""

    def __init__(
        self, settings: Settings, examples: Examples, items: list[Item], prior: torch.Tensor
    ) -> None:
        self._settings, self._options, self._items = settings, settings.train, items
        self._log_prior = self._options.prior_scale * prior.log()
        self._prior = prior
        stay = stays(self._options)
        self._model: Bigram = sequence.bigram([item.labels for item in items], OUTPUTS, stay)
        self._network = Network(OUTPUTS, self._options.layers)
        aligner = torch.load(settings.work / "aligner.pt", weights_only=True)
        self._network.load_state_dict(aligner)
        self._network.frozen = self._options.frozen_layers
        self._average = _Average(copy.deepcopy(self._network), self._options.average)
        weights = self._options.weights
        self._weights = np.array(
            [
                weights.get(
                    f"{item.example.source}/{item.example.text}", weights[item.example.source]
                )
                for item in items
            ]
        ) / len(self._options.speeds)
        self._examples = examples

    def run(self) -> None:
        """All epochs. Writes work/network.pt at the end of each."""
        done = self._settings.work / "training.pt"
        first, state = 0, None
        if done.exists():
            state = torch.load(done, weights_only=True)
            first = state["epochs"]
            self._network.load_state_dict(state["network"])
            self._average.network.load_state_dict(state["average"])
        steps = self._options.epochs * len(self._epoch(0))
        optimizer, schedule = self._optimizer(steps)
        if state is not None:
            optimizer.load_state_dict(state["optimizer"])
            schedule.load_state_dict(state["schedule"])
        for epoch in range(first, self._options.epochs):
            self._run_epoch(epoch, optimizer, schedule)
            _save(
                done,
                {
                    "epochs": epoch + 1,
                    "network": self._network.state_dict(),
                    "average": self._average.network.state_dict(),
                    "optimizer": optimizer.state_dict(),
                    "schedule": schedule.state_dict(),
                },
            )
            _save(
                self._settings.work / "network.pt",
                {
                    "network": self._average.network.state_dict(),
                    "prior": self._prior,
                },
            )

    def _epoch(self, epoch: int) -> list[list[Item]]:
        rng = np.random.default_rng([self._settings.seed, epoch])
        return shuffled(self._items, self._weights, self._options.batch_frames, rng)

    def _optimizer(
        self, steps: int
    ) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LambdaLR]:
        own = {"head", "output"}
        groups: dict[bool, list[torch.nn.Parameter]] = {True: [], False: []}
        for name, parameter in self._network.named_parameters():
            groups[name.split(".")[0] in own].append(parameter)
        rates = self._options.rates
        optimizer = torch.optim.AdamW(
            [{"params": groups[True], "lr": rates["head"]},
             {"params": groups[False], "lr": rates["trunk"]}],
            weight_decay=self._options.weight_decay,
        )  # fmt: skip
        warm = max(1, steps // 20)

        def factor(step: int) -> float:
            rest = max(0.0, min(1.0, (step - warm) / max(1, steps + 50 - warm)))
            return min((step + 1) / warm, 0.5 + 0.5 * math.cos(math.pi * rest))

        return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, factor)

    def _run_epoch(
        self, epoch: int, optimizer: torch.optim.Optimizer,
        schedule: torch.optim.lr_scheduler.LambdaLR,
    ) -> None:  # fmt: skip
        rng = np.random.default_rng([self._settings.seed, epoch, 1])
        distorter = Distorter(self._examples, *_noises(self._examples), self._options.noise, rng)
        order = self._epoch(epoch)
        self._network.train()
        sequences = epoch >= self._options.frames_epochs
        began, frame_loss, sequence_loss = time.time(), 0.0, 0.0
        with Progress() as progress:
            task = progress.add_task(f"Epoch {epoch + 1}/{self._options.epochs}", total=len(order))
            for number, batch in enumerate(distorter.batches(order), 1):
                ce, mmi = self._losses(batch, sequences)
                loss = self._options.frame_share * ce + mmi if sequences else ce
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call] # PyTorch gives it no types
                torch.nn.utils.clip_grad_norm_(self._network.parameters(), 2.0)
                optimizer.step()
                schedule.step()
                self._average.add(self._network, epoch * len(order) + number)
                frame_loss += (ce.item() - frame_loss) / min(number, 100)
                sequence_loss += (float(mmi) - sequence_loss) / min(number, 100)
                progress.update(task, advance=1)
                if number % 50 == 0 or number == len(order):
                    print(f"epoch {epoch + 1} batch {number}/{len(order)}: {frame_loss:.4f} nats a"
                          f" frame, {sequence_loss:.4f} a sequence's frame,"
                          f" {time.time() - began:.0f} s", flush=True)  # fmt: skip

    def _losses(self, batch: Batch, sequences: bool) -> tuple[torch.Tensor, torch.Tensor]:
        scores = self._network(batch.mel, self._options.dropout)
        times = torch.arange(scores.shape[1])[None]
        within = times < batch.lengths[:, None]
        ce = F.nll_loss(scores[within], batch.targets[within])
        if not sequences:
            return ce, torch.zeros(())
        likely = scores - self._log_prior
        right = sequence.one_sequence(
            likely, batch.lengths, [item.labels for item in batch.items], self._model
        )
        rivals = sequence.any_sequence(likely, batch.lengths, self._model)
        return ce, (rivals - right).sum() / batch.lengths.sum()


def _noises(examples: Examples) -> tuple[np.ndarray, list[Example]]:
    noise = [e for e in examples.list if not e.text and e.speed == 1]
    speech = [e for e in examples.list if e.text]
    babble = [e for e in speech if e.frames > 150] or speech
    return np.concatenate([examples.mel(e) for e in noise]), babble


def _save(path: Path, state: dict[str, object]) -> None:
    """Whole or not at all."""
    torch.save(state, path.with_suffix(".draft"))
    path.with_suffix(".draft").replace(path)
