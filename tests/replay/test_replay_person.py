"""Who answers as a scenario says: which piece they do when."""

from typing import Any

import pytest

from voice_triage.assemble import script
from voice_triage.conversation.events import Asked, Prompt
from voice_triage.conversation.script import Script
from voice_triage.replay.person import Person
from voice_triage.replay.scenario import Scenario

LEG = "leg-feeling"


@pytest.fixture(scope="session")
def shipped() -> Script:
    return script(None, "GB")


class Scene:
    """Asks a person, and tells what they did."""

    def __init__(self, shipped: Script, pieces: Any, **more: Any) -> None:
        self.script = shipped
        given = {"flow": "back_spasms", "name": "a test", "expect": {}, "answers": {LEG: pieces}}
        self.person = Person(Scenario.model_validate({**given, **more}), shipped)

    def ask(self, kind: Prompt = Prompt.REPROMPT, text: str = "", question: str = LEG) -> list[str]:
        self.person.told(Asked(question, kind, text))
        self.person.is_listened_to()
        done: list[str] = []
        while (piece := self.person.next()) is not None:
            done.append(piece.say or piece.audio or f"{piece.silence:g}")
            assert len(done) < 10
        return done

    def check(self, statement: str) -> list[str]:
        return self.ask(Prompt.CONFIRM, self.script.phrases.confirm.format(statement=statement))


def test_one_sound_each_time_and_the_last_one_again(shipped: Script) -> None:
    scene = Scene(shipped, [{"say": "um"}, {"say": "yes"}])
    assert [scene.ask() for _ in range(4)] == [["um"], ["yes"], ["yes"], ["yes"]]


def test_a_silence_joins_sounds(shipped: Script) -> None:
    scene = Scene(shipped, [{"say": "no"}, {"silence": "1.5s"}, {"say": "yes"}])
    assert scene.ask() == ["no", "1.5", "yes"]


def test_who_falls_silent_stays_silent(shipped: Script) -> None:
    scene = Scene(shipped, [{"say": "um"}, {"silence": "9s"}])
    assert [scene.ask(), scene.ask(), scene.ask()] == [["um", "9"], [], []]


def test_what_is_left_of_a_silence_comes_next(shipped: Script) -> None:
    scene = Scene(shipped, [{"silence": "9s"}, {"say": "yes"}])
    scene.person.told(Asked(LEG, Prompt.QUESTION, ""))
    scene.person.is_listened_to()
    assert scene.person.next() is not None
    scene.person.is_cut_off(1.0)
    assert scene.ask() == ["1", "yes"]


def test_other_questions_have_their_own_pieces(shipped: Script) -> None:
    scene = Scene(shipped, {"say": "yes"}, otherwise={"say": "no"})
    assert scene.ask() == ["yes"]
    assert scene.ask(question="balance") == ["no"]
    assert Scene(shipped, {"say": "yes"}).ask(question="balance") == []


@pytest.mark.parametrize(
    ("pieces", "to_yes", "to_no"),
    [
        ({"say": "yes"}, ["yes"], ["no"]),
        ({"say": "not really"}, ["no"], ["yes"]),
        ([{"say": "not really"}, {"say": "yeah"}], ["yes"], ["no"]),
        ({"say": "can't feel my legs"}, ["yes"], ["no"]),
        ({"audio": "mumble.wav", "means": "yes"}, ["yes"], ["no"]),
        ({"say": "i don't know"}, ["i don't know"], ["i don't know"]),
        ({"say": "banana"}, ["banana"], ["banana"]),
        ({"audio": "mumble.wav"}, ["mumble.wav"], ["mumble.wav"]),
    ],
)
def test_they_agree_by_what_they_mean(
    shipped: Script, pieces: Any, to_yes: list[str], to_no: list[str]
) -> None:
    readback = shipped.flow.questions[LEG].readback
    scene = Scene(shipped, pieces)
    scene.ask()
    assert scene.check(readback.yes) == to_yes
    assert scene.check(readback.no) == to_no


def test_in_words_of_their_own(shipped: Script) -> None:
    readback = shipped.flow.questions[LEG].readback
    scene = Scene(shipped, {"say": "yes"}, agrees="correct", disagrees="wrong")
    assert scene.check(readback.yes) == ["correct"]
    assert scene.check(readback.no) == ["wrong"]


def test_in_recordings_of_their_own(shipped: Script) -> None:
    readback = shipped.flow.questions[LEG].readback
    own = {"agrees": {"audio": "right.wav"}, "disagrees": {"audio": "wrong.wav"}}
    for pieces in ({"say": "yes", "pace": 120}, {"audio": "mumble.wav", "means": "yes"}):
        scene = Scene(shipped, pieces, **own)
        assert scene.check(readback.yes) == ["right.wav"]
        assert scene.check(readback.no) == ["wrong.wav"]


def test_shall_i_stop_is_no_read_back(shipped: Script) -> None:
    scene = Scene(shipped, [{"say": "stop"}, {"say": "yes"}])
    assert scene.ask() == ["stop"]
    assert scene.ask(Prompt.CONFIRM, shipped.phrases.confirm_stop) == ["yes"]


def test_nobody_speaks_before_they_are_asked(shipped: Script) -> None:
    assert Scene(shipped, {"say": "yes"}).person.next() is None
