"""Lets one visitor come after the other, and judges what came of it."""

from __future__ import annotations

import faulthandler
import http.client
import json
import logging
import random
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from soaking.clock import Clock, SimulatedTouch
from soaking.faults import RENDERING, RENDERS_S, Fault, Faults
from soaking.footprint import Footprint, kinds, settled
from soaking.page import Page
from soaking.room import Rendering, Room, RoomLoudspeaker, Syllables, VisitVoice
from soaking.visitors import Caller, Leaving, NobodyThere, Plan, Visitor, draw, floor
from voice_triage.conversation.events import Asked, Ended, Event, Said, Understood
from voice_triage.conversation.script import Script
from voice_triage.flow import Ending
from voice_triage.kiosk.touch import Press
from voice_triage.speak.cache import CachedSynthesizer
from voice_triage.speak.synthesis import Pyttsx3, Synthesizer

WARM = 20
"""Visits after which the process has all that it ever needs."""
_STUCK_S = 180
"""Real seconds without the end of a visit: what hangs is shown, and all of it ends."""
_ENOUGH = 30
"""So many things are wrong that the rest tells nothing new."""
_FIGURES_EVERY = 10
_REALLY_SPOKEN = 0.04
"""The share of visits that the real speech program renders for: 0.1 s a sentence."""


@dataclass
class Visit:
    """One visit, as far as it has come."""

    number: int
    plan: Plan
    faults: list[Fault]
    visitor: Visitor
    asked: set[str] = field(default_factory=set)
    heard: list[str] = field(default_factory=list)
    ending: Ending | None = None
    why: list[str] = field(default_factory=list)
    """What the log said of its failure."""


@dataclass
class Outcome:
    """What the whole of it came to."""

    visits: int = 0
    turns: int = 0
    endings: dict[str, int] = field(default_factory=dict)
    stopped: int = 0
    """Ended before every question was settled."""
    broken_off: int = 0
    """Failed, were ended safely, and said why."""
    above: int = 0
    """Ended more urgently than what was answered asks for."""
    wrong: list[str] = field(default_factory=list)
    warm: Footprint | None = None
    last: Footprint | None = None
    grown: list[tuple[str, int]] = field(default_factory=list)
    """Kinds of objects of which there are more than when it was warm."""


class Director(logging.Handler):
    """Everything but the kiosk. It is in the attendant's thread, whose devices call it."""

    def __init__(
        self, sessions: int, seed: int, script: Script, progress: Callable[[int, int], None]
    ) -> None:
        super().__init__(logging.WARNING)
        self.clock = Clock()
        self.touch = SimulatedTouch(self.clock)
        self.room = Room(self.clock)
        self.outcome = Outcome()
        self._sessions, self._script, self._progress = sessions, script, progress
        # Each its own: how often the last is asked depends on how threads meet.
        self._plans, wrong, self._chance = (
            random.Random(f"{seed} {what}")  # noqa: S311 - not a secret
            for what in ("plans", "faults", "moments")
        )
        self.faults = Faults(self.room, self.clock, wrong, self._chance, self.outcome.wrong.append)
        self._syllables = Syllables()
        self._visit: Visit | None = None
        self._next = self._drawn()
        self._page: Page | None = None
        self._origin = ""
        self._objects: Counter[str] = Counter()
        self.room.enters(nobody := NobodyThere(), nobody.scenario)

    # What the kiosk calls

    def ready(self, address: str) -> None:
        """Its screen can be reached."""
        self._origin = self.faults.origin = address.rstrip("/")
        self.faults.page = self._page = Page(self._origin, self.touch)
        faulthandler.dump_traceback_later(_STUCK_S, exit=True, file=sys.__stderr__)
        self.clock.after(1.0, self._comes)

    def voice(self, lost: Callable[[str], None], back: Callable[[], None]) -> VisitVoice:
        """A visit begins."""
        faults = self.faults.draw()
        plan, number = self._next, self.outcome.visits + 1
        visitor = Visitor(plan, self._script, self.clock, self.touch, self._tap, self._chance)
        self._visit = Visit(number, plan, faults, visitor)
        self._next = self._drawn()
        self.room.enters(visitor, visitor.scenario)
        self.faults.begin(faults)
        cached = CachedSynthesizer(self._synthesizer(faults), None)
        rendering = Rendering(self.clock, cached)
        return VisitVoice(rendering, RoomLoudspeaker(self.room), lost, back, self._leaves)

    def tell(self, event: Event) -> None:
        """Each event of each conversation."""
        try:
            self._told(event)
        except Exception as error:  # noqa: BLE001 - the kiosk would pass over it
            self.outcome.wrong.append(f"the director failed: {error!r}")

    def emit(self, record: logging.LogRecord) -> None:
        """What the kiosk logs."""
        said = record.getMessage()
        if said.startswith("The session failed") and self._visit is not None:
            self._visit.why.append(said)
        elif record.levelno >= logging.ERROR and not self._is_of_a_fault(said):
            self.outcome.wrong.append(f"the log says: {said}")

    def _is_of_a_fault(self, said: str) -> bool:
        """The log tells of a device that we let fail."""
        return self.room.broken is not None and said.startswith(
            ("The microphone failed", "It can't be said")
        )

    # Visits

    def _drawn(self) -> Plan:
        return draw(self._script.flow, self._plans)

    def _synthesizer(self, faults: list[Fault]) -> Synthesizer:
        for fault in faults:
            if fault in RENDERING:
                return Pyttsx3(deadline_s=RENDERS_S, command=RENDERING[fault])
        return Pyttsx3() if self._chance.random() < _REALLY_SPOKEN else self._syllables

    def _comes(self) -> None:
        """The next visitor stands before the kiosk."""
        seconds = self._chance.uniform(0.3, 1.5)
        if self._next.says_start:
            caller = Caller(self._next.voice, seconds)
            self.room.enters(caller, caller.scenario)
            seconds += 12.0  # who isn't understood touches the screen
        else:
            self.room.enters(nobody := NobodyThere(), nobody.scenario)
        visits = self.outcome.visits
        self.clock.after(seconds, lambda: self._touches_start(visits))

    def _touches_start(self, visits: int) -> None:
        if len(self.outcome.wrong) >= _ENOUGH:
            self.touch.leave()
        elif self._visit is None and self.outcome.visits == visits and not self._tap(Press.START):
            self.clock.after(2.0, lambda: self._touches_start(visits))

    def _told(self, event: Event) -> None:
        visit = self._visit
        if visit is None:
            self.outcome.wrong.append(f"something is told while nobody is there: {event!r}")
            return
        asks = event.asks if isinstance(event, Said) else event
        if isinstance(asks, Asked):  # who touches early is asked, and never listened to
            visit.asked.add(asks.question)
        if isinstance(event, Understood):
            self.outcome.turns += 1
            visit.heard.append(event.heard.text)
        visit.visitor.told(event)
        if isinstance(event, Ended):
            visit.ending = event.ending
            self._is_done(visit)

    def _is_done(self, visit: Visit) -> None:
        """The visitor knows what to do."""
        match visit.plan.leaving:
            case Leaving.TOUCHES_STOP:
                self.clock.after(self._chance.uniform(0.7, 2), lambda: self._goes(visit, 4))
            case Leaving.HEARS_IT_AGAIN:
                self.clock.after(1.5, lambda: self._tap(Press.REPEAT))
                self.clock.after(8.0, lambda: self._goes(visit, 4))
            case Leaving.NEXT_BEGINS if self._next.says_start and not self._is_measured(
                visit.number
            ):
                caller = Caller(self._next.voice, 1.0)
                self.room.enters(caller, caller.scenario)
            case _:
                self.room.enters(nobody := NobodyThere(), nobody.scenario)

    def _goes(self, visit: Visit, tries: int) -> None:
        if self._visit is visit and not self._tap(Press.STOP) and tries > 1:
            self.clock.after(2.0, lambda: self._goes(visit, tries - 1))

    def _leaves(self) -> None:
        """The visit is over."""
        visit, self._visit = self._visit, None
        assert visit is not None
        visit.visitor.gone = True
        self._judge(visit)
        outcome = self.outcome
        outcome.visits += 1
        self._progress(outcome.visits, self._sessions)
        faulthandler.dump_traceback_later(_STUCK_S, exit=True, file=sys.__stderr__)
        self.clock.after(0.5, self._between)

    def _is_measured(self, number: int) -> bool:
        return number in (WARM, self._sessions)

    def _between(self) -> None:
        """Nobody is there, unless the next one has begun already."""
        if self._visit is not None:
            return
        done = self.outcome.visits
        if done % _FIGURES_EVERY == 0:
            self._looks_at_figures()
        if self._is_measured(done):
            self._measure(done)
        if done >= self._sessions:
            self.touch.leave()
        else:
            self._comes()

    # Judging

    def _judge(self, visit: Visit) -> None:
        outcome, ending = self.outcome, visit.ending
        if ending is None:
            outcome.wrong.append(f"{_name(visit)} had no ending; the log: {visit.why}")
            return
        urgency = ending.urgency.value
        outcome.endings[urgency] = outcome.endings.get(urgency, 0) + 1
        outcome.stopped += not ending.complete
        outcome.broken_off += bool(visit.why)
        least = floor(self._script.flow, visit.plan, visit.asked, ending.complete)
        outcome.above += ending.urgency.rank > least.rank
        if ending.urgency.rank < least.rank:
            answers = {name: visit.plan.truth[name].value for name in visit.asked}
            outcome.wrong.append(
                f"{_name(visit)} ended as {ending.urgency}, and not as {least}: {answers},"
                f" stopped at {visit.plan.stops_at}, heard: {visit.heard}"
            )

    def _looks_at_figures(self) -> None:
        """As the owner's Prometheus does."""
        at = urlsplit(self._origin)
        for path in ("/healthz", "/metrics", "/"):
            connection = http.client.HTTPConnection(str(at.hostname), at.port, timeout=10)
            try:
                connection.request("GET", path)
                answer = connection.getresponse()
                body = answer.read()
                good = answer.status == 200 or (path == "/healthz" and json.loads(body)["reasons"])
                if not good:
                    self.outcome.wrong.append(f"{path} answered {answer.status}")
            except OSError as error:
                self.outcome.wrong.append(f"{path} doesn't answer: {error!r}")
            finally:
                connection.close()

    def _measure(self, done: int) -> None:
        self.faults.mend()
        if self._page is not None:
            self._page.close()
        if done == WARM:
            self.outcome.warm = settled()
            self._objects = kinds()
        if done == self._sessions:
            self.outcome.last = settled(self.outcome.warm)
            self.outcome.grown = (kinds() - self._objects).most_common(12)

    def _tap(self, press: Press) -> bool:
        assert self._page is not None
        try:
            return self._page.tap(press)
        except Exception as error:  # noqa: BLE001 - told in the end
            self.outcome.wrong.append(f"{press}: {error!r}")
            return False


def _name(visit: Visit) -> str:
    faults = ", ".join(visit.faults) or "nothing went wrong"
    return f"visit {visit.number} ({visit.plan.way}; {faults})"
