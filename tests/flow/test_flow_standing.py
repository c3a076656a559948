"""How each sign stands at the end: nothing but a clear no is a denial, and nothing gets lost."""

from collections.abc import Iterator

from flows import any_flow
from hypothesis import given
from hypothesis import strategies as st
from reports import shipped, states

from voice_triage.flow import Flow, Reply, Standing, State, Triage, standings

NO = Reply.NO


def after(*replies: Reply, told: tuple[str, ...] = ()) -> State:
    triage, state = Triage(shipped()), State()
    for reply in replies:
        state = triage.answer(state, reply)
    return triage.volunteer(state, told)


def standing(state: State) -> dict[str, Standing]:
    return standings(shipped(), state)


def asked(triage: Triage, state: State) -> Iterator[str]:
    """Every question that may still be asked."""
    at = triage.current(state)
    if at is not None:
        yield at
        for reply in Reply:
            yield from asked(triage, triage.answer(state, reply))


@given(st.data())
def test_only_a_clear_no_is_a_denial(data: st.DataObject) -> None:
    flow = data.draw(any_flow())
    state = data.draw(states(flow))
    given_, found = dict(state.answered), standings(flow, state)
    for name, question in flow.questions.items():
        has_said = given_.get(name)
        if name in state.volunteered or has_said == question.sign:
            assert found[name] is Standing.REPORTED
        elif has_said in (Reply.YES, Reply.NO):
            assert found[name] is Standing.DENIED
        else:
            assert found.get(name) not in (Standing.REPORTED, Standing.DENIED)


@given(st.data())
def test_whatever_may_still_be_asked_is_not_ruled_out(data: st.DataObject) -> None:
    flow: Flow = data.draw(any_flow())
    state = data.draw(states(flow))
    found = standings(flow, state)
    known = Triage(flow).known(state)
    for name in set(asked(Triage(flow), state)) - known.keys():
        assert found[name] in (Standing.UNANSWERED, Standing.NOT_ASKED)
    # What led to an end may as well have led on.
    for name, reply in known.items():
        if flow.steps[name, reply].then is None:
            for other in Reply:
                then = flow.steps[name, other].then
                assert then is None or then in found


def test_who_has_nothing_is_asked_for_nothing_more() -> None:
    found = standing(after(*[NO] * 13))
    assert set(found.values()) == {Standing.DENIED}
    assert "one-sided-moving" not in found
    found = standing(after(*[NO] * 8, Reply.YES))
    assert found["one-sided-moving"] is Standing.UNANSWERED


def test_what_an_emergency_left_unasked_is_not_ruled_out() -> None:
    found = standing(after(NO, Reply.YES))
    assert found.pop("bladder-control") is Standing.DENIED
    assert found.pop("leg-feeling") is Standing.REPORTED
    assert set(found.values()) == {Standing.NOT_ASKED}
    assert len(found) == len(shipped().questions) - 2


def test_what_was_told_unasked_leaves_the_open_question_open() -> None:
    found = standing(after(NO, told=("arm-control",)))
    assert found["arm-control"] is Standing.REPORTED
    assert found["leg-feeling"] is Standing.UNANSWERED
    assert found["leg-control"] is found["balance"] is Standing.NOT_ASKED
    assert standing(after(NO, told=("bladder-control",)))["bladder-control"] is Standing.REPORTED
