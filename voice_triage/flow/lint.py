"""What must be true of a flow before anybody is asked its questions."""

from __future__ import annotations

from collections.abc import Iterator
from string import Formatter

from voice_triage.errors import Problem
from voice_triage.flow.model import END, Flow, Reach, Reply
from voice_triage.flow.safety import paths_problems
from voice_triage.located_yaml import Document

MAX_QUESTION_WORDS = 20


def problems(
    document: Document, flow: Flow, vocabulary: frozenset[str] | None = None
) -> list[Problem]:
    """Every problem of the flow, in the file's order; [] when it can be used.

    Errors of the graph itself hide what could be proved about it, so they come alone.
    """
    found = [*_ids(document, flow), *_targets(document, flow), *_texts(document, flow)]
    found += _facts(document, flow)
    if vocabulary is not None:
        found += _unheard_words(document, flow, vocabulary)
    if not any(isinstance(problem, _Broken) for problem in found):
        found += paths_problems(document, flow)
    return sorted(Problem(p.path, p.line, p.message) for p in found)


class _Broken(Problem):
    """A problem that leaves edges leading nowhere, so that no path can be followed."""


def _broken(document: Document, loc: tuple[str, ...], message: str) -> Problem:
    return _Broken(document.path, document.line(loc), message)


def _ids(document: Document, flow: Flow) -> Iterator[Problem]:
    for name in flow.questions.keys() & flow.outcomes.keys():
        yield _broken(
            document,
            ("outcomes", name),
            f"'{name}' is the id of a question too; give the outcome another",
        )
    for kind, ids in (("questions", flow.questions), ("outcomes", flow.outcomes)):
        if END in ids:
            yield _broken(document, (kind, END), f"'{END}' ends the conversation; rename this one")


def _targets(document: Document, flow: Flow) -> Iterator[Problem]:
    if flow.start not in flow.questions:
        yield _broken(document, ("start",), f"no question '{flow.start}'; name one to start with")
    if flow.otherwise not in flow.outcomes:
        yield _broken(document, ("otherwise",), f"no outcome '{flow.otherwise}'; name one")
    for name, question in flow.questions.items():
        for reply in Reply:
            edge = getattr(question.next, reply)
            loc = ("questions", name, "next", reply.value)
            if isinstance(edge, Reach):
                if edge.reach not in flow.outcomes:
                    yield _broken(
                        document,
                        (*loc, "reach"),
                        f"no outcome '{edge.reach}'; add it or name another",
                    )
                if edge.then != END and edge.then not in flow.questions:
                    yield _broken(
                        document,
                        (*loc, "then"),
                        f"no question '{edge.then}'; add it, name another, or write '{END}'",
                    )
            elif edge != END and edge not in flow.questions and edge not in flow.outcomes:
                yield _broken(
                    document, loc, f"no question and no outcome '{edge}'; add it or name another"
                )


def _texts(document: Document, flow: Flow) -> Iterator[Problem]:
    for name, question in flow.questions.items():
        words = len(question.ask.split())
        if words > MAX_QUESTION_WORDS:
            yield document.problem(
                ("questions", name, "ask"),
                f"{words} words are too many to hear; use at most {MAX_QUESTION_WORDS}, the rest"
                " belongs in 'help'",
            )
    for name, outcome in flow.outcomes.items():
        for key in ("now", "advice", "safety_net"):
            texts = getattr(outcome, key)
            for index, text in enumerate((texts,) if key == "now" else texts):
                loc = ("outcomes", name, key) + (() if key == "now" else (index,))
                yield from _placeholders(document, loc, text)


def _placeholders(document: Document, loc: tuple[str | int, ...], text: str) -> Iterator[Problem]:
    try:
        names = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError:
        names = {"?"}
    if names - {"number"}:
        yield document.problem(
            loc, "only {number} may stand in braces (the emergency number); write others out"
        )


def _facts(document: Document, flow: Flow) -> Iterator[Problem]:
    used: set[str] = set()
    for kind, parts in (("questions", flow.questions), ("outcomes", flow.outcomes)):
        for name, part in parts.items():
            used |= set(part.facts)
            for fact in part.facts:
                if fact not in flow.facts:
                    yield document.problem(
                        (kind, name, "facts"), f"no fact '{fact}'; add it to 'facts' or mend the id"
                    )
    for fact in flow.facts.keys() - used:
        yield document.problem(
            ("facts", fact),
            f"fact '{fact}' is used nowhere; let a question or an outcome rest on it",
        )


def _unheard_words(document: Document, flow: Flow, vocabulary: frozenset[str]) -> Iterator[Problem]:
    for name, question in flow.questions.items():
        phrases = [
            (kind, index, phrase)
            for kind in ("yes", "no", "unsure", "symptom")
            for index, phrase in enumerate(getattr(question.answers, kind))
        ]
        for kind, index, phrase in phrases:
            for word in sorted(set(phrase.split()) - vocabulary):
                yield document.problem(
                    ("questions", name, "answers", kind, index),
                    f"the speech model doesn't know '{word}'; use another word, or another model",
                )
