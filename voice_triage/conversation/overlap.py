"""Hearing while the program speaks: somebody who goes on after a pause, or who answers early."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from voice_triage.conversation.figures import Figures
from voice_triage.conversation.turn import Listen
from voice_triage.listen.echo import EchoGate, Reference, loudness_db
from voice_triage.listen.frames import RATE, AudioSource, Frame

if TYPE_CHECKING:
    from voice_triage.conversation.voice import Speaking


class LiveSource(AudioSource, Protocol):
    """A microphone that can be listened to while the program speaks."""

    def overhear(self) -> Iterator[Frame]:
        """Frames from now on, with whatever the program itself is playing in them."""


@dataclass(frozen=True)
class Answered:
    """The turn before: whose answer it was, and its sound."""

    listen: Listen
    frames: list[Frame]
    level_db: float
    """Power of the speech, in dB of full scale."""
    lost_before: int
    """Blocks that the microphone had lost when that turn began."""
    rest: Iterator[Frame]
    """The microphone, from the end of that turn on."""


@dataclass(frozen=True)
class Cut:
    """The program was cut short: what is to be listened to next."""

    goes_on: bool
    """It belongs to the answer before."""
    before: list[Frame]
    """What was said already."""
    rest: Iterator[Frame]


class Overlap:
    """Watches the microphone while the program speaks."""

    def __init__(
        self, figures: Figures, barge_in: bool, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`clock`: that of `Played.began`, in s."""
        self._figures, self._barge_in, self._clock = figures, barge_in, clock
        self._gate = EchoGate()
        self._played_db = 0.0
        """How loud the program last was, power in dB of full scale."""

    @property
    def barges_in(self) -> bool:
        """An answer may begin before the question has ended."""
        return self._barge_in

    @property
    def inaudible(self) -> bool:
        """The microphone hears nothing of the program: headphones, or echo cancellation."""
        return self._gate.learned and (
            self._gate.echo_db() + self._played_db <= self._figures.inaudible_db
        )

    def hears_over(self, level_db: float) -> bool:
        """Whether somebody that loud (power, in dB of full scale) would be heard while the
        program speaks; if not, it had better wait until they have surely finished."""
        louder = level_db - (self._gate.echo_db() + self._played_db)
        return self._gate.learned and louder >= self._figures.louder_db

    def learn(self, source: LiveSource, speaking: Speaking) -> None:
        """Listen to what comes back of what the program says, until it has said it."""
        self._watch(source, speaking, None, barge_in=False)

    def watch(
        self, source: LiveSource, speaking: Speaking, answered: Answered | None
    ) -> Cut | None:
        """Watch until the program has finished, or stop it when somebody speaks."""
        return self._watch(source, speaking, answered, self._barge_in)

    def _watch(
        self, source: LiveSource, speaking: Speaking, answered: Answered | None, barge_in: bool
    ) -> Cut | None:
        self._gate.begin()
        rest = source.overhear() if answered is None else answered.rest
        sound = _Clocked(rest, self._clock)
        since: list[Frame] = []
        taken, overdue = 0, 0  # samples, and those of them since the program has finished
        reference = Following(speaking)
        goes_on = answered is not None and self.hears_over(answered.level_db)
        go_on_ms = self._figures.barging_ms if barge_in else self._figures.go_on_ms
        at_least_db = -120.0
        if answered is not None and not barge_in:
            at_least_db = answered.level_db - self._figures.softer_db
        for frame in sound:
            since.append(frame)
            taken += len(frame)
            spoken_ms = self._gate.update(frame, sound.ended_s, reference.now(), at_least_db)
            if speaking.done:
                # Who lags behind because this machine is too slow would never be current.
                overdue += len(frame)
                if sound.is_current() or overdue >= _CATCH_UP:
                    break
            within = taken * 1000 / RATE <= go_on_ms
            if goes_on and within and answered is not None:
                if spoken_ms >= self._figures.goes_on_after_ms:
                    speaking.stop()
                    return Cut(True, [*answered.frames, *since], sound)
                continue
            if barge_in and spoken_ms >= self._figures.barges_in_after_ms:
                speaking.stop()
                return Cut(False, since[-_PREROLL_FRAMES:], sound)
        self._played_db = reference.loudness_db(self._played_db)
        return None


_REGROWN_S = 0.1
_CATCH_UP = RATE // 2
"""So many samples that were still waiting when the program had finished are looked at."""
_PREROLL_FRAMES = 25
"""Half a second: what was said until it was noticed."""


class Following:
    """What is being played: a long text comes in several parts."""

    def __init__(self, speaking: Speaking) -> None:
        self._speaking = speaking
        self._length = 0
        self._reference: Reference | None = None

    def now(self) -> Reference | None:
        """The part that is being played; None: nothing yet."""
        played = self._speaking.played
        if played is None:
            return None
        # A long text grows by whole parts; a few samples more are the same sound, known better.
        grown = abs(len(played.samples) - self._length) > played.rate * _REGROWN_S
        if grown or self._reference is None:
            self._length = len(played.samples)
            self._reference = Reference.of(played.samples, played.rate, played.began)
        elif played.began != self._reference.began_s:
            self._reference = replace(self._reference, began_s=played.began)
        return self._reference

    def loudness_db(self, otherwise: float) -> float:
        """Power of its louder moments, in dB of full scale."""
        return otherwise if self._reference is None else loudness_db(self._reference.powers)


class _Clocked:
    """Frames with the moment at which each of them ended."""

    def __init__(self, frames: Iterator[Frame], clock: Callable[[], float]) -> None:
        self._frames, self._clock = frames, clock
        self._samples = 0
        self._began_s = float("inf")
        self.ended_s = 0.0
        """The clock's time at the end of the last frame."""

    def __iter__(self) -> Iterator[Frame]:
        return self

    def __next__(self) -> Frame:
        frame = next(self._frames)
        self._samples += len(frame)
        # The quickest frame of all tells best when the sound began: others were held up.
        self._began_s = min(self._began_s, self._clock() - self._samples / RATE)
        self.ended_s = self._began_s + self._samples / RATE
        return frame

    def is_current(self) -> bool:
        """No frames wait to be taken."""
        return self._clock() - self.ended_s < 0.1
