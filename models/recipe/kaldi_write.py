"""Writes Kaldi's binary formats: a transition model and an nnet3 network, as am/final.mdl holds
them. The layouts are those that Kaldi's own readers expect (TransitionModel::Read, Nnet::Read)."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating]


class Writer:
    """Tokens and values, each in Kaldi's binary form."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        file.write(b"\0B")

    def raw(self, content: bytes) -> None:
        self._file.write(content)

    def token(self, *names: str) -> None:
        for name in names:
            self._file.write(name.encode() + b" ")

    def integer(self, *values: int) -> None:
        for value in values:
            self._file.write(b"\x04" + struct.pack("<i", value))

    def single(self, value: float) -> None:
        self._file.write(b"\x04" + struct.pack("<f", value))

    def double(self, value: float) -> None:
        self._file.write(b"\x08" + struct.pack("<d", value))

    def ints(self, values: Sequence[int]) -> None:
        self.integer(len(values))
        self._file.write(np.asarray(values, "<i4").tobytes())

    def vector(self, values: Array | Sequence[float]) -> None:
        array = np.asarray(values, "<f4")
        self.token("FV")
        self.integer(len(array))
        self._file.write(array.tobytes())

    def matrix(self, values: Array) -> None:
        array = np.ascontiguousarray(values, "<f4")
        self.token("FM")
        self.integer(*array.shape)
        self._file.write(array.tobytes())


def transition_model(
    out: Writer, outputs: dict[int, int], stays: dict[int, float]
) -> dict[int, tuple[int, int]]:
    """Phones of one emitting state each: `outputs` phone → network output, `stays` phone →
    probability of another frame. Returns each phone's transition ids: (stay, leave)."""
    phones = sorted(outputs)
    out.token("<TransitionModel>", "<Topology>")
    out.ints(phones)
    out.ints([0 if phone in outputs else -1 for phone in range(max(phones) + 1)])
    out.integer(1, 2)  # one topology of two states
    out.integer(0, 2, 0)  # the first: output class 0, two transitions, to itself
    out.single(0.5)
    out.integer(1)  # and to the final state
    out.single(0.5)
    out.integer(-1, 0)  # which has no output and no transitions
    out.token("</Topology>", "<Triples>")
    out.integer(len(phones))
    triples = sorted((phone, 0, outputs[phone]) for phone in phones)
    for triple in triples:
        out.integer(*triple)
    out.token("</Triples>", "<LogProbs>")
    logs = [0.0]  # transition ids begin at 1
    for phone, _, _ in triples:
        logs += [math.log(stays[phone]), math.log(1 - stays[phone])]
    out.vector(logs)
    out.token("</LogProbs>", "</TransitionModel>")
    return {phone: (2 * i + 1, 2 * i + 2) for i, (phone, _, _) in enumerate(triples)}


def affine(out: Writer, name: str, weights: Array, bias: Array) -> None:
    out.token("<ComponentName>", name, "<FixedAffineComponent>", "<LinearParams>")
    out.matrix(weights)
    out.token("<BiasParams>")
    out.vector(bias)
    out.token("</FixedAffineComponent>")


def nothing(out: Writer, name: str, size: int) -> None:
    """A component that passes its input on, which may be a sum."""
    out.token("<ComponentName>", name, "<NoOpComponent>", "<Dim>")
    out.integer(size)
    out.token("<BackpropScale>")
    out.single(1.0)
    out.token("</NoOpComponent>")


def nonlinearity(out: Writer, name: str, kind: str, size: int) -> None:
    """`kind`: RectifiedLinearComponent or LogSoftmaxComponent, without training statistics."""
    out.token("<ComponentName>", name, f"<{kind}>", "<Dim>")
    out.integer(size)
    for field in ("<ValueAvg>", "<DerivAvg>"):
        out.token(field)
        out.vector([])
    out.token("<Count>")
    out.double(0.0)
    out.token("<OderivRms>")
    out.vector([])
    for field in ("<OderivCount>", "<NumDimsSelfRepaired>", "<NumDimsProcessed>"):
        out.token(field)
        out.double(0.0)
    out.token(f"</{kind}>")
