"""The command `voice-triage replay`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voice_triage.cli import CANT_WORK, FAILED, JobsOption, ModelOption, SchedulerOption
from voice_triage.cli_progress import progress
from voice_triage.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from voice_triage.evaluate.workers import Workers
    from voice_triage.replay.load import Loaded
    from voice_triage.replay.play import Played
    from voice_triage.replay_report import Told
    from voice_triage.replaying import Scripts
    from voice_triage.stressing import Options

_SHOWN = 5
"""Conversations that ended less urgent than expected: so many are printed."""

HELP = (
    "Play scenarios through the real recogniser, at full speed, and compare what comes of them with"
    " what they expect."
    "\n\n"
    "A scenario is a YAML file whose name ends in .triage.yaml: what somebody does when they are"
    " asked (a recording, words in a synthetic voice, silence), and what must come of it."
    " `voice-triage schema scenario` prints the format. Where it comes out otherwise, the"
    " conversation is printed: - is what was expected and didn't come, + what came instead."
    "\n\n"
    "--stress plays each in worse and worse surroundings, noise x signal to noise ratio x echo x"
    " speed x level, and tells how often the outcome still holds, and how often it ends less urgent"
    " than expected, which must never happen. In each noise, some combinations of the others are"
    " drawn by chance, the same ones every time."
    "\n\n"
    "Exit code 0: all as expected (with --stress: none less urgent); 1: some not; 2: some can't be"
    " played."
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
    jobs: JobsOption = None,
    scheduler: SchedulerOption = None,
    stress: Annotated[
        bool, typer.Option("--stress", help="Play each in noise, echo, and so on.")
    ] = False,
    noise: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME|FILE", help="pink, hum, babble, or a file. Default: all three."),
    ] = None,
    snr: Annotated[
        str | None,
        typer.Option(metavar="DB,DB", help="Signal to noise ratios in dB. Default: 20,10,5,0."),
    ] = None,
    reverb: Annotated[
        str | None,
        typer.Option(metavar="S,S", help="Reverberation times in s, or none. Default: 0.3,0.6."),
    ] = None,
    speed: Annotated[
        str | None,
        typer.Option(metavar="X,X", help="How much faster, or none. Default: 0.9,1.1."),
    ] = None,
    level: Annotated[
        str | None,
        typer.Option(metavar="DB,DB", help="How much louder, or none. Default: -12,6."),
    ] = None,
    each: Annotated[
        int,
        typer.Option(
            metavar="N", min=0, help="Combinations of the others in each noise; 0 for all."
        ),
    ] = 3,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="DIR",
            help="With --stress: write stress.jsonl, stress.json and stress.svg there.",
        ),
    ] = None,
) -> None:
    """Play scenarios through the real recogniser and compare what comes of them."""
    from voice_triage import models
    from voice_triage.evaluate.workers import hired
    from voice_triage.replaying import Scripts, load_all
    from voice_triage.stressing import Options

    if stress and (junit, html) != (None, None):
        raise UsageError("--stress writes its files with -o; leave --junit and --html out.")
    if not stress and (noise, snr, reverb, speed, level, output) != (None,) * 6:
        raise UsageError(
            "--noise, --snr and the like belong to --stress; add it or leave them out."
        )
    varied = Options(tuple(noise or ()), snr, reverb, speed, level, each or None)
    scripts = Scripts()
    with hired(jobs, scheduler) as workers:
        loaded = load_all([workers.path(path) for path in scenarios], scripts)
        model = str(workers.path(models.find(model)))
        if stress:
            _stress(loaded, varied, model, workers, output, scripts)
        else:
            _plain(loaded, model, workers, scripts, verbose, junit, html)


def _plain(
    scenarios: Sequence[Loaded], model: str, workers: Workers, scripts: Scripts, verbose: bool,
    junit: Path | None, html: Path | None,
) -> None:  # fmt: skip
    from voice_triage import replay_report
    from voice_triage.replay.surroundings import AS_IT_IS
    from voice_triage.replaying import Work, play_all

    tasks = [(loaded, AS_IT_IS) for loaded in scenarios]
    with progress("Playing") as on_progress:
        work = Work(model, keep_sound=html is not None)
        results = play_all(tasks, work, workers, lambda done: on_progress(done, len(tasks)))
    told = replay_report.tell(results, scripts)
    _show(told, verbose)
    if junit is not None:
        replay_report.write_junit(told, junit)
    if html is not None:
        replay_report.write_html(told, html)
    if any(one.error for one in told):
        _hint(workers)
        raise typer.Exit(CANT_WORK)
    if not all(one.is_good for one in told):
        raise typer.Exit(FAILED)


def _stress(
    scenarios: Sequence[Loaded], varied: Options, model: str, workers: Workers,
    output: Path | None, scripts: Scripts,
) -> None:  # fmt: skip
    from rich.console import Console

    from voice_triage import stressing
    from voice_triage.replay_report import stress_table

    with progress("Playing") as on_progress:
        report = stressing.stress(scenarios, varied, model, workers, on_progress)
    if output is not None and report.runs:
        stressing.write(report, output)
    console = Console(highlight=False)
    console.print(stress_table(report.tallies))
    for played in report.lower[:_SHOWN]:
        heading = f"{played.loaded.path}, {played.around.name}: less urgent than expected"
        _tell_story(console, heading, played, scripts)
    left = len(report.lower) - _SHOWN
    if left > 0:
        console.print(f"{left} more ended less urgent than expected; -o DIR lists them all.")
    for failed in report.failures:
        console.print(f"{failed.loaded.path}: {failed.error}", soft_wrap=True)
    if report.failures:
        _hint(workers)
        raise typer.Exit(CANT_WORK)
    if report.lower:
        raise typer.Exit(FAILED)


def _hint(workers: Workers) -> None:
    if workers.hint:
        print(workers.hint)


def _tell_story(console: Console, heading: str, played: Played, scripts: Scripts) -> None:
    from rich.text import Text

    from voice_triage.replay.transcript import transcript

    console.print(Text(heading, "bold red"), soft_wrap=True)
    for line in transcript(played, scripts.flow(played.loaded.flow)):
        console.print(Text(f"  {line}"), soft_wrap=True)


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
        f"{good} of {len(told)} as expected. {talk_s:.0f} s of conversation took one core"
        f" {took_s:.1f} s."
    )
