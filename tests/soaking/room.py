"""A microphone and a loudspeaker in a room, on a simulated clock; both may be unplugged."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from soaking.clock import Clock
from voice_triage.errors import MicrophoneError, SpeechError
from voice_triage.evaluate.room import to_frame
from voice_triage.listen.frames import LIVE_FRAME_MS, RATE, Frame
from voice_triage.replay.load import Loaded
from voice_triage.replay.microphone import Does, SimulatedMicrophone
from voice_triage.replay.scenario import Expect, Scenario
from voice_triage.replay.surroundings import AS_IT_IS, Noises, quiet
from voice_triage.replay.voices import Mouths
from voice_triage.speak.playback import Playback, Played, Player
from voice_triage.speak.speaker import Speaker
from voice_triage.speak.synthesis import Speech, Synthesizer

_FRAME = RATE * LIVE_FRAME_MS // 1000
_ECHO = 0.05
"""-26 dB: how much of the loudspeaker the microphone hears."""
_WORDS_PER_S = 10.0
"""Three times as fast as people speak: the program's own talk isn't what is tested."""


def empty_scenario(name: str, **more: object) -> Scenario:
    """Of which nothing is expected."""
    return Scenario.model_validate(
        {"flow": "back_spasms", "name": name, "expect": Expect(), **more}
    )


class Room:
    """What is in it, what sounds, and who is there."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.mouths = Mouths(None)
        self.microphone_there = True
        self.loudspeaker_there = True
        self.broken: str | None = None
        """Which device's driver has a bug: "microphone" or "loudspeaker"."""
        self.playing: SimulatedPlayback | None = None
        self._noises = Noises(lambda text, voice: self.mouths.say(text, voice, None), ())
        self._hears: SimulatedMicrophone | None = None
        self._hiss = to_frame(quiet(4 * RATE, 1))

    def enters(self, person: Does, scenario: Scenario) -> None:
        """From now on this person is before the microphone."""
        loaded = Loaded(Path("soak.triage.yaml"), scenario)
        self._hears = SimulatedMicrophone(loaded, person, self.mouths, self._noises, AS_IT_IS)

    @property
    def hears(self) -> SimulatedMicrophone:
        assert self._hears is not None
        return self._hears

    def open_microphone(self, _device: int | str | None) -> RoomMicrophone:
        """Raises MicrophoneError while there is none."""
        if not self.microphone_there:
            raise MicrophoneError("There is no microphone. Plug one in.")
        return RoomMicrophone(self)

    def silence(self) -> Iterator[Frame]:
        """Nobody speaks before they have been asked."""
        while True:
            for start in range(0, len(self._hiss) - _FRAME, _FRAME):
                yield self._hiss[start : start + _FRAME]

    def echo(self) -> Frame | None:
        """What of the loudspeaker's sound is heard now, for one frame."""
        playing = self.playing
        if playing is None or playing.done:
            return None
        speech = playing.speech
        times = self.clock.now() - playing.began + np.arange(-_FRAME, 0) / RATE
        at = (times * speech.rate).astype(int)
        inside = (at >= 0) & (at < len(speech.samples))
        heard = np.zeros(_FRAME, np.int16)
        heard[inside] = speech.samples[at[inside]] * _ECHO
        return heard


class RoomMicrophone:
    """An open microphone; as a real one, it has one turn at a time."""

    live = True
    lost = 0

    def __init__(self, room: Room) -> None:
        self._room = room
        self._turn: object | None = None
        self.exhausted = False

    def utterance(self) -> Iterator[Frame]:
        """What is said from now on. Raises MicrophoneError when it has gone."""
        self._room.hears.stop()
        return self._listen(self._room.hears.utterance())

    def overhear(self) -> Iterator[Frame]:
        """What is heard while the program speaks. Raises MicrophoneError when it has gone."""
        return self._listen(self._room.silence())

    def close(self) -> None:
        self.exhausted, self._turn = True, None

    def _listen(self, sound: Iterator[Frame]) -> Iterator[Frame]:
        self._turn = turn = object()
        return self._flow(turn, sound)

    def _flow(self, turn: object, sound: Iterator[Frame]) -> Iterator[Frame]:
        room = self._room
        captured = room.clock.now()
        while self._turn is turn:
            captured += LIVE_FRAME_MS / 1000
            # What was captured while nobody took it waits: no sound is missing from the time.
            room.clock.passes(max(captured - room.clock.now(), 0.0))
            if not room.microphone_there:
                raise MicrophoneError("The microphone has sent nothing for 3 seconds.")
            if room.broken == "microphone":
                raise RuntimeError("a bug in the microphone's driver")
            if self._turn is not turn:  # meanwhile somebody else listens
                return
            frame = next(sound)
            echo = room.echo()
            if echo is not None:
                frame = np.clip(frame.astype(np.int32) + echo, -32768, 32767).astype(np.int16)
            yield frame


class SimulatedPlayback(Playback):
    """Lasts as long as its sound, in simulated time."""

    def __init__(self, room: Room, speech: Speech) -> None:
        self._room, self.speech = room, speech
        self.began = room.clock.now()
        self._ends = self.began + speech.seconds
        self._stopped = threading.Event()

    def wait(self) -> None:
        """Raises SpeechError without a loudspeaker."""
        self._check()
        self._room.clock.sleeps_until(self._ends, self._stopped.is_set)
        if not self._stopped.is_set():
            self._check()

    def stop(self) -> None:
        self._stopped.set()
        self._room.clock.wakes()

    @property
    def done(self) -> bool:
        return self._stopped.is_set() or self._room.clock.now() >= self._ends

    @property
    def played(self) -> Played | None:
        return Played(self.speech.samples, self.speech.rate, self.began)

    def _check(self) -> None:
        if not self._room.loudspeaker_there:
            raise SpeechError("There is no loudspeaker. Plug one in.")
        if self._room.broken == "loudspeaker":
            raise RuntimeError("a bug in the loudspeaker's driver")


class RoomLoudspeaker(Player):
    """Plays one sound at a time."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def start(self, speech: Speech) -> Playback:
        self._room.playing = playback = SimulatedPlayback(self._room, speech)
        return playback

    def play(self, speech: Speech) -> None:
        self.start(speech).wait()

    def close(self) -> None:
        self._room.playing = None


class Syllables(Synthesizer):
    """Renders in no time: noise that swells four times a second, as long as the text takes."""

    identity = "syllables"

    def __init__(self) -> None:
        times = np.arange(60 * RATE) / RATE
        hiss = np.convolve(
            np.random.default_rng(1).standard_normal(len(times)), np.ones(3) / 3, "same"
        )
        self._sound = (hiss * np.sin(2 * np.pi * 2 * times) ** 2 * 3000).astype(np.int16)

    def render(self, text: str, words_per_minute: int | None = None) -> Speech:  # noqa: ARG002
        samples = round(len(text.split()) / _WORDS_PER_S * RATE)
        return Speech(self._sound[:samples].copy(), RATE)


class Rendering(Synthesizer):
    """Another synthesizer; while somebody waits for it, the simulated time stands still."""

    def __init__(self, clock: Clock, inner: Synthesizer) -> None:
        self._clock, self._inner = clock, inner

    @property
    def identity(self) -> str:
        return self._inner.identity

    def render(self, text: str, words_per_minute: int | None = None) -> Speech:
        if threading.current_thread().name == "ahead":  # in the background
            return self._inner.render(text, words_per_minute)
        with self._clock.standing_still():
            return self._inner.render(text, words_per_minute)


class VisitVoice(Speaker):
    """The program's own, which tells when it is let go of: the visit is over."""

    def __init__(
        self, synthesizer: Synthesizer, player: Player, lost: Callable[[str], None],
        back: Callable[[], None], closed: Callable[[], None],
    ) -> None:  # fmt: skip
        super().__init__(synthesizer, player, lost, back)
        self._closed = closed

    def close(self) -> None:
        super().close()
        self._closed()
