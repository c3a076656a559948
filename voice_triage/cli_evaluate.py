"""The `evaluate` command: how well are the answers in a set of recordings heard?"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voice_triage.cli import CANT_WORK, JobsOption, ModelOption, SchedulerOption
from voice_triage.cli_progress import progress

if TYPE_CHECKING:
    from voice_triage.evaluate.report import Report

HELP = (
    "How well the answers in recordings are heard: clean, in noise, with echo."
    "\n\n"
    "An answer that was said is heard right, as the opposite (a yes as a no), as another answer, or"
    " not understood. Other words, and recordings in which nobody speaks, should be taken for"
    " nothing; whatever is taken for an answer there is a false accept. What should be heard is the"
    " manifest's answer, or else what its text means; a text with a word that the grammar lacks"
    " is other words."
    "\n\n"
    "Each recording is one utterance: cut long silence into pieces of some seconds. It is measured"
    " as it is, with each reverberation time, and with each signal to noise ratio. The level of"
    " speech is that of ITU-T P.56, in which pauses don't count; where nobody speaks, the noise is"
    " as loud as it would be beside speech at -26 dBFS. Next to each figure stands its 95 %"
    " interval: few recordings, wide intervals. The same recording always meets the same noise."
)
EXAMPLE = (
    "Example: voice-triage evaluate answers.tsv --noise waiting-room.wav --snr 20,10,5,0"
    " --reverb 0.3,0.6 -o results"
)


def evaluate(
    manifest: Annotated[
        Path,
        typer.Argument(
            metavar="MANIFEST",
            help="Table of recordings, tab- or comma-separated, with the columns path and text"
            " (what was said; empty: no speech), and if you like answer (yes, no, unsure, …),"
            " noise (a recording of the room) and split. Paths count from its own folder.",
        ),
    ],
    grammar: Annotated[
        str | None,
        typer.Option(
            metavar="yes,no", help="Phrases to choose from. Default: answers to the shipped flow."
        ),
    ] = None,
    free: Annotated[
        bool,
        typer.Option("--free", help="No grammar: any words. Gives the word error rate, too."),
    ] = False,
    noise: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE|FOLDER", help="Recordings of noise to mix in. Default: pink noise."
        ),
    ] = None,
    snr: Annotated[
        str | None,
        typer.Option(
            metavar="20,10,5,0",
            help="Signal to noise ratios in dB: how much louder speech is than the noise.",
        ),
    ] = None,
    reverb: Annotated[
        str | None,
        typer.Option(
            metavar="0.3,0.6",
            help="Reverberation times (RT60) in s: 0.3 is a furnished room, 0.6 a bare one.",
        ),
    ] = None,
    split: Annotated[
        str | None, typer.Option(metavar="dev", help="Only rows whose column split says so.")
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="Tables for each value of a column, such as accent."),
    ] = None,
    pad: Annotated[
        str, typer.Option(metavar="MS,MS", help="Silence before and after each recording.")
    ] = "250,500",
    model: ModelOption = None,
    jobs: JobsOption = None,
    scheduler: SchedulerOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="DIR",
            help="Write results.json, results.jsonl (a line for each recording under each"
            " condition), confusion.svg and noise.svg there.",
        ),
    ] = None,
) -> None:
    """How well the answers in recordings are heard: clean, in noise, with echo."""
    from voice_triage.evaluate.workers import hired
    from voice_triage.evaluation import Options
    from voice_triage.evaluation import evaluate as measure

    options = Options(
        manifest, grammar, free, tuple(noise or ()), snr, reverb, split, by, pad, model, output
    )  # fmt: skip
    with hired(jobs, scheduler) as workers, progress("Listening") as on_progress:
        made = measure(options, workers, on_progress)
    _show(made, as_json, by or "")
    for _, error in made.results.failures:
        print(error, file=sys.stderr)
    if made.results.failures and workers.hint:
        print(workers.hint, file=sys.stderr)
    if made.results.failures:
        raise typer.Exit(CANT_WORK)


def _show(made: Report, as_json: bool, by: str) -> None:
    from rich.console import Console
    from rich.text import Text

    from voice_triage.evaluate import report

    if as_json:
        print(json.dumps(report.as_json(made), ensure_ascii=False))
        return
    console = Console(highlight=False)
    groups = {f"{by} {value or '(empty)'}. ": scores for value, scores in made.groups.items()}
    for group, scores in {"": made.scores, **groups}.items():
        for heading, table in report.tables(scores):
            console.print(Text(group + heading, "bold"), table, sep="")
    console.print(report.speed(made.results))
