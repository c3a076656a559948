"""Tells an MQTT broker, and through it Home Assistant, how the kiosk is. Needs the extra `mqtt`.

Home Assistant finds it by itself (MQTT device discovery, from 2024.11 on). Of what a session ended
in nothing is told unless the owner says so: in a home that is about somebody's health.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import time
import uuid
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voice_triage.conversation.events import Ended, Event
from voice_triage.errors import UsageError
from voice_triage.flow import Urgency
from voice_triage.kiosk.health import health
from voice_triage.kiosk.vitals import Snapshot, Vitals
from voice_triage.settings import Mqtt

if TYPE_CHECKING:
    from aiomqtt import Client

_log = logging.getLogger(__name__)

_DISCOVERY = "homeassistant/device/{id}/config"
_ONLINE, _OFFLINE = "online", "offline"
_TIMEOUT_S = 10.0
_KEEPALIVE_S = 30
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 60.0
_STALE_S = 120.0
"""An ending that the broker couldn't be told for so long is old news, and isn't told any more."""


class Reporter:
    """One kiosk at one broker. `run` for ever beside the server; `tell` it the events."""

    def __init__(
        self, settings: Mqtt, vitals: Vitals, version: str, id_: str,
        tick_s: float = 1.0, every_s: float = 30.0,
    ) -> None:  # fmt: skip
        """`id_` tells this kiosk from all others at the broker. Changes are told within `tick_s`,
        everything else every `every_s`. Raises UsageError without a broker, when the extra is
        missing, and when the password can't be read."""
        try:
            import aiomqtt  # noqa: F401 - to say so now, not when somebody is on the floor
        except ImportError:
            raise UsageError(
                "mqtt.host is set, but MQTT isn't installed: pip install 'voice-triage[mqtt]'"
            ) from None
        if settings.host is None:
            raise UsageError("There is no broker to tell: set mqtt.host.")
        self._settings, self._vitals, self._version = settings, vitals, version
        self._host = settings.host
        self._password = _password(settings.password_file)
        self._id = f"voice-triage-{id_}"
        self._tick_s, self._every_s = tick_s, every_s
        self._endings: deque[tuple[float, Urgency]] = deque(maxlen=10)
        self._said = ""

    def tell(self, event: Event) -> None:
        """From the conversation's thread. Keeps an ending's urgency alone, and only if the owner
        wants it told."""
        if isinstance(event, Ended) and self._settings.endings:
            self._endings.append((time.monotonic(), event.ending.urgency))

    async def run(self) -> None:
        """Connect, and connect again, until cancelled; then it says that it is offline."""
        from aiomqtt import MqttError

        pause = _FIRST_PAUSE_S
        while True:
            try:
                async with self._client() as client:
                    self._complain("")
                    pause = _FIRST_PAUSE_S
                    await self._report(client)
            except MqttError as error:
                self._complain(str(error))
            _end_if_cancelled()
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_S)

    def _client(self) -> Client:
        from aiomqtt import Client, Will

        return Client(
            self._host,
            self._settings.port,
            username=self._settings.username,
            password=self._password,
            identifier=self._id,
            keepalive=_KEEPALIVE_S,
            timeout=_TIMEOUT_S,
            will=Will(self._topic("availability"), _OFFLINE, qos=1, retain=True),
        )

    async def _report(self, client: Client) -> None:
        try:
            found = json.dumps(discovery(self._settings, self._id, self._version))
            await _publish(client, _DISCOVERY.format(id=self._id), found)
            await _publish(client, self._topic("availability"), _ONLINE)
            await self._states(client)
        except asyncio.CancelledError:
            # A connection that is closed in good order has no last will.
            with suppress(TimeoutError):
                async with asyncio.timeout(2):
                    await client.publish(self._topic("availability"), _OFFLINE, qos=1, retain=True)
            raise

    async def _states(self, client: Client) -> None:
        told: tuple[object, ...] = ()
        told_at = -self._every_s
        while True:
            state = as_state(self._vitals.snapshot())
            changed = (state["state"], state["problem"], state["sessions_today"])
            if changed != told or time.monotonic() - told_at >= self._every_s:
                await _publish(client, self._topic("state"), json.dumps(state))
                told, told_at = changed, time.monotonic()
            while self._endings:
                at, urgency = self._endings.popleft()
                if time.monotonic() - at < _STALE_S:
                    # Not retained: who comes later isn't told what there once was.
                    event = json.dumps({"event_type": urgency.value})
                    await _publish(client, self._topic("ending"), event, retain=False)
            await asyncio.sleep(self._tick_s)

    def _topic(self, what: str) -> str:
        return f"voice-triage/{self._id}/{what}"

    def _complain(self, text: str) -> None:
        """Once for each trouble: a broker that is away for a night fills no log."""
        if text != self._said:
            if text:
                _log.warning("The MQTT broker %s can't be told: %s", self._host, text)
            else:
                _log.info("The MQTT broker %s is told how the kiosk is", self._host)
        self._said = text


async def _publish(client: Client, topic: str, text: str, retain: bool = True) -> None:
    """Tell the broker, which confirms it. Raises MqttError."""
    _end_if_cancelled()
    await client.publish(topic, text, qos=1, retain=retain)
    _end_if_cancelled()


def _end_if_cancelled() -> None:
    """Before Python 3.12 asyncio.wait_for, which aiomqtt waits with, now and then swallows a
    cancellation: one that comes just as what it waits for has come (CPython's gh-86296)."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def as_state(now: Snapshot) -> dict[str, Any]:
    """What is published as the kiosk's state."""
    return {
        "state": "in session" if now.in_session else "waiting",
        "problem": "; ".join(health(now).reasons),
        "sessions_today": now.sessions_today,
        "microphone_dbfs": None if now.level_dbfs is None else round(now.level_dbfs, 1),
        "temperature_c": None if now.temperature_c is None else round(now.temperature_c, 1),
    }


def discovery(settings: Mqtt, id_: str, version: str) -> dict[str, Any]:
    """What Home Assistant learns of the device and its entities, in its own terms."""
    base = f"voice-triage/{id_}"
    measured = {"platform": "sensor", "state_class": "measurement", "entity_category": "diagnostic"}
    components: dict[str, dict[str, Any]] = {
        "state": {
            "platform": "sensor",
            "name": "State",
            "device_class": "enum",
            "options": ["waiting", "in session"],
            "value_template": "{{ value_json.state }}",
        },
        "problem": {
            "platform": "binary_sensor",
            "name": "Problem",
            "device_class": "problem",
            "entity_category": "diagnostic",
            "value_template": "{{ 'ON' if value_json.problem else 'OFF' }}",
        },
        "sessions_today": {
            "platform": "sensor",
            "name": "Sessions today",
            "state_class": "total_increasing",
            "value_template": "{{ value_json.sessions_today }}",
        },
        "microphone": measured
        | {
            "name": "Microphone level",
            "unit_of_measurement": "dBFS",
            "value_template": "{{ value_json.microphone_dbfs }}",
        },
        "temperature": measured
        | {
            "name": "Temperature",
            "device_class": "temperature",
            "unit_of_measurement": "°C",
            "value_template": "{{ value_json.temperature_c }}",
        },
    }
    if settings.endings:
        components["ending"] = {
            "platform": "event",
            "name": "Ending",
            "event_types": [urgency.value for urgency in Urgency],
            "state_topic": f"{base}/ending",
        }
    for name, component in components.items():
        component["unique_id"] = f"{id_}-{name}"
    return {
        "device": {"identifiers": [id_], "name": settings.name, "sw_version": version},
        "origin": {"name": "voice-triage", "sw_version": version},
        "availability_topic": f"{base}/availability",
        "state_topic": f"{base}/state",
        "components": components,
    }


def machine(path: Path = Path("/etc/machine-id")) -> str:
    """What tells this computer from others: man:machine-id(5) wants it hashed before others see
    it. Without one, of its network card."""
    try:
        own = path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        own = ""
    return hashlib.sha256(f"voice-triage {own or uuid.getnode()}".encode()).hexdigest()[:12]


def _password(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        return path.read_text(encoding="utf-8").rstrip("\n")
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{path}: the broker's password can't be read ({error}). Put it there, or change"
            " mqtt.password_file."
        ) from error
