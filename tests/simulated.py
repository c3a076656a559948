"""A simulated room, on a simulated clock, in which somebody speaks while the program does."""

from collections.abc import Iterator

import numpy as np

from voice_triage.config import OVERLAP
from voice_triage.conversation.overlap import Answered, Overlap
from voice_triage.conversation.turn import Listen
from voice_triage.listen.echo import band_powers, loudness_db
from voice_triage.listen.frames import LIVE_FRAME_MS, RATE, Frame
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
