"""`script/soak`: one kiosk process, and hundreds of visitors at full speed, while things go wrong.

Real: the kiosk's attendant, stage, touch, ears, conversation, journal, watch, metrics and server;
the start word, the endpointing and the recogniser with the shipped Vosk model; the WebSocket and
HTTP over 127.0.0.1; the threads that speak and render ahead; in one visit in 25 pyttsx3 with
espeak-ng too, and in the faults of rendering the child processes that hang or are killed.

Not real: time (`soaking.clock`: it passes as fast as the program keeps up, and stands still while
somebody waits for a rendering); the room (`soaking.room`: a microphone that hears synthetic voices
and a little echo, a loudspeaker that takes simulated time, and noise instead of espeak-ng's voice
in most visits, at three times the pace); the page (`soaking.page`: a WebSocket without a browser);
a full disk (a limit on the size of files). Reports to take away aren't made.

The same seed draws the same visitors and faults; threads still meet as they please.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import logging
import os
import platform
import resource
import sys
import tempfile
import time
from dataclasses import asdict, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from soaking.director import WARM, Director
from soaking.footprint import Footprint, footprint, settled
from soaking.visitors import AGAIN, SAYS, START, STOP, VOICES
from voice_triage import __version__, assemble
from voice_triage.cli_progress import progress
from voice_triage.config import ABSENT_S
from voice_triage.kiosk.watch import Watch
from voice_triage.kiosking import Devices, Joined, Options, kiosk
from voice_triage.settings import Settings

_MOST = 1.10
"""How much larger memory may be at the end than when it was warm."""
_ENDING_S = 10.0


def soak(sessions: int, seed: int) -> tuple[Director, list[str]]:
    """The visits, and what was wrong."""
    script = replace(assemble.script(None, "GB"), absent_s=ABSENT_S)
    with (
        tempfile.TemporaryDirectory(prefix="voice-triage-soak-") as folder,
        progress("Visits") as done,
        Watch(Settings(), __version__, {}) as watch,
    ):
        director = Director(sessions, seed, script, done)
        for voice in VOICES:  # made once
            for text in [START, AGAIN, STOP, "yes", *(t for texts in SAYS.values() for t in texts)]:
                director.room.mouths.say(text, voice, None)
        log = logging.getLogger("voice_triage")
        log.addHandler(director)
        log.propagate = False
        before = footprint()
        options = Options(
            region="GB", port=0, keep_reports=Path(folder) / "kept", ending_s=_ENDING_S
        )
        joined = Joined(
            watch.alive, watch.vitals.level, watch.vitals.trouble,
            (watch.tell, director.tell), watch.routes(),
        )  # fmt: skip
        devices = Devices(director.room.open_microphone, director.voice, director.touch)
        kiosk(options, director.ready, joined, devices)
        faulthandler.cancel_dump_traceback_later()
        director.faults.mend()
        log.removeHandler(director)
        wrong = [*director.outcome.wrong]
        wrong += [f"after its end, {left}" for left in settled(before).leftover(before)]
    return director, wrong + _compared(director, sessions)


def _compared(director: Director, sessions: int) -> list[str]:
    outcome = director.outcome
    wrong = []
    if outcome.visits != sessions:
        wrong.append(f"there were {outcome.visits} visits instead of {sessions}")
    warm, last = outcome.warm, outcome.last
    if warm is None or last is None:
        return [*wrong, "it wasn't measured"]
    wrong += [f"at the end, {left}" for left in last.leftover(warm)]
    if last.rss_mb > warm.rss_mb * _MOST:
        wrong.append(f"memory grew from {warm.rss_mb:.0f} to {last.rss_mb:.0f} MB")
    if last.objects > warm.objects * _MOST:
        kinds = ", ".join(f"{name} +{more}" for name, more in outcome.grown)
        wrong.append(f"objects grew from {warm.objects} to {last.objects}: {kinds}")
    return wrong


def show(director: Director, wrong: list[str], wall_s: float, processor_s: float) -> None:
    """The table."""
    from rich.console import Console
    from rich.table import Table

    outcome = director.outcome
    table = Table(show_header=False)
    table.add_row("visits", f"{outcome.visits} ({outcome.turns} turns)")
    table.add_row("endings", ", ".join(f"{n} {u}" for u, n in sorted(outcome.endings.items())))
    table.add_row("stopped by the visitor, or left", str(outcome.stopped))
    table.add_row("more urgent than answered", str(outcome.above))
    table.add_row("broken off, safely and with a reason", str(outcome.broken_off))
    for fault, times in sorted(director.faults.happened.items()):
        table.add_row(fault, str(times))
    for name, held in ((f"held after {WARM}", outcome.warm), ("held at the end", outcome.last)):
        if held is not None:
            table.add_row(name, _held(held))
    table.add_row("time", f"{wall_s:.0f} s, {processor_s:.0f} s of a processor")
    console = Console(width=None if sys.stdout.isatty() else 110)
    console.print(table)
    for problem in wrong:
        console.print(f"WRONG: {problem}", markup=False)
    console.print("Something is wrong." if wrong else "All is well.")


def _held(held: Footprint) -> str:
    return (
        f"{held.rss_mb:.1f} MB, {held.objects} objects, {len(held.threads)} threads,"
        f" {held.children} children, {held.handles} handles, {held.sockets} sockets"
    )


def main() -> int:
    """Exit status."""
    parser = argparse.ArgumentParser(
        prog="script/soak",
        description="One kiosk, many visitors at full speed, and all that can go wrong.",
        epilog="Example: script/soak --sessions 500 --seed 7 -o soak.json",
    )
    parser.add_argument("--sessions", type=int, default=500, help="how many visits (500)")
    parser.add_argument("--seed", type=int, default=1, help="which visitors and faults (1)")
    parser.add_argument("-o", type=Path, metavar="FILE", help="all figures, as JSON")
    asked = parser.parse_args()
    if asked.sessions <= WARM:
        parser.error(f"--sessions must be more than {WARM}: what is held then is the measure.")
    sys.setswitchinterval(0.001)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    began, processor = time.monotonic(), time.process_time()
    try:
        director, wrong = soak(asked.sessions, asked.seed)
    except KeyboardInterrupt:
        return 130
    wall_s, processor_s = time.monotonic() - began, time.process_time() - processor
    show(director, wrong, wall_s, processor_s)
    if asked.o is not None:
        figures = {
            "sessions": asked.sessions, "seed": asked.seed, "wrong": wrong,
            "machine": f"{os.cpu_count()} cores, {platform.machine()}",
            "wall_s": round(wall_s, 1), "processor_s": round(processor_s, 1),
            "faults": {fault.value: n for fault, n in director.faults.happened.items()},
            **{k: v for k, v in asdict(director.outcome).items() if k != "wrong"},
        }  # fmt: skip
        asked.o.write_text(json.dumps(figures, indent=1) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
