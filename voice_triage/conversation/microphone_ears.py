"""Answers from a microphone: half-duplex, and quick where it can hear who goes on speaking."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from voice_triage.answers import Meaning
from voice_triage.conversation.ears import timed
from voice_triage.conversation.hearing import Hearing
from voice_triage.conversation.overlap import Answered, LiveSource, Overlap
from voice_triage.conversation.turn import Listen
from voice_triage.conversation.voice import Speaking
from voice_triage.listen.echo import band_powers, loudness_db
from voice_triage.listen.endpoint_times import EndpointTimes, Patience
from voice_triage.listen.frames import Frame
from voice_triage.listen.heard import Heard
from voice_triage.listen.listener import Listener


class MicrophoneEars:
    """Hears who answers, and doesn't hear the program itself.

    What the microphone captures while the program speaks never answers the question that is being
    asked, unless barge-in is wanted. It is only watched for somebody who had paused and goes on:
    then the program stops, and the whole of what they say is the answer. Where the program's echo
    would drown them, it waits instead until they have surely finished.
    """

    def __init__(
        self, source: LiveSource, listener: Listener, hearing: Hearing, times: EndpointTimes,
        overlap: Overlap,
    ) -> None:  # fmt: skip
        self._source, self._listener, self._hearing = source, listener, hearing
        self._times, self._overlap = times, overlap
        self._loudness = _Loudness()
        self._answered: Answered | None = None

    def attend(self, speaking: Speaking) -> None:
        """Wait until something has been said, and learn meanwhile how it comes back. What was
        answered before can't be gone on with afterwards: its sound is over."""
        self._answered = None
        self._overlap.learn(self._source, speaking)
        speaking.wait()

    def hear(
        self, listen: Listen, speaking: Speaking | None, on_listening: Callable[[bool], None]
    ) -> Heard:
        """Listen until the answer has ended. Raises AudioError and ModelError."""
        last, self._answered = self._answered, None
        lost_before = self._source.lost
        asked = self._overlap.barges_in or speaking is None
        if asked:
            on_listening(False)  # a tone would end what is being said
        if speaking is not None:
            cut = self._overlap.watch(self._source, speaking, last)
            if cut is not None and cut.goes_on and last is not None:
                whole = replace(last.listen, patient=True)
                heard = self._listen(whole, cut.rest, cut.before, last.lost_before)
                return replace(heard, continues=True)
            if cut is not None:
                return self._listen(listen, cut.rest, cut.before, lost_before)
        if not asked:
            on_listening(True)
        return self._listen(listen)

    def _listen(
        self, listen: Listen, sound: Iterator[Frame] | None = None,
        before: Sequence[Frame] = (), lost_before: int | None = None,
    ) -> Heard:  # fmt: skip
        """`before` was heard already, since the microphone had lost `lost_before` blocks."""

        def accepts(heard: Heard) -> Patience | None:
            meaning = self._hearing.meaning(listen.question, heard.text)
            if meaning is Meaning.NONE:
                return None
            usual_ms = self._patience_ms(listen, meaning)
            if meaning not in listen.last or self._hearing.clear(listen.question, heard):
                return Patience(usual_ms, usual_ms)
            # Where others go on talking, nothing that is said later would tell more.
            return Patience(self._times.patient_ms, usual_ms)

        lost_before = self._source.lost if lost_before is None else lost_before
        if sound is None:
            # Where none of our own sound comes back, nobody need wait until it has died away.
            hushed = self._overlap.inaudible
            sound = self._source.overhear() if hushed else self._source.utterance()
        heard = self._listener.hear(
            self._hearing.grammar(listen.question), accepts, timed(self._times, listen),
            sound=sound, before=before, examine=partial(self._hearing.examine, listen.question),
            hurry=True,
        )  # fmt: skip
        heard = replace(heard, lost=self._source.lost - lost_before)
        answered = self._hearing.meaning(listen.question, heard.text) is not Meaning.NONE
        if answered and not heard.babble and not heard.ended:
            level_db = self._loudness.of(self._listener.frames)
            self._answered = Answered(listen, self._listener.frames, level_db, lost_before, sound)
        return heard

    def _patience_ms(self, listen: Listen, meaning: Meaning) -> int:
        """How much silence a clear answer needs to be taken for whole."""
        if listen.patient:
            return self._times.patient_ms
        if self._overlap.hears_over(self._loudness.of(self._listener.frames)):
            return self._times.quick_ms
        if listen.critical and meaning is Meaning.NO:
            return self._times.patient_ms
        return self._times.accepted_ms


class _Loudness:
    """How loud somebody has been in the last three seconds, reckoned five times a second: it is
    asked for with every frame."""

    def __init__(self) -> None:
        self._known: tuple[int, float] = (0, -120.0)

    def of(self, frames: Sequence[Frame]) -> float:
        """Power of the louder moments, in dB of full scale."""
        count, level_db = self._known
        if not frames:
            return -120.0
        if not count <= len(frames) < count + _EVERY:
            level_db = loudness_db(band_powers(np.concatenate(frames[-_LATEST:])))
            self._known = (len(frames), level_db)
        return level_db


_EVERY, _LATEST = 10, 150
"""Frames of 20 ms."""
