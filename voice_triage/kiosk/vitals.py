"""How the kiosk is, told by the loop that listens and read by whoever shows it. No answers."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from threading import Lock

from voice_triage.conversation.events import Ended, Event

_THERMAL = Path("/sys/class/thermal")
_SHARE = 0.2
"""Of each new level: told ten times a second, it follows a room within half a second."""
_LEVEL_S = 5.0
"""A microphone that has told no level for so long isn't heard."""
_SILENCE_DBFS = -120.0


@dataclass(frozen=True)
class Snapshot:
    """How it is at one moment."""

    silent_s: float | None = None
    """Seconds since the loop's last sign of life; None: it hasn't given one yet."""
    level_dbfs: float | None = None
    """Of the microphone, over the last half second or so; None: it isn't heard."""
    in_session: bool = False
    sessions_today: int = 0
    """Since midnight, by the computer's own clock and zone."""
    temperature_c: float | None = None
    """The processor's; None where the computer doesn't tell."""
    lost: Mapping[str, str] = field(default_factory=dict)
    """What doesn't work, with the reason in plain words: "microphone", "voice"."""


class Sessions:
    """Where in all events a session begins and ends."""

    def __init__(self) -> None:
        self.talking = False

    def begins(self, event: Event) -> bool:
        """Take the next event. True: it is the first one of a session."""
        before, self.talking = self.talking, not isinstance(event, Ended)
        return self.talking and not before


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
        self._alive_at: float | None = None
        self._level_at: float | None = None
        self._power = 0.0
        self._sessions = Sessions()
        self._day = today()
        self._count = 0
        self._lost: dict[str, str] = {}

    def alive(self) -> None:
        """The loop that listens gives a sign of life."""
        with self._lock:
            self._alive_at = self._clock()

    def level(self, dbfs: float) -> None:
        """So loud is the microphone just now; told about ten times a second."""
        power = 10 ** (dbfs / 10)
        with self._lock:
            share = _SHARE if self._hears() else 1.0
            self._power += share * (power - self._power)
            self._level_at = self._clock()

    def tell(self, event: Event) -> None:
        """Every event of every session; nothing of it is kept."""
        with self._lock:
            if self._sessions.begins(event):
                self._turn_the_day()
                self._count += 1

    def trouble(self, part: str, why: str | None) -> None:
        """A part ("microphone", "voice") doesn't work, and why, in plain words without anything
        that somebody said; None: it works again."""
        with self._lock:
            if why is None:
                self._lost.pop(part, None)
            else:
                self._lost[part] = why

    def snapshot(self) -> Snapshot:
        """How it is now."""
        with self._lock:
            self._turn_the_day()
            return Snapshot(
                silent_s=None if self._alive_at is None else self._clock() - self._alive_at,
                level_dbfs=_dbfs(self._power) if self._hears() else None,
                in_session=self._sessions.talking,
                sessions_today=self._count,
                temperature_c=temperature_c(self._thermal),
                lost=dict(self._lost),
            )

    def _hears(self) -> bool:
        return self._level_at is not None and self._clock() - self._level_at <= _LEVEL_S

    def _turn_the_day(self) -> None:
        if self._day != self._today():
            self._day, self._count = self._today(), 0


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
