"""Nothing, something else, talk without end, halting answers, groans: the person is carried
through, and what can't be ruled out is never taken for a no."""

import re
from pathlib import Path

import numpy as np
import pytest
from dialogue import Dialogue, Event, Says
from people import Mouth, flow
from room import RATE, Room, read_sound
from sounds import SPEECH, cough, groan, halting, television
from voices import write

pytestmark = pytest.mark.aloud

FIRST = "bladder-control"


def gives_up_on_the_first_question(talk: Dialogue) -> list[Event]:
    """Three prompts, each different, then unsure, then an emergency that says why; the prompts."""
    settled = talk.events[-1]
    assert settled["event"] == "answered", "ask this when the question has been settled"
    assert talk.answered == [(FIRST, "unsure")]
    assert talk.asked == [(FIRST, "question"), (FIRST, "reprompt"), (FIRST, "reprompt")]
    prompts = [event for event in talk.events if event["event"] == "asked"]
    assert len({event["text"] for event in prompts}) == 3, "each prompt says something new"
    for word in ("yes", "no"):
        assert re.search(rf"\b{word}\b", prompts[2]["text"]), "how to answer, with the two words"
    talk.wait_for_shown(r"rul(e|ed)\b.*\bout", 60)  # why it says so, in the midst of the advice
    talk.stop()
    assert talk.outcome["urgency"] == "emergency"
    return prompts


def test_silence_throughout(room: Room) -> None:
    with Dialogue(room) as talk:
        talk.until(event="answered", seconds=120)
        assert {e["answer"] for e in talk.events if e["event"] == "heard"} == {"none"}
        prompts = gives_up_on_the_first_question(talk)
        assert "hear" in prompts[1]["text"], "silence is told as silence"
        talk.assert_heard_by_person(prompts[0]["text"])


def test_something_else_throughout(room: Room, mouth: Mouth) -> None:
    with Dialogue(room) as talk:
        nonsense = Says(
            mouth("computer seven")
        )  # everyday words that the model knows, and no answer
        talk.converse(lambda _: nonsense, 120, event="answered")
        assert all(e["text"] for e in talk.events if e["event"] == "heard")
        gives_up_on_the_first_question(talk)


@pytest.mark.parametrize("real", [True, False], ids=["real", "synthetic"])
def test_a_television_throughout(tmp_path: Path, room: Room, real: bool) -> None:
    if real and not SPEECH.is_dir():
        pytest.skip(f"NO TELEVISION OF REAL PEOPLE TESTED: their recordings belong in {SPEECH}")
    with Dialogue(room) as talk:
        talk.say(television(tmp_path / "television.wav", 200, real=real))
        talk.wait_for_shown("hospital", 190)
        talk.stop()
        # It may be taken for a yes or a symptom, which is safe, but not for an answer that closes.
        assert "no" not in dict(talk.answered).values()
        assert talk.outcome["urgency"] == "emergency"


def test_an_answer_over_a_television(tmp_path: Path, room: Room, mouth: Mouth) -> None:
    with Dialogue(room) as talk:
        talk.say(television(tmp_path / "television.wav", 100, real=False, level_dbfs=-45))
        talk.converse(lambda _: Says(mouth("yes")), 90, event="answered", question=FIRST)
        talk.stop()
        assert talk.answered[-1] == (FIRST, "yes")


def test_halting_answers_are_heard_to_their_end(tmp_path: Path, room: Room) -> None:
    halted: dict[str, list[str | float]] = {
        FIRST: ["um", 1.5, "no"],
        "leg-feeling": ["no", 1.5, "well", 1.2, "yes"],
    }
    means = {FIRST: "no", "leg-feeling": "yes"}

    def person(asked: Event) -> Says:
        name = asked["question"]
        assert name in halted, "half of an answer counted"
        parts: list[str | float] = halted[name]
        if asked["kind"] == "confirm":
            right = getattr(flow().questions[name].readback, means[name]) in asked["text"]
            parts = ["yes" if right else "no"]
        return Says(halting(parts, tmp_path / f"{name}-{asked['kind']}.wav"))

    with Dialogue(room) as talk:
        talk.converse(person, 90, event="answered", question="leg-feeling", answer="yes")
        assert dict(talk.answered) == means


def test_somebody_who_does_not_know(tmp_path: Path, room: Room) -> None:
    sound = halting(["I", 1.0, "don't", 0.8, "know"], tmp_path / "unsure.wav", "slt")
    with Dialogue(room) as talk:
        talk.converse(lambda _: Says(sound), 90, event="answered")
        assert talk.answered == [(FIRST, "unsure")]


def test_groans_and_coughs(tmp_path: Path, room: Room, mouth: Mouth) -> None:
    """Alone they are no answer; before an answer they don't spoil it."""
    pause = np.zeros(RATE * 7 // 10, np.int16)
    pained = {
        word: write(
            tmp_path / f"groan-{word}.wav",
            np.concatenate([noise, pause, read_sound(mouth(word))]),
            RATE,
        )
        for word, noise in {
            "no": read_sound(groan(tmp_path / "groan.wav")),
            "yes": read_sound(cough(tmp_path / "cough.wav")),
        }.items()
    }

    with Dialogue(room) as talk:
        talk.until(event="asked", seconds=60)
        talk.say(tmp_path / "cough.wav").wait()
        talk.say(tmp_path / "groan.wav").wait()
        again = talk.until(event="asked")
        assert again["question"] == FIRST, "nothing was answered"
        assert talk.answered == []

        def person(asked: Event) -> Says:
            if asked["question"] == FIRST and asked["kind"] != "confirm":
                return Says(pained["no"])
            return Says(pained["yes"])

        talk.answer(again, person)
        talk.converse(person, 60, event="answered", question="leg-feeling")
        assert talk.answered == [(FIRST, "no"), ("leg-feeling", "yes")]
