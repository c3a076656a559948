"""`rehearse`: the reason for every step, as the engine has it."""

import re

import pytest
from flows import REPLIES, any_flow
from hypothesis import given, settings
from hypothesis import strategies as st
from programs import run

from voice_triage import assemble
from voice_triage.conversation.script import Script
from voice_triage.conversation.understanding import Understanding
from voice_triage.flow import Flow
from voice_triage.rehearsal import rehearse

SCRIPTS = {name: assemble.script(name, None) for name in ("back_spasms", "daily_check")}
TYPED = {"yes": "yes", "no": "no", "unsure": "not sure", "unanswered": ""}


def shown(*answers: str, flow: str = "back_spasms") -> str:
    return "\n".join(rehearse(SCRIPTS[flow], answers))


def test_each_step_says_why_and_what_it_has_come_to() -> None:
    told = shown(*["no"] * 7, "not sure", "no", "stop")
    assert "bladder-control: Have you lost control of your bladder?\n" in told
    assert "next because: the flow starts here" in told
    assert "next because: 'no' to 'bladder-control' leads here" in told
    assert "rests on: [W2] Balance or coordination that suddenly goes" in told
    assert "counts as: unsure" in told
    assert "reached so far: today\n  if it stopped here: urgent" in told
    assert "ends as urgent, stopped early" in told
    assert "today: Have a doctor see you today.\n  because: 'unsure' to 'balance'" in told


def test_what_ends_it_is_named() -> None:
    told = shown("no", "")
    assert "counts as: unanswered" in told
    assert "ends as emergency\n" in told
    assert "because: 'unanswered' to 'leg-feeling'" in told
    told = shown("I can't feel my legs")
    assert "reported, and counts at once: leg-feeling" in told
    assert "because: 'yes' to 'leg-feeling'" in told
    assert "because: no answer reached anything" in shown(*["no"] * 13)


def test_a_question_that_is_passed_over_and_one_that_is_not() -> None:
    assert "headache: Do you get" not in shown(*["no"] * 9, flow="daily_check")
    told = shown(*["no"] * 8, "yes", flow="daily_check")
    assert "headache: Do you get" in told


def test_going_back_and_what_is_no_answer() -> None:
    told = shown("no", "go back", "banana", "stop")
    assert told.count("bladder-control: Have you") == 3
    assert "the last answer is taken back" in told
    assert "not an answer to the question" in told


@given(any_flow(), st.lists(st.sampled_from(REPLIES), max_size=6))
@settings(deadline=None, max_examples=40)
def test_any_flow_can_be_rehearsed(flow: Flow, replies: list[str]) -> None:
    kept = SCRIPTS["back_spasms"]
    script = Script(
        flow, kept.phrases, Understanding(flow, assemble.lexicon()), kept.number, kept.limits,
        kept.pause_ms, kept.help_ms,
    )  # fmt: skip
    told = list(rehearse(script, [TYPED[reply] for reply in replies]))
    assert sum("counts as:" in line for line in told) <= len(replies)
    assert sum(bool(re.match("ends as", line)) for line in told) == 1


@pytest.mark.parametrize("typed", ["", "no\n", "stop\n"])
def test_the_command(typed: str) -> None:
    done = run("rehearse", typed=typed)
    assert done.code == 0
    assert done.said_plainly()
    assert "ends as emergency, stopped early" in done.out
