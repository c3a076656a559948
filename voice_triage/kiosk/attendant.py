"""The loop of the kiosk: wait, talk, show what it ended in, forget, and wait again."""

from __future__ import annotations

import logging
import threading
from contextlib import closing
from datetime import UTC, datetime

from voice_triage.conversation.conversation import Conversation
from voice_triage.conversation.events import Closing, Event
from voice_triage.conversation.phrases import spoken
from voice_triage.conversation.turn import Turn
from voice_triage.conversation.voice import Voice
from voice_triage.errors import MicrophoneError
from voice_triage.kiosk import memory
from voice_triage.kiosk.failures import log_failure
from voice_triage.kiosk.house import Finished, House, Kept, Reports
from voice_triage.kiosk.stage import Stage
from voice_triage.kiosk.touch import Press, TouchedError
from voice_triage.kiosk.touch_voice import TouchVoice
from voice_triage.kiosk.view import Page, Phase

_log = logging.getLogger(__name__)

_RETRY_S = 5.0
"""How often a microphone that is away is looked for while nobody is there."""
_TIDY_S = 3_600.0
"""How often what was kept too long is looked for."""
_CALM_S = 1.0
"""After something unexpected, so that it isn't done again and again without a breath."""


class Attendant:
    """Attends to one visitor after the other."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._stage, self._touch = house.stage, house.touch
        self._can_hear: bool | None = None
        self._failed = ""
        """What the last visitor was told, if their session failed."""

    def run(self) -> None:
        """For ever, whatever happens; raises KeyboardInterrupt when the program is to end."""
        called = False
        while True:
            try:
                if not called:
                    self._wait()
                called = self._visit()
            except Exception as error:  # noqa: BLE001 - the next visitor needs it too
                called = False
                log_failure("The kiosk failed between two sessions", error)
                self._touch.drop()
                self._touch.wait(_CALM_S)
            finally:
                self._forget()

    # Between two visitors

    def _wait(self) -> None:
        """Until somebody says the start word or touches the screen."""
        while True:
            self._house.tidy()
            try:
                if self._starts(_TIDY_S):
                    return
            except MicrophoneError as error:
                self._hearing(error)
                self._touch.wait(_RETRY_S)
            except TouchedError:
                pass
            if self._touch.take() is Press.START:
                return

    def _starts(self, seconds: float) -> bool:
        """Whether somebody says the start word. Raises TouchedError and MicrophoneError; a
        microphone that fails otherwise isn't there either, and touch works without."""
        try:
            self._open()
            return self._house.hears.starts(seconds)
        except (MicrophoneError, TouchedError):
            raise
        except Exception as error:
            log_failure("The microphone failed", error)
            raise MicrophoneError(
                f"The microphone fails in a way that nobody has foreseen ({type(error).__name__})."
                " Unplug it, and plug it in again."
            ) from error

    def _open(self) -> None:
        """Open the microphone. Raises MicrophoneError."""
        try:
            self._house.hears.open()
        except MicrophoneError:
            self._house.alive()  # there is none, which is another thing than one that hangs
            raise
        self._hearing(None)

    def _hearing(self, trouble: MicrophoneError | None) -> None:
        """Whether there is a microphone."""
        if trouble is not None:
            self._house.hears.close()
        if self._can_hear == (trouble is None):
            return
        self._can_hear = trouble is None
        self._house.trouble("microphone", None if trouble is None else str(trouble))
        if trouble is None:
            _log.info("There is a microphone.")
        else:
            _log.warning("Only touch works. %s", trouble)
        if self._stage.view.phase is Phase.WAITING:
            self._show_waiting()

    def _show_waiting(self) -> None:
        notices = [self._failed] if self._failed else []
        if not self._can_hear:
            notices.append(self._house.says.deaf)
        self._stage.wait(self._house.start_word if self._can_hear else None, tuple(notices))

    def _forget(self) -> None:
        """Nothing of a visitor stays, neither on the screen nor in memory."""
        self._house.hears.forget()
        self._show_waiting()
        memory.forget()

    # With a visitor

    def _visit(self) -> bool:
        """One visitor, until they are gone; True: the next one has said the start word."""
        if self._failed:  # that was the one before
            self._failed = ""
            self._show_waiting()
        with closing(self._house.open_voice(self._stage.notice)) as opened:
            voice = TouchVoice(opened, self._touch, self._house.alive)
            try:
                self._talk(voice)
            except Exception as error:  # noqa: BLE001 - it is told, and the kiosk goes on
                self._fail(error, voice)
            return self._stage.view.phase is Phase.ENDING and self._linger(voice)

    def _talk(self, voice: Voice) -> None:
        house = self._house
        _log.info("A session begins.")
        turns: list[Turn] = []
        with closing(house.begin(self._stage.notice)) as kept:

            def keep(question: str, turn: Turn) -> None:
                turns.append(turn)
                kept.keep(question, turn)

            def tell(event: Event) -> None:
                self._stage.tell(event)
                if isinstance(event, Closing):
                    self._report(event, tuple(turns), kept)
                for observer in house.observers:
                    observer(event)

            ears = house.hears.ears(voice, tell)
            ending = Conversation(house.script, ears, voice, tell, keep).run()
            kept.ended(ending.urgency.value, ending.outcomes, ending.complete)
        _log.info("The session has ended.")

    def _fail(self, error: Exception, voice: Voice) -> None:
        log_failure("The session failed", error)
        self._failed = self._house.says.failed.format(number=self._house.script.number)
        self._stage.notice(self._failed)
        self._touch.drop()
        self._say(voice, self._failed)
        view = self._stage.view
        if view.phase is Phase.ENDING and Press.REPEAT not in view.presses:
            self._stage.rest()

    def _linger(self, voice: Voice) -> bool:
        """Leave the ending on the screen for a while, or until they are done; True: somebody said
        the start word."""
        gone_s = self._touch.now() + self._house.ending_s
        while (left_s := gone_s - self._touch.now()) > 0:
            try:
                return self._starts(left_s)
            except MicrophoneError as error:
                self._hearing(error)
                self._touch.wait(min(left_s, _RETRY_S))
            except TouchedError:
                pass
            match self._touch.take():
                case Press.STOP:
                    return False
                case Press.REPEAT:
                    self._say_again(voice)
                    gone_s = self._touch.now() + self._house.ending_s
        return False

    def _say_again(self, voice: Voice) -> None:
        page = self._stage.view.page
        if page is not None:
            self._stage.speak_again()
            for text in (page.headline, *page.advice, *page.safety_net):
                self._say(voice, text)
            self._stage.rest()

    def _say(self, voice: Voice, text: str) -> None:
        """Say it, if that is possible: the ending stays on the screen anyhow."""
        try:
            voice.say(spoken(text), self._house.script.manner)
        except Exception as error:  # noqa: BLE001 - it can be read
            log_failure("It can't be said", error)

    def _report(self, event: Closing, turns: tuple[Turn, ...], kept: Kept) -> None:
        """Have the ending to take away made, while the last words are being said."""
        reports, page = self._house.reports, self._stage.view.page
        if reports is None or page is None:
            return
        finished = Finished(
            self._house.script, event.known, event.ending, turns, datetime.now(UTC)
        )  # fmt: skip
        threading.Thread(
            target=_make_report, args=(reports, finished, kept, self._stage, page),
            name="report", daemon=True,
        ).start()  # fmt: skip


def _make_report(
    reports: Reports, finished: Finished, kept: Kept, stage: Stage, page: Page
) -> None:
    try:
        report = reports.make(finished)
        stage.offer(report, page)
        kept.keep_page(report.html)
    except Exception as error:  # noqa: BLE001 - the ending stands on the screen without it
        log_failure("The report can't be made", error)
