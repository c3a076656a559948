"""Running the program as its users do, as a child process that can't reach the network."""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PROGRAM = [sys.executable, "-m", "voice_triage"]
FENCED = str(Path(__file__).with_name("fenced"))
"""A folder whose sitecustomize refuses network sockets; it stands in every child's PYTHONPATH."""
_OWN = tempfile.TemporaryDirectory(prefix="voice-triage-tests-")
"""What the programs under test keep; nothing of the user's is touched."""


@dataclass(frozen=True)
class Ran:
    """What a program left behind."""

    code: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, Any]]:
        """stdout as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]

    def said_plainly(self) -> bool:
        """No traceback, and nothing of Python's insides."""
        return "Traceback" not in self.err + self.out and "NETWORK" not in self.err


def environment(**more: str) -> dict[str, str]:
    """This process's environment without sound and network, for a child."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("VOICE_TRIAGE", "PULSE_", "XDG_", "ALSA_"))
    }
    plain = {"PYTHONPATH": FENCED, "PYTHONWARNINGS": "error", "COLUMNS": "80", "NO_COLOR": "1"}
    own = {
        "VOICE_TRIAGE_STATE_DIR": f"{_OWN.name}/state",
        "XDG_CACHE_HOME": f"{_OWN.name}/cache",
        "XDG_CONFIG_HOME": str(_config()),
    }
    return {**kept, **plain, **own, **more}


def _config() -> Path:
    """A folder with settings that set nothing, so that no settings of the machine's count."""
    folder = Path(_OWN.name) / "config"
    file = folder / "voice-triage" / "config.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    return folder


def run(*words: str | Path, typed: str = "", seconds: float = 60, **env: str) -> Ran:
    """`voice-triage WORDS…` with `typed` on stdin, from a folder that isn't the checkout."""
    done = subprocess.run(
        [*PROGRAM, *map(str, words)],
        input=typed,
        capture_output=True,
        text=True,
        timeout=seconds,
        env=environment(**env),
        cwd="/",
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)
