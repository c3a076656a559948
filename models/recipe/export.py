"""Step `export`: the trained network → am/final.mdl and conf/, as Vosk reads them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import torch

from . import kaldi_write as kaldi
from .features import HIGH_HZ, LOW_HZ, MELS
from .network import BOTTLENECK, BYPASS, SUBSAMPLING, UNITS, Layer, Network, bias
from .settings import Settings
from .words import PHONES

POSITIONS = ("begin", "end", "internal", "singleton")
"""Where in a word a phone stands: phones of their own in the graph, which is how Vosk finds where
words begin, but with the same network output."""

FBANK = f"""--num-mel-bins={MELS}
--low-freq={LOW_HZ}
--high-freq={HIGH_HZ}
--dither=0.0
--use-energy=false
--sample-frequency=16000
"""


SILENCE = 1
"""The number in the graph of silence between words, …"""
INNER_SILENCE = 2 + len(PHONES) * len(POSITIONS)
"""… and of silence inside a phrase that is one word: Vosk would take the other for a word's end."""


def phone_ids() -> dict[tuple[str, str], int]:
    """(phone, position) → number in the graph."""
    places = [(phone, position) for phone in PHONES for position in POSITIONS]
    return {place: number for number, place in enumerate(places, SILENCE + 1)}


def outputs() -> dict[int, int]:
    """Number in the graph → network output."""
    found = {SILENCE: 0, INNER_SILENCE: 0}
    for (phone, _), number in phone_ids().items():
        found[number] = PHONES.index(phone) + 1
    return found


def stays(silence: float, phone: float) -> dict[int, float]:
    """Number in the graph → probability of another frame."""
    return {number: phone if output else silence for number, output in outputs().items()}


def export(settings: Settings) -> None:
    """work/network.pt → the model's am/ and conf/."""
    network, prior = trained(settings)
    stay = stays(settings.train.stay_silence, settings.train.stay_phone)
    acoustic_model(
        settings.model / "am" / "final.mdl", network, prior**settings.export.prior_scale, stay
    )
    configuration(settings.model, settings.export.conf)


def configuration(folder: Path, options: Mapping[str, float | int]) -> None:
    """Write a model folder's conf/."""
    conf = folder / "conf"
    conf.mkdir(parents=True, exist_ok=True)
    (conf / "fbank.conf").write_text(FBANK)
    lines = [f"--{name}={value}\n" for name, value in options.items()]
    (conf / "model.conf").write_text("".join(lines))


def trained(settings: Settings) -> tuple[Network, torch.Tensor]:
    """The trained network and how frequent its outputs are."""
    found = torch.load(settings.work / "network.pt", weights_only=True)
    network = Network(len(PHONES) + 1, settings.train.layers)
    network.load_state_dict(found["network"])
    network.eval()
    return network, found["prior"]


def acoustic_model(
    path: Path, network: Network, priors: torch.Tensor, stay: dict[int, float]
) -> None:
    """Write am/final.mdl. `priors`: what Vosk divides the outputs' probabilities by."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nodes, components = _nnet(network)
    with path.open("wb") as file:
        out = kaldi.Writer(file)
        kaldi.transition_model(out, outputs(), stay)
        out.token("<Nnet3>")
        out.raw(("\n" + "\n".join(nodes) + "\n\n").encode())
        out.token("<NumComponents>")
        out.integer(len(components))
        for write in components:
            write(out)
        out.token("</Nnet3>", "<LeftContext>")
        out.integer(network.context)
        out.token("<RightContext>")
        out.integer(network.context)
        out.token("<Priors>")
        out.vector(priors.numpy())


class _Nodes:
    """The network's description, grown a component at a time."""

    def __init__(self) -> None:
        self.lines = [f"input-node name=input dim={MELS}"]
        self.components: list[Callable[[kaldi.Writer], None]] = []

    def add(self, name: str, source: str, write: Callable[[kaldi.Writer], None]) -> str:
        self.lines.append(f"component-node name={name} component={name} input={source}")
        self.components.append(write)
        return name

    def affine(self, name: str, source: str, weights: torch.Tensor, shift: torch.Tensor) -> str:
        flat = weights.transpose(1, 2).reshape(len(weights), -1).detach().numpy()
        return self.add(
            name, source, lambda out: kaldi.affine(out, name, flat, shift.detach().numpy())
        )

    def relu(self, name: str, source: str, size: int) -> str:
        kind = "RectifiedLinearComponent"
        return self.add(name, source, lambda out: kaldi.nonlinearity(out, name, kind, size))


@torch.no_grad()
def _nnet(network: Network) -> tuple[list[str], list[Callable[[kaldi.Writer], None]]]:
    nodes = _Nodes()
    at = nodes.affine(
        "first", _append("input", (-1, 0, 1)), network.first.weight, bias(network.first)
    )
    at = nodes.affine("second", at, network.second.weight, bias(network.second))
    at = nodes.relu("second.relu", at, UNITS)
    for number, layer in enumerate(network.trunk(), 3):
        at = _layer(nodes, f"layer{number}", at, layer, 1 if number < 6 else SUBSAMPLING)
    at = nodes.affine("head", at, network.head.weight, bias(network.head))
    at = nodes.relu("head.relu", at, network.head.out_channels)
    at = nodes.affine("output.affine", at, network.output.weight, bias(network.output))
    size = network.output.out_channels
    at = nodes.add(
        "output.softmax", at,
        lambda out: kaldi.nonlinearity(out, "output.softmax", "LogSoftmaxComponent", size),
    )  # fmt: skip
    return [*nodes.lines, f"output-node name=output input={at} objective=linear"], nodes.components


def _layer(nodes: _Nodes, name: str, source: str, layer: Layer, step: int) -> str:
    wide = layer.reach > 0
    before, after = ((-step, 0), (0, step)) if wide else ((0,), (0,))
    nothing = torch.zeros(BOTTLENECK)
    at = nodes.affine(f"{name}.linear", _append(source, before), layer.linear.weight, nothing)
    at = nodes.affine(f"{name}.affine", _append(at, after), layer.affine.weight, bias(layer.affine))
    at = nodes.relu(f"{name}.relu", at, UNITS)
    total = f"Sum(Scale({BYPASS}, {source}), {at})"
    return nodes.add(f"{name}.sum", total, lambda out: kaldi.nothing(out, f"{name}.sum", UNITS))


def _append(source: str, offsets: tuple[int, ...]) -> str:
    parts = [source if offset == 0 else f"Offset({source}, {offset})" for offset in offsets]
    return parts[0] if len(parts) == 1 else f"Append({', '.join(parts)})"
