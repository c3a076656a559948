"""Reads just enough of OpenFst's files to know a graph's words and whether the file is whole.

Layout from OpenFst 1.7 and 1.8: `fst.h` (header), `symbol-table.cc`, `const-fst.h`,
`add-on.h` and `extensions/ngram/ngram-fst.h`. All numbers are little-endian.
"""

import mmap
import struct
from dataclasses import dataclass
from pathlib import Path

from voice_triage.errors import ModelError

_HEADER_MAGIC = 2125659606
_SYMBOLS_MAGIC = 2125658996
_ADD_ON_MAGIC = 446681434
_HAS_INPUT_SYMBOLS, _HAS_OUTPUT_SYMBOLS, _IS_ALIGNED = 1, 2, 4

_INT32 = struct.Struct("<i")
_INT64 = struct.Struct("<q")

Bytes = mmap.mmap | bytes


class UnreadableError(ValueError):
    """The bytes are not what they should be; the text says how, for use inside a sentence."""


@dataclass(frozen=True)
class Header:
    """What stands before the states of an FST."""

    kind: str
    """`const`, `vector`, `ngram`, `olabel_lookahead` …"""
    arc: str
    """`standard` in every Vosk graph."""
    aligned: bool
    """States and arcs start at multiples of 16 bytes."""
    states: int
    """Number of states, or -1 where the header doesn't say."""
    arcs: int
    """Number of arcs, or -1 where the header doesn't say."""
    symbols: int | None
    """Where the table of output symbols begins, in bytes; None without one."""
    end: int
    """Where the header and its tables end, in bytes."""


def words(path: Path) -> list[str] | None:
    """The output symbols kept inside the FST `path`, or None where it keeps none.

    Raises ModelError for a file that can't be read or isn't a whole FST.
    """
    try:
        data = _open(path)
        start = _header(data, 0).symbols
        return None if start is None else _symbols(data, start)
    except UnreadableError as reason:
        raise ModelError(f"{path}: {reason}. Get the model anew.") from None


def damage(path: Path) -> str | None:
    """Why the FST at `path` can't be whole, for use inside a sentence; None when it seems whole."""
    try:
        data = _open(path)
        _check_size(data, 0)
    except UnreadableError as reason:
        return str(reason)
    return None


def _open(path: Path) -> Bytes:
    try:
        with path.open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except ValueError:  # mmap's word for an empty file
        raise UnreadableError("the file is empty") from None
    except OSError as error:
        raise UnreadableError(f"the file can't be read ({error.strerror or error})") from None


def _number(data: Bytes, at: int, form: struct.Struct = _INT32) -> int:
    if at + form.size > len(data):
        raise UnreadableError(f"the file is cut short at {len(data)} bytes")
    value: int = form.unpack_from(data, at)[0]
    return value


def _text(data: Bytes, at: int) -> tuple[str, int]:
    """A length and that many bytes of UTF-8, and where they end."""
    length = _number(data, at)
    end = at + 4 + length
    if length < 0 or end > len(data):
        raise UnreadableError(f"the file is cut short or damaged near byte {at}")
    try:
        return data[at + 4 : end].decode(), end
    except UnicodeDecodeError:
        raise UnreadableError(f"a name near byte {at} isn't UTF-8") from None


def _header(data: Bytes, at: int) -> Header:
    if _number(data, at) != _HEADER_MAGIC:
        raise UnreadableError("the file isn't an OpenFst graph")
    kind, at = _text(data, at + 4)
    arc, at = _text(data, at)
    version, flags = _number(data, at), _number(data, at + 4)
    states, arcs = _number(data, at + 24, _INT64), _number(data, at + 32, _INT64)
    at += 40  # version, flags, properties (64 bits), start, states, arcs
    symbols = None
    if flags & _HAS_INPUT_SYMBOLS:
        at = _skip_symbols(data, at)
    if flags & _HAS_OUTPUT_SYMBOLS:
        symbols = at
        at = _skip_symbols(data, at)
    # Version 1 of a const FST was always aligned and had no flag for it.
    aligned = bool(flags & _IS_ALIGNED) or (kind == "const" and version == 1)
    return Header(kind, arc, aligned, states, arcs, symbols, at)


def _symbols_start(data: Bytes, at: int) -> tuple[int, int]:
    """Where a table's first symbol stands, and how many there are."""
    if _number(data, at) != _SYMBOLS_MAGIC:
        raise UnreadableError(f"no table of words where one should be, at byte {at}")
    _, at = _text(data, at + 4)
    count = _number(data, at + 8, _INT64)
    at += 16  # next free key, count
    # Every symbol takes 12 bytes at least, so a nonsense count is seen before it costs anything.
    if not 0 <= count <= (len(data) - at) // 12:
        raise UnreadableError(f"the file is cut short: not all of its {count} words are there")
    return at, count


def _skip_symbols(data: Bytes, at: int) -> int:
    at, count = _symbols_start(data, at)
    unpack, last = _INT32.unpack_from, len(data) - 12
    for _ in range(count):
        if at > last:
            raise UnreadableError("the table of words is cut short")
        (length,) = unpack(data, at)
        if length < 0:
            raise UnreadableError(f"the table of words is damaged near byte {at}")
        at += length + 12
    if at > len(data):
        raise UnreadableError("the table of words is cut short")
    return at


def _symbols(data: Bytes, at: int) -> list[str]:
    """The symbols of a table that `_skip_symbols` has already found whole."""
    at, count = _symbols_start(data, at)
    unpack, found = _INT32.unpack_from, []
    try:
        for _ in range(count):
            end = at + 4 + unpack(data, at)[0]
            found.append(data[at + 4 : end].decode())
            at = end + 8
    except UnicodeDecodeError:
        raise UnreadableError(f"a word near byte {at} isn't UTF-8") from None
    return found


def _check_size(data: Bytes, at: int) -> int:
    """Where the FST ends (as far as known). Raises UnreadableError if the file ends earlier."""
    head = _header(data, at)
    needed = head.end
    if head.kind.endswith("_lookahead"):
        if _number(data, head.end) != _ADD_ON_MAGIC:
            raise UnreadableError(f"no look-ahead data where it should be, at byte {head.end}")
        return _check_reach(data, _check_size(data, head.end + 4))
    if head.arc == "standard" and head.kind == "const" and min(head.states, head.arcs) >= 0:
        needed = _pad(_pad(head.end, head.aligned) + 20 * head.states, head.aligned)
        needed += 16 * head.arcs
    elif head.arc == "standard" and head.kind == "ngram":
        needed += _ngram_size(data, head.end)
    if needed > len(data):
        raise UnreadableError(f"the file is cut short: {len(data)} bytes of at least {needed}")
    return needed


def _check_reach(data: Bytes, at: int) -> int:
    """Skips the look-ahead table: which words can still be reached from each state.

    It ends the file, and Vosk doesn't notice when some of it is missing: it then hears nonsense.
    """
    if not _flag(data, at):
        return at + 1
    at += 1
    for _ in range(2):  # one table for the input side, one for the output side
        present = _flag(data, at)
        at += 1
        if present:
            keeps_labels = _flag(data, at + 1)
            at += 2
            if keeps_labels:
                at += 8 + 8 * _number(data, at, _INT64)
            at = _skip_intervals(data, at + 4)
    return at


def _skip_intervals(data: Bytes, at: int) -> int:
    """One set a state: the number of intervals, two labels each, and the number of labels."""
    sets = _number(data, at, _INT64)
    at += 8
    unpack, last = _INT64.unpack_from, len(data) - 12
    if not 0 <= sets <= len(data) // 12:
        raise UnreadableError("the look-ahead table is damaged")
    for _ in range(sets):
        if not 0 <= at <= last:
            raise UnreadableError("the look-ahead table is cut short")
        at += 12 + 8 * unpack(data, at)[0]
    if at > len(data):
        raise UnreadableError("the look-ahead table is cut short")
    return at


def _flag(data: Bytes, at: int) -> bool:
    if at >= len(data):
        raise UnreadableError("the look-ahead table is cut short")
    return data[at] != 0


def _pad(at: int, aligned: bool) -> int:
    return (at + 15) // 16 * 16 if aligned else at


def _ngram_size(data: Bytes, at: int) -> int:
    """Bytes of an n-gram model's body: three bitmaps, then labels, then weights."""
    states, futures, finals = (_number(data, at + 8 * n, _INT64) for n in range(3))
    if min(states, futures, finals) < 0:
        raise UnreadableError(f"the file is damaged near byte {at}")
    bitmaps = sum((bits + 63) // 64 for bits in (2 * states + 1, futures + states + 1, states))
    labels = states + 1 + futures
    weights = states + 1 + finals + futures + 1
    return 24 + 8 * bitmaps + 4 * (labels + weights)
