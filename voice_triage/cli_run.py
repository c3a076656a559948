"""The command `voice-triage run`."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from voice_triage import interrupts
from voice_triage.cli import (
    ConfigOption,
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
        bool | None,
        typer.Option(
            "--barge-in/--no-barge-in",
            help="Let an answer begin before the question ends: for headphones, or a microphone"
            " with echo cancellation.",
        ),
    ] = None,
    earcons: Annotated[
        bool | None,
        typer.Option(
            "--earcons/--no-earcons", help="Short tones when it listens and when it has heard."
        ),
    ] = None,
    wait_for: Annotated[
        str | None,
        typer.Option(metavar="PHRASE", help="Begin when somebody says this, for instance: start"),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the session that was cut off.")
    ] = False,
    private: Annotated[
        bool | None,
        typer.Option(
            "--private/--no-private", help="Write nothing down; nothing can be resumed then."
        ),
    ] = None,
    keep_audio: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep the sound of the answers there.")
    ] = None,
    state_dir: StateDirOption = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object an event, on stdout.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Talk: ask the questions, hear the answers, say what to do.

    What isn't said here is as in your settings: `voice-triage config` shows them.
    """
    interrupts.leave_at_once()  # until the conversation begins
    from voice_triage.in_force import in_force, variable
    from voice_triage.speak.manner import Manner
    from voice_triage.talk import Options, talk

    said = {
        "flow": flow, "region": region, "model": model, "microphone": microphone,
        "loudspeaker": loudspeaker, "barge_in": barge_in, "earcons": earcons,
        "wait_for": wait_for, "private": private, "state_dir": state_dir,
    }  # fmt: skip
    found = in_force(config, os.environ, said)
    settings = found.settings
    typed = answers is AnswersFrom.keyboard
    options = Options(
        flow=settings.flow,
        answers=answers.value if answers else None,
        audio=tuple(audio or ()),
        aloud=not no_voice,
        speak_to=speak_to,
        # Whoever finds models looks at the environment too, and says so when it is wrong.
        model=None if found.origins["model"] == variable("model") else settings.model,
        region=settings.region,
        as_json=as_json,
        microphone=settings.microphone,
        loudspeaker=settings.loudspeaker,
        # What settings ask of a microphone is nothing to who has none; an option is a mistake then.
        barge_in=settings.barge_in and (bool(barge_in) or not (audio or typed)),
        earcons=settings.earcons,
        wait_for=settings.wait_for if wait_for or not typed else None,
        resume=resume,
        private=settings.private,
        keep_audio=keep_audio,
        state_dir=settings.state_dir,
        manner=Manner(settings.pace, settings.volume_db),
    )
    talk(options, sys.stdin, sys.stdout, sys.stderr)
