"""The command `voice-triage kiosk`."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voice_triage import __version__, interrupts
from voice_triage.cli import (
    ConfigOption,
    DeviceOption,
    FlowArgument,
    ModelOption,
    NoVoiceOption,
    RegionOption,
)
from voice_triage.cli_install import DryRunOption, InstallOption
from voice_triage.cli_install import install as install_units
from voice_triage.errors import UsageError

if TYPE_CHECKING:
    from voice_triage.settings import Settings

START_WORD = "start"
EXAMPLE = "Example: voice-triage kiosk --region GB --ending-s 300"


def kiosk(
    flow: FlowArgument = None,
    region: RegionOption = None,
    model: ModelOption = None,
    microphone: DeviceOption = None,
    loudspeaker: DeviceOption = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=0, max=65535, help="Where the screen is, on this machine alone; 0: anywhere free."
        ),
    ] = None,
    wait_for: Annotated[
        str | None, typer.Option(metavar="PHRASE", help="Begin when somebody says this: start")
    ] = None,
    no_voice: NoVoiceOption = False,
    keep_reports: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Keep each session and its report there. Default: nothing is kept."
        ),
    ] = None,
    keep_days: Annotated[
        int | None,
        typer.Option(metavar="N", help="Delete sessions that were kept for so many days."),
    ] = None,
    ending_s: Annotated[
        float | None,
        typer.Option(metavar="N", help="How many seconds an ending stays on the screen."),
    ] = None,
    config: ConfigOption = None,
    install: InstallOption = False,
    dry_run: DryRunOption = False,
) -> None:
    """Attend to one visitor after the other, by voice and on a screen.

    It waits for the start word or a touch, talks, shows what it ended in, forgets it, and waits
    again. The screen is a web page of this machine; show it with a browser. What happens is logged
    on stderr, without anything that was answered. What isn't said here is as in your settings:
    `voice-triage config` shows them.
    """
    if dry_run and not install:
        raise UsageError("--dry-run shows what --install would do; give both.")
    if install:
        install_units(config, dry_run)
        return
    interrupts.leave_at_once()  # until it attends to anybody
    from voice_triage.in_force import in_force, variable

    said = {
        "flow": flow, "region": region, "model": model, "microphone": microphone,
        "loudspeaker": loudspeaker, "wait_for": wait_for, "kiosk.port": port or None,
        "kiosk.keep_reports": keep_reports, "kiosk.keep_days": keep_days,
        "kiosk.ending_s": ending_s,
    }  # fmt: skip
    found = in_force(config, os.environ, said)
    # Whoever finds models looks at the environment too, and says so when it is wrong.
    model = None if found.origins["model"] == variable("model") else found.settings.model
    _attend(found.settings, model, not no_voice, port == 0)


def _attend(settings: Settings, model: str | None, aloud: bool, anywhere: bool) -> None:
    from voice_triage.kiosking import Joined, Options, check_installed, kiosk

    check_installed()
    from voice_triage.assemble import report_phrases
    from voice_triage.kiosk.take_away import TakeAway
    from voice_triage.kiosk.watch import Watch
    from voice_triage.record import report_pdf
    from voice_triage.speak.manner import Manner

    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(levelname)s: %(message)s"
    )
    logging.getLogger("voice_triage").setLevel(logging.INFO)
    options = Options(
        flow=settings.flow,
        region=settings.region,
        model=model,
        microphone=settings.microphone,
        loudspeaker=settings.loudspeaker,
        port=0 if anywhere else settings.kiosk.port,
        wait_for=settings.wait_for or START_WORD,
        aloud=aloud,
        earcons=settings.earcons,
        barge_in=settings.barge_in,
        manner=Manner(settings.pace, settings.volume_db),
        keep_reports=None if settings.private else settings.kiosk.keep_reports,
        keep_days=settings.kiosk.keep_days,
        ending_s=settings.kiosk.ending_s,
    )
    reports = TakeAway(report_phrases(), __version__, report_pdf.installed())
    with Watch(settings, __version__) as watch:

        def ready(address: str) -> None:
            interrupts.interrupt()
            print(f"The screen is at {address}", flush=True)
            watch.ready()

        joined = Joined(
            watch.alive, watch.vitals.level, watch.vitals.trouble, (watch.tell,), watch.routes(),
            reports,
        )  # fmt: skip
        kiosk(options, ready, joined)
