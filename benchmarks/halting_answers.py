"""Somebody who breathes between words, and what counts of what they say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dialogue import Event, Says
from people import Mouth
from sounds import halting

PAUSES_S = (0.7, 1.0, 1.5, 2.0)
ANSWERS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("no", "well", "yes"), "yes"),
    (("um", "no"), "no"),
    (("yes", "a little"), "yes"),
    (("I", "don't", "know"), "unsure"),
    (("not", "really"), "no"),
)
"""Words, and what all of them together mean."""
_VOICES = ("en-us", "slt", "en-gb", "rms")
_WORDS = {"yes": "yes", "no": "no", "unsure": "not sure"}


@dataclass(frozen=True)
class Halting:
    """One answer: its words, the pauses between them in s, and what it means."""

    words: Sequence[str]
    pause_s: float
    means: str
    voice: str

    @property
    def text(self) -> str:
        return f" … {self.pause_s:g} s … ".join(self.words)


@dataclass(frozen=True)
class Judged:
    """What became of an answer."""

    answer: Halting
    heard: str
    counted: str | None
    """None: it was asked again, or read back."""

    @property
    def cut_off(self) -> bool:
        """Something else counted than what the whole answer means."""
        return self.counted is not None and self.counted != self.answer.means

    def __str__(self) -> str:
        verdict = "CUT OFF" if self.cut_off else "good   "
        became = f"counted {self.counted}" if self.counted else "asked again"
        voice = self.answer.voice
        return f"{verdict} {self.answer.text} ({voice}): heard {self.heard!r}, {became}"


class HaltingPerson:
    """Gives one halting answer a question, then plain ones if it is asked again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.answers = [
            Halting(words, pause_s, means, _VOICES[(row + column) % len(_VOICES)])
            for row, (words, means) in enumerate(ANSWERS)
            for column, pause_s in enumerate(PAUSES_S)
        ]

    def __call__(self, asked: Event) -> Says | None:
        """What they say to an `asked` event."""
        if asked["kind"] == "notice":
            return None
        number = int(asked["question"].removeprefix("question-"))
        answer = self.answers[number]
        if asked["kind"] == "question":
            parts = [part for word in answer.words for part in (answer.pause_s, word)][1:]
            path = self._folder / f"halting-{number}.wav"
            return Says(halting(parts, path, answer.voice))
        word = _WORDS[answer.means]
        if asked["kind"] == "confirm":
            word = "yes" if f"number {number} is {answer.means}" in asked["text"] else "no"
        return Says(Mouth(self._folder, answer.voice)(word))

    def judge(self, events: Sequence[Event]) -> list[Judged]:
        """What became of each answer that was given."""
        heard: dict[str, list[str]] = {}
        counted: dict[str, str] = {}
        question = ""
        for event in events:
            if event["event"] == "asked":
                question = event["question"]
                heard.setdefault(question, [])
            elif event["event"] == "heard" and question:
                heard[question].append(event["text"])
            elif event["event"] == "answered":
                # Who goes on speaking is heard anew: what was told last is what counts.
                counted[event["question"]] = event["answer"]
        return [
            Judged(
                self.answers[int(name.removeprefix("question-"))],
                " | ".join(texts),
                counted.get(name),
            )
            for name, texts in heard.items()
        ]


def flow_of_plain_questions(folder: Path, number: int) -> Path:
    """A flow that asks `number` questions whatever is answered. The questions are long enough for
    the rest of an answer that was cut off to fall into the next one."""
    questions = "".join(_QUESTION.format(at=at, then=_then(at, number)) for at in range(number))
    path = folder / "plain.en.yaml"
    path.write_text(_FLOW.format(questions=questions))
    return path


def _then(at: int, number: int) -> str:
    return f"question-{at + 1}" if at + 1 < number else "end"


_FLOW = """\
id: plain
version: "1"
language: en
title: Plain questions
source: A benchmark.
review: {{status: unreviewed}}
facts: {{S1: Pain in the back.}}
start: question-0
otherwise: watch
questions:
{questions}
outcomes:
  watch:
    urgency: routine
    facts: [S1]
    now: Watch it.
    advice: [Watch it well.]
    safety_net: [Have it seen if it gets worse.]
  soon:
    urgency: soon
    facts: [S1]
    now: Have it seen.
    advice: [Have it seen soon.]
    safety_net: [Have it seen today if it gets worse.]
"""
_QUESTION = """\
  question-{at}:
    urgency: soon
    facts: [S1]
    ask: Does the pain in your back get worse in the morning, or when you have sat down for long?
    help: It is question number {at}.
    readback: {{"yes": number {at} is yes, "no": number {at} is no}}
    next:
      yes: {{reach: soon, then: {then}}}
      no: {then}
      unsure: {{reach: soon, then: {then}}}
      unanswered: {{reach: soon, then: {then}}}
"""
