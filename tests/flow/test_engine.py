"""The engine: states in, states out."""

import pytest

from voice_triage.assemble import find_flow
from voice_triage.flow import Reply, State, Triage, Urgency, load

FLOW = load(find_flow(None))
TRIAGE = Triage(FLOW)
NO = Reply.NO


def after(*replies: Reply) -> State:
    state = State()
    for reply in replies:
        state = TRIAGE.answer(state, reply)
    return state


def test_a_conversation_begins_with_the_first_question() -> None:
    assert TRIAGE.current(State()) == "bladder-control"
    question = TRIAGE.question(State())
    assert question is not None
    assert question.ask == "Have you lost control of your bladder?"


def test_back_asks_the_last_question_again_and_forgets_its_answer() -> None:
    state = after(NO, NO)
    assert TRIAGE.current(state) == "leg-control"
    assert TRIAGE.back(state) == after(NO)
    assert TRIAGE.back(State()) == State()


def test_going_back_from_the_second_half_of_a_compound_question() -> None:
    moving = after(*[NO] * 8, Reply.YES)
    assert TRIAGE.current(moving) == "one-sided-moving"
    assert TRIAGE.current(TRIAGE.answer(TRIAGE.back(moving), NO)) == "recurring"


def test_nothing_is_answered_after_the_end() -> None:
    with pytest.raises(ValueError, match="has ended"):
        TRIAGE.answer(after(Reply.YES), NO)


def test_a_volunteered_symptom_is_not_asked_about_again() -> None:
    state = TRIAGE.volunteer(State(), ["balance"])
    assert TRIAGE.reached(state) == ("today",)
    for _ in range(7):
        state = TRIAGE.answer(state, NO)
    assert TRIAGE.current(state) == "one-sided"


def test_a_volunteered_symptom_outweighs_an_earlier_no() -> None:
    state = TRIAGE.volunteer(after(*[NO] * 9), ["balance"])
    assert TRIAGE.current(state) == "recurring"
    assert TRIAGE.reached(state) == ("today",)


def test_half_a_compound_volunteered_late_opens_its_other_half() -> None:
    state = TRIAGE.volunteer(after(*[NO] * 10), ["one-sided"])
    assert TRIAGE.current(state) == "one-sided-moving"
    state = TRIAGE.answer(state, Reply.YES)
    assert TRIAGE.current(state) == "numbness"
    assert TRIAGE.ending(state).urgency is Urgency.URGENT


def test_going_back_keeps_what_was_volunteered() -> None:
    state = TRIAGE.back(TRIAGE.volunteer(after(NO), ["headache"]))
    assert state == State(volunteered=("headache",))


def test_volunteering_twice_is_volunteering_once() -> None:
    once = TRIAGE.volunteer(State(), ["headache"])
    assert TRIAGE.volunteer(once, ["headache"]) == once


def test_an_unknown_question_cannot_be_volunteered() -> None:
    with pytest.raises(KeyError):
        TRIAGE.volunteer(State(), ["nose"])
