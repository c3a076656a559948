"""A microphone that isn't there: it hears a person and their room as fast as anybody can listen."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from voice_triage.evaluate import room
from voice_triage.listen.frames import LIVE_FRAME_MS, RATE, Frame, Samples
from voice_triage.replay.load import Loaded
from voice_triage.replay.scenario import NOISES, Piece, inside
from voice_triage.replay.surroundings import (
    Noises,
    Surroundings,
    at_level,
    echoing,
    hiss_of,
    quiet,
    recorded,
    sped,
)
from voice_triage.replay.voices import Mouths

_FRAME = RATE * LIVE_FRAME_MS // 1000
_REACTION = RATE * 250 // 1000
"""People seldom answer sooner than 0.2 s after a question (Stivers et al. 2009,
doi:10.1073/pnas.0903616106); 0.15 s of their 0.4 s are the microphone's hold-off."""
_NOISE_BEFORE = RATE * 500 // 1000


@dataclass
class _Background:
    """What is heard beside the person."""

    name: str
    loop: Samples
    gain: float
    at: int

    def take(self, samples: int) -> Samples:
        """The next samples of it."""
        part = self.loop[(self.at + np.arange(samples)) % len(self.loop)]
        self.at += samples
        return np.asarray(part * np.float32(self.gain), np.float32)


class Does(Protocol):
    """Somebody in front of the microphone."""

    def is_listened_to(self) -> None:
        """The program has begun to listen."""

    def next(self) -> Piece | None:
        """What they do next; None: nothing any more, for now."""

    def is_cut_off(self, seconds: float) -> None:
        """The program stopped listening so long before the end of a silence."""


class SimulatedMicrophone:
    """An AudioSource whose sound is a scenario. Time passes as its samples are taken."""

    live = True
    lost = 0
    exhausted = False

    def __init__(
        self, loaded: Loaded, person: Does, mouths: Mouths, noises: Noises, around: Surroundings
    ) -> None:
        self._loaded, self._person, self._mouths = loaded, person, mouths
        self._noises, self._around = noises, around
        self._seed = zlib.crc32(loaded.scenario.name.encode())
        self._turn = 0
        self._power = room.NOMINAL_POWER * 10 ** (around.gain_db / 10)
        """Of the speech that was heard last, which noise is measured by."""
        self._silence_left = 0
        self.frames: list[Frame] = []
        """The sound of this turn, or of the last one."""

    def utterance(self) -> Iterator[Frame]:
        """Frames from now on: what the person does, in what their room sounds like.

        Raises RecordingError and SpeechError when a sound can't be had.
        """
        self._turn += 1
        self.frames = []
        self._person.is_listened_to()
        return self._frames(self._turn)

    def overhear(self) -> Iterator[Frame]:
        """A quiet room: nobody speaks before they have been asked."""
        while True:
            yield room.to_frame(quiet(_FRAME, self._seed))

    def stop(self) -> None:
        """The turn is over: who goes on reading it hears a quiet room."""
        self._turn += 1
        if self._silence_left:
            self._person.is_cut_off(self._silence_left / RATE)
            self._silence_left = 0

    def close(self) -> None:
        """There is nothing to let go of."""

    def _frames(self, turn: int) -> Iterator[Frame]:
        waiting = np.zeros(0, np.float32)
        sound = self._sound()
        while turn == self._turn:
            while len(waiting) < _FRAME:
                waiting = np.concatenate((waiting, next(sound)))
            frame = room.to_frame(waiting[:_FRAME])
            waiting = waiting[_FRAME:]
            self.frames.append(frame)
            yield frame
        yield from self.overhear()

    def _sound(self) -> Iterator[Samples]:
        background = self._background(None, self._power, quiet(RATE * 4, self._seed))
        yield background.take(_REACTION)
        while (piece := self._person.next()) is not None:
            if piece.silence is not None:
                self._silence_left = round(piece.silence * RATE)
                while self._silence_left > 0:
                    part = min(self._silence_left, _FRAME)
                    self._silence_left -= part
                    yield background.take(part)
                continue
            clip = self._clip(piece)
            self._power = room.active_power(clip) or self._power
            before = background
            background = self._background(piece, self._power, hiss_of(clip, self._seed))
            if background.name != before.name:
                yield background.take(_NOISE_BEFORE)
            heard = echoing(clip, self._rt60_s, self._seed)
            yield heard + background.take(len(heard))
        while True:
            yield background.take(_FRAME)

    @property
    def _rt60_s(self) -> float | None:
        own = self._loaded.scenario.echo
        return own if self._around.rt60_s is None else self._around.rt60_s

    def _clip(self, piece: Piece) -> Samples:
        if piece.say is not None:
            voice = piece.voice or self._loaded.scenario.voice
            clip = self._mouths.say(piece.say, voice, piece.pace)
        else:
            clip = recorded(inside(self._loaded.folder, piece.audio or ""))
        clip = sped(clip, self._around.speed)
        return at_level(clip, piece.level, self._around.gain_db)

    def _background(self, piece: Piece | None, power: float, hiss: Samples) -> _Background:
        """The noise at its level below speech of that power; `hiss` where there is none."""
        own = self._loaded.scenario
        snr_db = own.at_snr if piece is None or piece.at_snr is None else piece.at_snr
        name = own.noise if piece is None or piece.noise is None else piece.noise
        if self._around.snr_db is not None:
            snr_db, name = self._around.snr_db, self._around.noise
        elif name is not None and name not in NOISES:
            name = str(inside(self._loaded.folder, name))
        start = self._seed + 7919 * self._turn
        if snr_db is None:
            return _Background("", hiss, 1.0, start)
        name = name or "pink"
        gain = float(np.sqrt(power)) * 10 ** (-snr_db / 20)
        return _Background(name, self._noises.noise(name), gain, start)
