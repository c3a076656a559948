"""A tap answers the question that was on the screen, or nothing."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_triage.answers import Meaning
from voice_triage.assemble import flow_names, lexicon, script
from voice_triage.config import ENDPOINTS
from voice_triage.conversation.turn import Listen
from voice_triage.conversation.voice import Speaking
from voice_triage.kiosk.labels import Labels
from voice_triage.kiosk.touch import Press, Tap, Touch, TouchedError
from voice_triage.kiosk.touch_ears import (
    TouchEars,
    TouchOnlyEars,
    TouchSource,
    pause,
    spoken_presses,
)
from voice_triage.kiosk.touch_voice import TouchVoice
from voice_triage.kiosking import Steadily
from voice_triage.listen.frames import Frame
from voice_triage.listen.heard import Heard
from voice_triage.speak.earcons import Earcon
from voice_triage.speak.manner import USUAL, Manner
from voice_triage.testing import RememberingVoice, ScriptedEars, Spoken

ANSWERS = (Press.YES, Press.NO, Press.UNSURE, Press.REPEAT, Press.STOP)
LISTEN = Listen("any")
TEXTS = spoken_presses(lexicon())


def never() -> None:
    """Nobody watches."""


def nobody(_tone: bool) -> None:
    """Nobody is told that it listens."""


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Talking:
    """A text that is being said until it is stopped."""

    played = None

    def __init__(self) -> None:
        self._stopped = threading.Event()

    @property
    def done(self) -> bool:
        return self._stopped.is_set()

    def wait(self) -> bool:
        assert self._stopped.wait(10), "nobody has stopped it"
        return False

    def stop(self) -> None:
        self._stopped.set()


def test_each_button_means_what_stands_on_it_to_every_question() -> None:
    for flow in flow_names():
        loaded = script(flow, "GB")
        for question in loaded.flow.questions:
            for press, text in TEXTS.items():
                answer = loaded.understanding.interpret(question, text)
                assert answer.meaning is Meaning(press.value)
                assert not answer.symptoms
                assert not answer.doubtful


@dataclass(frozen=True)
class Shows:
    """The program goes on to another turn, after some time."""

    answers: tuple[Press, ...]
    after_s: float = 1.0


Step = Shows | Tap
STEPS = st.lists(
    st.one_of(
        st.builds(Shows, st.sampled_from([ANSWERS, (Press.STOP,)]), st.sampled_from([0.1, 1.0])),
        st.builds(Tap, st.integers(0, 12), st.sampled_from(list(Press))),
    ),
    max_size=60,
)


class Interleaved:
    """Ears within whose turns somebody taps, as they are told; they hear what they are told."""

    def __init__(self, touch: Touch) -> None:
        self._touch = touch
        self.taps: list[Tap] = []
        self.says = ""
        self.taken: list[Tap] = []

    def attend(self, speaking: Speaking) -> None:
        speaking.wait()

    def hear(
        self, _listen: Listen, _speaking: Speaking | None, _on: Callable[[bool], None]
    ) -> Heard:
        for tap in self.taps:
            if self._touch.tap(tap):
                self.taken.append(tap)
        if self.taken and not self.says:  # else the voice was there at the same moment
            self._touch.check()
        return Heard(self.says, 1.0 if self.says else 0.0, 1.0)


@given(STEPS, st.lists(st.sampled_from(["", "", "no", "yes"]), min_size=70, max_size=70))
def test_no_tap_ever_answers_another_question(steps: list[Step], voices: list[str]) -> None:
    clock = Clock()
    touch = Touch(0.5, clock)
    inner = Interleaved(touch)
    ears = TouchEars(inner, touch, TEXTS)
    turn = 0
    for step, says in zip(steps, voices, strict=False):
        if isinstance(step, Shows):
            turn += 1
            touch.show(turn, step.answers)
            clock.now += step.after_s
            continue
        inner.taps, inner.says, inner.taken = [step, step, Tap(turn, Press.STOP)], says, []
        heard = ears.hear(LISTEN, None, nobody)
        assert all(tap.turn == turn for tap in inner.taken), "a stale tap was taken"
        assert len(inner.taken) <= 1, "one tap a turn"
        said = heard.text.removeprefix(says).strip()
        pressed = [TEXTS[tap.press] for tap in inner.taken] or [""]
        assert said == pressed[0]
        # The turn is settled now: whatever is tapped, it can't be answered again.
        for press in (Press.YES, Press.NO, Press.UNSURE, Press.REPEAT):
            assert not touch.tap(Tap(turn, press))


def test_a_tap_before_anybody_can_have_read_the_question_does_not_count() -> None:
    clock = Clock()
    touch = Touch(0.5, clock)
    touch.show(1, ANSWERS)
    clock.now += 0.4
    assert not touch.tap(Tap(1, Press.NO))
    clock.now += 0.2
    assert touch.tap(Tap(1, Press.NO))
    assert not touch.tap(Tap(1, Press.YES)), "the first one counts"
    touch.show(2, ANSWERS)
    assert touch.take() is None, "it was for the question before"


def test_a_stop_counts_in_whatever_is_said_next() -> None:
    touch = Touch(0.0)
    touch.show(1, [Press.STOP])
    assert touch.tap(Tap(1, Press.STOP))
    touch.show(2, ANSWERS)
    assert touch.take() is Press.STOP


def test_what_is_touched_and_said_at_once_is_both_heard() -> None:
    touch = Touch(0.0)
    inner = Interleaved(touch)
    inner.says, inner.taps = "no", [Tap(1, Press.YES)]
    touch.show(1, ANSWERS)
    heard = TouchEars(inner, touch, TEXTS).hear(LISTEN, None, nobody)
    answer = script(None, "GB").understanding.interpret("leg-feeling", heard.text)
    assert answer.contradictory, "so it is read back"


def test_a_tap_stops_what_is_being_said_and_what_would_follow() -> None:
    class Speaks(RememberingVoice):
        def begin(self, text: str, manner: Manner, after: Earcon | None = None) -> Talking:
            super().begin(text, manner, after)
            return Talking()

    touch = Touch(0.0)
    inner = Speaks()
    voice = TouchVoice(inner, touch, never)
    ears = TouchEars(TouchOnlyEars(touch, ENDPOINTS, never), touch, TEXTS)
    touch.show(1, [Press.STOP])
    speaking = voice.begin("a long statement", USUAL)
    threading.Timer(0.05, touch.tap, [Tap(1, Press.STOP)]).start()
    ears.attend(speaking)
    assert speaking.done
    ears.attend(voice.begin("and another", USUAL))
    touch.show(2, ANSWERS)
    heard = ears.hear(LISTEN, voice.begin("the question", USUAL), nobody)
    assert (heard.text, heard.confidence) == (TEXTS[Press.STOP], 1.0)
    assert inner.said == ["a long statement"]
    assert not voice.begin("Shall I stop?", USUAL).done, "it speaks again"


def test_a_tap_ends_the_listening_whoever_listens() -> None:
    class Endless:
        live, lost, exhausted = True, 0, False

        def overhear(self) -> Iterator[Frame]:
            while True:
                yield np.zeros(320, np.int16)

        utterance = overhear

        def close(self) -> None:
            pass

    touch = Touch(0.0)
    frames: list[Frame] = []
    touch.show(1, ANSWERS)
    sound = TouchSource(Endless(), touch, frames.append).utterance()
    next(sound)
    assert touch.tap(Tap(1, Press.YES))
    with pytest.raises(TouchedError):
        next(sound)
    assert len(frames) == 2
    assert touch.take() is Press.YES


def test_without_a_microphone_silence_is_as_long() -> None:
    touch = Touch(0.0)
    alive: list[bool] = []
    ears = TouchOnlyEars(touch, ENDPOINTS, lambda: alive.append(True))
    listened: list[bool] = []
    heard = ears.hear(Listen("any", begin_ms=600), Spoken(), listened.append)
    assert heard == Heard("", 0.0, 0.6)
    assert alive
    assert listened == [False], "no tone invites to speak"


def test_without_a_microphone_a_tap_answers() -> None:
    touch = Touch(0.0)
    touch.show(1, ANSWERS)
    threading.Timer(0.05, touch.tap, [Tap(1, Press.UNSURE)]).start()
    ears = TouchEars(TouchOnlyEars(touch, ENDPOINTS, never), touch, TEXTS)
    heard = ears.hear(LISTEN, None, nobody)
    assert heard == Heard(TEXTS[Press.UNSURE], 1.0, 0.0)


def test_at_the_end_of_the_program_nothing_waits_any_more() -> None:
    touch = Touch(0.0)
    ears = TouchEars(ScriptedEars(["yes"]), touch, TEXTS)
    speaking = Talking()
    touch.stops(speaking)
    threading.Timer(0.05, touch.leave).start()
    with pytest.raises(KeyboardInterrupt):
        pause(touch, 20, never)
    assert speaking.done
    with pytest.raises(KeyboardInterrupt):
        ears.hear(LISTEN, None, nobody)


def test_who_speaks_is_alive(labels: Labels) -> None:
    class Speaks(RememberingVoice):
        def begin(self, text: str, manner: Manner, after: Earcon | None = None) -> Talking:
            super().begin(text, manner, after)
            return speaking

    speaking, alive = Talking(), threading.Event()
    touch = Touch(0.0)

    def live() -> None:
        if alive.is_set():
            speaking.stop()
        alive.set()

    assert not TouchVoice(Speaks(), touch, live).say(labels.title), "it was stopped"
    assert alive.is_set()


def test_signs_of_life_come_steadily_and_not_with_every_frame() -> None:
    calls: list[float] = []
    steadily = Steadily(lambda: calls.append(0.0))
    for _ in range(1_000):
        steadily()
    assert len(calls) == 1
