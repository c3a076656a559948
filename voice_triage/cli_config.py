"""The command `voice-triage config`."""

from __future__ import annotations

import json
import os
from typing import Annotated

import typer

from voice_triage.cli import ConfigOption


def config(
    config: ConfigOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Show the settings that are in force, and where each comes from.

    An option of a command counts more than an environment variable (VOICE_TRIAGE_REGION), that
    counts more than the settings file, and that more than the default. `voice-triage schema config`
    has the file's format.
    """
    from voice_triage.in_force import in_force, usual_files

    found = in_force(config, os.environ)
    if as_json:
        print(json.dumps(found.as_json(), ensure_ascii=False))
        return
    if found.file is None:
        print(f"No settings file: there is neither {' nor '.join(map(str, usual_files()))}.")
    rows = [(key, _shown(found.value(key)), origin) for key, origin in found.origins.items()]
    width = max(len(key) for key, _, _ in rows)
    wide = max(len(value) for _, value, _ in rows)
    for key, value, origin in rows:
        print(f"{key:{width}}  {value:{wide}}  {origin}")


def _shown(value: object) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}"
        case _:
            return str(value)
