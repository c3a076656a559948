"""What the screen says beside the questions, from its file in `prompts/`, and which parts of the
body a question is about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from voice_triage import fill_ins
from voice_triage.conversation.phrases import Text
from voice_triage.errors import DocumentError, Problem
from voice_triage.flow.model import Id
from voice_triage.located_yaml import Document, read, validate


def _with(*names: str) -> Callable[[str], str]:
    """A check that a text has exactly these words in braces: the screen would lack the others."""

    def check(text: str) -> str:
        if fill_ins.names(text) != set(names):
            wanted = " and ".join(f"{{{name}}}" for name in names)
            raise ValueError(f"in braces must stand {wanted}, and nothing else; put it in")
        return text

    return check


def _plain(text: str) -> str:
    fill_ins.check(text, ())
    return text


Label = Annotated[Text, AfterValidator(_plain)]
WithNumber = Annotated[Text, AfterValidator(_with("number"))]
Key = Annotated[str, StringConstraints(pattern=r"^[^\sA-Z]$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Waiting(_Part):
    """The screen while nobody is there."""

    welcome: Label
    what: Label
    say: Annotated[Text, AfterValidator(_with("phrase"))]
    touch: Label
    emergency: WithNumber


class Buttons(_Part):
    """The words on the buttons, as short as can be."""

    yes: Label
    no: Label
    unsure: Label
    repeat: Label
    stop: Label
    finish: Label
    more: Label
    top: Label


class Keys(_Part):
    """One small letter or sign for each button."""

    yes: Key
    no: Key
    unsure: Key
    repeat: Key

    @model_validator(mode="after")
    def _differ(self) -> Keys:
        if len({self.yes, self.no, self.unsure, self.repeat}) < 4:
            raise ValueError("two buttons have the same key; give each its own")
        return self


class Phases(_Part):
    """What the program is doing, while somebody is there."""

    speaking: Label
    listening: Label
    heard: Label
    paused: Label


class Urgencies(_Part):
    """Each urgency in a word or a few."""

    emergency: Label
    urgent: Label
    soon: Label
    routine: Label


class Ending(_Part):
    """Headings and explanations of the last page."""

    urgencies: Urgencies
    number: WithNumber
    advice: Label
    safety_net: Label
    reported: Label
    marked: Annotated[Text, AfterValidator(_with("parts"))]
    sides: Label
    front: Label
    back: Label
    take_away: Label
    scan: Label
    qr: Label
    report: Label
    pdf: Label


class Gone(_Part):
    """The screen when the program behind it has stopped."""

    headline: Label
    call: WithNumber
    trying: Label


class Privacy(_Part):
    """What becomes of somebody's answers."""

    forgotten: Label
    kept: Annotated[Text, AfterValidator(_with("days"))]


class Says(_Part):
    """What the kiosk says of itself."""

    deaf: Label
    failed: WithNumber
    not_kept: Annotated[Text, AfterValidator(_with("problem"))]


class Labels(_Part):
    """The format of `prompts/kiosk.*.yaml`."""

    language: Text
    title: Label
    waiting: Waiting
    buttons: Buttons
    keys: Keys
    phases: Phases
    progress: Annotated[Text, AfterValidator(_with("now", "most"))]
    heard: Annotated[Text, AfterValidator(_with("text"))]
    touched: Annotated[Text, AfterValidator(_with("answer"))]
    ending: Ending
    gone: Gone
    privacy: Privacy
    says: Says
    parts: dict[Id, Label] = Field(min_length=1)
    marks: dict[Id, tuple[Id, ...]]

    def marked(self, questions: Iterable[str]) -> list[str]:
        """The parts of the body that these questions are about, each once, in the file's order."""
        found = {part for question in questions for part in self.marks.get(question, ())}
        return [part for part in self.parts if part in found]

    def message(self, number: str) -> dict[str, Any]:
        """The `labels` message for the page, JSON-ready, with `number` to call in an emergency."""
        texts = self.model_dump(mode="json", exclude={"marks", "privacy", "says"})
        return {"type": "labels", **_filled(texts, number)}


def load_labels(path: Path) -> Labels:
    """The labels in `path`. Raises DocumentError with every problem at its line."""
    document = read(path)
    labels = validate(document, Labels)
    problems = list(_unknown_parts(document, labels))
    if problems:
        raise DocumentError(problems)
    return labels


def _unknown_parts(document: Document, labels: Labels) -> Iterator[Problem]:
    for question, parts in labels.marks.items():
        for index, part in enumerate(parts):
            if part not in labels.parts:
                known = ", ".join(labels.parts)
                message = f"'{part}' is no part of the picture; the parts are: {known}"
                yield document.problem(("marks", question, index), message)


def _filled(texts: dict[str, Any], number: str) -> dict[str, Any]:
    return {
        key: _filled(text, number) if isinstance(text, dict) else text.replace("{number}", number)
        for key, text in texts.items()
    }
