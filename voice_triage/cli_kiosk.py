"""The command `voice-triage kiosk`."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from voice_triage import interrupts
from voice_triage.cli import DeviceOption, FlowArgument, ModelOption, NoVoiceOption, RegionOption

EXAMPLE = "Example: voice-triage kiosk --region GB --ending-s 300"


def kiosk(
    flow: FlowArgument = None,
    region: RegionOption = None,
    model: ModelOption = None,
    microphone: DeviceOption = None,
    loudspeaker: DeviceOption = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where the screen is, on this machine alone.")
    ] = 8765,
    wait_for: Annotated[
        str, typer.Option(metavar="PHRASE", help="Begin when somebody says this.")
    ] = "start",
    no_voice: NoVoiceOption = False,
    keep_reports: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Keep each session there. Default: nothing is kept."),
    ] = None,
    keep_days: Annotated[
        int, typer.Option(metavar="N", help="Delete sessions that were kept for so many days.")
    ] = 30,
    ending_s: Annotated[
        float, typer.Option(metavar="N", help="How many seconds an ending stays on the screen.")
    ] = 180.0,
) -> None:
    """Attend to one visitor after the other, by voice and on a screen.

    It waits for the start word or a touch, talks, shows what it ended in, forgets it, and waits
    again. The screen is a web page of this machine; show it with a browser. What happens is logged
    on stderr, without anything that was answered.
    """
    interrupts.leave_at_once()  # until it attends to anybody
    from voice_triage.kiosking import Options, kiosk

    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(levelname)s: %(message)s"
    )
    logging.getLogger("voice_triage").setLevel(logging.INFO)
    options = Options(
        flow, region, model, microphone, loudspeaker, port, wait_for, not no_voice, keep_reports,
        keep_days, ending_s,
    )  # fmt: skip
    kiosk(options, _ready)


def _ready(address: str) -> None:
    interrupts.interrupt()
    print(f"The screen is at {address}", flush=True)
