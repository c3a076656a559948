"""Taps on the screen, on their way from the page to the conversation.

A tap answers what the screen showed when it was made, or nothing: `Touch` takes it only for the
turn that is open, and hands it out once, in that turn.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum

from voice_triage.conversation.voice import Speaking

UNREAD_S = 0.5
"""Nobody reads a question and answers it in less: such a tap was meant for what stood there before,
the second of a double tap perhaps, whose two come within 0.3 to 0.5 s."""


class Press(StrEnum):
    """What stands on a button."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"
    REPEAT = "repeat"
    STOP = "stop"
    START = "start"


@dataclass(frozen=True)
class Tap:
    """Somebody touched a button."""

    turn: int
    """Of the view that they saw."""
    press: Press


class TouchedError(Exception):
    """There has been a tap: raised by whatever the conversation waits for. Never leaves this
    room."""


class Touch:
    """Takes taps from the server's thread, and hands them to the conversation's."""

    def __init__(
        self, unread_s: float = UNREAD_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`unread_s`: so long after a turn has appeared, taps don't count yet. `clock`: in s."""
        self._unread_s, self._clock = unread_s, clock
        self._changed = threading.Condition()
        self._turn = -1
        self._presses: frozenset[Press] = frozenset()
        self._since = 0.0
        self._pending: Press | None = None
        self._leaving = False
        self._speaking: Speaking | None = None

    # The server's side

    def tap(self, tap: Tap) -> bool:
        """Take a tap; False: it doesn't count, for it belongs to another turn, comes too soon, or
        there is no such button. What is being said is stopped."""
        with self._changed:
            unread = self._clock() - self._since < self._unread_s
            stale = tap.turn != self._turn or tap.press not in self._presses
            if stale or unread or self._pending is not None:
                return False
            self._pending = tap.press
            speaking = self._speaking
            self._changed.notify_all()
        if speaking is not None:
            speaking.stop()
        return True

    def leave(self) -> None:
        """From now on whatever waits raises KeyboardInterrupt: the program ends."""
        with self._changed:
            self._leaving = True
            speaking = self._speaking
            self._changed.notify_all()
        if speaking is not None:
            speaking.stop()

    # The conversation's side

    def now(self) -> float:
        """The clock that its waiting goes by, in s."""
        return self._clock()

    def show(self, turn: int, presses: Collection[Press]) -> None:
        """The screen shows this turn with these buttons. A tap that waits is dropped with the turn
        that it was made in, except for a stop: that was meant for all of it."""
        with self._changed:
            if turn == self._turn:  # a turn that was answered stays so
                self._presses &= frozenset(presses)
                return
            self._turn, self._since = turn, self._clock()
            self._presses = frozenset(presses)
            if self._pending is not Press.STOP:
                self._pending = None

    def take(self) -> Press | None:
        """The tap of this turn, if there was one. From then on no tap can answer the turn."""
        with self._changed:
            press, self._pending = self._pending, None
            self._presses &= {Press.STOP}
            return press

    def drop(self) -> None:
        """Forget a tap that waits: what it was meant for is over."""
        with self._changed:
            self._pending = None

    @property
    def touched(self) -> bool:
        """A tap waits to be taken."""
        with self._changed:
            self._raise_if_leaving()
            return self._pending is not None

    def check(self) -> None:
        """Raises TouchedError if there has been a tap, KeyboardInterrupt at the program's end."""
        if self.touched:
            raise TouchedError

    def wait(self, seconds: float) -> bool:
        """Wait so long for a tap; whether one came. Raises KeyboardInterrupt at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._pending is not None or self._leaving, seconds)
            self._raise_if_leaving()
            return self._pending is not None

    def stops(self, speaking: Speaking | None) -> None:
        """Let a tap stop what is being said; None: nothing is."""
        with self._changed:
            self._speaking = speaking
            at_once = self._pending is not None or self._leaving
        if speaking is not None and at_once:
            speaking.stop()

    def _raise_if_leaving(self) -> None:
        if self._leaving:
            raise KeyboardInterrupt
