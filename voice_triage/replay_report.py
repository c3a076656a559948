"""What was played, told: on the screen, as JUnit XML and as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from voice_triage.errors import UsageError
from voice_triage.replay import html, junit
from voice_triage.replay.compare import mismatches
from voice_triage.replay.play import Played
from voice_triage.replay.transcript import Line, transcript
from voice_triage.replaying import Failed, Scripts

if TYPE_CHECKING:
    from rich.table import Table

    from voice_triage.replay.stress import Tally


@dataclass(frozen=True, eq=False)
class Told:
    """One scenario's result, in words."""

    result: Played | Failed
    lines: tuple[Line, ...]
    """The conversation; none when it couldn't be played."""
    mismatches: tuple[str, ...]
    error: str

    @property
    def is_good(self) -> bool:
        """As expected."""
        return not self.mismatches and not self.error

    @property
    def took_s(self) -> float:
        """How long a core was busy playing it."""
        return self.result.took_s if isinstance(self.result, Played) else 0.0

    @property
    def conversation_s(self) -> float:
        """How long it would have taken with a person."""
        return self.result.conversation_s if isinstance(self.result, Played) else 0.0

    @property
    def heading(self) -> str:
        """File, name and how it went."""
        state = "as expected" if self.is_good else "not as expected"
        loaded = self.result.loaded
        return f"{loaded.path}: {loaded.scenario.name}: {state}"


def tell(results: Sequence[Played | Failed], scripts: Scripts) -> list[Told]:
    """Each in words."""
    return [_told(result, scripts) for result in results]


def _told(result: Played | Failed, scripts: Scripts) -> Told:
    if isinstance(result, Failed):
        return Told(result, (), (), str(result.error))
    lines = transcript(result, scripts.flow(result.loaded.flow))
    return Told(result, tuple(lines), tuple(map(str, mismatches(result))), "")


def write_junit(told: Sequence[Told], path: Path) -> None:
    """As JUnit XML. Raises UsageError when it can't be written."""
    cases = [
        junit.Case(
            one.result.loaded.path, one.result.loaded.scenario.name, one.took_s,
            "\n".join(map(str, one.lines)), one.mismatches, one.error,
        )
        for one in told
    ]  # fmt: skip
    try:
        junit.write(cases, path)
    except OSError as error:
        raise _unwritable(path, error) from error


def write_html(told: Sequence[Told], path: Path) -> None:
    """As one HTML file. Raises UsageError when it can't be written."""
    chapters = [_chapter(one) for one in told]
    try:
        path.write_text(html.page(chapters, "Scenarios"), "utf-8")
    except OSError as error:
        raise _unwritable(path, error) from error


def stress_table(tallies: Sequence[Tally]) -> Table:
    """How often outcomes held in which surroundings, with 95 % intervals."""
    from rich.table import Table

    from voice_triage.evaluate.score import interval

    table = Table(box=None, header_style="bold")
    table.add_column("surroundings")
    for heading in ("played", "outcome holds", "95 %", "less urgent"):
        table.add_column(heading, justify="right")
    before = ""
    for tally in tallies:
        if tally.what != before:
            table.add_section()
        before = tally.what
        low, high = interval(tally.held, tally.runs) or (0.0, 1.0)
        rate = f"{100 * tally.held / tally.runs:.1f} %" if tally.runs else "-"
        span = f"{100 * low:.0f}\N{EN DASH}{100 * high:.0f} %"
        name = f"{tally.what} {tally.name}".strip()
        style = "bold red" if tally.lower else ""
        table.add_row(name, str(tally.runs), rate, span, str(tally.lower), style=style)
    return table


def _chapter(one: Told) -> html.Chapter:
    loaded = one.result.loaded
    turns = one.result.turns if isinstance(one.result, Played) else ()
    summary = f"About {one.conversation_s:.0f} s of conversation took one core {one.took_s:.1f} s."
    return html.Chapter(
        str(loaded.path), loaded.scenario.name, one.lines, turns, summary, one.mismatches, one.error
    )


def _unwritable(path: Path, error: OSError) -> UsageError:
    return UsageError(f"{path}: can't be written ({error.strerror}). Name another file.")
