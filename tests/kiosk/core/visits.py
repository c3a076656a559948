"""A kiosk without devices: the real loop, with ears and voices that behave."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Any, Self

from voice_triage.assemble import lexicon
from voice_triage.conversation.ears import Ears
from voice_triage.conversation.events import Observer
from voice_triage.conversation.script import Script
from voice_triage.conversation.turn import Listen, Turn
from voice_triage.conversation.voice import Speaking, Voice
from voice_triage.errors import MicrophoneError
from voice_triage.flow import Urgency
from voice_triage.kiosk.attendant import Attendant
from voice_triage.kiosk.house import House
from voice_triage.kiosk.labels import Labels
from voice_triage.kiosk.stage import Stage
from voice_triage.kiosk.touch import Press, Tap, Touch, TouchedError
from voice_triage.kiosk.touch_ears import TouchEars, spoken_presses
from voice_triage.kiosk.view import Phase, View
from voice_triage.kiosk.views import Views
from voice_triage.listen.heard import Heard
from voice_triage.testing import RememberingVoice, ScriptedEars

Said = list[str | Heard | BaseException]
WAIT_S = 20.0


class Clock:
    """Goes as clocks do, until somebody is in a hurry: then a thousand times as fast."""

    def __init__(self) -> None:
        self._hurried_s: float | None = None

    def hurry(self) -> None:
        self._hurried_s = time.monotonic()

    def __call__(self) -> float:
        now_s = time.monotonic()
        return now_s if self._hurried_s is None else now_s + 1000 * (now_s - self._hurried_s)


class Microphone:
    """Hears the visitors of a list; each says the start word, unless they only touch."""

    def __init__(self, touch: Touch) -> None:
        self._touch = touch
        self.visitors: list[Said] = []
        """What each who says the start word says then."""
        self.plugged = True
        self.bug: Exception | None = None
        """What opening it raises, if nobody has foreseen it."""
        self.stuck: Callable[[], None] | None = None
        """Called when it is listened to, while it sends nothing."""
        self.forgotten = 0
        self.now: Said | None = None

    def open(self) -> None:
        if self.bug is not None:
            raise self.bug
        if not self.plugged:
            raise MicrophoneError("unplugged")

    def close(self) -> None:
        pass

    def forget(self) -> None:
        self.forgotten += 1

    def starts(self, seconds: float) -> bool:
        if self.stuck is not None:
            self.stuck()
            raise MicrophoneError("it has sent nothing for 3 seconds")
        until_s = self._touch.now() + seconds
        while self._touch.now() < until_s:
            self._touch.check()
            self.open()
            if self.visitors:
                self.now = self.visitors.pop(0)
                return True
            time.sleep(0.002)
        return False

    def ears(self, _voice: Voice, _tell: Observer) -> Ears:
        said, self.now = self.now, None
        if said is None:
            return TouchEars(Deaf(self._touch), self._touch, spoken_presses(lexicon()))
        return TouchEars(ScriptedEars(said), self._touch, spoken_presses(lexicon()))


class Deaf(ScriptedEars):
    """Waits for a tap, for as long as it takes."""

    def __init__(self, touch: Touch) -> None:
        super().__init__([])
        self._touch = touch

    def hear(
        self, listen: Listen, speaking: Speaking | None, on_listening: Callable[[bool], None]
    ) -> Heard:
        del listen, speaking
        on_listening(False)
        if self._touch.wait(WAIT_S):
            raise TouchedError
        raise AssertionError("nobody touches anything")


class ClosingVoice(RememberingVoice):
    """Knows whether it was closed."""

    def __init__(self) -> None:
        super().__init__()
        self.closed = False

    def close(self) -> None:
        self.closed = True


class Keeping:
    """Remembers what it was given to keep."""

    def __init__(self) -> None:
        self.questions: list[str] = []
        self.pages: list[bytes] = []
        self.urgency = ""
        self.closed = False

    def keep(self, question: str, _turn: Turn) -> None:
        self.questions.append(question)

    def keep_page(self, page: bytes) -> None:
        self.pages.append(page)

    def ended(self, urgency: str, _outcomes: tuple[str, ...], _complete: bool) -> None:
        self.urgency = urgency

    def close(self) -> None:
        self.closed = True


class Kiosk:
    """The loop in a thread, until the end of `with`; whoever tests it looks at the screen."""

    def __init__(self, script: Script, labels: Labels, ending_s: float = 0.0, **more: Any) -> None:
        self.clock = Clock()
        self.touch = Touch(0.0, self.clock)
        self.stage = Stage(Views(script, labels, labels.privacy.forgotten), self.touch)
        self.microphone = Microphone(self.touch)
        self.voices: list[ClosingVoice] = []
        self.kept: list[Keeping] = []
        self.alive = 0
        self.tidied = 0
        self.troubles: list[tuple[str, str | None]] = []
        self._news = threading.Condition()
        self.views: list[View] = [self.stage.view]
        self.stage.join(self)
        house = House(
            script, labels.says, self.stage, self.touch, self.microphone, self._open_voice,
            self._begin, self._tidy, self._live, self._trouble, "start", ending_s or WAIT_S,
        )  # fmt: skip
        self.house = replace(house, **more)

    def __enter__(self) -> Self:
        self.failures: list[BaseException] = []
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.touch.leave()
        self.thread.join(WAIT_S)
        assert not self.thread.is_alive(), "the loop doesn't end"
        assert not self.failures

    def until(self, wanted: Callable[[View], object]) -> View:
        """The newest view that is as wanted; waits for it."""
        with self._news:
            good = self._news.wait_for(lambda: wanted(self.views[-1]), WAIT_S)
        assert good, f"the screen shows {self.views[-1]}"
        return self.views[-1]

    def taps(self, press: Press) -> View:
        """Somebody touches a button as soon as it is there; what they saw."""
        view = self.until(lambda view: press in view.presses)
        while not self.stage.tap(Tap(view.turn, press)):
            view = self.until(lambda view: press in view.presses)
            time.sleep(0.001)
        return view

    def answers(self, *presses: Press) -> None:
        """Somebody touches these, each when a new question is there."""
        turn = -1
        for press in presses:
            self.until(partial(_offers, press, turn))
            turn = self.taps(press).turn

    def changed(self) -> None:
        with self._news:
            self.views.append(self.stage.view)
            self._news.notify_all()

    def level(self, dbfs: float) -> None:
        pass

    def _run(self) -> None:
        try:
            Attendant(self.house).run()
        except KeyboardInterrupt:
            pass
        except BaseException as error:  # noqa: BLE001 - told at the end
            self.failures.append(error)

    def _open_voice(self, _tell: Callable[[str], None]) -> ClosingVoice:
        self.voices.append(ClosingVoice())
        return self.voices[-1]

    def _begin(self, _tell: Callable[[str], None]) -> Keeping:
        self.kept.append(Keeping())
        return self.kept[-1]

    def _tidy(self) -> None:
        self.tidied += 1

    def _trouble(self, part: str, why: str | None) -> None:
        self.troubles.append((part, why))

    def _live(self) -> None:
        self.alive += 1


def phases(views: Iterable[View]) -> list[str]:
    """What the screen went through, each once in a row."""
    found: list[str] = []
    for view in views:
        if not found or found[-1] != view.phase.value:
            found.append(view.phase.value)
    return found


def _offers(press: Press, after: int, view: View) -> bool:
    return view.turn > after and press in view.presses


def waits(view: View) -> bool:
    return view.phase is Phase.WAITING


def rests(view: View) -> bool:
    return Press.REPEAT in view.presses and view.phase is Phase.ENDING


def urgency(view: View) -> Urgency:
    assert view.page is not None
    return view.page.urgency
