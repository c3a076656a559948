"""Who comes to the kiosk, what is wrong with them, and how they answer; drawn at random."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from soaking.clock import Clock, SimulatedTouch
from soaking.room import empty_scenario
from voice_triage.conversation.events import Asked, Event, Said
from voice_triage.conversation.script import Script
from voice_triage.flow import Flow, Reply, State, Triage, Urgency
from voice_triage.kiosk.touch import Press
from voice_triage.replay.person import Person
from voice_triage.replay.scenario import Piece, Scenario

VOICES = ("espeak-ng:en-us", "espeak-ng:en-gb", "espeak-ng:en-us+f3", "flite:slt", "flite:rms")
START = "start"
SAYS = {
    Reply.YES: ("yes", "yeah"),
    Reply.NO: ("no", "no i don't"),
    Reply.UNSURE: ("not sure", "i don't know"),
}
AGAIN, STOP = "say that again", "stop"
PRESSES = {
    **{said: Press(reply.value) for reply, texts in SAYS.items() for said in texts},
    AGAIN: Press.REPEAT,
    STOP: Press.STOP,
}
_AGAIN_S = 1.5
"""Who touched something without effect tries again after so long."""


class Way(StrEnum):
    """How somebody answers."""

    VOICE = "voice"
    TOUCH = "touch"
    MIXED = "mixed"
    NOBODY = "nobody"
    """They begin, and go away."""


class Leaving(StrEnum):
    """What somebody does when they know what to do."""

    TOUCHES_STOP = "touches stop"
    HEARS_IT_AGAIN = "hears it again"
    WALKS_AWAY = "walks away"
    NEXT_BEGINS = "the next one begins"


@dataclass(frozen=True)
class Plan:
    """One visit, before it begins."""

    says_start: bool
    way: Way
    truth: dict[str, Reply]
    """What they answer; UNANSWERED: nothing."""
    by_touch: frozenset[str]
    """Questions that they answer on the screen."""
    early: bool
    """They touch before the question has been said."""
    stops_at: str | None
    """The question at which they have enough."""
    again_at: frozenset[str]
    """Questions that they want to hear twice."""
    leaving: Leaving
    voice: str
    words: int
    """Which of several words for the same they use."""


def draw(flow: Flow, chance: random.Random) -> Plan:
    """Somebody who comes."""
    ways = (Way.VOICE, Way.TOUCH, Way.MIXED, Way.NOBODY)
    way = chance.choices(ways, (35, 40, 20, 5))[0]
    truth = {name: _truth(question.urgency, chance) for name, question in flow.questions.items()}
    if way is Way.NOBODY:
        truth = dict.fromkeys(truth, Reply.UNANSWERED)
    names = list(flow.questions)
    touched = {
        Way.TOUCH: names,
        Way.MIXED: [name for name in names if chance.random() < 0.5],
    }.get(way, [])
    stays = way is Way.NOBODY or chance.random() > 0.1
    return Plan(
        says_start=way is not Way.TOUCH and chance.random() < 0.8,
        way=way,
        truth=truth,
        by_touch=frozenset(touched),
        early=chance.random() < 0.3,
        stops_at=None if stays else chance.choice(names),
        again_at=frozenset(name for name in names if chance.random() < 0.04),
        leaving=chance.choices(tuple(Leaving), (50, 5, 15, 30))[0],
        voice=chance.choice(VOICES),
        words=chance.randrange(2),
    )


def _truth(urgency: Urgency | None, chance: random.Random) -> Reply:
    worst = urgency is Urgency.EMERGENCY
    odds = (18, 74, 4, 4) if worst else (35, 55, 5, 5)
    return chance.choices((Reply.YES, Reply.NO, Reply.UNSURE, Reply.UNANSWERED), odds)[0]


def floor(flow: Flow, plan: Plan, asked: set[str], complete: bool) -> Urgency:
    """The least urgent ending that is safe: what they reported and left unanswered, with all that
    they weren't asked as unanswered. By the flow's rules, from the answers that were given, not
    from those that were heard. `complete`: nobody stopped it; whose "stop" wasn't understood said
    "yes" next."""
    triage, state = Triage(flow), State()
    while (at := triage.current(state)) is not None and at in asked:
        if at == plan.stops_at and not complete:
            break
        state = triage.answer(state, Reply.YES if at == plan.stops_at else plan.truth[at])
    return triage.ending(state).urgency


class Visitor:
    """Does what the plan says, before the microphone and on the screen."""

    def __init__(
        self, plan: Plan, script: Script, clock: Clock, touch: SimulatedTouch,
        tap: Callable[[Press], bool], chance: random.Random,
    ) -> None:  # fmt: skip
        self.plan = plan
        self.scenario = _scenario(plan)
        self._person = Person(self.scenario, script)
        self._clock, self._touch, self._tap, self._chance = clock, touch, tap, chance
        self._touches = False
        self._early_turn = -1
        self.gone = False

    def told(self, event: Event) -> None:
        """They see and hear what they are asked."""
        if isinstance(event, Said) and event.asks is not None and self.plan.early:
            self._asks(event.asks, self._chance.uniform(0.6, 1.5))
            self._early_turn = self._touch.turn
        elif isinstance(event, Asked) and self._early_turn == self._touch.turn:
            self._early_turn = -1
        elif isinstance(event, Asked):
            self._asks(event, self._chance.uniform(0.7, 3.0))

    def is_listened_to(self) -> None:
        self._person.is_listened_to()

    def next(self) -> Piece | None:
        return None if self._touches else self._person.next()

    def is_cut_off(self, seconds: float) -> None:
        """Whoever is silent here is silent for as long as they are listened to."""

    def _asks(self, asked: Asked, seconds: float) -> None:
        self._person.told(asked)
        self._touches = asked.question in self.plan.by_touch
        if not self._touches:
            return
        self._person.is_listened_to()
        piece = self._person.next()
        if piece is not None and piece.say is not None:
            press, turn = PRESSES[piece.say], self._touch.turn
            self._clock.after(seconds, lambda: self._touches_it(press, turn, 3))

    def _touches_it(self, press: Press, turn: int, tries: int) -> None:
        if self.gone or self._touch.turn != turn or self._tap(press) or tries == 1:
            return
        self._clock.after(_AGAIN_S, lambda: self._touches_it(press, turn, tries - 1))


class Caller:
    """Says the start word when it is time, and once more if nothing happens."""

    def __init__(self, voice: str, after_s: float) -> None:
        self.scenario = empty_scenario("start", voice=voice)
        self._left = [
            *(Piece.model_construct(silence=after_s), Piece(say=START)),
            *(Piece.model_construct(silence=4.0), Piece(say=START)),
        ]

    def is_listened_to(self) -> None:
        pass

    def next(self) -> Piece | None:
        return self._left.pop(0) if self._left else None

    def is_cut_off(self, seconds: float) -> None:
        self._left.insert(0, Piece.model_construct(silence=seconds))


class NobodyThere:
    """The room is empty."""

    scenario = empty_scenario("empty")

    def is_listened_to(self) -> None:
        pass

    def next(self) -> Piece | None:
        return None

    def is_cut_off(self, seconds: float) -> None:
        pass


def _scenario(plan: Plan) -> Scenario:
    answers = {name: _pieces(plan, name) for name in plan.truth}
    return empty_scenario("a visit", voice=plan.voice, answers=answers)


def _pieces(plan: Plan, question: str) -> list[Piece]:
    if question == plan.stops_at:
        return [Piece(say=STOP), Piece(say="yes")]
    reply = plan.truth[question]
    if reply is Reply.UNANSWERED:
        return [Piece.model_construct(silence=600.0)]
    answer = Piece(say=SAYS[reply][plan.words])
    return [Piece(say=AGAIN), answer] if question in plan.again_at else [answer]
