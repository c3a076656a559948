"""What is proved of a flow, as text and as JSON."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from voice_triage.errors import Problem
from voice_triage.flow.model import Flow, Reply
from voice_triage.flow.paths import CHARACTERS_PER_S, Figures, Path, figures
from voice_triage.flow.sources import Sources
from voice_triage.flow.survey import Survey
from voice_triage.flow.verdict import Shown, Verdict, verdicts

_SAID = {
    Reply.YES: "yes",
    Reply.NO: "no",
    Reply.UNSURE: "not sure",
    Reply.UNANSWERED: "(silence)",
}
_MOST_STEPS = 20  # of a conversation that shows a breach; the end of it is what matters


@dataclass(frozen=True)
class Report:
    """All that is proved of one flow."""

    sources: Sources
    flow: Flow
    figures: Figures
    verdicts: tuple[Verdict, ...]

    @property
    def good(self) -> bool:
        """Whether every rule holds."""
        return all(verdict.holds for verdict in self.verdicts)

    def problem(self, shown: Shown) -> Problem:
        """A breach at its file and line."""
        return self.sources.problem(shown.breach.loc, shown.breach.message)


def report(sources: Sources, survey: Survey) -> Report:
    """Prove everything."""
    return Report(sources, survey.flow, figures(survey), verdicts(survey))


def as_json(made: Report) -> dict[str, object]:
    """For programs. Counts are exact, however many digits they have."""
    longest = made.figures
    return {
        "flow": made.flow.id,
        "version": made.flow.version,
        "questions": len(made.flow.questions),
        "paths": longest.paths,
        "endings": {urgency.value: count for urgency, count in longest.endings.items()},
        "longest": {
            "questions": len(longest.questions.replies),
            "spoken_s": None if longest.spoken_s is None else round(longest.spoken_s, 1),
        },
        "rules": [
            {
                "rule": verdict.rule.name.lower().replace("_", "-"),
                "says": verdict.rule.value,
                "holds": verdict.holds,
                "problems": [_problem_json(made, shown) for shown in verdict.found],
            }
            for verdict in made.verdicts
        ],
        "good": made.good,
    }


def _problem_json(made: Report, shown: Shown) -> dict[str, object]:
    problem = made.problem(shown)
    path = shown.path
    example = path and {
        "answers": [
            {"question": question, "answer": reply.value} for question, reply in path.replies
        ],
        "urgency": path.ending.urgency.value,
        "outcomes": list(path.ending.outcomes),
    }
    return {
        "file": str(problem.path),
        "line": problem.line,
        "message": problem.message,
        "example": example,
    }


def as_text(made: Report) -> Iterator[str]:
    """For people, line by line."""
    flow, found = made.flow, made.figures
    questions = counted(len(flow.questions), "question")
    yield f"{flow.title} ({flow.id}, version {flow.version}): {questions}, {_paths(found.paths)}"
    for urgency, count in found.endings.items():
        yield f"  end as {urgency.value + ':':<11}{number(count)}"
    yield f"  longest:          {counted(len(found.questions.replies), 'question')}"
    if found.spoken_s is None:
        yield "  longest to say:   not added up, too much advice can be combined"
    else:
        said = f"{found.spoken_s / 60:.1f} min of questions and advice"
        yield f"  longest to say:   about {said} ({CHARACTERS_PER_S:g} characters a second)"
    for verdict in made.verdicts:
        yield f"{'holds ' if verdict.holds else 'BROKEN'} {verdict.rule.value}"
        for shown in verdict.found:
            yield f"  {made.problem(shown)}"
            if shown.path is not None:
                yield from _conversation(flow, shown.path)


def _conversation(flow: Flow, path: Path) -> Iterator[str]:
    left_out = max(0, len(path.replies) - _MOST_STEPS)
    if left_out:
        yield f"    ({counted(left_out, 'question')} before)"
    for question, reply in path.replies[left_out:]:
        yield f"    {flow.questions[question].ask}  {_SAID[reply]}"
    now = flow.outcomes[path.ending.outcomes[0]].now
    yield f"    > {path.ending.urgency.value}: {now}"


def _paths(count: int) -> str:
    return f"{number(count)} path" + ("" if count == 1 else "s")


def counted(count: int, thing: str) -> str:
    """ "1 question", "2 questions"."""
    return f"{count:,} {thing}" + ("" if count == 1 else "s")


def number(count: int) -> str:
    """`count` with commas; from a quadrillion on its first digits and a power of ten."""
    if count < 10**15:
        return f"{count:,}"
    power = int(math.log10(count))
    digits = count // 10 ** (power - 2)
    if digits >= 1000:  # the logarithm is rounded
        power, digits = power + 1, digits // 10
    return f"{digits / 100:.2f} x 10^{power}"
