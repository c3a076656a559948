"""Commands, at any time: what the program does, and what the question stands at afterwards."""

from dataclasses import replace

import pytest
from talks import MUMBLED_NO, NO, Says

from voice_triage.conversation.conversation import Conversation
from voice_triage.conversation.script import Script
from voice_triage.flow import Urgency
from voice_triage.listen.heard import Heard
from voice_triage.speak.manner import Manner
from voice_triage.testing import RememberingVoice, ScriptedEars


def test_repeat_and_help_leave_the_question_open(says: Says) -> None:
    talk = says(["say that again", "what does that mean", "yes"])
    assert [kind for _, kind in talk.asked] == ["question", "reprompt", "reprompt"]
    assert talk.texts()[4] == "Have you lost control of your bladder?"
    assert "pee comes out" in talk.texts()[5]
    assert "call 999, I can't call for you. Have you" in talk.texts()[5]


def test_repeat_while_confirming_repeats_the_readback(says: Says) -> None:
    talk = says([MUMBLED_NO, "repeat", "yes", "yes"])
    assert [kind for _, kind in talk.asked[:3]] == ["question", "confirm", "confirm"]


def test_going_back_undoes_the_last_answer(says: Says) -> None:
    talk = says([NO, "go back", "yes"])
    assert [q for q, _ in talk.asked] == ["bladder-control", "leg-feeling", "bladder-control"]
    assert "I take back that you can control your bladder." in talk.texts()
    assert talk.ending.urgency is Urgency.EMERGENCY


def test_there_is_nothing_before_the_first_question(says: Says) -> None:
    talk = says(["go back", "yes"])
    assert "This is the first question. Have you lost" in talk.texts()[4]


def test_going_back_from_a_readback_takes_back_what_was_read(says: Says) -> None:
    talk = says([NO, MUMBLED_NO, "go back", NO, "yes", "yes"])
    assert [q for q, _ in talk.asked[:4]] == ["bladder-control", *["leg-feeling"] * 3]
    assert [kind for _, kind in talk.asked[2:5]] == ["confirm", "reprompt", "confirm"]


def test_starting_again_forgets_the_answers_but_no_symptom(says: Says) -> None:
    talk = says([NO, "I have a headache", NO, "start again", *[NO] * 12])
    assert "I start again." in talk.texts()
    assert [q for q, _ in talk.asked].count("bladder-control") == 2
    assert talk.ending.urgency is Urgency.SOON


def test_pace_and_loudness_stay_as_asked_for(says: Says) -> None:
    talk = says(["slower", "louder", NO, "faster", "quieter", "yes"])
    said = dict(zip(talk.voice.said, talk.voice.manners, strict=True))
    assert [kind for _, kind in talk.asked[:3]] == ["question", "reprompt", "reprompt"]
    assert "I speak slower now. Have you lost control of your bladder?" in talk.texts()
    usual = said[talk.texts()[0]]
    changed = said["Is either of your legs so numb that you can't feel it?"]
    assert changed.words_per_minute < usual.words_per_minute
    assert changed.gain_db > usual.gain_db
    assert talk.voice.manners[-1] == usual


def test_there_is_a_limit_to_loudness(says: Says) -> None:
    talk = says([*["louder"] * 5, "yes"])
    assert "I can't do more than this. Have you lost" in " ".join(talk.texts())


def test_continue_without_a_pause_asks_again(says: Says) -> None:
    assert says(["continue", "yes"]).asked[1] == ("bladder-control", "reprompt")


def test_help_gives_time_to_try(says: Says) -> None:
    talk = says(["help", "yes"])
    assert [listen.begin_ms for listen in talk.ears.turns] == [None, 20_000]


def test_hold_on_waits_until_continue_and_asks_again(says: Says) -> None:
    talk = says(["hold on", "continue", "yes"])
    assert [kind for _, kind in talk.asked] == ["question", "notice", "reprompt"]
    assert talk.ears.turns[1].begin_ms == 300_000


def test_other_talk_in_a_pause_is_passed_over_in_silence(says: Says) -> None:
    said = [Heard("[unk]", 0.0, 100.0), Heard("[unk] [unk]", 0.0, 150.0), "continue", "yes"]
    talk = says(["hold on", *said])
    assert [kind for _, kind in talk.asked] == ["question", "notice", "reprompt"]
    assert [listen.begin_ms for listen in talk.ears.turns[1:4]] == [300_000, 200_000, 50_000]


def test_a_pause_ends_after_five_minutes_and_no_question_is_skipped(says: Says) -> None:
    talk = says(["hold on", Heard("[unk]", 0.0, 300.0), Heard("", 0.0, 8.0), "", "", ""])
    assert talk.asked[2] == ("bladder-control", "reprompt")
    assert "I go on. Have you lost control of your bladder?" in talk.texts()
    assert talk.ending.urgency is Urgency.EMERGENCY


@pytest.mark.parametrize("reply", ["yes", "no"])
def test_an_answer_in_a_pause_may_be_meant_for_others_and_is_read_back(
    says: Says, reply: str
) -> None:
    talk = says(["hold on", reply, "yes", "yes"])
    assert talk.asked[2] == ("bladder-control", "confirm")
    assert talk.answered()[0] == ("bladder-control", reply)


def test_stop_and_back_are_heard_in_a_pause(says: Says) -> None:
    assert says([NO, "hold on", "stop", "yes"]).asked[-1] == ("leg-feeling", "confirm")
    assert ("bladder-control", "question") in says([NO, "hold on", "go back", "yes"]).asked[1:]


def test_a_symptom_reported_while_waiting_counts(says: Says) -> None:
    assert says(["hold on", "I can't feel my legs"]).ending.urgency is Urgency.EMERGENCY


def test_stop_is_confirmed_and_ends_with_what_could_not_be_ruled_out(says: Says) -> None:
    talk = says([NO, "stop", "yes"])
    assert talk.asked[-1] == ("leg-feeling", "confirm")
    assert not talk.ending.complete
    assert talk.ending.urgency is Urgency.EMERGENCY
    assert "We stopped before all questions were answered" in " ".join(talk.texts())


def test_stop_after_the_emergencies_ends_with_what_is_still_open(says: Says) -> None:
    talk = says([NO] * 10 + ["stop", "stop"])
    assert talk.ending.urgency is Urgency.SOON


@pytest.mark.parametrize("then", [NO, "", "banana"])
def test_a_stop_that_is_not_confirmed_goes_on(says: Says, then: str) -> None:
    talk = says(["stop", then, NO, "yes"])
    assert talk.ending.complete


def test_too_many_commands_are_not_understood(says: Says) -> None:
    talk = says(["repeat"] * 50)
    assert talk.ending.urgency is Urgency.EMERGENCY
    assert len(talk.asked) == 1 + 5 + 2


def test_it_speaks_from_the_beginning_as_the_script_says(shipped: Script) -> None:
    own = Manner(words_per_minute=110, gain_db=8.0)
    voice = RememberingVoice()
    Conversation(
        replace(shipped, manner=own), ScriptedEars(["yes"]), voice, lambda _event: None
    ).run()
    assert set(voice.manners) == {own}
