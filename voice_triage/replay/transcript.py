"""A conversation as lines of text, with what was expected beside what came. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from voice_triage.conversation.events import Answered, Asked, Prompt, Understood
from voice_triage.flow import Flow
from voice_triage.replay.compare import mismatches
from voice_triage.replay.play import Played

Mark = Literal[" ", "+", "-"]
"""As in a diff: "-" was expected and didn't come, "+" came and wasn't expected."""
_WHO = {Prompt.QUESTION: "asks", Prompt.REPROMPT: "again", Prompt.CONFIRM: "checks"}


@dataclass(frozen=True)
class Line:
    """One line of it."""

    mark: Mark
    who: str
    """What happens: asks, again, checks, says, hears, counts, ends."""
    text: str

    def __str__(self) -> str:
        return f"{self.mark} {self.who:>6}  {self.text}"


def transcript(played: Played, flow: Flow) -> list[Line]:
    """The whole conversation, in order."""
    expected = played.loaded.scenario.expect
    unexpected, missing = _asked_diff(expected.asked, played.asked)
    lines: list[Line] = []
    asked = 0
    for event in played.events:
        match event:
            case Asked(question, kind, text):
                new = kind is Prompt.QUESTION
                if new:
                    lines += _missed(missing.get(asked, ()), flow)
                mark: Mark = "+" if new and asked in unexpected else " "
                lines.append(Line(mark, _WHO.get(kind, "says"), f"{text}  [{question}]"))
                asked += new
            case Understood(heard, answer):
                text = heard.text.replace("[unk]", "…") or "(nothing)"
                what = f"{answer.meaning}, {heard.confidence:.2f}" if heard.text else "silence"
                lines.append(Line(" ", "hears", f"{text}  ({what}, {heard.seconds:.1f} s)"))
            case Answered(question, reply):
                wanted = (expected.answered or {}).get(question)
                wrong = wanted is not None and wanted is not reply
                if wrong:
                    lines.append(Line("-", "counts", f"{question}: {wanted}"))
                lines.append(Line("+" if wrong else " ", "counts", f"{question}: {reply}"))
    lines += _missed(missing.get(asked, ()), flow)
    return [*lines, *_end(played)]


def _end(played: Played) -> Iterator[Line]:
    ending = played.ending
    found = [m for m in mismatches(played) if not m.what.startswith(("asked", "answered"))]
    for mismatch in found:
        yield Line("-", "ends", f"{mismatch.what}: {mismatch.expected}")
    for mismatch in found:
        yield Line("+", "ends", f"{mismatch.what}: {mismatch.actual}")
    if not {"urgency", "outcomes"} & {m.what for m in found}:
        yield Line(" ", "ends", f"{ending.urgency}: {', '.join(ending.outcomes)}")


def _missed(questions: tuple[str, ...], flow: Flow) -> Iterator[Line]:
    for question in questions:
        yield Line("-", "asks", f"{flow.questions[question].ask}  [{question}]")


def _asked_diff(
    expected: tuple[str, ...] | None, actual: tuple[str, ...]
) -> tuple[set[int], dict[int, tuple[str, ...]]]:
    """Which of the actual questions weren't expected, by index; and which expected ones are
    missing before each index."""
    if expected is None:
        return set(), {}
    unexpected: set[int] = set()
    missing: dict[int, tuple[str, ...]] = {}
    matcher = SequenceMatcher(None, expected, actual, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind != "equal":
            unexpected.update(range(c, d))
            if b > a:
                missing[c] = expected[a:b]
    return unexpected, missing
