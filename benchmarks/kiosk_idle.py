"""What waiting for the start word costs: one core's processor time, and memory.

    .venv/bin/python benchmarks/kiosk_idle.py [SECONDS]

Real sound devices (PulseAudio's null sinks) carry the hiss of a quiet room. `run --wait-for start`
and `kiosk`, each by itself, the kiosk with one page open. The goal for the kiosk: under 8 % and
under 200 MB. The sound server and the browser are not counted.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile
from processes import processor_seconds
from websockets.sync.client import connect

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from programs import PROGRAM, environment
from room import Room

_RATE = 16_000
_HISS_DBFS = -60.0
_SETTLE_S = 8.0
_SECONDS = 60.0


def hiss(path: Path, seconds: float) -> Path:
    """A quiet room."""
    noise = np.random.default_rng(1).standard_normal(round(seconds * _RATE))
    soundfile.write(path, noise * 10 ** (_HISS_DBFS / 20), _RATE, subtype="PCM_16")
    return path


def resident_mb(pid: int) -> float:
    """Memory that the process holds now, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
    return int(kilobytes) / 1000


def waiting(room: Room, words: list[str], seconds: float) -> tuple[float, float]:
    """Share of one core in percent, and memory in MB, of a command that waits."""
    process = subprocess.Popen(
        [*PROGRAM, *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env=environment(**room.chain.variables), cwd="/",
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if words[0] != "kiosk":
            return measured(process.pid, seconds)
        origin = line.split()[-1].rstrip("/")
        with connect(f"ws{origin[4:]}/ws", origin=origin, proxy=None):
            return measured(process.pid, seconds)
    finally:
        process.terminate()
        process.wait(20)


def measured(pid: int, seconds: float) -> tuple[float, float]:
    """The same of a process, once it has settled."""
    time.sleep(_SETTLE_S)
    before, began = processor_seconds(pid), time.monotonic()
    time.sleep(seconds)
    used = processor_seconds(pid) - before
    return 100 * used / (time.monotonic() - began), resident_mb(pid)


def main() -> None:
    """Print the table."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else _SECONDS
    print(f"{os.cpu_count()} cores, {platform.machine()}, load {os.getloadavg()[0]:.1f}")
    commands = {
        "run": ["run", "--answers", "mic", "--wait-for", "start"],
        "kiosk": ["kiosk", "--port", "0"],
    }
    with tempfile.TemporaryDirectory() as folder, Room() as room:
        room.say(hiss(Path(folder) / "hiss.wav", 3 * (seconds + 2 * _SETTLE_S)))
        for name, words in commands.items():
            percent, megabytes = waiting(room, words, seconds)
            print(f"{name:8} {percent:5.1f} % of a core  {megabytes:5.0f} MB")


if __name__ == "__main__":
    main()
