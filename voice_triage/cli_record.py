"""The command `voice-triage record`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voice_triage.cli import DeviceOption, FlowArgument, ModelOption, NoVoiceOption, RegionOption

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from voice_triage.replay.takes import OnLevel

HELP = (
    "Record answers at the microphone, and write them as a scenario for `voice-triage replay`."
    "\n\n"
    "It asks as in any conversation, and keeps each answer as a recording, trimmed to what was"
    " said. What came of it becomes what the scenario expects: read it, and change what ought to"
    " have come out otherwise. After Ctrl-C nothing is written."
)
EXAMPLE = 'Example: voice-triage record --name "numb legs, a quiet voice" -o scenarios'

_LOWEST_DBFS = -60.0
"""The meter's left end, a quiet room; 0 dB is the loudest that can be recorded."""
_LONGEST = 40
_FALL_DB = 0.5
"""What the meter falls in a frame of 20 ms: 25 dB a second."""
_TOO_LOUD_FRAMES = 100


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
def _meter(console: Console) -> Iterator[OnLevel]:
    """A bar of the microphone's level, at the bottom of a terminal while it is listened to."""
    from rich.live import Live

    if not console.is_terminal:
        yield lambda _level, _clipped: None
        return
    meter = Meter()
    with Live(console=console, transient=True, refresh_per_second=12) as live:

        def show(level_dbfs: float | None, clipped: bool) -> None:
            meter.hears(level_dbfs, clipped)
            live.update(meter.drawn(console.width))

        yield show


class Meter:
    """What a level meter shows: it rises at once and falls slowly, as sound engineers' do, so that
    no word is too short to be seen; and that it was too loud stays to be read."""

    def __init__(self) -> None:
        self._level_dbfs: float | None = None
        self._too_loud = 0  # frames for which it is still said

    def hears(self, level_dbfs: float | None, clipped: bool) -> None:
        """A frame's level, and whether it was too loud to be recorded; None: nobody listens."""
        self._too_loud = _TOO_LOUD_FRAMES if clipped else max(0, self._too_loud - 1)
        if level_dbfs is None or self._level_dbfs is None:
            self._level_dbfs = level_dbfs
        else:
            self._level_dbfs = max(level_dbfs, self._level_dbfs - _FALL_DB)

    def drawn(self, width: int) -> Text:
        """In one line of a terminal so wide."""
        from rich.text import Text

        if self._level_dbfs is None:
            return Text()
        label, warning = "  microphone ", "  too loud" if self._too_loud else ""
        level = f" {max(self._level_dbfs, _LOWEST_DBFS):4.0f} dB"
        beside = len(label) + len(level) + len("  too loud") + 1
        length = max(0, min(_LONGEST, width - beside))
        full = round(length * min(1.0, max(0.0, 1 - self._level_dbfs / _LOWEST_DBFS)))
        made = Text.assemble(
            (label, "dim"), ("█" * full, "red" if warning else "green"),
            ("─" * (length - full), "dim"), level,
            (warning, "bold red"),
        )  # fmt: skip
        made.truncate(width)
        return made
