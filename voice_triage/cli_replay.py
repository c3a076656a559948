"""The command `voice-triage replay`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voice_triage.cli import CANT_WORK, FAILED, ModelOption

if TYPE_CHECKING:
    from voice_triage.replay_report import Told

HELP = (
    "Play scenarios through the real recogniser, at full speed, and compare what comes of them with"
    " what they expect."
    "\n\n"
    "A scenario is a YAML file whose name ends in .triage.yaml: what somebody does when they are"
    " asked (a recording, words in a synthetic voice, silence), and what must come of it."
    " `voice-triage schema scenario` prints the format. Where it comes out otherwise, the"
    " conversation is printed: - is what was expected and didn't come, + what came instead."
    "\n\n"
    "Exit code 0: all as expected; 1: some not; 2: some can't be played."
)
EXAMPLE = "Example: voice-triage replay tests/scenarios --junit results.xml --html results.html"


def replay(
    scenarios: Annotated[
        list[Path], typer.Argument(metavar="SCENARIO|FOLDER...", help="Files, or folders of them.")
    ],
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Print every conversation.")
    ] = False,
    junit: Annotated[
        Path | None, typer.Option(metavar="FILE.xml", help="Write JUnit XML there, for CI servers.")
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.html",
            help="Write a report there: each conversation, with the sound of its answers.",
        ),
    ] = None,
    model: ModelOption = None,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", metavar="N", min=1, help="Processes. Default: one a core."),
    ] = None,
) -> None:
    """Play scenarios through the real recogniser and compare what comes of them."""
    from voice_triage import replay_report
    from voice_triage.replay.surroundings import AS_IT_IS
    from voice_triage.replaying import Scripts, Work, load_all, play_all

    scripts = Scripts()
    tasks = [(loaded, AS_IT_IS) for loaded in load_all(scenarios, scripts)]
    with _progress(len(tasks)) as on_progress:
        results = play_all(tasks, Work(model, keep_sound=html is not None), jobs, on_progress)
    told = replay_report.tell(results, scripts)
    _show(told, verbose)
    if junit is not None:
        replay_report.write_junit(told, junit)
    if html is not None:
        replay_report.write_html(told, html)
    if any(one.error for one in told):
        raise typer.Exit(CANT_WORK)
    if not all(one.is_good for one in told):
        raise typer.Exit(FAILED)


@contextmanager
def _progress(of: int) -> Iterator[Callable[[int], None]]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    screen = Console(stderr=True)
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as bar:
        task = bar.add_task("Playing", total=of)
        yield lambda done: bar.update(task, completed=done)


def _show(told: Sequence[Told], verbose: bool) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    styles = {"+": "bold red", "-": "bold green"}
    for one in told:
        console.print(Text(one.heading, "" if one.is_good else "bold"), soft_wrap=True)
        if one.error:
            console.print(Text(f"  {one.error}", "red"), soft_wrap=True)
        elif verbose or not one.is_good:
            for line in one.lines:
                console.print(Text(f"  {line}", styles.get(line.mark, "")), soft_wrap=True)
    good = sum(one.is_good for one in told)
    talk_s, took_s = sum(one.conversation_s for one in told), sum(one.took_s for one in told)
    console.print(
        f"{good} of {len(told)} as expected. {talk_s:.0f} s of conversation took {took_s:.1f} s."
    )
