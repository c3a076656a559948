"""The command `voice-triage record`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voice_triage.cli import DeviceOption, FlowArgument, ModelOption, NoVoiceOption, RegionOption

if TYPE_CHECKING:
    from rich.console import Console

HELP = (
    "Record answers at the microphone, and write them as a scenario for `voice-triage replay`."
    "\n\n"
    "It asks as in any conversation, and keeps each answer as a recording, trimmed to what was"
    " said. What came of it becomes what the scenario expects: read it, and change what ought to"
    " have come out otherwise. After Ctrl-C nothing is written."
)
EXAMPLE = 'Example: voice-triage record --name "numb legs, a quiet voice" -o scenarios'
_LOWEST_DBFS, _METER = -60.0, 40


def record(
    flow: FlowArgument = None,
    name: Annotated[
        str, typer.Option(metavar="TEXT", help="What it shows, in a few words; names its file.")
    ] = "recorded",
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Where the scenario goes.")
    ] = Path(),
    no_voice: NoVoiceOption = False,
    microphone: DeviceOption = None,
    loudspeaker: DeviceOption = None,
    model: ModelOption = None,
    region: RegionOption = None,
) -> None:
    """Record answers at the microphone, and write them as a scenario."""
    from rich.console import Console

    from voice_triage import assemble, taking
    from voice_triage.console import Screen

    options = taking.Options(
        name, flow, output, not no_voice, microphone, loudspeaker, model, region
    )
    taking.check(options)
    script = assemble.script(flow, region)
    console = Console(file=sys.stdout, highlight=False)
    screen = Screen(console, script.flow, script.number, typed=False)
    with _meter(console) as on_level:
        written = taking.record(options, script, screen, on_level)
    console.print(f"{written} is written. Play it with: voice-triage replay {written}")


@contextmanager
def _meter(console: Console) -> Iterator[Callable[[float], None]]:
    """A bar of the microphone's level, at the bottom of a terminal."""
    from rich.live import Live
    from rich.text import Text

    if not console.is_terminal:
        yield lambda _level: None
        return
    with Live(console=console, transient=True, refresh_per_second=12) as live:

        def show(level_dbfs: float) -> None:
            share = min(1.0, max(0.0, 1 - level_dbfs / _LOWEST_DBFS))
            bar = "█" * round(share * _METER)
            colour = "red" if level_dbfs > -3 else "green"
            live.update(Text.assemble(("  microphone ", "dim"), (bar, colour)))

        yield show
