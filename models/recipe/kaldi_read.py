"""Reads the weights out of a Kaldi nnet3 acoustic model (am/final.mdl, binary)."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt

Component = dict[str, npt.NDArray[np.float32] | float | list[int]]

_MATRICES = ("LinearParams", "Params", "BiasParams", "StatsMean", "StatsVar")
_NUMBERS = ("Epsilon", "TargetRms")


def components(path: Path) -> dict[str, Component]:
    """Every component's fields by its name: matrices, vectors, time offsets, numbers."""
    content = path.read_bytes()
    starts = [
        (found.start(), found.group(1).decode())
        for found in re.finditer(rb"<ComponentName> ([\w.\-]+) <\w+> ", content)
    ]
    ends = [start for start, _ in starts[1:]] + [len(content)]
    return {
        name: _fields(content[start:end]) for (start, name), end in zip(starts, ends, strict=True)
    }


def _fields(part: bytes) -> Component:
    found: Component = {}
    for key in _MATRICES:
        at = part.find(f"<{key}> F".encode())
        if at >= 0:
            found[key] = _matrix(part, at + len(key) + 3)
    at = part.find(b"<TimeOffsets> \x04")
    if at >= 0:
        (count,) = struct.unpack_from("<i", part, at + 15)
        found["TimeOffsets"] = np.frombuffer(part, "<i4", count, at + 19).tolist()
    for key in _NUMBERS:
        at = part.find(f"<{key}> \x04".encode("latin1"))
        if at >= 0:
            (found[key],) = struct.unpack_from("<f", part, at + len(key) + 4)
    return found


def _matrix(part: bytes, at: int) -> npt.NDArray[np.float32]:
    """A float matrix ("FM ") or vector ("FV ") at that byte; sizes are marked with their width."""
    kind, at = part[at : at + 3], at + 3
    (rows,) = struct.unpack_from("<i", part, at + 1)
    if kind == b"FV ":
        return np.frombuffer(part, "<f4", rows, at + 5).copy()
    (columns,) = struct.unpack_from("<i", part, at + 6)
    return np.frombuffer(part, "<f4", rows * columns, at + 10).reshape(rows, columns).copy()
