"""The types of a flow, as its file has them: questions, edges, outcomes, urgency."""

from __future__ import annotations

from collections.abc import Mapping
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

    __hash__ = str.__hash__  # an enum's own is slow, and a proof looks up millions

    @property
    def rank(self) -> int:
        """0 (routine) to 3 (emergency): to compare by, since the names don't sort."""
        return _RANKS[self]


_RANKS = {urgency: rank for rank, urgency in enumerate(Urgency)}


class Reply(StrEnum):
    """What a question was answered with. UNANSWERED: nothing understood, re-asks spent."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"
    UNANSWERED = "unanswered"

    __hash__ = str.__hash__  # as above


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


class Condition(_Part):
    """What must have been answered before, as in `Questionnaire.item.enableWhen` of FHIR R4.

    It reads the answers on the way to its question: one that was not asked, or not answered, has
    no answer, which equals nothing and does not exist.
    """

    question: Id = Field(description="A question that may have been asked before this one.")
    operator: Literal["exists", "=", "!="]
    answer: Literal["yes", "no", "unsure", "true", "false"] = Field(
        description="The answer to compare with; for `exists`, true or false."
    )

    @model_validator(mode="after")
    def _compares_like_with_like(self) -> Condition:
        if (self.operator == "exists") != (self.answer in ("true", "false")):
            raise ValueError(
                "'exists' goes with true or false, '=' and '!=' with yes, no or unsure; change"
                " 'operator' or 'answer'"
            )
        return self

    def holds(self, reply: Reply | None) -> bool:
        """Whether it holds when its question was answered so; None: it was not asked."""
        given = None if reply in (None, Reply.UNANSWERED) else str(reply)
        if self.operator == "exists":
            return (given is not None) == (self.answer == "true")
        return (given == self.answer) == (self.operator == "=")


class When(_Part):
    """When a question is asked at all; its names are those of FHIR R4."""

    enableWhen: tuple[Condition, ...] = Field(min_length=1)  # noqa: N815 - FHIR's own name
    enableBehavior: Literal["all", "any"] = Field(  # noqa: N815 - FHIR's own name
        default="all", description="Whether all of the conditions must hold, or any."
    )
    otherwise: Id = Field(description="The question asked instead, or `end`.")

    def holds(self, replies: Mapping[str, Reply]) -> bool:
        """Whether the question is asked, after these replies on the way to it."""
        found = (condition.holds(replies.get(condition.question)) for condition in self.enableWhen)
        return all(found) if self.enableBehavior == "all" else any(found)


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
    when: When | None = Field(default=None, description="Ask it only then.")
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


Signs = dict[FactId, Annotated[tuple[Id, ...], Field(min_length=1)]]


class Include(_Part):
    """A group of questions that several flows share."""

    file: Sentence = Field(description="Its file; the path counts from this file's folder.")
    then: Id = Field(description="The question that the group's `end` leads to, or `end`.")


class Group(_Part):
    """The format of a file that flows include. Its `end` leads on to where each flow says."""

    facts: dict[FactId, Sentence] = {}
    emergencies: Signs = {}
    questions: dict[Id, Question] = Field(min_length=1)
    outcomes: dict[Id, Outcome] = {}


class Flow(_Part):
    """A whole flow. `load` has checked that it holds together and that it is safe."""

    id: Id
    version: str
    language: str = Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")
    title: Sentence
    source: Sentence = Field(description="Where its facts come from.")
    review: Review
    include: tuple[Include, ...] = Field(
        default=(), description="Groups of questions that stand in files of their own."
    )
    facts: dict[FactId, Sentence] = Field(description="Each fact that it rests on, by id.")
    emergencies: Signs = Field(
        default={},
        description="Each fact that is an emergency sign, and the questions that ask about it:"
        " said a second time, so that none of them can be lost unseen.",
    )
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

    def skipped(self, name: str, replies: Mapping[str, Reply]) -> bool:
        """Whether question `name` is passed over after these replies on the way to it."""
        when = self.questions[name].when
        return when is not None and not when.holds(replies)

    def instead(self, name: str) -> str | None:
        """What is asked instead of a question that is passed over; None: the end."""
        when = self.questions[name].when
        return None if when is None or when.otherwise == END else when.otherwise

    def level(self, outcomes: tuple[str, ...]) -> Urgency:
        """The highest urgency among `outcomes`; that of `otherwise` when there are none."""
        ids = outcomes or (self.otherwise,)
        return max((self.outcomes[o].urgency for o in ids), key=lambda urgency: urgency.rank)
