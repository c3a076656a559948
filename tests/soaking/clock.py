"""Time that passes as fast as the program can keep up with it."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from itertools import count

from voice_triage.kiosk.touch import Press, Tap, Touch

_UNMOVED_S = 0.02
"""So long nobody lets time pass: then it jumps to the next end of a sound that is waited for."""
_PATIENCE_S = 5.0


class Clock:
    """Simulated time, in s. Whoever takes the microphone's sound or waits for a tap lets it pass;
    what is due then is done in their thread."""

    def __init__(self) -> None:
        self._now = 1000.0
        self._moved = threading.Condition()
        self._sleepers: dict[int, float] = {}
        self._busy = 0
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._number = count()

    def now(self) -> float:
        return self._now

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Do this so long from now."""
        with self._moved:
            heapq.heappush(self._due, (self._now + seconds, next(self._number), action))

    def passes(self, seconds: float, over: Callable[[], bool] = lambda: False) -> None:
        """Let so much time pass, or less if it is `over` sooner."""
        until = self._now + seconds
        while True:
            with self._moved:
                following = self._due[0][0] if self._due else until
                self._move(max(min(until, following), self._now))
                due = []
                while self._due and self._due[0][0] <= self._now:
                    due.append(heapq.heappop(self._due)[2])
            for action in due:
                action()
            if self._now >= until or over():
                return

    def sleeps_until(self, when: float, over: Callable[[], bool]) -> None:
        """Wait while others let time pass; until then, or until it is `over` (see `wakes`)."""
        me = threading.get_ident()
        with self._moved:
            self._sleepers[me] = when
            try:
                while self._now < when and not over():
                    before = self._now
                    if not self._moved.wait(_UNMOVED_S) and self._now == before:
                        self._now = when
            finally:
                del self._sleepers[me]
                self._moved.notify_all()

    def wakes(self) -> None:
        """Something that somebody waits for is over."""
        with self._moved:
            self._moved.notify_all()

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """Something takes real time, and no simulated time."""
        with self._moved:
            self._busy += 1
        try:
            yield
        finally:
            with self._moved:
                self._busy -= 1
                self._moved.notify_all()

    def _move(self, now: float) -> None:
        self._moved.wait_for(lambda: not self._busy, _PATIENCE_S)
        self._now = max(now, self._now)
        if any(when <= self._now for when in self._sleepers.values()):
            self._moved.notify_all()
            self._moved.wait_for(
                lambda: not any(when <= self._now for when in self._sleepers.values()), _PATIENCE_S
            )


class SimulatedTouch(Touch):
    """The kiosk's own, whose waiting lets the simulated time pass."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock=clock.now)
        self._passes = clock.passes
        self.turn = -1
        """What the screen shows."""
        self._arrived = 0
        self._counted = False
        self._arrival = threading.Condition()

    def wait(self, seconds: float) -> bool:
        """As it is, in simulated seconds."""
        if super().wait(0):
            return True
        self._passes(seconds, lambda: self.touched)
        return super().wait(0)

    def show(self, turn: int, presses: Collection[Press]) -> None:
        super().show(turn, presses)
        self.turn = turn

    def tap(self, tap: Tap) -> bool:
        counted = super().tap(tap)
        with self._arrival:
            self._arrived += 1
            self._counted = counted
            self._arrival.notify_all()
        return counted

    def arrives(self, send: Callable[[], None], seconds: float) -> bool | None:
        """Whether the tap that `send` sends from afar counts; None: it hasn't come in so many
        real seconds."""
        with self._arrival:
            before = self._arrived
        send()
        with self._arrival:
            if not self._arrival.wait_for(lambda: self._arrived > before, seconds):
                return None
            return self._counted
