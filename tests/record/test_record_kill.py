"""kill -9, at any moment: what was acknowledged is there once, and the session goes on."""

import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from programs import environment

from voice_triage.record import TURN, Sessions, entries

KEEPER = Path(__file__).with_name("keeper.py")
SESSIONS, KILLS = 2, 25


def test_fifty_kills(tmp_path: Path) -> None:
    """Two sessions, each killed 25 times and resumed each time."""
    with ThreadPoolExecutor(SESSIONS) as together:
        list(together.map(killed_again_and_again, (tmp_path / str(n) for n in range(SESSIONS))))


def killed_again_and_again(folder: Path) -> None:
    moments = random.Random(folder.name)  # noqa: S311 - the same moments each time
    acknowledged = -1
    for _ in range(KILLS):
        child = subprocess.Popen(
            [sys.executable, KEEPER, folder], stdout=subprocess.PIPE, text=True, env=environment()
        )
        assert child.stdout is not None
        told = child.stdout.readline()  # it has begun; some die at their first entry
        time.sleep(moments.uniform(0, 0.06))
        child.kill()
        told += child.communicate()[0]
        numbers = [int(line) for line in told.splitlines()]
        assert numbers[0] in (acknowledged + 1, acknowledged + 2), "all of it was found again"
        acknowledged = numbers[-1]
        (path,) = folder.iterdir()
        kept = [e.data["number"] for e in entries(path) if e.kind == TURN]
        assert kept == list(range(len(kept))), "none is lost, none is there twice"
        assert len(kept) - 1 in (acknowledged, acknowledged + 1)
    assert acknowledged > 2 * KILLS
    with Sessions(folder).open(path) as journal:
        journal.append(TURN, {"number": len(kept)})
    assert [e.data.get("number") for e in entries(path)][1:] == list(range(len(kept) + 1))
