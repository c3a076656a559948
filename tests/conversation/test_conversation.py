"""The loop, with scripted ears: what is asked, what counts, and how it ends."""

import pytest
from talks import EMERGENCIES, MUMBLED_NO, NO, Says

from voice_triage.conversation.conversation import Conversation, Script
from voice_triage.conversation.events import Ended, Event, Said
from voice_triage.conversation.voice import Speaking
from voice_triage.errors import MicrophoneError
from voice_triage.flow import Urgency
from voice_triage.listen.heard import Heard
from voice_triage.speak.earcons import Earcon
from voice_triage.speak.manner import Manner
from voice_triage.testing import RememberingVoice, ScriptedEars


def test_yes_to_an_emergency_ends_at_once(says: Says) -> None:
    talk = says(["yes"])
    assert talk.ending.urgency is Urgency.EMERGENCY
    assert talk.asked == [("bladder-control", "question")]
    assert talk.json() == [
        {"event": "asked", "question": "bladder-control", "kind": "question",
         "text": "Have you lost control of your bladder?"},
        {"event": "heard", "text": "yes", "answer": "yes", "confidence": 1.0},
        {"event": "answered", "question": "bladder-control", "answer": "yes"},
        {"event": "outcome", "urgency": "emergency", "outcomes": ["immediate"], "complete": True},
    ]  # fmt: skip


def test_no_to_everything_takes_thirteen_questions(says: Says) -> None:
    talk = says([NO] * 13)
    assert talk.ending.urgency is Urgency.ROUTINE
    assert talk.ending.complete
    assert [kind for _, kind in talk.asked] == ["question"] * 13


@pytest.mark.parametrize("doubt", ["not sure", "I don't know", "maybe"])
def test_not_sure_about_an_emergency_is_an_emergency(says: Says, doubt: str) -> None:
    talk = says([NO, NO, doubt])
    assert talk.ending.urgency is Urgency.EMERGENCY
    assert "couldn't rule it out" in " ".join(talk.texts())


def test_silence_is_asked_twice_more_and_then_is_an_emergency(says: Says) -> None:
    talk = says(["", "", ""])
    assert talk.asked == [
        ("bladder-control", "question"),
        ("bladder-control", "reprompt"),
        ("bladder-control", "reprompt"),
    ]
    assert talk.ending.urgency is Urgency.EMERGENCY
    assert talk.answered() == [("bladder-control", "unanswered")]
    assert talk.json()[-2]["answer"] == "unsure"


def test_silence_and_nonsense_have_their_own_escalating_prompts(says: Says) -> None:
    silent, garbled = says(["", "", ""]).texts(), says(["banana"] * 3).texts()
    assert "I didn't hear anything. Have you lost" in " ".join(silent)
    assert "I still hear nothing. Please say yes, no, or not sure. Have" in " ".join(silent)
    assert "Sorry, I didn't get that. Have you lost" in " ".join(garbled)
    assert "Please say just yes, no, or not sure. Have" in " ".join(garbled)


def test_re_asks_are_counted_anew_for_each_question(says: Says) -> None:
    talk = says(["", "", NO, "", "", NO, "yes"])
    assert talk.asked[-1] == ("leg-control", "question")


def test_silence_on_a_lesser_question_goes_on_and_raises_the_level(says: Says) -> None:
    talk = says([NO] * EMERGENCIES + [""] * 3 + [NO] * 5)
    assert talk.ending.urgency is Urgency.URGENT
    assert talk.ending.complete
    assert "I go on without an answer to that." in talk.texts()


@pytest.mark.parametrize("doubtful", [MUMBLED_NO, "not really", "no banana", "I don't think so"])
def test_a_doubtful_no_to_an_emergency_is_read_back(says: Says, doubtful: str | Heard) -> None:
    talk = says([NO, doubtful, "yes", "yes"])
    assert talk.asked[1:3] == [("leg-feeling", "question"), ("leg-feeling", "confirm")]
    assert "I heard that you can feel both your legs. Is that right?" in talk.texts()
    assert talk.answered()[1] == ("leg-feeling", "no")


def test_a_lesser_question_takes_a_mumbled_no_and_reads_back_a_doubtful_one(says: Says) -> None:
    talk = says([NO] * EMERGENCIES + [MUMBLED_NO, "not really", "yes"] + [NO] * 4)
    assert [q for q, kind in talk.asked if kind == "confirm"] == ["one-sided"]
    assert talk.ending.urgency is Urgency.ROUTINE


def test_a_doubtful_yes_is_read_back_and_any_yes_to_that_counts(says: Says) -> None:
    talk = says(["I think so", "kind of, I think so"])
    assert talk.asked[1] == ("bladder-control", "confirm")
    assert "I heard that you have lost control of your bladder. Is that right?" in talk.texts()
    assert talk.ending.urgency is Urgency.EMERGENCY


def test_a_contradiction_is_read_back_as_the_worse_of_the_two(says: Says) -> None:
    talk = says(["yes no", "no", NO, "yes", "yes"])
    assert [kind for _, kind in talk.asked[:4]] == ["question", "confirm", "reprompt", "confirm"]
    assert "I heard that you have lost control of your bladder. Is that right?" in talk.texts()
    assert "I heard that you can control your bladder. Is that right?" in talk.texts()


def test_a_denied_readback_asks_again_and_then_reads_back_even_a_clear_no(says: Says) -> None:
    talk = says([MUMBLED_NO, NO, NO, "yes", "yes"])
    assert [kind for _, kind in talk.asked[:4]] == ["question", "confirm", "reprompt", "confirm"]
    assert talk.answered()[0] == ("bladder-control", "no")


def test_a_contradiction_that_confirming_does_not_settle_is_an_emergency(says: Says) -> None:
    talk = says([MUMBLED_NO, NO] * 3)
    assert talk.ending.urgency is Urgency.EMERGENCY
    assert talk.answered() == [("bladder-control", "unanswered")]


@pytest.mark.parametrize("unsettled", [["", "", ""], ["banana"] * 3, ["not sure"]])
def test_an_unsettled_readback_is_an_emergency(says: Says, unsettled: list[str]) -> None:
    assert says([MUMBLED_NO, *unsettled]).ending.urgency is Urgency.EMERGENCY


def test_a_mumbled_yes_to_a_readback_is_read_back_again(says: Says) -> None:
    talk = says([MUMBLED_NO, Heard("yes", 0.2, 1.0), "yes", "yes"])
    assert [kind for _, kind in talk.asked[:3]] == ["question", "confirm", "confirm"]


def test_an_utterance_with_lost_sound_is_not_understood(says: Says) -> None:
    talk = says([Heard("no", 1.0, 1.0, lost=2), "yes"])
    assert talk.asked[1] == ("bladder-control", "reprompt")


def test_a_volunteered_emergency_counts_at_once(says: Says) -> None:
    talk = says([NO, NO, "my arm is numb"])
    assert talk.ending.urgency is Urgency.EMERGENCY
    assert talk.answered()[-1] == ("arm-feeling", "yes")


def test_a_volunteered_lesser_symptom_is_noted_and_the_question_asked_again(says: Says) -> None:
    talk = says(["I have a headache", *[NO] * 12])
    assert talk.asked[1] == ("bladder-control", "reprompt")
    assert "I've noted that you get headaches at the back of your head." in talk.texts()[4]
    assert talk.ending.urgency is Urgency.SOON
    assert ("headache", "question") not in talk.asked


def test_a_symptom_that_answers_the_question_asked_settles_it(says: Says) -> None:
    talk = says([NO] * EMERGENCIES + ["I keep falling"] + [NO] * 5)
    assert talk.answered()[EMERGENCIES] == ("balance", "yes")
    assert talk.ending.urgency is Urgency.URGENT


def test_the_same_symptom_over_and_over_does_not_go_round_for_ever(says: Says) -> None:
    talk = says(["I have a headache"] * 10)
    assert talk.ending.urgency is Urgency.EMERGENCY
    assert len(talk.asked) == 4


def test_a_symptom_beside_an_answer_counts_too(says: Says) -> None:
    talk = says([NO] * EMERGENCIES + ["yes and my head, I mean I have a headache"])
    assert ("headache", "yes") in talk.answered()


def test_endless_talk_has_its_own_prompts_and_what_it_holds_is_read_back(says: Says) -> None:
    talking = Heard("[unk] [unk]", 0.0, 20.0, babble=True)
    talk = says([talking] * 3)
    assert "That was too much for me. Have you" in " ".join(talk.texts())
    assert "I hear talking all the time. Please say just" in " ".join(talk.texts())
    assert talk.ending.urgency is Urgency.EMERGENCY
    talk = says([Heard("yes", 1.0, 20.0, babble=True), "yes"])
    assert talk.asked[1] == ("bladder-control", "confirm")


def test_what_goes_on_after_a_pause_replaces_what_was_taken(says: Says) -> None:
    on = Heard("no well yes", 1.0, 5.0, continues=True)
    talk = says([NO, on, "yes"])
    assert talk.asked[:3] == [
        ("bladder-control", "question"),
        ("leg-feeling", "question"),
        ("bladder-control", "confirm"),
    ]
    assert talk.ending.urgency is Urgency.EMERGENCY
    assert talk.ears.turns[2].patient
    assert talk.answered() == [("bladder-control", "no"), ("bladder-control", "yes")]


def test_a_microphone_that_was_away_is_told_and_the_question_asked_again(says: Says) -> None:
    talk = says([NO, Heard("no", 1.0, 1.0, interrupted=True), "yes"])
    assert talk.asked[2] == ("leg-feeling", "reprompt")
    assert "I can hear you again. Is either of your legs" in " ".join(talk.texts())
    assert says([Heard("", 0, 1, interrupted=True)] * 9).ending.urgency is Urgency.EMERGENCY


def test_the_tones_say_when_it_listens_and_what_it_heard(says: Says) -> None:
    tones = says([NO, "", "yes"]).voice.tones
    assert [tone.name for tone in tones] == [
        "LISTENING", "HEARD", "LISTENING", "LISTENING",
    ]  # fmt: skip


def test_what_comes_next_was_rendered_ahead(shipped: Script) -> None:
    class Checking(RememberingVoice):
        def begin(self, text: str, manner: Manner, after: Earcon | None = None) -> Speaking:
            if self.prepared:
                assert text in self.prepared, text
            return super().begin(text, manner, after)

    said = [NO, MUMBLED_NO, "yes", "banana", "", NO, "help", "repeat", "go back", NO, "stop", NO]
    Conversation(shipped, ScriptedEars(said), Checking(), lambda _: None).run()


def test_the_end_of_the_answers_ends_as_silence_would(says: Says) -> None:
    assert says([]).ending.urgency is Urgency.EMERGENCY
    assert says([NO] * EMERGENCIES).ending.urgency is Urgency.URGENT
    assert not says([NO] * 12).ending.complete
    assert says([NO] * 12).ending.urgency is Urgency.SOON


def test_numbers_are_spoken_digit_by_digit_and_shown_whole(says: Says) -> None:
    talk = says(["yes"])
    assert "Call 999 now" in talk.texts()[4]
    assert any("Call 9 9 9 now" in said for said in talk.voice.said)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), MicrophoneError("gone")])
def test_whatever_cuts_it_short_the_advice_is_given(shipped: Script, error: BaseException) -> None:
    events: list[Event] = []
    voice = RememberingVoice()
    conversation = Conversation(shipped, ScriptedEars([NO, error]), voice, events.append)
    with pytest.raises(type(error)):
        conversation.run()
    ended = events[-1]
    assert isinstance(ended, Ended)
    assert ended.ending.urgency is Urgency.EMERGENCY
    assert not ended.ending.complete
    assert any("Call 999 now" in e.text for e in events if isinstance(e, Said))
    aloud = any("Call" in said for said in voice.said[3:])
    assert aloud != isinstance(error, KeyboardInterrupt), "Ctrl-C is silent at once"


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_what_breaks_the_advice_off_leaves_all_of_it_on_the_screen(
    shipped: Script, error: type[BaseException]
) -> None:
    class Interrupted(RememberingVoice):
        def say(self, text: str, manner: Manner = Manner()) -> bool:
            if text.startswith("Take no chance"):
                raise error
            return super().say(text, manner)

    events: list[Event] = []
    conversation = Conversation(shipped, ScriptedEars(["yes"]), Interrupted(), events.append)
    with pytest.raises(error):
        conversation.run()
    texts = [e.text for e in events if isinstance(e, Said)]
    assert shipped.phrases.unreviewed in texts
    assert len(texts) == len(set(texts))
    assert isinstance(events[-1], Ended)
