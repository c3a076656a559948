"""Figures for Prometheus, without personal data: how many and how fast, never what was said.

Needs the extra `kiosk`.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from voice_triage.conversation.events import Asked, Ended, Event, Prompt
from voice_triage.flow import Urgency
from voice_triage.kiosk.health import health
from voice_triage.kiosk.vitals import Sessions, Vitals
from voice_triage.listen.frames import Frame
from voice_triage.listen.grammar import Grammar
from voice_triage.listen.listener import MakesRecognizers
from voice_triage.listen.recognizer import Recognizer

_LATENCIES_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_AGAIN = (Prompt.REPROMPT, Prompt.CONFIRM)


class Metrics:
    """A registry of its own: nothing of another library's gets in."""

    def __init__(self, vitals: Vitals, version: str) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info
        from prometheus_client.process_collector import ProcessCollector

        self._sessions = Sessions()
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        Info("voice_triage", "What runs.", registry=registry).info({"version": version})
        self._started = Counter(
            "voice_triage_sessions_started", "Sessions that began.", registry=registry
        )
        self._ended = Counter(
            "voice_triage_sessions_ended", "Sessions that came to an ending, by its urgency.",
            ["urgency", "complete"], registry=registry,
        )  # fmt: skip
        self._again = Counter(
            "voice_triage_reasks", "Questions asked again, or answers read back.", ["kind"],
            registry=registry,
        )  # fmt: skip
        self._latency = Histogram(
            "voice_triage_recogniser_latency_seconds",
            "From the last sound that the recogniser is given to its words.",
            buckets=_LATENCIES_S, registry=registry,
        )  # fmt: skip
        # A series that comes into being with its first event is missed by `rate`.
        for urgency in Urgency:
            for complete in ("true", "false"):
                self._ended.labels(urgency.value, complete)
        for kind in _AGAIN:
            self._again.labels(kind.value)

        def gauge(name: str, text: str, value: Callable[[], float]) -> None:
            Gauge(name, text, registry=registry).set_function(value)

        now = vitals.snapshot
        gauge("voice_triage_up", "1: /healthz says ok.", lambda: float(not health(now()).reasons))
        gauge("voice_triage_in_session", "1: talking with somebody.", lambda: now().in_session)
        gauge(
            "voice_triage_microphone_level_dbfs", "Of the last half second.",
            lambda: _or_nan(now().level_dbfs),
        )  # fmt: skip
        gauge(
            "voice_triage_temperature_celsius", "The processor's.",
            lambda: _or_nan(now().temperature_c),
        )  # fmt: skip

    def tell(self, event: Event) -> None:
        """Every event of every session."""
        if self._sessions.begins(event):
            self._started.inc()
        match event:
            case Asked(kind=kind) if kind in _AGAIN:
                self._again.labels(kind.value).inc()
            case Ended(ending):
                complete = str(ending.complete).lower()
                self._ended.labels(ending.urgency.value, complete).inc()

    def recognised(self, seconds: float) -> None:
        """The recogniser took so long for its words; see `Timed`."""
        self._latency.observe(seconds)

    def page(self) -> tuple[bytes, str]:
        """What /metrics answers, and its content type."""
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

        return generate_latest(self._registry), CONTENT_TYPE_LATEST


class Timed:
    """Makes recognisers as `vosk` does, and tells how long each takes for its words: the last
    sound it is given, and the search after that. That is what somebody waits for."""

    def __init__(
        self, vosk: MakesRecognizers, tell: Callable[[float], None],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:  # fmt: skip
        self._vosk, self._tell, self._clock = vosk, tell, clock

    def recognizer(self, grammar: Grammar) -> Recognizer:
        """A fresh recogniser for one utterance."""
        return _TimedRecognizer(self._vosk.recognizer(grammar), self._tell, self._clock)


class _TimedRecognizer:
    def __init__(
        self, inner: Recognizer, tell: Callable[[float], None], clock: Callable[[], float]
    ) -> None:
        self._inner, self._tell, self._clock = inner, tell, clock
        self._last_s = 0.0

    @property
    def span(self) -> tuple[float, float] | None:
        return self._inner.span

    def feed(self, frame: Frame) -> str:
        began = self._clock()
        text = self._inner.feed(frame)
        self._last_s = self._clock() - began
        return text

    def finish(self) -> tuple[str, float]:
        began = self._clock()
        found = self._inner.finish()
        self._tell(self._last_s + self._clock() - began)
        return found


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value
