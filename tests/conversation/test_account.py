"""A conversation told from its turns alone: as it went, in the words of its answers."""

from hypothesis import given
from hypothesis import strategies as st
from reports import AT, NUMBER, PHRASES
from test_conversation_properties import UTTERANCES

from voice_triage.conversation.account import Account, account
from voice_triage.conversation.conversation import Conversation, Script
from voice_triage.conversation.turn import Turn
from voice_triage.flow import Ending
from voice_triage.listen.heard import Heard
from voice_triage.record.report import report
from voice_triage.record.report_text import text
from voice_triage.testing import RememberingVoice, ScriptedEars


def told(script: Script, *said: str | Heard) -> tuple[Ending, Account, Conversation]:
    turns: list[Turn] = []
    talk = Conversation(
        script, ScriptedEars(said), RememberingVoice(), lambda _: None,
        lambda _, turn: turns.append(turn),
    )  # fmt: skip
    ending = talk.run()
    return ending, account(script, turns), talk


@given(st.lists(UTTERANCES, max_size=40))
def test_it_stands_where_the_conversation_stood(shipped: Script, said: list[str | Heard]) -> None:
    ending, found, talk = told(shipped, *said)
    assert found.dialogue.known == talk.dialogue.known
    assert talk.director.ending(found.dialogue) == ending


@given(st.lists(UTTERANCES, max_size=40))
def test_a_report_of_it_has_every_sign_that_counts(
    shipped: Script, said: list[str | Heard]
) -> None:
    """From what was said to what the paper says: with silence, mumbling and commands between."""
    ending, found, talk = told(shipped, *said)
    known = talk.director.ending(found.dialogue)
    assert known == ending
    of = report(shipped.flow, found.dialogue.known, AT, NUMBER, "1", found.words)
    assert of.urgency is ending.urgency
    paper = text(of, PHRASES)
    state = found.dialogue.known
    for name, question in shipped.flow.questions.items():
        if name in state.volunteered or dict(state.answered).get(name) == question.sign:
            assert f"- {question.readback.yes[0].upper()}{question.readback.yes[1:]}" in paper
    if "I can't feel my legs" in said[: len(found.words)]:
        assert "A leg is so numb" in paper


def test_the_words_are_those_of_the_answers(shipped: Script) -> None:
    mumbled = Heard("no", 0.3, 1.0)
    _, found, _ = told(shipped, "help", "banana", "nope", mumbled, "yes", "repeat", "", "not sure")
    assert found.words == {
        "bladder-control": "nope",
        "leg-feeling": "no",
        "leg-control": "not sure",
    }


def test_a_symptom_is_told_in_its_own_words(shipped: Script) -> None:
    _, found, _ = told(shipped, "no", "I have a headache", "no", "my arm is numb")
    assert found.words == {
        "bladder-control": "no",
        "headache": "I have a headache",
        "leg-feeling": "no",
        "arm-feeling": "my arm is numb",
    }


def test_what_goes_on_stands_instead_of_what_was_heard_first(shipped: Script) -> None:
    _, found, _ = told(shipped, "no", Heard("no well not sure", 1.0, 1.0, continues=True))
    assert found.words == {"bladder-control": "no well not sure"}
