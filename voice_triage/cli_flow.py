"""The commands for whoever writes or reviews a flow."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from voice_triage.cli import FAILED, keep_everything

FlowArgument = Annotated[
    str | None,
    typer.Argument(metavar="[FLOW]", help="A flow's file or name; default: the shipped flow."),
]


def paths(
    flow: FlowArgument = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Prove what holds of every path through a flow, and count where they end.

    Each rule gets a verdict; a broken one comes with its file:line and a conversation that breaks
    it. A path is a list of answers: yes, no, not sure, or silence to each question. They aren't
    walked one by one, so there may be more of them than atoms. Exit code 1: a rule is broken.
    """
    from voice_triage.assemble import find_flow
    from voice_triage.errors import DocumentError
    from voice_triage.flow import report
    from voice_triage.flow.lint import walk
    from voice_triage.flow.sources import read_flow

    keep_everything()
    try:
        sources, read = read_flow(find_flow(flow))
        survey, problems = walk(sources, read)
        if survey is None:
            raise DocumentError(problems)
    except DocumentError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(FAILED) from None
    made = report.report(sources, survey)
    if as_json:
        sys.set_int_max_str_digits(0)  # ten thousand questions have counts of six thousand digits
        print(json.dumps(report.as_json(made), ensure_ascii=False))
    else:
        for line in report.as_text(made):
            print(line)
    if not made.good:
        raise typer.Exit(FAILED)


def graph(
    flow: FlowArgument = None,
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="The picture: .svg, .png, .html (one page, to zoom and look into), or .mmd"
            " (Mermaid text).",
        ),
    ] = Path("flow.svg"),
    session: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A session's journal, whose path is to stand out."),
    ] = None,
) -> None:
    """Draw a flow: questions coloured by urgency, answers as arrows, outcomes as ends.

    A dashed arrow reaches an outcome while the questions go on. Pictures other than .mmd need
    Graphviz.
    """
    from voice_triage.drawing import graph as draw

    draw(flow, output, session)
    print(output)


def export(
    flow: FlowArgument = None,
    fhir: Annotated[
        bool, typer.Option("--fhir", help="As FHIR R4 JSON; the only format so far, and needed.")
    ] = False,
    session: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="A session's journal: write its QuestionnaireResponse instead."
        ),
    ] = None,
) -> None:
    """Write a flow as a FHIR R4 Questionnaire, or a session as its QuestionnaireResponse.

    JSON on stdout. An answer is a code: yes, no, unsure, or unanswered.
    """
    from voice_triage import assemble
    from voice_triage.errors import UsageError
    from voice_triage.record.entries import entries
    from voice_triage.record.fhir import questionnaire, response
    from voice_triage.session import state_of

    if not fhir:
        raise UsageError("Name the format: --fhir.")
    script = assemble.script(flow, None)
    if session is None:
        made = questionnaire(script.flow)
    else:
        state = state_of(session, script)
        made = response(script.flow, state, entries(session)[0].at)
    print(json.dumps(made, ensure_ascii=False, indent=2))


def rehearse(flow: FlowArgument = None) -> None:
    """Go through a flow on the keyboard, and see the reason for every step.

    Beside each question: what led to it, the facts that it rests on, what has been reached, and
    what it would end in if it stopped here; at the end, which answers it rests on.
    """
    from voice_triage import assemble
    from voice_triage.rehearsal import rehearse as steps

    for line in steps(assemble.script(flow, None), sys.stdin):
        print(line, flush=True)
