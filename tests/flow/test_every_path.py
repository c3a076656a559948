"""Every path of the shipped flow, and each of CLINICAL.md's safety rules on every one of them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from voice_triage.assemble import find_flow, flow_names, prompts
from voice_triage.conversation.closing import closing
from voice_triage.conversation.phrases import load_phrases
from voice_triage.flow import Reply, State, Triage, Urgency, load

FLOW = load(find_flow(None))
PHRASES = load_phrases(prompts() / "phrases.en.yaml")
TRIAGE = Triage(FLOW)
EMERGENCIES = [q for q, question in FLOW.questions.items() if question.urgency == "emergency"]
RAISES = (Reply.YES, Reply.UNSURE, Reply.UNANSWERED)
FACTS = {
    *(f"S{n}" for n in range(1, 11)), *(f"N{n}" for n in range(1, 4)), "W1", "W2",
    *(f"E{n}" for n in range(1, 6)), *(f"C{n}" for n in range(1, 7)), "P1", "P2",
}  # fmt: skip


def states(state: State = State()) -> Iterator[State]:
    """Every state that answering can lead to, the ends among them."""
    yield state
    if TRIAGE.current(state) is not None:
        for reply in Reply:
            yield from states(TRIAGE.answer(state, reply))


STATES = list(states())
ENDS = [state for state in STATES if TRIAGE.current(state) is None]


def test_there_are_many_paths() -> None:
    assert len(ENDS) == 7 * 3 + (3 + 4) * 4 * 4**4


def test_an_emergency_is_never_missed() -> None:
    for end in ENDS:
        raised = any(q in EMERGENCIES and reply in RAISES for q, reply in end.answered)
        assert (TRIAGE.ending(end).urgency is Urgency.EMERGENCY) == raised, end


def test_what_is_urgent_or_cannot_be_ruled_out_is_urgent() -> None:
    for end in ENDS:
        said = dict(end.answered)
        raised = (
            said.get("balance") in RAISES
            or said.get("one-sided") in (Reply.UNSURE, Reply.UNANSWERED)
            or said.get("one-sided-moving") in RAISES
        )
        if raised:
            assert TRIAGE.ending(end).urgency.rank >= Urgency.URGENT.rank, end


def test_any_sign_or_doubt_is_at_least_soon_and_only_then() -> None:
    soon = ("recurring", "numbness", "heaviness", "headache")
    for end in ENDS:
        said = dict(end.answered)
        if any(said.get(q) in RAISES for q in soon):
            assert TRIAGE.ending(end).urgency.rank >= Urgency.SOON.rank, end
        if set(said.values()) == {Reply.NO}:
            assert TRIAGE.ending(end).urgency is Urgency.ROUTINE


def test_the_final_level_is_the_highest_reached_and_lower_advice_follows() -> None:
    for end in ENDS:
        ending = TRIAGE.ending(end)
        ranks = [FLOW.outcomes[outcome].urgency.rank for outcome in ending.outcomes]
        assert ranks == sorted(ranks, reverse=True)
        assert ending.urgency.rank == ranks[0]
        reached = {FLOW.steps[step].reach for step in end.answered} - {None}
        assert set(ending.outcomes) == (reached or {FLOW.otherwise})


def test_emergencies_are_asked_first() -> None:
    for end in ENDS:
        urgencies = [FLOW.questions[q].urgency for q, _ in end.answered]
        first_other = next((i for i, u in enumerate(urgencies) if u != "emergency"), None)
        assert first_other is None or "emergency" not in urgencies[first_other:]


def test_who_has_no_emergency_is_through_in_under_fifteen_questions() -> None:
    assert max(len(end.answered) for end in ENDS) < 15


def test_a_volunteered_emergency_counts_at_once_in_every_state() -> None:
    for state in STATES:
        for question in EMERGENCIES:
            told = TRIAGE.volunteer(state, [question])
            assert TRIAGE.current(told) is None
            assert TRIAGE.ending(told).urgency is Urgency.EMERGENCY


@pytest.mark.parametrize("question", FLOW.questions)
def test_a_volunteered_symptom_never_lowers_and_always_counts(question: str) -> None:
    level = FLOW.level(tuple(filter(None, [FLOW.steps[question, Reply.YES].reach])))
    for state in STATES[::7]:
        before, after = TRIAGE.ending(state), TRIAGE.ending(TRIAGE.volunteer(state, [question]))
        assert after.urgency.rank >= level.rank
        if TRIAGE.current(state) is None:  # nothing that was ruled in is ruled out again
            assert after.urgency.rank >= before.urgency.rank


def test_stopping_early_never_ends_lower_than_going_on_in_silence() -> None:
    for state in STATES:
        ending = TRIAGE.ending(state)
        silent = state
        while TRIAGE.current(silent) is not None:
            silent = TRIAGE.answer(silent, Reply.UNANSWERED)
        assert ending.urgency is TRIAGE.ending(silent).urgency
        assert ending.complete == (TRIAGE.current(state) is None)


def test_every_ending_says_what_to_do_what_to_watch_for_and_what_this_is_not() -> None:
    for state in STATES:
        ending = TRIAGE.ending(state)
        said = closing(FLOW, state, ending, PHRASES, "999").texts
        top = FLOW.outcomes[ending.outcomes[0]]
        if ending.urgency is Urgency.EMERGENCY:
            now = top.now.replace("{number}", "999")
            assert said[0] == now
            assert said[1].endswith(now)
        for outcome in ending.outcomes:
            assert FLOW.outcomes[outcome].advice[0] in " ".join(said)
        assert top.safety_net[0].replace("{number}", "999") in said
        assert PHRASES.disclaimer in said
        assert PHRASES.unreviewed in said
        assert "{" not in " ".join(said)


def test_nothing_that_is_said_reassures_or_names_a_disease() -> None:
    texts = " ".join(
        text
        for file in (
            *map(find_flow, flow_names()),
            *prompts().glob("groups/*"),
            prompts() / "phrases.en.yaml",
        )
        for text in [file.read_text().lower()]
    )
    for phrase in (
        "nothing is wrong", "nothing serious", "you are fine", "you're fine", "don't worry",
        "no need to", "harmless", "you have a ", "diagnos", "cauda equina", "anaesthesia",
    ):  # fmt: skip
        assert phrase not in texts


def test_every_fact_of_the_article_is_carried() -> None:
    assert set(FLOW.facts) == FACTS
    table = Path(__file__).parents[3] / "shared" / "CLINICAL.md"
    if table.exists():  # the table that the facts were taken from; a stranger's checkout lacks it
        assert set(re.findall(r"^\| ([A-Z]\d+) \|", table.read_text(), re.M)) == FACTS


def test_questions_are_short_and_in_plain_words() -> None:
    for name, question in FLOW.questions.items():
        assert len(question.ask.split()) <= 20, name
        assert question.ask.count("?") == 1, name
        assert len(question.help.split()) > len(question.ask.split()), name
