"""The types of a flow, as its file has them: questions, edges, outcomes, urgency."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

END = "end"
"""The edge target that ends the conversation with the outcomes reached so far."""

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$", max_length=64)]
FactId = Annotated[str, StringConstraints(pattern=r"^[A-Z]+[0-9]+$", max_length=16)]
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=600)]
Phrase = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=r"^[a-z']+( [a-z']+)*$", max_length=80)
]


class Urgency(StrEnum):
    """How soon somebody must be seen, least urgent first."""

    ROUTINE = "routine"
    SOON = "soon"
    URGENT = "urgent"
    EMERGENCY = "emergency"

    @property
    def rank(self) -> int:
        """0 (routine) to 3 (emergency): to compare by, since the names don't sort."""
        return list(Urgency).index(self)


class Reply(StrEnum):
    """What a question was answered with. UNANSWERED: nothing understood, re-asks spent."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"
    UNANSWERED = "unanswered"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Reach(_Part):
    """An edge that reaches an outcome and goes on asking."""

    reach: Id = Field(description="The outcome that this answer reaches.")
    then: Id = Field(description="The question asked next, or `end`.")


class Edges(_Part):
    """Where each answer leads: a question's id, an outcome's id (ends there), `end`, or a Reach."""

    yes: Id | Reach
    no: Id | Reach
    unsure: Id | Reach = Field(description="'I don't know', and what can't be ruled out.")
    unanswered: Id | Reach = Field(description="Silence or nothing understood, re-asks spent.")


class Readback(_Part):
    """Each answer as a statement, spoken to confirm it: 'I heard that … Is that right?'"""

    yes: Sentence
    no: Sentence


class Answers(_Part):
    """What people say to this one question, beside the common answers; in the model's words."""

    yes: tuple[Phrase, ...] = ()
    no: tuple[Phrase, ...] = ()
    unsure: tuple[Phrase, ...] = ()
    symptom: tuple[Phrase, ...] = Field(
        default=(), description="Said at any time, these report what this question asks about."
    )


Seconds = Annotated[float, Field(ge=0.3, le=120)]


class Timers(_Part):
    """How long to wait for an answer, where one question needs other times than usual. Seconds."""

    begin_s: Seconds | None = Field(default=None, description="Silence before the first word.")
    pause_s: Seconds | None = Field(default=None, description="A pause inside a sentence.")
    talk_s: Seconds | None = Field(default=None, description="The longest talk.")


class Question(_Part):
    """One thing asked aloud."""

    urgency: Urgency = Field(description="How urgent what it asks about is.")
    facts: tuple[FactId, ...] = Field(min_length=1, description="Ids of the facts it rests on.")
    ask: Sentence = Field(description="At most 20 words, one thing, no medical terms.")
    help: Sentence = Field(description="A longer wording, for who asks what is meant.")
    readback: Readback
    sign: Literal["yes", "no"] = Field(
        default="yes", description="The answer that reports the symptom."
    )
    answers: Answers = Answers()
    timers: Timers = Timers()
    next: Edges


class Outcome(_Part):
    """What somebody is told at the end."""

    urgency: Urgency
    facts: tuple[FactId, ...] = Field(min_length=1)
    now: Sentence = Field(description="One sentence of what to do; an emergency says it twice.")
    advice: tuple[Sentence, ...] = Field(min_length=1)
    safety_net: tuple[Sentence, ...] = Field(
        min_length=1, description="What to watch for, and what to do then."
    )


class Review(_Part):
    """Whether a clinician has read the flow."""

    status: Literal["unreviewed", "reviewed"]
    by: str | None = None
    date: str | None = Field(default=None, pattern=r"^\d{4}-\d{2}-\d{2}$")

    @model_validator(mode="after")
    def _a_review_has_a_reviewer(self) -> Review:
        if self.status == "reviewed" and not (self.by and self.date):
            raise ValueError("a reviewed flow names its reviewer; add 'by' and 'date' to 'review'")
        return self


@dataclass(frozen=True)
class Step:
    """An edge, resolved."""

    reach: str | None
    """The outcome that it reaches."""
    then: str | None
    """The question asked next; None: the conversation ends."""


class Flow(_Part):
    """A whole flow. `load` has checked that it holds together and that it is safe."""

    id: Id
    version: str
    language: str = Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")
    title: Sentence
    source: Sentence = Field(description="Where its facts come from.")
    review: Review
    facts: dict[FactId, Sentence] = Field(description="Each fact that it rests on, by id.")
    start: Id = Field(description="The first question.")
    otherwise: Id = Field(description="The outcome when no answer reached any.")
    questions: dict[Id, Question] = Field(min_length=1)
    outcomes: dict[Id, Outcome] = Field(min_length=1)

    @cached_property
    def steps(self) -> dict[tuple[str, Reply], Step]:
        """Every edge by question and reply."""
        return {
            (name, reply): self._step(getattr(question.next, reply))
            for name, question in self.questions.items()
            for reply in Reply
        }

    def _step(self, edge: str | Reach) -> Step:
        if isinstance(edge, Reach):
            return Step(edge.reach, None if edge.then == END else edge.then)
        if edge == END:
            return Step(None, None)
        return Step(edge, None) if edge in self.outcomes else Step(None, edge)

    def level(self, outcomes: tuple[str, ...]) -> Urgency:
        """The highest urgency among `outcomes`; that of `otherwise` when there are none."""
        ids = outcomes or (self.otherwise,)
        return max((self.outcomes[o].urgency for o in ids), key=lambda urgency: urgency.rank)
