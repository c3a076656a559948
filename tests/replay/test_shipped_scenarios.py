"""The shipped scenarios cover what they should. The plugin plays all of them as tests, too."""

import pytest
from programs import ROOT

from voice_triage.conversation.events import Said
from voice_triage.conversation.phrases import Phrases
from voice_triage.replay.compare import mismatches
from voice_triage.replay.load import Loaded, find, load
from voice_triage.replay.scenario import Scenario
from voice_triage.replaying import Scripts, Theatre

_SCRIPTS = Scripts()
FOLDER = ROOT / "tests" / "scenarios"


def scenario(name: str) -> Loaded:
    return load(FOLDER / f"{name}.triage.yaml", _SCRIPTS.flow)


def voices(scenario: Scenario) -> set[str]:
    pieces = [p for listed in scenario.answers.values() for p in listed]
    return {p.voice or scenario.voice for p in (*pieces, *(scenario.otherwise or ())) if p.say}


@pytest.fixture(scope="module")
def theatre() -> Theatre:
    return Theatre(None)


def test_every_outcome_and_six_voices() -> None:
    all_ = [load(path, _SCRIPTS.flow).scenario for path in find([FOLDER])]
    reached = {outcome for one in all_ for outcome in one.expect.outcomes or ()}
    assert reached == set(_SCRIPTS.flow("back_spasms").outcomes)
    assert len({voice for one in all_ for voice in voices(one)}) >= 6
    assert all(one.expect.urgency for one in all_), "--stress needs it"
    assert len({one.name for one in all_}) == len(all_)


RULES = {
    "silence, once": ("silence_once", lambda p: p.reprompts.noinput[0]),
    "silence, again": ("silence_for_ever", lambda p: p.reprompts.noinput[1]),
    "silence, for good": ("silence_later", lambda p: p.unanswered),
    "other words": ("other_words", lambda p: p.reprompts.nomatch[0]),
    "talk without end": ("babble", lambda p: p.reprompts.babble[0]),
    "a doubtful answer": ("doubtful_no_confirmed", lambda p: p.confirm.split("{")[0]),
    "a readback denied": ("doubtful_no_denied", lambda p: p.disputed),
    "a contradiction": ("contradiction", lambda p: p.confirm.split("{")[0]),
    "going back": ("go_back", lambda p: p.undone.split("{")[0]),
    "a pause": ("wait_and_continue", lambda p: p.resume),
    "a stop": ("stopped", lambda p: p.confirm_stop),
}


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_about_asking_again_is_met(rule: str, theatre: Theatre) -> None:
    name, phrase = RULES[rule]
    played = theatre.play(scenario(name))
    assert not mismatches(played)
    phrases: Phrases = theatre.scripts.script("back_spasms").phrases
    said = " ".join(event.text for event in played.events if isinstance(event, Said))
    assert phrase(phrases) in said


def test_talk_without_end_settles_nothing(theatre: Theatre) -> None:
    played = theatre.play(scenario("talk_without_end"))
    assert not mismatches(played)
    assert played.turns[0].heard.babble
    assert played.reprompts + played.readbacks >= 1
