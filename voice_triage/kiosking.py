"""The `kiosk` command: the conversation in a thread, the screen's server in the main thread.

The server is in the main thread because signals come there, and end it in good order. What the
conversation waits for (sound that is played, a microphone) blocks, and so needs a thread anyway.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from voice_triage import assemble, session
from voice_triage.config import ABSENT_S, LANGUAGE
from voice_triage.conversation.events import Observer
from voice_triage.errors import JournalError, UsageError
from voice_triage.speak.manner import USUAL, Manner

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from voice_triage.kiosk.house import House, OpenVoice, Reports, Trouble
    from voice_triage.kiosk.labels import Labels
    from voice_triage.kiosk.stage import Stage
    from voice_triage.kiosk.touch import Touch
    from voice_triage.live import OpenMicrophone

_log = logging.getLogger(__name__)

_NEEDED = ("prometheus_client", "starlette", "uvicorn", "websockets")
_ALIVE_S = 1.0
_LEAVING_S = 5.0


@dataclass(frozen=True)
class Options:
    """What `voice-triage kiosk` was asked for."""

    flow: str | None = None
    region: str | None = None
    model: str | None = None
    microphone: str | None = None
    """A device's number or a part of its name, as `voice-triage devices` lists them."""
    loudspeaker: str | None = None
    port: int = 8765
    """0: any that is free."""
    wait_for: str = "start"
    aloud: bool = True
    earcons: bool = True
    barge_in: bool = False
    manner: Manner = USUAL
    """How the program speaks until somebody asks for another pace or volume."""
    keep_reports: Path | None = None
    """Where sessions are kept; None: nowhere."""
    keep_days: int = 30
    ending_s: float = 180.0
    """How long an ending stays on the screen."""


@dataclass(frozen=True)
class Joined:
    """What else watches and serves; each part is joined here by whoever makes it."""

    alive: Callable[[], None] = lambda: None
    """Called about once a second while the microphone's sound flows, and while it speaks."""
    level: Callable[[float], None] = lambda _dbfs: None
    """Told in dBFS, ten times a second, how loud the microphone is; whether anybody is there or
    not."""
    trouble: Trouble = lambda _part, _why: None
    observers: Sequence[Observer] = ()
    """Told every event of every conversation, in its thread."""
    routes: Sequence[BaseRoute] = ()
    """More to serve, behind the same guard."""
    reports: Reports | None = None


@dataclass(frozen=True)
class Devices:
    """What it hears, speaks and waits with."""

    microphone: OpenMicrophone
    voice: Callable[[Callable[[str], None], Callable[[], None]], OpenVoice]
    """Given whom to tell, in plain words, that speech fails, and whom that it works again."""
    touch: Touch


def _this_machines(options: Options) -> Devices:
    from voice_triage.kiosk.touch import Touch
    from voice_triage.listen.source import Microphone

    def voice(lost: Callable[[str], None], back: Callable[[], None]) -> OpenVoice:
        return assemble.voice(
            options.aloud, None, options.loudspeaker, options.earcons, lost, back, keep=False
        )  # fmt: skip

    return Devices(Microphone, voice, Touch())


def kiosk(
    options: Options, ready: Callable[[str], None], joined: Joined = Joined(),
    devices: Devices | None = None,
) -> None:  # fmt: skip
    """Attend to visitors until a signal comes, then raise KeyboardInterrupt. `ready` is told the
    screen's address. `devices`: None for those of this machine. Raises VoiceTriageError when it
    can't begin."""
    _check(options)
    from voice_triage.kiosk.attendant import Attendant
    from voice_triage.kiosk.memory import share_arenas
    from voice_triage.kiosk.server import HOST, Server, app, listen

    share_arenas()
    devices = devices or _this_machines(options)
    touch = devices.touch
    house, labels = _house(options, joined, devices)
    with ExitStack() as closing:
        closing.callback(house.hears.close)
        listening = closing.enter_context(listen(options.port))
        port = listening.getsockname()[1]
        message = labels.message(house.script.number)
        reports = house.reports is not None
        served = app(house.stage, message, port, reports=reports, routes=joined.routes)
        server = Server(served)

        def stop() -> None:
            server.should_exit = True

        attending = _Attending(Attendant(house).run, stop)
        closing.callback(attending.end, touch)
        attending.start()
        ready(f"http://{HOST}:{port}/")
        server.serve_until_stopped(listening)
    if attending.failure is not None:
        raise attending.failure


class _Attending(threading.Thread):
    """The conversation's thread. Its end is the end of the program."""

    def __init__(self, attend: Callable[[], None], stop: Callable[[], None]) -> None:
        super().__init__(name="attendant", daemon=True)
        self._attend, self._stop_program = attend, stop
        self.failure: BaseException | None = None

    def run(self) -> None:
        """Until there is no more to attend to."""
        try:
            self._attend()
        except KeyboardInterrupt:
            pass
        except BaseException as error:  # noqa: BLE001 - raised again in the main thread
            self.failure = error
        self._stop_program()

    def end(self, touch: Touch) -> None:
        """Ask it to end, and wait a while for that."""
        touch.leave()
        if self.is_alive():
            self.join(_LEAVING_S)


def check_installed() -> None:
    """Raises UsageError when a package of the extra `kiosk` is missing."""
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"The Python packages {', '.join(missing)} are not there. Install them: "
            "pip install 'voice-triage[kiosk]'"
        )


def _check(options: Options) -> None:
    check_installed()
    if options.keep_days < 1:
        raise UsageError("--keep-days is 1 or more; leave --keep-reports out to keep nothing.")
    if options.ending_s <= 0:
        raise UsageError("--ending-s is how long an ending stays on the screen: more than 0.")
    if not options.wait_for.strip():
        raise UsageError("--wait-for needs a word to wait for, for instance: start")


def _house(options: Options, joined: Joined, devices: Devices) -> tuple[House, Labels]:
    from voice_triage.kiosk.failures import unfailing
    from voice_triage.kiosk.house import House
    from voice_triage.kiosk.labels import load_labels
    from voice_triage.kiosk.stage import Stage
    from voice_triage.kiosk.views import Views
    from voice_triage.kiosk_microphone import KioskMicrophone

    script = assemble.script(options.flow, options.region, options.manner)
    script = replace(script, absent_s=ABSENT_S)
    labels = load_labels(assemble.prompts() / f"kiosk.{LANGUAGE}.yaml")
    touch = devices.touch
    stage = Stage(Views(script, labels, _privacy(options, labels)), touch)
    word = " ".join(options.wait_for.lower().split())
    alive = Steadily(unfailing("The watchdog can't be told", joined.alive))
    tell_level = unfailing("The level can't be told", joined.level)
    trouble = unfailing("A trouble can't be told", joined.trouble)
    observers = [unfailing("An event can't be told", each) for each in joined.observers]

    def level(dbfs: float) -> None:
        stage.level(dbfs)
        tell_level(dbfs)

    microphone = KioskMicrophone(
        script, assemble.vosk(options.model), options.microphone, touch, labels.says, word,
        level, alive, options.barge_in, devices.microphone,
    )  # fmt: skip

    if microphone.unheard:
        _log.warning(script.phrases.unheard.format(words=", ".join(microphone.unheard)))

    def open_voice(tell: Callable[[str], None]) -> OpenVoice:
        def lost(problem: str) -> None:
            trouble("voice", problem)
            tell(script.phrases.voice_lost.format(problem=problem))

        def back() -> None:
            trouble("voice", None)
            tell(script.phrases.voice_back)

        return devices.voice(lost, back)

    def begin(tell: Callable[[str], None]) -> session.Session:
        def lost(problem: str) -> None:
            tell(labels.says.not_kept.format(problem=problem))

        return session.begin(options.keep_reports, script, options.region, lost)

    house = House(
        script, labels.says, stage, touch, microphone, open_voice, begin,
        _tidying(options, stage, labels), alive, trouble, word, options.ending_s,
        joined.reports, observers,
    )  # fmt: skip
    return house, labels


def _privacy(options: Options, labels: Labels) -> str:
    if options.keep_reports is None:
        return labels.privacy.forgotten
    return labels.privacy.kept.format(days=options.keep_days)


def _tidying(options: Options, stage: Stage, labels: Labels) -> Callable[[], None]:
    from voice_triage.record.retention import expire

    def tidy() -> None:
        if options.keep_reports is None:
            return
        try:
            expire(options.keep_reports, timedelta(days=options.keep_days), datetime.now(UTC))
        except JournalError as error:
            stage.notice(labels.says.not_kept.format(problem=error))

    return tidy


class Steadily:
    """Calls a function at most once a second, however often it is called itself."""

    def __init__(self, call: Callable[[], None]) -> None:
        self._call, self._next_s = call, 0.0

    def __call__(self) -> None:
        """Call it, unless it was called just now."""
        now = time.monotonic()
        if now >= self._next_s:
            self._next_s = now + _ALIVE_S
            self._call()
