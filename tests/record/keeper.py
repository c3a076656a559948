"""A child process that keeps a journal: `keeper.py FOLDER`, one entry a turn, until it is killed.

It resumes the unfinished session, if there is one, with the number after the last one. It prints a
number once its entry is kept.
"""

import itertools
import sys
from pathlib import Path

from voice_triage.record import TURN, Header, Sessions


def main() -> None:
    sessions = Sessions(Path(sys.argv[1]))
    journal = sessions.unfinished("kill") or sessions.start(
        Header("0.1.0", "kill", "1", "0" * 64, None)
    )
    numbers = [entry.data["number"] for entry in journal.found if entry.kind == TURN]
    for number in itertools.count(len(numbers)):
        # Of every length, beyond a page and a block of the disk too.
        journal.append(TURN, {"number": number, "text": "x" * (number * 397 % 9000)})
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
