"""What goes wrong during a visit, and is mended after a while."""

from __future__ import annotations

import random
import resource
import signal
from collections import Counter
from collections.abc import Callable
from enum import StrEnum
from functools import partial

from soaking.clock import Clock
from soaking.page import Page, SlowPage, crowd, misbehave
from soaking.room import Room
from voice_triage.kiosk.browsers import MOST_BROWSERS

_SHORT_S, _LONG_S = 10.0, 90.0
"""Simulated seconds; after 60 of them the kiosk gives a microphone up for this visit."""


class Fault(StrEnum):
    """One thing that goes wrong."""

    MICROPHONE = "the microphone vanishes"
    LOUDSPEAKER = "the loudspeaker vanishes"
    HANGS = "rendering hangs"
    CRASHES = "rendering crashes"
    BROWSER = "the browser goes"
    SLOW = "a browser takes nothing"
    CROWD = "too many browsers come"
    MALFORMED = "a malformed message"
    DISK = "the disk is full"
    HEARING = "an exception while it listens"
    SPEAKING = "an exception while it speaks"


RENDERING = {
    Fault.HANGS: ("sh", "-c", "exec sleep 60"),
    Fault.CRASHES: ("sh", "-c", "kill -KILL $$"),
}
"""What runs instead of the speech program."""
RENDERS_S = 0.3
"""Real time, after which a rendering that hangs is ended."""


class Faults:
    """Lets things go wrong, and counts them."""

    def __init__(
        self,
        room: Room,
        clock: Clock,
        drawn: random.Random,
        chance: random.Random,
        failed: Callable[[str], None],
    ) -> None:
        """`drawn`: which things go wrong; `chance`: when. `failed` is told what the kiosk did wrong when something went wrong around it."""
        self._room, self._clock, self._failed = room, clock, failed
        self._drawn, self._chance = drawn, chance
        self.happened: Counter[Fault] = Counter()
        self.page: Page | None = None
        self.origin = ""
        self._slow: list[SlowPage] = []
        # As the test program of a journal's does; a write fails then, instead of ending us.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        self._limit = resource.getrlimit(resource.RLIMIT_FSIZE)

    def draw(self) -> list[Fault]:
        """What will go wrong in a visit: nothing in half of them."""
        return self._drawn.sample(tuple(Fault), self._drawn.choices((0, 1, 2), (50, 35, 15))[0])

    def begin(self, drawn: list[Fault]) -> None:
        """A visit begins, in which this goes wrong, sooner or later."""
        for fault in drawn:
            if fault in RENDERING:
                self.happened[fault] += 1
            else:
                self._clock.after(self._chance.uniform(0, 20), partial(self._happens, fault))

    def mend(self) -> None:
        """All is well again."""
        self._room.microphone_there = self._room.loudspeaker_there = True
        self._room.broken = None
        resource.setrlimit(resource.RLIMIT_FSIZE, self._limit)
        while self._slow:
            self._slow.pop().vanish()

    def _happens(self, fault: Fault) -> None:
        self.happened[fault] += 1
        match fault:
            case Fault.MICROPHONE:
                self._room.microphone_there = False
            case Fault.LOUDSPEAKER:
                self._room.loudspeaker_there = False
            case Fault.HEARING:
                self._room.broken = "microphone"
            case Fault.SPEAKING:
                self._room.broken = "loudspeaker"
            case Fault.DISK:
                size = self._chance.choice((0, 1, 100, 1000))
                resource.setrlimit(resource.RLIMIT_FSIZE, (size, self._limit[1]))
            case _:
                self._browsers(fault)
                return
        long = fault in (Fault.MICROPHONE, Fault.LOUDSPEAKER, Fault.DISK)
        lasts = self._chance.uniform(
            0.1, _LONG_S if long and self._chance.random() < 0.2 else _SHORT_S
        )
        self._clock.after(lasts, self._mended(fault))

    def _browsers(self, fault: Fault) -> None:
        try:
            match fault:
                case Fault.BROWSER if self.page is not None:
                    self.page.vanish()
                case Fault.SLOW:
                    self._slow.append(SlowPage(self.origin))
                    if len(self._slow) > 2:
                        self._slow.pop(0).vanish()
                case Fault.CROWD:
                    crowd(self.origin, MOST_BROWSERS)
                case Fault.MALFORMED:
                    misbehave(self.origin, self._chance)
        except Exception as error:  # noqa: BLE001 - told in the end
            self._failed(f"{fault}: {error!r}")

    def _mended(self, fault: Fault) -> Callable[[], None]:
        def mended() -> None:
            match fault:
                case Fault.MICROPHONE:
                    self._room.microphone_there = True
                case Fault.LOUDSPEAKER:
                    self._room.loudspeaker_there = True
                case Fault.DISK:
                    resource.setrlimit(resource.RLIMIT_FSIZE, self._limit)
                case Fault.HEARING | Fault.SPEAKING:
                    self._room.broken = None
                case _:
                    raise AssertionError(fault)

        return mended
