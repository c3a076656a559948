"""Nobody is there any more: the conversation ends, and never lower than silence would."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_triage.answers import Meaning
from voice_triage.assemble import script
from voice_triage.config import ABSENT_S
from voice_triage.conversation.conversation import Script
from voice_triage.conversation.dialogue import Dialogue, Director
from voice_triage.conversation.turn import Turn
from voice_triage.flow import Ending
from voice_triage.listen.heard import Heard

SILENCE = Heard("", 0.0, 8.0)
SAID = st.sampled_from(
    ["yes", "no", "not sure", "", "banana", "repeat", "go back", "stop", "hold on", "continue",
     "I feel dizzy", "slower"]
)  # fmt: skip


@pytest.fixture(scope="module", params=["back_spasms", "daily_check"])
def patient(request: pytest.FixtureRequest) -> Script:
    """Waits for ever."""
    return script(request.param, "GB")


def talked(script: Script, said: Sequence[str | Heard], dialogue: Dialogue | None = None) -> tuple[Dialogue, int]:  # fmt: skip
    """Where a conversation stands after these turns, and how many of them there were."""
    director = Director(script)
    if dialogue is None:
        dialogue, move = director.begin()
    else:
        _, move = director.resume(dialogue)
    turns = 0
    for each in said:
        if move.listen is None:
            break
        heard = Heard(each, 1.0, 1.0) if isinstance(each, str) else each
        answer = script.understanding.interpret(move.listen.question, heard.text)
        dialogue, move = director.hear(dialogue, Turn(heard, answer))
        turns += 1
    return dialogue, turns


def ending(script: Script, dialogue: Dialogue) -> Ending:
    return Director(script).ending(dialogue)


@given(st.lists(SAID, max_size=40))
def test_leaving_ends_as_urgently_as_staying_in_silence(patient: Script, said: list[str]) -> None:
    kiosk = replace(patient, absent_s=ABSENT_S)
    for_ever = [SILENCE] * 2_000
    left, _ = talked(kiosk, [*said, *for_ever])
    stayed, _ = talked(patient, [*said, *for_ever])
    before, _ = talked(patient, said)
    assert ending(kiosk, left).urgency is ending(patient, stayed).urgency
    assert ending(kiosk, left).urgency.rank >= ending(patient, before).urgency.rank


def test_it_ends_a_minute_after_the_third_prompt_as_unfinished(shipped: Script) -> None:
    kiosk = replace(shipped, absent_s=ABSENT_S)
    emergencies = sum(q.urgency == "emergency" for q in shipped.flow.questions.values())
    answered, _ = talked(kiosk, ["no"] * emergencies)
    _, all_turns = talked(shipped, [SILENCE] * 2_000, answered)
    left, turns = talked(kiosk, [SILENCE] * 2_000, answered)
    # Two prompts in vain, and from the third one on 60 s, in turns of 8 s.
    assert turns == 2 + 8
    assert turns < all_turns
    assert left.over
    assert not ending(kiosk, left).complete
    assert left.known.answered[-1][0] in shipped.flow.questions


def test_whoever_says_anything_is_there(shipped: Script) -> None:
    kiosk = replace(shipped, absent_s=ABSENT_S)
    emergencies = sum(q.urgency == "emergency" for q in shipped.flow.questions.values())
    noise = Heard("[unk]", 0.0, 20.0)
    said = [*(["no"] * emergencies), *([SILENCE] * 7), noise, *([SILENCE] * 2)]
    dialogue, turns = talked(kiosk, said)
    assert turns == len(said)
    assert not dialogue.over


def test_who_asked_to_wait_is_waited_for(patient: Script) -> None:
    kiosk = replace(patient, absent_s=ABSENT_S)
    assert patient.understanding.interpret(None, "hold on").meaning is Meaning.PAUSE
    dialogue, turns = talked(kiosk, [SILENCE, SILENCE, "hold on", Heard("", 0.0, 300.0), "no"])
    assert turns == 5
    assert not dialogue.over
