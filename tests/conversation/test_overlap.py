"""Somebody who speaks while the program does: a simulated room, on a simulated clock."""

import numpy as np
import pytest
from simulated import FRAME, Room, answered, learned, voice

from voice_triage.config import OVERLAP
from voice_triage.conversation.overlap import Following, Overlap
from voice_triage.listen.frames import LIVE_FRAME_MS, RATE


@pytest.mark.parametrize("echo_db", [-120, -40])
@pytest.mark.parametrize("after_s", [0.3, 0.8, 1.5])
def test_who_goes_on_stops_the_program(echo_db: float, after_s: float) -> None:
    room, overlap = learned(echo_db)
    last = answered(room)
    assert overlap.hears_over(last.level_db)
    prompt = room.plays(voice(4, -20, 2))
    began = room.now
    room.says(voice(0.6, -20, 5), after_s)
    cut = overlap.watch(room, prompt, last)
    assert cut is not None
    assert cut.goes_on
    assert after_s < room.now - began < after_s + 0.3
    sound = np.concatenate(cut.before)
    assert len(sound) / RATE == pytest.approx(0.5 + room.now - began, abs=0.03), "all of it"


def test_later_it_is_too_late_to_go_on() -> None:
    room, overlap = learned(-60)
    prompt = room.plays(voice(6, -20, 2))
    room.says(voice(0.6, -20, 5), 3.0)
    assert overlap.watch(room, prompt, answered(room)) is None
    assert prompt.done


@pytest.mark.parametrize("echo_db", [0, -12, -30, -60])
def test_its_own_voice_never_stops_it(echo_db: float) -> None:
    room, overlap = learned(echo_db)
    assert overlap.watch(room, room.plays(voice(5, -20, 2)), answered(room)) is None


def test_a_television_is_not_the_person_who_answered() -> None:
    room, overlap = learned(-120)
    prompt = room.plays(voice(4, -20, 2))
    room.says(voice(4, -45, 9), 0.1)
    assert overlap.watch(room, prompt, answered(room)) is None


def test_where_the_echo_drowns_them_nobody_is_heard_and_it_says_so() -> None:
    room, overlap = learned(0)
    assert not overlap.hears_over(answered(room, -25).level_db)
    assert not overlap.inaudible
    room.says(voice(0.6, -25, 5), 0.5)
    assert overlap.watch(room, room.plays(voice(3, -20, 2)), answered(room, -25)) is None


def test_a_machine_that_is_too_slow_goes_on_all_the_same() -> None:
    """Each frame of 20 ms takes it 60 ms, so that more and more of them wait."""

    class Slow(Room):
        def clock(self) -> float:
            self.now += 0.02
            return super().clock()

    room = Slow(-60)
    overlap = Overlap(OVERLAP, barge_in=False, clock=room.clock)
    prompt = room.plays(voice(2, -20, 2))
    overlap.learn(room, prompt)
    assert prompt.done
    assert overlap.watch(room, room.plays(voice(2, -20, 2)), None) is None


def test_it_hears_over_nothing_before_it_has_learned() -> None:
    room = Room(-120)
    overlap = Overlap(OVERLAP, True, room.clock)
    assert not overlap.hears_over(0.0)
    assert not overlap.inaudible


def test_with_barge_in_an_answer_may_begin_early() -> None:
    room, overlap = learned(-60, barge_in=True)
    prompt = room.plays(voice(4, -20, 2))
    began = room.now
    room.says(voice(0.5, -20, 5), 1.5)
    cut = overlap.watch(room, prompt, None)
    assert cut is not None
    assert not cut.goes_on
    assert room.now - began < 1.75
    assert len(np.concatenate(cut.before)) / RATE == pytest.approx(0.5, abs=0.03)


def test_without_barge_in_it_may_not() -> None:
    room, overlap = learned(-60)
    room.says(voice(0.5, -20, 5), 1.5)
    assert overlap.watch(room, room.plays(voice(4, -20, 2)), None) is None


def test_a_long_text_is_looked_at_once_a_part() -> None:
    """What is known of it wobbles with every frame; looking at all of it takes a moment."""
    room, _ = learned(-60)
    prompt = room.plays(voice(6, -20, 2))
    prompt.parts = 3
    following = Following(prompt)
    seen = []
    for _ in zip(range(200), room.overhear(), strict=False):
        reference = following.now()
        if reference is not None and not any(reference.powers is powers for powers in seen):
            seen.append(reference.powers)
    assert len(seen) == 3


def test_the_microphone_goes_on_where_it_was() -> None:
    room, overlap = learned(-60)
    room.says(voice(0.5, -20, 5), 0.5)
    cut = overlap.watch(room, room.plays(voice(4, -20, 2)), answered(room))
    assert cut is not None
    noticed = room.now
    assert next(iter(cut.rest)).shape == (FRAME,)
    assert room.now == pytest.approx(noticed + LIVE_FRAME_MS / 1000)
