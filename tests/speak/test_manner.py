"""Slower, faster, louder and quieter."""

import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from voice_triage.speak.manner import Manner

STEPS = (Manner.slower, Manner.faster, Manner.louder, Manner.quieter)


def test_the_steps_of_pace() -> None:
    paces = []
    manner = Manner()
    while manner.slower() != manner:
        manner = manner.slower()
    while manner.faster() != manner:
        paces.append(manner.words_per_minute)
        manner = manner.faster()
    assert [*paces, manner.words_per_minute] == [96, 120, 150, 188, 235]


def test_the_steps_of_loudness() -> None:
    manner = Manner()
    assert [manner.louder().gain_db, manner.quieter().gain_db] == [4, -4]
    for _ in range(9):
        manner = manner.louder()
    assert manner.gain_db == 12
    for _ in range(9):
        manner = manner.quieter()
    assert manner.gain_db == -12
    assert manner.words_per_minute == 150


@given(st.lists(st.sampled_from(STEPS)))
def test_any_wish_stays_bearable_and_can_be_undone(wishes: list) -> None:  # type: ignore[type-arg]
    manner = Manner()
    for wish in wishes:
        before, manner = manner, wish(manner)
        assert 90 <= manner.words_per_minute <= 240
        assert -12 <= manner.gain_db <= 12
        if manner != before:
            undo = dict(zip(STEPS, (*STEPS[1::-1], *STEPS[:1:-1]), strict=True))[wish]
            assert undo(manner) == before


def test_it_needs_nothing_heavy() -> None:
    source = "import sys, voice_triage.speak.manner as _; print('numpy' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", source], check=True, capture_output=True, text=True)
    assert out.stdout == "False\n"
