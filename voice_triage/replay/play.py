"""One scenario, played through the real recogniser, and what came of it."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from voice_triage.conversation.conversation import Conversation
from voice_triage.conversation.events import Answered, Asked, Ended, Event, Prompt
from voice_triage.conversation.figures import Figures
from voice_triage.conversation.hearing import Hearing
from voice_triage.conversation.microphone_ears import MicrophoneEars
from voice_triage.conversation.overlap import Overlap
from voice_triage.conversation.script import Script
from voice_triage.conversation.understanding import Grammars
from voice_triage.flow import Ending, Reply
from voice_triage.listen.endpoint_times import EndpointTimes
from voice_triage.listen.listener import Listener
from voice_triage.listen.recognizer import Vosk
from voice_triage.replay.ears import ScenarioEars, Turn
from voice_triage.replay.load import Loaded
from voice_triage.replay.microphone import SimulatedMicrophone
from voice_triage.replay.person import Person
from voice_triage.replay.surroundings import AS_IT_IS, Noises, Surroundings
from voice_triage.replay.voice import SimulatedVoice
from voice_triage.replay.voices import Mouths


@dataclass(frozen=True, eq=False)
class Stage:
    """What conversations on one flow are played with."""

    script: Script
    vosk: Vosk
    grammars: Grammars
    mouths: Mouths
    noises: Noises
    times: EndpointTimes
    overlap: Figures


@dataclass(frozen=True)
class Played:
    """A conversation that has been played."""

    loaded: Loaded
    around: Surroundings
    events: tuple[Event, ...]
    turns: tuple[Turn, ...]
    """What was listened to, in order."""
    ending: Ending
    conversation_s: float
    """How long it would have taken: what was listened to, and about how long the talk was."""
    took_s: float
    """How long one core was busy playing it."""
    readbacks: int
    """How often an answer was read back."""

    @property
    def asked(self) -> tuple[str, ...]:
        """Questions as they were asked; re-asks don't count."""
        return tuple(e.question for e in self._asked if e.kind is Prompt.QUESTION)

    @property
    def reprompts(self) -> int:
        """How often a question was asked again."""
        return sum(e.kind is Prompt.REPROMPT for e in self._asked)

    @property
    def answered(self) -> dict[str, Reply]:
        """What each question's answer counted as in the end."""
        return {e.question: e.reply for e in self.events if isinstance(e, Answered)}

    def without_sound(self) -> Played:
        """The same, small enough to keep thousands of."""
        return replace(self, turns=tuple(replace(t, sound=t.sound[:0]) for t in self.turns))

    @property
    def _asked(self) -> list[Asked]:
        return [event for event in self.events if isinstance(event, Asked)]


def play(loaded: Loaded, stage: Stage, around: Surroundings = AS_IT_IS) -> Played:
    """Play it, in those surroundings. Raises AudioError, SpeechError and ModelError."""
    began = time.process_time()
    script, voice = stage.script, SimulatedVoice()
    person = Person(loaded.scenario, script)
    source = SimulatedMicrophone(loaded, person, stage.mouths, stage.noises, around)
    hearing = Hearing(stage.grammars, script.understanding, stage.vosk, script.limits.clarity)
    live = MicrophoneEars(
        source, Listener(source, stage.vosk, stage.times), hearing, stage.times,
        Overlap(stage.overlap, barge_in=False),
    )  # fmt: skip
    ears = ScenarioEars(source, live)
    events: list[Event] = []

    def tell(event: Event) -> None:
        events.append(event)
        person.told(event)

    ending = Conversation(script, ears, voice, tell).run()
    return Played(
        loaded,
        around,
        tuple(event for event in events if not isinstance(event, Ended)),
        tuple(ears.turns),
        ending,
        voice.seconds + sum(turn.heard.seconds for turn in ears.turns),
        time.process_time() - began,
        sum(_is_readback(event, script) for event in events),
    )


def _is_readback(event: Event, script: Script) -> bool:
    confirm = isinstance(event, Asked) and event.kind is Prompt.CONFIRM
    return confirm and isinstance(event, Asked) and event.text != script.phrases.confirm_stop
