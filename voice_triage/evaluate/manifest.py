"""A list of recordings: a table with a header, tab- or comma-separated, as a file."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from voice_triage.answers import Meaning
from voice_triage.errors import DocumentError, Problem, UsageError

_REQUIRED = ("path", "text")


@dataclass(frozen=True)
class Recording:
    """One row: one utterance."""

    name: str
    """Its path as the manifest spells it."""
    path: Path
    """Where it is."""
    text: str
    """What was said; "" is no speech."""
    answer: Meaning | None
    """What it means, where the manifest says so."""
    noise: Path | None
    """The sound of the room it is to be heard in, where the manifest names one."""
    columns: Mapping[str, str]
    """The whole row."""


def read(manifest: Path) -> list[Recording]:
    """Every row. Paths in it count from its own folder.

    Raises UsageError when there is no such file, DocumentError that names every bad line.
    """
    problems: list[Problem] = []
    recordings: list[Recording] = []
    lines = _text(manifest).splitlines(keepends=True)
    # Tab-separated files have no quoting: a quotation mark there is one that somebody said.
    table = (
        csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        if lines and "\t" in lines[0]
        else csv.DictReader(lines)
    )
    missing = [name for name in _REQUIRED if name not in (table.fieldnames or ())]
    if missing:
        raise DocumentError([Problem(manifest, 1, _no_column(missing, table.fieldnames or ()))])
    for row in table:
        what = _wrong(row)
        if what:
            problems.append(Problem(manifest, table.line_num, what))
        else:
            recordings.append(_recording(row, manifest.parent))
    if problems:
        raise DocumentError(problems)
    if not recordings:
        raise DocumentError([Problem(manifest, 1, "it names no recordings; add a row for each")])
    return recordings


def of_split(recordings: Sequence[Recording], split: str) -> list[Recording]:
    """Those whose column `split` says so. Raises UsageError when there are none."""
    there = values(recordings, "split")
    chosen = [r for r in recordings if r.columns["split"] == split]
    if not chosen:
        raise UsageError(
            f"No recording is in the split '{split}'. The manifest has: {', '.join(there)}."
        )
    return chosen


def values(recordings: Sequence[Recording], column: str) -> list[str]:
    """What stands in a column, in alphabetical order. Raises UsageError when there is none."""
    columns = recordings[0].columns
    if column not in columns:
        raise UsageError(f"The manifest has no column '{column}'. It has: {', '.join(columns)}.")
    return sorted({r.columns[column] for r in recordings})


def _text(manifest: Path) -> str:
    try:
        return manifest.read_text("utf-8-sig")  # Excel writes a byte order mark
    except UnicodeDecodeError as error:
        line = manifest.read_bytes()[: error.start].count(b"\n") + 1
        problem = Problem(manifest, line, "not UTF-8 text; save it as UTF-8, tab-separated")
        raise DocumentError([problem]) from error
    except OSError as error:
        raise UsageError(
            f"{manifest}: the list of recordings can't be read ({error.strerror}). Name a file"
            " with the columns path and text."
        ) from error


def _no_column(missing: Sequence[str], found: Sequence[str]) -> str:
    return (
        f"no column {' and no column '.join(missing)}; the first line must name the columns path"
        f" and text, separated by tabs or commas (it has: {', '.join(found) or 'nothing'})"
    )


def _wrong(row: Mapping[str | None, str | None]) -> str:
    """What is wrong with a row, and what to do; "" when all is well."""
    if None in row:
        return "more fields than the first line has; put a value with commas in quotation marks"
    if None in row.values():
        return "fewer fields than the first line has; leave a field empty, but keep its separator"
    if not (row["path"] or "").strip():
        return "no path; name the recording's file"
    answer = (row.get("answer") or "").strip().lower()
    if answer and answer not in list(Meaning):
        return f"unknown answer '{answer}'; use one of {', '.join(Meaning)}, or leave it empty"
    if answer not in ("", Meaning.NONE) and not (row["text"] or "").strip():
        return f"the answer '{answer}' without a text; write what was said, or leave both empty"
    return ""


def _recording(row: Mapping[str, str], folder: Path) -> Recording:
    fields = {name: value.strip() for name, value in row.items()}
    answer = fields.get("answer", "").lower()
    noise = fields.get("noise", "")
    return Recording(
        fields["path"],
        folder / fields["path"],
        fields["text"],
        Meaning(answer) if answer else None,
        folder / noise if noise else None,
        fields,
    )
