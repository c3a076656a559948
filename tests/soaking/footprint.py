"""What a process holds: memory, objects, threads, children, handles, sockets."""

from __future__ import annotations

import gc
import threading
import time
from collections import Counter
from dataclasses import dataclass

import psutil

_SETTLING_S = 20.0


@dataclass(frozen=True)
class Footprint:
    """At one moment, after the garbage was collected."""

    rss_mb: float
    objects: int
    """That Python's garbage collector knows."""
    threads: tuple[str, ...]
    children: int
    handles: int
    sockets: int

    def leftover(self, before: Footprint) -> list[str]:
        """What it holds that it didn't hold before, memory left out."""
        found = []
        more = Counter(self.threads) - Counter(before.threads)
        if more or len(self.threads) > len(before.threads):
            found.append(f"threads left over: {', '.join(more.elements())}")
        for name in ("children", "handles", "sockets"):
            was, now = getattr(before, name), getattr(self, name)
            if now > was:
                found.append(f"{name}: {was} before, {now} now")
        return found


def footprint() -> Footprint:
    """Of this process, now."""
    gc.collect()
    process = psutil.Process()
    native = process.num_threads() - threading.active_count()
    return Footprint(
        process.memory_info().rss / 1e6,
        len(gc.get_objects()),
        tuple(
            sorted([*(t.name.split("-")[0] for t in threading.enumerate()), *["native"] * native])
        ),
        len(process.children(recursive=True)),
        process.num_fds(),
        len(process.net_connections("inet")),
    )


def settled(before: Footprint | None = None) -> Footprint:
    """Of this process, as soon as nothing is left over that wasn't there `before` (None: as soon
    as it stays the same for a second), or after a while as it is then."""
    until = time.monotonic() + _SETTLING_S
    last = footprint()
    while time.monotonic() < until:
        if before is not None and not last.leftover(before):
            break
        time.sleep(1.0 if before is None else 0.2)
        now = footprint()
        if before is None and not now.leftover(last) and not last.leftover(now):
            break
        last = now
    return last


def kinds() -> Counter[str]:
    """How many objects of each kind there are."""
    return Counter(f"{type(o).__module__}.{type(o).__qualname__}" for o in gc.get_objects())
