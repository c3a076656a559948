"""The command `voice-triage run`."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from voice_triage import interrupts
from voice_triage.cli import (
    DeviceOption,
    FlowArgument,
    ModelOption,
    NoVoiceOption,
    RegionOption,
    StateDirOption,
)


class AnswersFrom(StrEnum):
    """Where answers come from."""

    mic = "mic"
    keyboard = "keyboard"


def run(
    flow: FlowArgument = None,
    answers: Annotated[
        AnswersFrom | None, typer.Option(help="Default: mic, or else keyboard.")
    ] = None,
    audio: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE",
            help="Recorded answers: one file an answer, in order; or one long recording; or - for"
            " raw 16 kHz mono 16-bit sound on stdin.",
        ),
    ] = None,
    no_voice: NoVoiceOption = False,
    speak_to: Annotated[
        Path | None, typer.Option(metavar="FILE.wav", help="Write all speech there.")
    ] = None,
    model: ModelOption = None,
    region: RegionOption = None,
    microphone: DeviceOption = None,
    loudspeaker: DeviceOption = None,
    barge_in: Annotated[
        bool,
        typer.Option(
            "--barge-in",
            help="Let an answer begin before the question ends: for headphones, or a microphone"
            " with echo cancellation.",
        ),
    ] = False,
    earcons: Annotated[
        bool,
        typer.Option(
            "--earcons/--no-earcons", help="Short tones when it listens and when it has heard."
        ),
    ] = True,
    wait_for: Annotated[
        str | None,
        typer.Option(metavar="PHRASE", help="Begin when somebody says this, for instance: start"),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the session that was cut off.")
    ] = False,
    private: Annotated[
        bool, typer.Option("--private", help="Write nothing down; nothing can be resumed then.")
    ] = False,
    keep_audio: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep the sound of the answers there.")
    ] = None,
    state_dir: StateDirOption = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object an event, on stdout.")
    ] = False,
) -> None:
    """Talk: ask the questions, hear the answers, say what to do."""
    interrupts.leave_at_once()  # until the conversation begins
    from voice_triage.talk import Options, talk

    options = Options(
        flow, answers.value if answers else None, tuple(audio or ()), not no_voice, speak_to,
        model, region, as_json, microphone, loudspeaker, barge_in, earcons, wait_for, resume,
        private, keep_audio, state_dir,
    )  # fmt: skip
    talk(options, sys.stdin, sys.stdout, sys.stderr)
