"""How long to wait for a speech program that has hung before.

A person on the floor must not wait out a whole deadline for each sentence, and must hear the voice
again once the program works again.
"""

import threading
import time
from collections.abc import Callable

_SHORT_S = 2.0
"""The second try: ten times what a sentence takes on a small machine."""
_PAUSES_S = (30.0, 60.0, 120.0)
"""Between later tries; the last one repeats. 2 s lost in 120 s is a pause, not a breakdown."""


class Patience:
    """Deadlines for one program: whole at first, short after a hang, then none for a while."""

    def __init__(self, deadline_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        """`deadline_s`: while all is well. `clock`: in s."""
        self._deadline_s = deadline_s
        self._clock = clock
        self._hangs = 0
        self._not_before = 0.0
        self._lock = threading.Lock()

    def deadline_s(self) -> float:
        """How long the next try may take, in s; 0: don't try now."""
        with self._lock:
            if not self._hangs:
                return self._deadline_s
            now = self._clock()
            if now < self._not_before:
                return 0.0
            if self._hangs > 1:  # one try at a time: others that come meanwhile don't wait as well
                self._not_before = now + self._pause_s()
            return min(_SHORT_S, self._deadline_s)

    def hung(self) -> None:
        """A try took longer than its deadline."""
        with self._lock:
            self._hangs += 1
            if self._hangs > 1:
                self._not_before = self._clock() + self._pause_s()

    def ended(self) -> None:
        """A try ended in time, well or badly: the program doesn't hang."""
        with self._lock:
            self._hangs = 0

    def _pause_s(self) -> float:
        return _PAUSES_S[min(self._hangs - 2, len(_PAUSES_S) - 1)]
