"""Answers of a real person, kept while they are given, and written as a scenario."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from voice_triage.conversation.ears import Ears
from voice_triage.conversation.events import Answered, Asked, Event, Prompt
from voice_triage.conversation.overlap import LiveSource
from voice_triage.conversation.passing import Passing
from voice_triage.conversation.turn import Listen
from voice_triage.conversation.voice import Speaking
from voice_triage.flow import Ending, Reply
from voice_triage.listen.activity import SpeechActivity, level_dbfs
from voice_triage.listen.frames import RATE, Frame
from voice_triage.listen.heard import Heard
from voice_triage.listen.listener import Listener
from voice_triage.replay.load import ENDING

_LOW, _HIGH = np.iinfo(np.int16).min, np.iinfo(np.int16).max
_BEFORE, _AFTER = RATE * 300 // 1000, RATE * 500 // 1000
"""A word begins and ends more softly than the loudness that tells it from the room."""

OnLevel = Callable[[float | None, bool], None]
"""Gets the level of each frame in dBFS, and whether it was too loud to be recorded; None: nobody
listens any more."""


class Metered(Passing):
    """A microphone that tells how loud it is."""

    def __init__(self, source: LiveSource, on_level: OnLevel) -> None:
        super().__init__(source)
        self._on_level = on_level

    def _pass(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        try:
            for frame in frames:
                self._on_level(level_dbfs(frame), bool(np.any((frame <= _LOW) | (frame >= _HIGH))))
                yield frame
        finally:
            self._on_level(None, False)


@dataclass(frozen=True, eq=False)
class Take:
    """What was done in one listening turn."""

    question: str
    seconds: float
    """How long was listened."""
    sound: Frame | None
    """The answer, trimmed; None: nobody spoke."""


class TakingEars:
    """Hears with other ears, and keeps the sound of each turn."""

    def __init__(self, ears: Ears, listener: Listener) -> None:
        self._ears, self._listener = ears, listener
        self.takes: list[Take] = []

    def attend(self, speaking: Speaking) -> None:
        """As those ears."""
        self._ears.attend(speaking)

    def hear(
        self, listen: Listen, speaking: Speaking | None, on_listening: Callable[[bool], None]
    ) -> Heard:
        """As those ears, and raises what they raise."""
        heard = self._ears.hear(listen, speaking, on_listening)
        question = listen.question
        if heard.continues and self.takes:
            question = self.takes.pop().question  # this one has the sound of both
        self.takes.append(Take(question, heard.seconds, trimmed(self._listener.frames)))
        return heard


def trimmed(frames: Sequence[Frame]) -> Frame | None:
    """The sound from a little before the first speech to a little after the last; None: none."""
    activity = SpeechActivity()
    for frame in frames:
        activity.update(frame)
    if not activity.began:
        return None
    sound = np.concatenate(list(frames))
    begins = max(0, round(activity.first_speech_ms * RATE / 1000) - _BEFORE)
    return sound[begins : round(activity.last_speech_ms * RATE / 1000) + _AFTER]


def file_name(name: str) -> str:
    """What a scenario's file is called, without its ending."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "scenario"


def write(
    takes: Sequence[Take], events: Sequence[Event], ending: Ending, flow: str, name: str,
    folder: Path,
) -> Path:  # fmt: skip
    """The scenario's file, with its recordings in a folder beside it. Raises OSError."""
    import soundfile
    import yaml

    answers: dict[str, list[dict[str, str]]] = {}
    sounds = folder / file_name(name)
    sounds.mkdir(parents=True, exist_ok=True)
    for number, take in enumerate(takes, 1):
        pieces = answers.setdefault(take.question, [])
        if take.sound is None:
            pieces.append({"silence": f"{max(take.seconds, 0.1):.1f}s"})
            continue
        path = sounds / f"{number:02}-{take.question}.wav"
        soundfile.write(path, take.sound, RATE, subtype="PCM_16")
        pieces.append({"audio": f"{sounds.name}/{path.name}"})
    _tell_meanings(answers, events)
    scenario = {"flow": flow, "name": name, "answers": answers, "expect": _came_of(events, ending)}
    written = folder / (sounds.name + ENDING)
    written.write_text(yaml.safe_dump(scenario, sort_keys=False, allow_unicode=True), "utf-8")
    return written


def _tell_meanings(answers: dict[str, list[dict[str, str]]], events: Sequence[Event]) -> None:
    """What a question's last recording means, where nothing was read back: where it was, the
    person's own yes or no to that is among the recordings."""
    read_back = {e.question for e in events if isinstance(e, Asked) and e.kind is Prompt.CONFIRM}
    for event in events:
        if not isinstance(event, Answered) or event.question in read_back:
            continue
        pieces = answers.get(event.question)
        if pieces and "audio" in pieces[-1] and event.reply is not Reply.UNANSWERED:
            pieces[-1]["means"] = event.reply.value


def _came_of(events: Sequence[Event], ending: Ending) -> dict[str, object]:
    asked = [event for event in events if isinstance(event, Asked)]
    return {
        "urgency": ending.urgency.value,
        "outcomes": list(ending.outcomes),
        "asked": [e.question for e in asked if e.kind is Prompt.QUESTION],
        "reprompts": sum(e.kind is Prompt.REPROMPT for e in asked),
        "answered": {e.question: e.reply.value for e in events if isinstance(e, Answered)},
        "complete": ending.complete,
    }
