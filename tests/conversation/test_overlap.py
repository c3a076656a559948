"""Somebody who speaks while the program does: a simulated room, on a simulated clock."""

from collections.abc import Iterator

import numpy as np
import pytest

from voice_triage.answers import Meaning
from voice_triage.config import ENDPOINTS, OVERLAP
from voice_triage.conversation.microphone_ears import MicrophoneEars
from voice_triage.conversation.overlap import Answered, Following, Overlap
from voice_triage.conversation.turn import Listen
from voice_triage.listen.echo import band_powers, loudness_db
from voice_triage.listen.frames import LIVE_FRAME_MS, RATE, Frame
from voice_triage.listen.heard import Heard
from voice_triage.speak.playback import Played

FRAME = RATE * LIVE_FRAME_MS // 1000


def voice(seconds: float, dbfs: float, seed: int) -> Frame:
    """Syllables: noise of a voice's bands that swells four times a second."""
    rng = np.random.default_rng(seed)
    times = np.arange(round(seconds * RATE)) / RATE
    hiss = np.convolve(rng.standard_normal(len(times)), np.ones(3) / 3, "same")
    sound = hiss * np.abs(np.sin(2 * np.pi * 2 * times + seed)) ** 2
    sound *= 10 ** (dbfs / 20) / np.sqrt(np.mean(sound**2))
    return np.asarray((sound * 32768).clip(-32768, 32767), np.int16)


class Room:
    """A loudspeaker, a microphone and a person, 20 ms at a time."""

    lost = 0
    exhausted = False
    live = True

    def __init__(self, echo_db: float) -> None:
        self.now = 100.0
        self._gain = 10 ** (echo_db / 20)
        self._said: list[tuple[float, Frame]] = []
        self._prompt: tuple[float, Frame] | None = None

    def clock(self) -> float:
        return self.now

    def says(self, sound: Frame, after_s: float) -> None:
        """The person says it, so long from now."""
        self._said.append((self.now + after_s, sound))

    def plays(self, sound: Frame) -> "Prompt":
        self._prompt = (self.now + 0.05, sound)
        return Prompt(self, sound, self.now + 0.05)

    def stops(self) -> None:
        self._prompt = None

    def overhear(self) -> Iterator[Frame]:
        while True:
            frame = np.random.default_rng(int(self.now * 1000)).standard_normal(FRAME) * 10
            for began, sound, gain in [
                *((began, sound, 1.0) for began, sound in self._said),
                *([(*self._prompt, self._gain)] if self._prompt else []),
            ]:
                at = round((self.now - began) * RATE)
                part = sound[max(at, 0) : max(at + FRAME, 0)]
                start = max(-at, 0)
                frame[start : start + len(part)] += part * gain
            self.now += LIVE_FRAME_MS / 1000
            yield np.asarray(frame.clip(-32768, 32767), np.int16)

    utterance = overhear

    def close(self) -> None:
        pass


class Prompt:
    """Something that the program says; `parts`: how many of them it becomes known in."""

    def __init__(self, room: Room, sound: Frame, began: float, parts: int = 1) -> None:
        self._room, self._sound, self._began = room, sound, began
        self._stopped: float | None = None
        self.parts = parts

    @property
    def done(self) -> bool:
        return self._stopped is not None or self._room.now > self._began + len(self._sound) / RATE

    @property
    def played(self) -> Played | None:
        if self._room.now < self._began:
            return None
        share = min(1 + int((self._room.now - self._began) * 2), self.parts) / self.parts
        wobble = int(self._room.now * 1000) % 7  # what devices say of their time does
        known = self._sound[: round(len(self._sound) * share) - wobble]
        return Played(known.copy(), RATE, self._began)

    def wait(self) -> bool:
        raise AssertionError("nobody waits in a simulation")

    def stop(self) -> None:
        self._stopped = self._room.now
        self._room.stops()


def answered(room: Room, dbfs: float = -20.0) -> Answered:
    """Somebody has just said a word that loud."""
    frames = [voice(0.5, dbfs, 3)]
    level_db = loudness_db(band_powers(frames[0]))
    return Answered(Listen("leg-feeling"), frames, level_db, 0, room.overhear())


def learned(echo_db: float, barge_in: bool = False) -> tuple[Room, Overlap]:
    room = Room(echo_db)
    overlap = Overlap(OVERLAP, barge_in, room.clock)
    overlap.learn(room, room.plays(voice(4, -20, 1)))
    return room, overlap


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


class OneTurn(Room):
    """As a microphone is: who begins to listen ends the turn before."""

    def __init__(self, echo_db: float) -> None:
        super().__init__(echo_db)
        self._turn = 0

    def overhear(self) -> Iterator[Frame]:
        self._turn += 1
        return self._frames(self._turn)

    utterance = overhear

    def _frames(self, turn: int) -> Iterator[Frame]:
        for frame in super().overhear():
            if turn != self._turn:
                return
            yield frame


class GoesBack:
    """Hears "go back" in whatever is said, and keeps its sound."""

    def __init__(self) -> None:
        self.frames = [voice(0.5, -20, 3)]

    def hear(self, *_words: object, **_more: object) -> Heard:
        return Heard("go back", 1.0, 0.5)

    def grammar(self, _question: str) -> None:
        return None

    examine = grammar

    def meaning(self, *_words: object) -> Meaning:
        return Meaning.BACK


def test_a_question_after_a_statement_is_said_to_its_end() -> None:
    """The answer before the statement can't be gone on with any more."""

    class Waited(Prompt):
        def wait(self) -> bool:
            return self.done

    room, hears = OneTurn(-120), GoesBack()
    overlap = Overlap(OVERLAP, barge_in=False, clock=room.clock)
    ears = MicrophoneEars(room, hears, hears, ENDPOINTS, overlap)
    done: list[bool] = []

    def says(seconds: float) -> Waited:
        sound = voice(seconds, -20, 2)
        room.plays(sound)
        return Waited(room, sound, room.now + 0.05)

    for _ in range(2):
        ears.attend(says(2))
        question = says(3)
        ears.hear(Listen("leg-feeling"), question, lambda _, q=question: done.append(q.done))
    assert done == [True, True]


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
