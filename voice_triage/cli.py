"""The commands. The only room that prints and exits."""

from __future__ import annotations

import gc
import json
import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn, cast

import typer

from voice_triage import __version__, interrupts
from voice_triage.errors import DocumentError, VoiceTriageError
from voice_triage.interrupts import INTERRUPTED

DONE, FAILED, CANT_WORK = 0, 1, 2
_UsageError: type[Exception] = typer.BadParameter.__mro__[1]
"""Every mistake in a command's words, from the click that this typer brings along."""
_HELP_OPTIONS = ("--help", "-h", "--version", "--install-completion", "--show-completion")

app = typer.Typer(
    no_args_is_help=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)

FlowArgument = Annotated[
    str | None, typer.Argument(metavar="[FLOW]", help="A flow's name or file.")
]
NoVoiceOption = Annotated[bool, typer.Option("--no-voice", help="Print instead of speaking.")]
DeviceOption = Annotated[
    str | None,
    typer.Option(metavar="NUMBER|NAME", help="Which one, of `voice-triage devices`."),
]
RegionOption = Annotated[
    str | None,
    typer.Option(metavar="GB", envvar="VOICE_TRIAGE_REGION", help="Whose emergency number to say."),
]
StateDirOption = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        envvar="VOICE_TRIAGE_STATE_DIR",
        help="Where sessions are kept. Default: your own folder for such things.",
    ),
]
ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model", metavar="NAME|PATH", help="Speech model. Default: $VOICE_TRIAGE_MODEL, or ours."
    ),
]
JobsOption = Annotated[
    int | None,
    typer.Option("--jobs", "-j", metavar="N", min=1, help="Processes. Default: one a core."),
]
SchedulerOption = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="Work on the Dask cluster there, such as tcp://10.0.0.5:8786, instead of here.",
    ),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="Settings. Default: config.yaml in ~/.config/voice-triage or /etc/voice-triage.",
    ),
]


@app.callback(invoke_without_command=True)
def about(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Asks short questions about a seized back aloud, hears yes, no and not sure, and tells what
    to do, worst things first. It is no doctor, and it can't call for help.

    Without a command it talks: [bold]voice-triage[/bold] is [bold]voice-triage run[/bold].
    """
    if version:
        print(f"voice-triage {__version__}")


@app.command(epilog="Example: voice-triage hear answer.wav --grammar yes,no")
def hear(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Recordings.")],
    grammar: Annotated[
        str | None,
        typer.Option(
            metavar="yes,no", help="Phrases to choose from. Default: answers to the shipped flow."
        ),
    ] = None,
    model: ModelOption = None,
) -> None:
    """What the recogniser hears in recordings, and what it means; a JSON object a file."""
    from voice_triage.talk import hear_all

    failed = False
    for line in hear_all(files, grammar, model):
        if isinstance(line, VoiceTriageError):
            failed = True
            _complain(line)
        else:
            _print_json(line)
    if failed:
        raise typer.Exit(CANT_WORK)


@app.command(epilog='Example: voice-triage interpret "no wait, yes"')
def interpret(
    texts: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TEXT...]", help="What was said; without any, lines on stdin."),
    ] = None,
) -> None:
    """What words mean as an answer; a JSON object a text."""
    from voice_triage.assemble import understanding

    understood = understanding()
    for text in texts or (line.rstrip("\n") for line in sys.stdin):
        answer = understood.interpret(None, text)
        _print_json(
            {"text": text, "answer": answer.meaning.told, "symptoms": list(answer.symptoms)}
        )


@app.command(epilog="Example: voice-triage check my_flow.yaml")
def check(
    flows: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FLOW...]", help="Files or names; default: the shipped flow."),
    ] = None,
    model: ModelOption = None,
) -> None:
    """Prove that flows hold together and are safe; problems as file:line: message."""
    from voice_triage import models
    from voice_triage.assemble import find_flow
    from voice_triage.flow import load

    vocabulary = models.vocabulary(models.find(model))
    keep_everything()
    failed = False
    for name in flows or [""]:
        path = find_flow(name or None)
        try:
            flow = load(path, vocabulary)
        except DocumentError as error:
            failed = True
            print(error)
        else:
            print(f"{path}: {len(flow.questions)} questions, {len(flow.outcomes)} outcomes: good")
    if failed:
        raise typer.Exit(FAILED)


def keep_everything() -> None:
    """For a command that reads files and ends: ten thousand questions are millions of objects, and
    looking for garbage among them, where there is none, takes longer than proving anything."""
    gc.disable()


@app.command(epilog="Example: voice-triage devices")
def devices() -> None:
    """Microphones and loudspeakers that can be used."""
    from voice_triage.doctor import devices as found

    for line in found():
        print(line)


@app.command(epilog="Example: voice-triage doctor --model vosk-model-small-en-us-0.15")
def doctor(
    model: ModelOption = None,
    microphone: DeviceOption = None,
    loudspeaker: DeviceOption = None,
    config: ConfigOption = None,
) -> None:
    """Test everything that talking needs, and say what to install."""
    from voice_triage.doctor import examine
    from voice_triage.in_force import in_force

    said = {"microphone": microphone, "loudspeaker": loudspeaker}
    set_ = in_force(config, os.environ, said).settings
    if not examine(model or set_.model, set_.microphone, set_.loudspeaker):
        raise typer.Exit(FAILED)


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False), flush=True)


def _complain(error: VoiceTriageError) -> None:
    print(error, *getattr(error, "__notes__", ()), sep="\n", file=sys.stderr)


def _arguments(words: list[str]) -> list[str]:
    """`voice-triage --json` is `voice-triage run --json`."""
    commands = {c.name or (c.callback and c.callback.__name__) for c in app.registered_commands}
    groups = {group.name for group in app.registered_groups}
    if words and (words[0] in commands | groups or words[0] in _HELP_OPTIONS):
        return words
    return ["run", *words]


def _add_commands() -> None:
    """The commands that have modules of their own."""
    from voice_triage.cli_config import config
    from voice_triage.cli_evaluate import EXAMPLE, HELP, evaluate
    from voice_triage.cli_flow import export, graph, paths, rehearse
    from voice_triage.cli_kiosk import EXAMPLE as KIOSK_EXAMPLE
    from voice_triage.cli_kiosk import kiosk
    from voice_triage.cli_models import app as models_app
    from voice_triage.cli_record import EXAMPLE as RECORD_EXAMPLE
    from voice_triage.cli_record import HELP as RECORD_HELP
    from voice_triage.cli_record import record
    from voice_triage.cli_replay import EXAMPLE as REPLAY_EXAMPLE
    from voice_triage.cli_replay import HELP as REPLAY_HELP
    from voice_triage.cli_replay import replay
    from voice_triage.cli_report import EXAMPLE as REPORT_EXAMPLE
    from voice_triage.cli_report import HELP as REPORT_HELP
    from voice_triage.cli_report import report
    from voice_triage.cli_run import run
    from voice_triage.cli_schema import schema

    app.command(epilog="Example: voice-triage run --region GB --answers keyboard")(run)
    app.command(epilog="Example: voice-triage config --config kiosk.yaml")(config)
    app.command(epilog="Example: voice-triage schema > flow.schema.json")(schema)
    app.command(epilog="Example: voice-triage paths my_flow.yaml --json")(paths)
    app.command(epilog="Example: voice-triage graph my_flow.yaml -o my_flow.html")(graph)
    app.command(epilog="Example: voice-triage export my_flow.yaml --fhir")(export)
    app.command(epilog="Example: voice-triage rehearse my_flow.yaml")(rehearse)
    app.command(epilog=KIOSK_EXAMPLE)(kiosk)
    app.command(help=HELP, epilog=EXAMPLE)(evaluate)
    app.command(help=RECORD_HELP, epilog=RECORD_EXAMPLE)(record)
    app.command(help=REPORT_HELP, epilog=REPORT_EXAMPLE)(report)
    app.command(help=REPLAY_HELP, epilog=REPLAY_EXAMPLE)(replay)
    app.add_typer(models_app, name="models")


def main() -> NoReturn:
    """Run a command; every way out has its exit code."""
    _add_commands()
    interrupts.interrupt()
    try:
        code = app(_arguments(sys.argv[1:]), standalone_mode=False)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except VoiceTriageError as error:
        _complain(error)
        code = CANT_WORK
    except _UsageError as error:
        cast(typer.BadParameter, error).show()
        code = CANT_WORK
    if code == INTERRUPTED:
        # CPython kills itself with SIGINT at a regular exit if Ctrl-C came while it ran a string of
        # code, as dataclasses do when they load: no exit code of ours would reach the caller.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)
