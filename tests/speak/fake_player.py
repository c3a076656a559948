"""A voice and a room that behave, and remember."""

import threading
import time
from collections.abc import Callable

import numpy as np

from voice_triage.errors import SpeechError
from voice_triage.speak.playback import Playback, Played, Player
from voice_triage.speak.synthesis import Speech, Synthesizer


class Reader(Synthesizer):
    """Sound whose length tells the text's; fails while `faults` has messages left."""

    identity = "reader"

    def __init__(self, faults: list[str] | None = None) -> None:
        self.faults = faults or []
        self.read: list[str] = []
        self.paces: list[int | None] = []
        self.gates: dict[str, threading.Event] = {}

    def render(self, text: str, words_per_minute: int | None = None) -> Speech:
        self.read.append(text)
        self.paces.append(words_per_minute)
        if gate := self.gates.get(text):
            assert gate.wait(30)
        if self.faults and (fault := self.faults.pop(0)):
            raise SpeechError(fault)
        return Speech(np.full(len(text), 1000, np.int16), 1000)


class Sound(Playback):
    """Lasts as long as it would take; a room of its own makes it silent."""

    def __init__(self, speech: Speech, fault: str, seconds: float) -> None:
        self.speech = speech
        self._fault = fault
        self._began = time.monotonic()
        self._seconds = seconds
        self._stopped = threading.Event()

    def wait(self) -> None:
        if self._fault:
            raise SpeechError(self._fault)
        self._stopped.wait(self._began + self._seconds - time.monotonic())

    def stop(self) -> None:
        self._stopped.set()

    @property
    def done(self) -> bool:
        return self._stopped.is_set() or time.monotonic() > self._began + self._seconds

    @property
    def played(self) -> Played | None:
        return Played(self.speech.samples, self.speech.rate, self._began)


class Room(Player):
    """Remembers how long each utterance was, in samples; `slow`: it takes its time, too."""

    def __init__(self, fault: str = "", *, slow: bool = False) -> None:
        self.fault = fault
        self.heard: list[int] = []
        self.sounds: list[Speech] = []
        self.closed = False
        self._slow = slow

    def start(self, speech: Speech) -> Playback:
        if not self.fault:
            self.heard.append(len(speech.samples))
            self.sounds.append(speech)
        return Sound(speech, self.fault, speech.seconds if self._slow else 0.0)

    def play(self, speech: Speech) -> None:
        self.start(speech).wait()

    def close(self) -> None:
        self.closed = True


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < deadline, "it doesn't happen"
        time.sleep(0.002)
