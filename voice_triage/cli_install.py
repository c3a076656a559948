"""The options of `voice-triage kiosk` that make a computer a kiosk."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

InstallOption = Annotated[
    bool,
    typer.Option("--install", help="Make this computer a kiosk: systemd units for power-on."),
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="With --install: only show what it would write.")
]


def install(config: Path | None, dry_run: bool) -> None:
    """Write the units and start them, or show them. Raises VoiceTriageError."""
    from voice_triage.in_force import in_force
    from voice_triage.kiosk import install as installing

    found = in_force(config, os.environ)
    for line in installing.shown(found) if dry_run else installing.install(found):
        print(line)
