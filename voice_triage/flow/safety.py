"""What every path through a flow must keep, proved without walking the paths one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from voice_triage.errors import Problem
from voice_triage.flow.model import Flow, Reply, Urgency
from voice_triage.located_yaml import Document

_MUST_ESCALATE = (Urgency.EMERGENCY, Urgency.URGENT)
_UNSETTLED = {
    Reply.UNSURE: "'not sure' can't rule it out",
    Reply.UNANSWERED: "silence can't rule it out",
}
_Floor = Callable[[str, Reply], int]


def paths_problems(document: Document, flow: Flow) -> list[Problem]:
    """Circles, what nothing leads to, and every breach of CLINICAL's safety rules.

    The rules are proved by dynamic programming over the questions, last ones first: a flow with
    more paths than atoms is checked in a moment. Every edge of `flow` must lead somewhere.
    """
    order, circles = _order(document, flow)
    found = [*circles, *_unreachable(document, flow, set(order))]
    if not circles:
        found += _safety(document, flow, order)
    return found


def _successors(flow: Flow, name: str) -> list[str]:
    thens = (flow.steps[name, reply].then for reply in Reply)
    return [then for then in dict.fromkeys(thens) if then is not None]


def _order(document: Document, flow: Flow) -> tuple[list[str], list[Problem]]:
    """Questions reachable from the start, each after all that follow it; and the circles met."""
    order: list[str] = []
    circles: list[Problem] = []
    on_path: dict[str, None] = {flow.start: None}
    done: set[str] = set()
    stack = [(flow.start, iter(_successors(flow, flow.start)))]
    while stack:  # not recursive: a flow may be ten thousand questions long
        name, rest = stack[-1]
        following = next(rest, None)
        if following is None:
            stack.pop()
            del on_path[name]
            done.add(name)
            order.append(name)
        elif following in on_path:
            path = list(on_path)
            around = " > ".join([*path[path.index(following) :][-6:], following])
            circles.append(
                document.problem(
                    ("questions", name, "next"),
                    f"goes round in a circle ({around}); lead one of them on",
                )
            )
        elif following not in done:
            on_path[following] = None
            stack.append((following, iter(_successors(flow, following))))
    return order, circles


def _unreachable(document: Document, flow: Flow, reachable: set[str]) -> Iterator[Problem]:
    for name in flow.questions.keys() - reachable:
        yield document.problem(
            ("questions", name),
            f"nothing leads to question '{name}'; lead an answer to it or remove it",
        )
    reached = {flow.steps[name, reply].reach for name in flow.questions for reply in Reply}
    for name in flow.outcomes.keys() - reached - {flow.otherwise}:
        yield document.problem(
            ("outcomes", name),
            f"nothing leads to outcome '{name}'; let an answer reach it or remove it",
        )


def _safety(document: Document, flow: Flow, order: list[str]) -> Iterator[Problem]:
    least: dict[str | None, int] = {None: -1}  # the urgency that is certain; -1: none reached yet

    def floor(name: str, reply: Reply) -> int:
        step = flow.steps[name, reply]
        reach = -1 if step.reach is None else flow.outcomes[step.reach].urgency.rank
        return max(reach, least[step.then])

    for name in order:
        least[name] = min(floor(name, reply) for reply in Reply)
        if flow.questions[name].urgency in _MUST_ESCALATE:
            yield from _escalation(document, flow, name, floor)
        yield from _emergencies_first(document, flow, name)
    lowest = min((o.urgency for o in flow.outcomes.values()), key=lambda urgency: urgency.rank)
    if flow.outcomes[flow.otherwise].urgency is not lowest:
        yield document.problem(
            ("otherwise",), "is for when nothing was found; name an outcome of the lowest urgency"
        )


def _escalation(document: Document, flow: Flow, name: str, floor: _Floor) -> Iterator[Problem]:
    question = flow.questions[name]
    must = question.urgency
    for reply, why in _UNSETTLED.items():
        if floor(name, reply) < must.rank:
            yield document.problem(
                ("questions", name, "next", reply.value),
                f"may end below '{must}', but {why}; lead it to an outcome that is '{must}'",
            )
    sign = Reply(question.sign)
    then = flow.steps[name, sign].then
    goes_on = then is not None and flow.questions[then].urgency is must
    if floor(name, sign) < must.rank and not goes_on:
        yield document.problem(
            ("questions", name, "next", sign.value),
            f"'{sign}' reports the symptom but may end below '{must}'; lead it to an outcome that"
            f" is '{must}', or to a further question that is",
        )


def _emergencies_first(document: Document, flow: Flow, name: str) -> Iterator[Problem]:
    if flow.questions[name].urgency is Urgency.EMERGENCY:
        return
    for following in _successors(flow, name):
        if flow.questions[following].urgency is Urgency.EMERGENCY:
            yield document.problem(
                ("questions", name, "next"),
                f"'{following}' asks about an emergency after '{name}'; ask emergencies first",
            )
