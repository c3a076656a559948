"""Every way to spoil an emergency question of a shipped flow is refused by `check`."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from voice_triage.assemble import find_flow, flow_names
from voice_triage.flow.lint import problems
from voice_triage.flow.model import Flow, Reply
from voice_triage.flow.sources import read_flow

Data = dict[str, Any]
SHIPPED = {name: read_flow(find_flow(name)) for name in flow_names()}
QUESTIONS = [
    (name, question)
    for name, (_, flow) in SHIPPED.items()
    for question, part in flow.questions.items()
    if part.urgency == "emergency"
]


def survivors(name: str, mutants: Iterator[tuple[str, Data]]) -> tuple[int, list[str]]:
    """How many mutants there are, and those that nothing is said against."""
    sources, _ = SHIPPED[name]
    found = [(said, bool(problems(sources, Flow.model_validate(data)))) for said, data in mutants]
    return len(found), [said for said, caught in found if not caught]


def original(name: str) -> Data:
    return SHIPPED[name][1].model_dump(mode="json")


def changed(name: str) -> Data:
    return copy.deepcopy(original(name))


def redirected(name: str, question: str) -> Iterator[tuple[str, Data]]:
    """Each edge to every other place that an edge can lead to."""
    flow = original(name)
    steps = SHIPPED[name][1].steps
    plain = ["end", *flow["questions"], *flow["outcomes"]]
    reaching = [
        {"reach": outcome, "then": then}
        for outcome in flow["outcomes"]
        for then in ("end", *flow["questions"])
    ]
    for reply in Reply:
        meant = steps[question, reply]
        for target in [*plain, *reaching]:
            data = changed(name)
            data["questions"][question]["next"][reply.value] = target
            step = Flow.model_validate(data).steps[question, reply]
            # The same edge otherwise written, or one that goes on as before and raises the level.
            if step == meant or (meant.reach is None and step.then == meant.then):
                continue
            yield f"{reply} > {target}", data


def dropped(name: str, question: str) -> Iterator[tuple[str, Data]]:
    """The question left out, and whatever led to it led on."""
    data = changed(name)
    on = data["questions"].pop(question)["next"]["no"]
    for part in data["questions"].values():
        part["next"] = {r: on if edge == question else edge for r, edge in part["next"].items()}
    if data["start"] == question:
        data["start"] = on
    yield "dropped", data
    for fact, names in list(data["emergencies"].items()):
        data["emergencies"][fact] = [other for other in names if other != question] or names
    if not any(question in names for names in data["emergencies"].values()):
        return  # told by no second list any more: a sign taken out on purpose, in two places
    yield "dropped in both places", data


def passed_over(name: str, question: str) -> Iterator[tuple[str, Data]]:
    """The question asked only after another answer."""
    for other in original(name)["questions"]:
        for operator in ("=", "!="):
            data = changed(name)
            part = data["questions"][question]
            read = {"question": other, "operator": operator, "answer": "yes"}
            part["when"] = {"enableWhen": [read], "otherwise": part["next"]["no"]}
            if operator == "!=":
                part["when"]["enableWhen"].append(read | {"operator": "="})
            yield f"when {other} {operator} yes", data


def misjudged(name: str, question: str) -> Iterator[tuple[str, Data]]:
    """Another urgency, or the other answer taken for the sign."""
    for urgency in ("urgent", "soon", "routine"):
        data = changed(name)
        data["questions"][question]["urgency"] = urgency
        yield f"urgency {urgency}", data
    data = changed(name)
    data["questions"][question]["sign"] = "no"
    yield "sign no", data


def swapped(name: str) -> Iterator[tuple[str, Data]]:
    """The emergency's outcome changed for another: all of it, its urgency, or its words alone."""
    for other in original(name)["outcomes"].keys() - {"immediate"}:
        for keys in (("urgency",), ("now",), ("urgency", "facts", "now", "advice", "safety_net")):
            data = changed(name)
            first, second = data["outcomes"]["immediate"], data["outcomes"][other]
            for key in keys:
                first[key], second[key] = second[key], first[key]
            yield f"{', '.join(keys)} of {other}", data


@pytest.mark.parametrize(("name", "question"), QUESTIONS)
def test_no_edge_of_an_emergency_question_can_be_led_elsewhere(name: str, question: str) -> None:
    count, survived = survivors(name, redirected(name, question))
    assert count > 100
    assert not survived


@pytest.mark.parametrize("spoil", [dropped, passed_over, misjudged])
@pytest.mark.parametrize(("name", "question"), QUESTIONS)
def test_no_emergency_question_can_be_lost(name: str, question: str, spoil: Any) -> None:
    count, survived = survivors(name, spoil(name, question))
    assert count
    assert not survived


@pytest.mark.parametrize("name", SHIPPED)
def test_no_emergency_outcome_can_be_changed_for_another(name: str) -> None:
    count, survived = survivors(name, swapped(name))
    assert count
    assert not survived


@pytest.mark.parametrize("name", SHIPPED)
def test_what_was_not_spoiled_is_good(name: str) -> None:
    assert survivors(name, iter([("nothing", changed(name))])) == (1, ["nothing"])
