"""Where answers come from, and what happens when that fails midway."""

import io

import pytest

from voice_triage.conversation.conversation import Conversation, Script
from voice_triage.conversation.ears import FallbackEars, TypedEars
from voice_triage.conversation.events import Event
from voice_triage.conversation.reviving_ears import RevivingEars
from voice_triage.conversation.turn import Listen
from voice_triage.errors import AudioError, MicrophoneError
from voice_triage.flow import Urgency
from voice_triage.testing import RememberingVoice, ScriptedEars, Spoken

ANY = Listen("any")


def test_typed_answers_are_lines_and_end_with_the_input() -> None:
    ears = TypedEars(io.StringIO("no\n\n  yes  "))
    assert [ears.hear(ANY, None, lambda _: None).text for _ in range(3)] == ["no", "", "yes"]
    assert ears.hear(ANY, None, lambda _: None).ended


def test_a_microphone_that_goes_midway_leaves_the_keyboard(shipped: Script) -> None:
    told: list[AudioError] = []
    events: list[Event] = []
    microphone = ScriptedEars(["no", MicrophoneError("unplugged"), "never heard"])
    ears = FallbackEars(microphone, TypedEars(io.StringIO("no\nyes\n")), told.append)
    ending = Conversation(shipped, ears, RememberingVoice(), events.append).run()
    assert ending.urgency is Urgency.EMERGENCY
    assert ending.complete
    assert [listen.question for listen in microphone.turns] == ["bladder-control", "leg-feeling"]
    assert [str(error) for error in told] == ["unplugged"]


def test_when_both_fail_nothing_is_hidden(shipped: Script) -> None:
    told: list[AudioError] = []
    gone = ScriptedEars([MicrophoneError("unplugged")])
    ears = FallbackEars(gone, ScriptedEars([MicrophoneError("gone too")]), told.append)
    events: list[Event] = []
    with pytest.raises(MicrophoneError, match="gone too"):
        Conversation(shipped, ears, RememberingVoice(), events.append).run()


def test_a_microphone_that_is_away_is_looked_for_on_and_on_and_told_of_once() -> None:
    """Whatever ends the wait, somebody who touches the screen for instance, ends only the turn."""

    class TouchedError(Exception):
        pass

    def pause(_seconds: float) -> None:
        if opened == 2:
            raise TouchedError

    def open_ears() -> ScriptedEars:
        nonlocal opened
        opened += 1
        if 1 < opened < 5:
            raise MicrophoneError("still away")
        return ScriptedEars(["no", MicrophoneError("unplugged")] if opened == 1 else ["yes"])

    opened = 0
    told: list[str] = []
    ears = RevivingEars(open_ears, lambda error: told.append(str(error)), 60, pause)
    assert ears.hear(ANY, None, lambda _: None).text == "no"
    with pytest.raises(TouchedError):
        ears.hear(ANY, None, lambda _: None)
    ears.attend(Spoken())
    heard = ears.hear(ANY, Spoken(), lambda _: None)
    assert heard.interrupted, "it is asked again, for nothing was heard"
    assert ears.hear(ANY, None, lambda _: None).text == "yes"
    assert told == ["unplugged"]
    assert opened == 5


def test_a_microphone_that_stays_away_is_given_up() -> None:
    opened = iter([ScriptedEars([MicrophoneError("unplugged")])])

    def open_ears() -> ScriptedEars:
        found = next(opened, None)
        if found is None:
            raise MicrophoneError("still away")
        return found

    ears = RevivingEars(open_ears, lambda _: None, 0.05, lambda _: None)
    with pytest.raises(MicrophoneError, match="still away"):
        ears.hear(ANY, None, lambda _: None)
