"""What must be true of a flow before anybody is asked its questions."""

from __future__ import annotations

from collections.abc import Iterator
from string import Formatter

from voice_triage.errors import Problem
from voice_triage.flow.carried import carried
from voice_triage.flow.model import END, Flow, Question, Reach, Reply
from voice_triage.flow.safety import Levels, breaches
from voice_triage.flow.sources import Sources
from voice_triage.flow.survey import Survey, UnprovableError, survey

MAX_QUESTION_WORDS = 20


def problems(
    sources: Sources, flow: Flow, vocabulary: frozenset[str] | None = None
) -> list[Problem]:
    """Every problem of the flow, in the files' order; [] when it can be used.

    Errors of the graph itself hide what could be proved about it, so they come alone.
    """
    found = [*_texts(sources, flow)]
    found += [sources.problem(breach.loc, breach.message) for breach in carried(flow)]
    if vocabulary is not None:
        found += _unheard_words(sources, flow, vocabulary)
    walked, broken = walk(sources, flow)
    if walked is not None:
        proved = breaches(Levels(walked))
        found += [sources.problem(breach.loc, breach.message) for breach in proved]
    return sorted({*found, *broken})


def walk(sources: Sources, flow: Flow) -> tuple[Survey | None, list[Problem]]:
    """The flow's places; or None, and why no path can be followed: edges that lead nowhere,
    circles, conditions that read what isn't known."""
    found = [*_ids(sources, flow), *_targets(sources, flow)]
    for name, question in flow.questions.items():
        found += _conditions(sources, flow, name, question)
    if found:
        return None, found
    try:
        return survey(flow), []
    except UnprovableError as error:
        return None, [sources.problem(loc, message) for loc, message in error.reasons]


def _ids(sources: Sources, flow: Flow) -> Iterator[Problem]:
    for name in flow.questions.keys() & flow.outcomes.keys():
        yield sources.problem(
            ("outcomes", name),
            f"'{name}' is the id of a question too; give the outcome another",
        )
    for kind, ids in (("questions", flow.questions), ("outcomes", flow.outcomes)):
        if END in ids:
            yield sources.problem((kind, END), f"'{END}' ends the conversation; rename this one")


def _targets(sources: Sources, flow: Flow) -> Iterator[Problem]:
    if flow.start not in flow.questions:
        yield sources.problem(("start",), f"no question '{flow.start}'; name one to start with")
    if flow.otherwise not in flow.outcomes:
        yield sources.problem(("otherwise",), f"no outcome '{flow.otherwise}'; name one")
    for name, question in flow.questions.items():
        for reply in Reply:
            edge = getattr(question.next, reply)
            loc = ("questions", name, "next", reply.value)
            if isinstance(edge, Reach):
                if edge.reach not in flow.outcomes:
                    yield sources.problem(
                        (*loc, "reach"),
                        f"no outcome '{edge.reach}'; add it or name another",
                    )
                if edge.then != END and edge.then not in flow.questions:
                    yield sources.problem(
                        (*loc, "then"),
                        f"no question '{edge.then}'; add it, name another, or write '{END}'",
                    )
            elif edge != END and edge not in flow.questions and edge not in flow.outcomes:
                yield sources.problem(
                    loc, f"no question and no outcome '{edge}'; add it or name another"
                )


def _conditions(sources: Sources, flow: Flow, name: str, question: Question) -> Iterator[Problem]:
    when = question.when
    if when is None:
        return
    loc = ("questions", name, "when")
    if when.otherwise != END and when.otherwise not in flow.questions:
        yield sources.problem(
            (*loc, "otherwise"),
            f"no question '{when.otherwise}'; add it, name another, or write '{END}'",
        )
    for index, condition in enumerate(when.enableWhen):
        if condition.question not in flow.questions:
            yield sources.problem(
                (*loc, "enableWhen", index, "question"),
                f"no question '{condition.question}'; add it or name another",
            )


def _texts(sources: Sources, flow: Flow) -> Iterator[Problem]:
    for name, question in flow.questions.items():
        words = len(question.ask.split())
        if words > MAX_QUESTION_WORDS:
            yield sources.problem(
                ("questions", name, "ask"),
                f"{words} words are too many to hear; use at most {MAX_QUESTION_WORDS}, the rest"
                " belongs in 'help'",
            )
    for name, outcome in flow.outcomes.items():
        for key in ("now", "advice", "safety_net"):
            texts = getattr(outcome, key)
            for index, text in enumerate((texts,) if key == "now" else texts):
                loc = ("outcomes", name, key) + (() if key == "now" else (index,))
                yield from _placeholders(sources, loc, text)


def _placeholders(sources: Sources, loc: tuple[str | int, ...], text: str) -> Iterator[Problem]:
    try:
        names = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError:
        names = {"?"}
    if names - {"number"}:
        yield sources.problem(
            loc, "only {number} may stand in braces (the emergency number); write others out"
        )


def _unheard_words(sources: Sources, flow: Flow, vocabulary: frozenset[str]) -> Iterator[Problem]:
    for name, question in flow.questions.items():
        phrases = [
            (kind, index, phrase)
            for kind in ("yes", "no", "unsure", "symptom")
            for index, phrase in enumerate(getattr(question.answers, kind))
        ]
        for kind, index, phrase in phrases:
            for word in sorted(set(phrase.split()) - vocabulary):
                yield sources.problem(
                    ("questions", name, "answers", kind, index),
                    f"the speech model doesn't know '{word}'; use another word, or another model",
                )
