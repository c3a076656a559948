"""The ways to a question: each is a conversation that the engine holds, and none is shorter."""

from __future__ import annotations

from collections.abc import Iterator

from flows import any_flow, chain
from hypothesis import given, settings

from voice_triage.flow import Flow, Reply, State, Triage
from voice_triage.flow.survey import survey
from voice_triage.flow.ways import Way, ways

_Reached = dict[tuple[str, str, Reply], int]
"""For each target, question and reply that leads there: after how few questions."""


def every_way(flow: Flow, state: State = State()) -> Iterator[tuple[str, State]]:
    """Everything that a conversation leads to, by the engine, with the conversation up to there."""
    triage = Triage(flow)
    if triage.current(state) is None:
        if not triage.reached(state):
            yield flow.otherwise, state
        return
    for reply in Reply:
        after = triage.answer(state, reply)
        question, _ = after.answered[-1]
        reach = flow.steps[question, reply].reach
        if reach is not None:
            yield reach, after
        then = triage.current(after)
        if then is not None:
            yield then, after
        yield from every_way(flow, after)


def conversation(way: Way, reply: Reply) -> State:
    asked = [(way.question, reply)]
    at = way.before
    while at is not None:
        [only] = at.replies
        asked.append((at.question, only))
        at = at.before
    return State(tuple(asked[::-1]))


@given(any_flow())
@settings(max_examples=25)
def test_ways_are_the_shortest_of_all_conversations(flow: Flow) -> None:
    soonest: _Reached = {}
    walks: dict[str, set[State]] = {}
    for target, state in every_way(flow):
        key = (target, *state.answered[-1])
        soonest[key] = min(soonest.get(key, len(state.answered)), len(state.answered))
        walks.setdefault(target, set()).add(state)
    found: _Reached = {}
    for target, each in ways(survey(flow)).items():
        for way in each:
            for reply in way.replies:
                state = conversation(way, reply)
                assert state in walks[target]
                assert len(state.answered) == way.steps
                if way.found_nothing:
                    assert target == flow.otherwise
                    assert not Triage(flow).reached(state)
                key = (target, way.question, reply)
                found[key] = min(found.get(key, way.steps), way.steps)
    assert found == soonest


def test_a_flow_with_more_paths_than_can_be_walked_takes_no_more_room_than_itself() -> None:
    flow = Flow.model_validate(chain(2000))
    found = ways(survey(flow))
    assert [len(found[f"q{index}"]) for index in range(3)] == [0, 1, 1]
    [last] = found["q1999"]
    assert (last.question, last.replies, last.steps) == ("q1998", tuple(Reply), 1999)
    assert [way.steps for way in found["soon"]] == list(range(1, 2001))
    [nothing] = found["routine"]
    assert (nothing.question, nothing.replies, nothing.steps) == ("q1999", (Reply.NO,), 2000)
    assert nothing.found_nothing
    distinct: set[Way] = set()
    for each in found.values():
        for way in each:
            at: Way | None = way
            while at is not None and at not in distinct:
                distinct.add(at)
                at = at.before
    assert len(distinct) < 5 * len(flow.questions)
