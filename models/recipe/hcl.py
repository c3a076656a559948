"""The graph from frames of phones to words, any word after any: what HCLr.fst is compiled from."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .export import INNER_SILENCE, SILENCE, phone_ids
from .words import PHONES, Pronunciation

Transitions = Mapping[int, tuple[int, int]]
"""Phone number → its transition ids (stay, leave)."""

START, LOOP = 0, 1


@dataclass(frozen=True)
class Costs:
    """Logarithms to base e, added to what a path through the graph costs."""

    silence: float
    """Probability of silence between words."""
    filler: float
    """Of `[unk]` as a loop over all phones, each equally likely."""
    everyday: float
    """Of `[unk]` as a word that is no answer."""
    inner_silence: float
    """Probability of silence inside a phrase that is one word."""


@dataclass
class Hcl:
    """Arcs (from, to, transition id, word, cost), added to from `START` on."""

    transitions: Transitions
    stay: Mapping[int, float]
    costs: Costs
    arcs: list[tuple[int, int, int, int, float]] = field(default_factory=list)
    states: int = 2

    def state(self) -> int:
        self.states += 1
        return self.states - 1

    def arc(self, source: int, to: int, frames: int, word: int, cost: float) -> None:
        self.arcs.append((source, to, frames, word, cost))

    def phone(self, source: int, number: int, word: int, cost: float) -> int:
        """A phone from `source` on; returns the state after its first frame, which may stay."""
        stay, leave = self.transitions[number]
        to = self.state()
        self.arc(source, to, leave, word, cost - math.log(1 - self.stay[number]))
        self.arc(to, to, stay, 0, -math.log(self.stay[number]))
        return to

    def pause(self, source: int) -> None:
        """From `source` to where words begin, with silence between or without."""
        self.arc(source, LOOP, 0, 0, -math.log(1 - self.costs.silence))
        silent = self.phone(source, SILENCE, 0, -math.log(self.costs.silence))
        self.arc(silent, LOOP, 0, 0, 0.0)

    def word(self, said: Pronunciation, word: int, cost: float, end: int) -> None:
        ids = phone_ids()
        at = LOOP
        for place, phone in enumerate(said):
            number = ids[phone, _position(place, len(said))]
            at = self.phone(at, number, 0 if place else word, 0.0 if place else cost)
        self.arc(at, end, 0, 0, 0.0)

    def tree(self, sounds: Iterable[Pronunciation], word: int, cost: float, end: int) -> None:
        """All of these as the same word. They share what they begin with: hearing is quicker."""
        ids = phone_ids()
        states: dict[tuple[tuple[str, str], ...], int] = {}
        for said in sorted(sounds):
            at = LOOP
            row = [(phone, _position(place, len(said))) for place, phone in enumerate(said)]
            for place, phone in enumerate(row):
                key = tuple(row[: place + 1])
                if key not in states:
                    labelled = (0, 0.0) if place else (word, cost)
                    states[key] = self.phone(at, ids[phone], *labelled)
                at = states[key]
            self.arc(at, end, 0, 0, 0.0)

    def whole(self, parts: Sequence[Sequence[Pronunciation]], word: int, end: int) -> None:
        """Words one after the other as one word; each can be said in several ways."""
        ids = phone_ids()
        at, last = LOOP, len(parts) - 1
        for number, ways in enumerate(parts):
            to = end if number == last else self.state()
            for said in ways:
                inner = at
                for place, phone in enumerate(said):
                    first = not number and not place
                    at_end = number == last and place == len(said) - 1
                    where = "begin" if first else "end" if at_end else "internal"
                    cost = 0.0 if place else math.log(len(ways))
                    inner = self.phone(inner, ids[phone, where], word if first else 0, cost)
                self.arc(inner, to, 0, 0, 0.0)
            at = to if number == last else self._inner_pause(to)

    def _inner_pause(self, source: int) -> int:
        to = self.state()
        self.arc(source, to, 0, 0, -math.log(1 - self.costs.inner_silence))
        silent = self.phone(source, INNER_SILENCE, 0, -math.log(self.costs.inner_silence))
        self.arc(silent, to, 0, 0, 0.0)
        return to

    def filler(self, word: int, cost: float, end: int) -> None:
        """Two phones or more, each as likely as any other."""
        ids, each, hub = phone_ids(), math.log(len(PHONES)), self.state()
        for phone in PHONES:
            first = self.phone(LOOP, ids[phone, "begin"], word, each + cost)
            self.arc(first, hub, 0, 0, 0.0)
            inner = self.phone(hub, ids[phone, "internal"], 0, each - math.log(0.7))
            self.arc(inner, hub, 0, 0, 0.0)
            last = self.phone(hub, ids[phone, "end"], 0, each - math.log(0.3))
            self.arc(last, end, 0, 0, 0.0)


def _position(place: int, length: int) -> str:
    if length == 1:
        return "singleton"
    return "begin" if place == 0 else "end" if place == length - 1 else "internal"
