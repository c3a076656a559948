"""What a scenario expects beside what came of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from voice_triage.replay.play import Played


@dataclass(frozen=True)
class Mismatch:
    """One thing that came out otherwise."""

    what: str
    """The key in `expect`, with the question's id for an answer."""
    expected: str
    actual: str

    def __str__(self) -> str:
        return f"{self.what}: expected {self.expected}, but it was {self.actual}"


def mismatches(played: Played) -> tuple[Mismatch, ...]:
    """Everything that came out otherwise than expected; none: the scenario holds."""
    return tuple(_mismatches(played))


def is_lower(played: Played) -> bool:
    """Whether it ended less urgent than expected: the dangerous side."""
    expected = played.loaded.scenario.expect.urgency
    return expected is not None and played.ending.urgency.rank < expected.rank


def _mismatches(played: Played) -> Iterator[Mismatch]:
    expect, ending = played.loaded.scenario.expect, played.ending
    pairs: tuple[tuple[str, object, object], ...] = (
        ("urgency", expect.urgency, ending.urgency),
        ("outcomes", expect.outcomes, ending.outcomes),
        ("asked", expect.asked, played.asked),
        ("reprompts", expect.reprompts, played.reprompts),
        ("readbacks", expect.readbacks, played.readbacks),
        ("complete", expect.complete, ending.complete),
    )
    for what, expected, actual in pairs:
        if expected is not None and expected != actual:
            yield Mismatch(what, _told(expected), _told(actual))
    for question, reply in (expect.answered or {}).items():
        actual_reply = played.answered.get(question)
        if reply is not actual_reply:
            told = "never answered" if actual_reply is None else actual_reply.value
            yield Mismatch(f"answered.{question}", reply.value, told)


def _told(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
