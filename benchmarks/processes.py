"""What a process and all its descendants have used of the processor."""

import os
from pathlib import Path

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def processor_seconds(pid: int) -> float:
    """User and system time so far, in s, of `pid`, its living descendants, and the dead that were
    waited for."""
    parents: dict[int, int] = {}
    used: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        child = int(stat.parent.name)
        parents[child] = int(fields[1])
        used[child] = sum(map(int, fields[11:15]))  # utime stime cutime cstime
    family = {pid}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return sum(used.get(member, 0) for member in family) * _TICK_S
