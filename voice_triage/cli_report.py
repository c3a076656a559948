"""The command `voice-triage report`."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from voice_triage.cli import ConfigOption, StateDirOption


class Paper(StrEnum):
    """What a PDF file is printed on."""

    a4 = "a4"
    letter = "letter"


HELP = (
    "Make the report of a conversation: what it ended in, which signs were reported, denied or not"
    " ruled out, and why."
    "\n\n"
    "One page for a doctor, from what was kept of the conversation. One that was cut off is"
    " reported as incomplete, and what was not asked as not ruled out. Without -o: plain text on"
    " stdout."
)
EXAMPLE = "Example: voice-triage report last -o report.pdf"


def report(
    session: Annotated[
        str,
        typer.Argument(
            metavar="SESSION", help="A session's journal, or last: the newest one that was kept."
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write it there: .html, .pdf, .txt, .json (FHIR R4 QuestionnaireResponse), or"
            " .svg (a QR code that carries the text).",
        ),
    ] = None,
    flow: Annotated[
        str | None,
        typer.Option(metavar="FLOW", help="The flow that it was about, if it isn't a shipped one."),
    ] = None,
    paper: Annotated[Paper, typer.Option(help="What a .pdf is printed on.")] = Paper.a4,
    state_dir: StateDirOption = None,
    config: ConfigOption = None,
) -> None:
    """Make the report of a conversation."""
    from voice_triage.errors import ReportError
    from voice_triage.in_force import in_force
    from voice_triage.reporting import Options, written

    folder = in_force(config, os.environ, {"state_dir": state_dir}).settings.state_dir
    made = written(
        Options(session, flow, paper.value, folder), ".txt" if output is None else output.suffix
    )
    if output is None:
        sys.stdout.buffer.write(made)
        sys.stdout.buffer.flush()
        return
    try:
        output.write_bytes(made)
    except OSError as error:
        raise ReportError(
            f"{output}: can't be written: {error.strerror}. Choose another file with -o."
        ) from None
    print(output)
