"""How the kiosk is, told by the loop that listens and read by whoever shows it. No answers."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from threading import Lock

from voice_triage.conversation.events import Ended, Event, Observer

_THERMAL = Path("/sys/class/thermal")
_SHARE = 0.05
"""Of each new frame in the level: at 50 frames a second it follows a room within half a second."""
_SILENCE_DBFS = -120.0


@dataclass(frozen=True)
class Snapshot:
    """How it is at one moment."""

    unheard_s: float | None = None
    """Seconds since the loop last took sound; None: it hasn't begun to listen."""
    level_dbfs: float | None = None
    """Of the microphone, over the last half second or so."""
    in_session: bool = False
    sessions_today: int = 0
    """Since midnight, by the computer's own clock and zone."""
    temperature_c: float | None = None
    """The processor's; None where the computer doesn't tell."""
    lost: Mapping[str, str] = field(default_factory=dict)
    """What doesn't work, with the reason in plain words: "microphone", "voice"."""


class Vitals:
    """Told from one thread, read from others."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        today: Callable[[], date] = lambda: datetime.now().astimezone().date(),
        thermal: Path = _THERMAL,
    ) -> None:
        self._clock, self._today, self._thermal = clock, today, thermal
        self._lock = Lock()
        self._heard_at: float | None = None
        self._power = 0.0
        self._in_session = False
        self._day = today()
        self._sessions = 0
        self._lost: dict[str, str] = {}

    def listened(self, level_dbfs: float) -> None:
        """The loop has taken a frame of sound, so loud."""
        power = 10 ** (level_dbfs / 10)
        with self._lock:
            share = _SHARE if self._heard_at is not None else 1.0
            self._power += share * (power - self._power)
            self._heard_at = self._clock()

    def session(self) -> Observer:
        """A session begins. What it returns is to be told the session's events."""
        with self._lock:
            self._turn_the_day()
            self._sessions += 1
            self._in_session = True

        def tell(event: Event) -> None:
            if isinstance(event, Ended):
                self.session_over()

        return tell

    def session_over(self) -> None:
        """Nobody is being talked with, however that came to be."""
        with self._lock:
            self._in_session = False

    def lost(self, part: str, reason: str) -> None:
        """A part doesn't work; `reason` in plain words, without anything that somebody said."""
        with self._lock:
            self._lost[part] = reason

    def back(self, part: str) -> None:
        """That part works again."""
        with self._lock:
            self._lost.pop(part, None)

    def snapshot(self) -> Snapshot:
        """How it is now."""
        with self._lock:
            self._turn_the_day()
            heard = self._heard_at is not None
            return Snapshot(
                unheard_s=self._clock() - self._heard_at if self._heard_at is not None else None,
                level_dbfs=_dbfs(self._power) if heard else None,
                in_session=self._in_session,
                sessions_today=self._sessions,
                temperature_c=temperature_c(self._thermal),
                lost=dict(self._lost),
            )

    def _turn_the_day(self) -> None:
        if self._day != self._today():
            self._day, self._sessions = self._today(), 0


def temperature_c(folder: Path = _THERMAL) -> float | None:
    """What the kernel says of the processor, in °C (its files are in thousandths): the zone that
    is named after a processor, as a Raspberry Pi's "cpu-thermal", else the first one."""
    zones = sorted(folder.glob("thermal_zone*"))
    named = [zone for zone in zones if "cpu" in _read(zone / "type")]
    for zone in (*named, *zones):
        text = _read(zone / "temp")
        if text.lstrip("-").isdecimal():
            return int(text) / 1000
    return None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


def _dbfs(power: float) -> float:
    return max(10 * math.log10(power), _SILENCE_DBFS) if power > 0 else _SILENCE_DBFS
