"""How long people wait before anything happens, as multiples of starting a bare Python.

    .venv/bin/python benchmarks/startup.py

Ratios in one run, because machines differ and are busy; the seconds are of this machine, now.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

RUNS = 15
ROOT = Path(__file__).parents[1]
PROGRAM = [sys.executable, "-m", "voice_triage"]
COMMANDS = {
    "bare Python": [sys.executable, "-c", ""],
    "interpret": [*PROGRAM, "interpret", "yes"],
    "check": [*PROGRAM, "check"],
    "run, keyboard": [*PROGRAM, "run", "--answers", "keyboard", "--no-voice"],
    "script/run, second time": [str(ROOT / "script/run"), "--answers", "keyboard", "--no-voice"],
}


def seconds(command: list[str]) -> float:
    """The median over RUNS of the whole command, its answers at an end at once."""
    taken = []
    for _ in range(RUNS):
        start = time.perf_counter()
        subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def main() -> None:
    """Print the table."""
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}")
    bare = 0.0
    for name, command in COMMANDS.items():
        took = seconds(command)
        bare = bare or took
        print(f"{name:24} {took:6.2f} s  {took / bare:5.1f} times a bare Python")


if __name__ == "__main__":
    main()
