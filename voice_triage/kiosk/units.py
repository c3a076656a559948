"""What makes a computer a kiosk: systemd units for the program and for its page. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from string import Template

from voice_triage.errors import UsageError
from voice_triage.settings import Settings

PROGRAM, SCREEN = "voice-triage.service", "voice-triage-screen.service"
USERS = Path("/etc/sysusers.d/voice-triage.conf")
_UNITS = Path("/etc/systemd/system")
_TEMPLATES = Path(__file__).with_name("templates")
_PLAIN = re.compile(r"[\w./+@=:-]+")
"""Needs no quotes or escapes in a unit."""


@dataclass(frozen=True)
class Place:
    """Where things are on the machine that becomes a kiosk."""

    python: Path
    """The interpreter that has voice_triage."""
    config: Path | None
    """The settings file; None: there is none."""
    cage: Path = Path("/usr/bin/cage")
    browser: Path = Path("/usr/bin/chromium")


@dataclass(frozen=True)
class File:
    """A file to write, readable by all, writable by root."""

    path: Path
    text: str


def files(settings: Settings, place: Place) -> list[File]:
    """The users, the program's unit and the screen's. Raises UsageError for a path that can't stand
    in a unit."""
    return [
        File(USERS, _template("voice-triage.sysusers").template),
        File(_UNITS / PROGRAM, _program(settings, place)),
        File(_UNITS / SCREEN, _screen(settings, place)),
    ]


def _program(settings: Settings, place: Place) -> str:
    command: list[Path | str] = [place.python, "-m", "voice_triage", "kiosk"]
    if place.config is not None:
        command += ["--config", place.config]
    kept = [path for path in (settings.state_dir, settings.kiosk.keep_reports) if path]
    # "+": as root. A folder of the owner's choice is made for the program, at every start.
    makes = [
        f"ExecStartPre=+/usr/bin/install -d -m 0700 -o voice-triage -g voice-triage {_plain(path)}"
        for path in kept
    ]
    return _filled(
        PROGRAM,
        command=" ".join(map(_plain, command)),
        before="\n".join(makes),
        environment="\n".join(_environment(settings)),
        writable="\n".join(f"ReadWritePaths=-{_plain(path)}" for path in kept),
        network="\n".join(_network(settings.mqtt.host)),
    )


def _environment(settings: Settings) -> Iterator[str]:
    if settings.state_dir is None:
        yield "Environment=VOICE_TRIAGE_STATE_DIR=/run/voice-triage"
    if settings.mqtt.password_file is not None:
        # The file may be root's alone; the program gets a copy that nobody else can read.
        yield f"LoadCredential=mqtt-password:{_plain(settings.mqtt.password_file)}"
        yield "Environment=VOICE_TRIAGE_MQTT_PASSWORD_FILE=%d/mqtt-password"


def _network(broker: str | None) -> Iterator[str]:
    """Who the program may talk to: its own page, and the broker."""
    allowed = "localhost"
    if broker is not None:
        try:
            allowed += f" {ip_address(broker)}"
        except ValueError:
            yield "# Any address: which one the broker's name means can't be known beforehand."
            return
    yield "IPAddressDeny=any"
    yield f"IPAddressAllow={allowed}"


def _screen(settings: Settings, place: Place) -> str:
    return _filled(
        SCREEN,
        cage=_plain(place.cage),
        browser=_plain(place.browser),
        port=str(settings.kiosk.port),
    )


def _filled(name: str, **values: str) -> str:
    """A template with its values; lines that held nothing but an empty one are left out."""
    lines = []
    for line in _template(name).template.splitlines():
        filled = Template(line).substitute(values)
        if filled or not line:
            lines.append(filled)
    return "\n".join(lines) + "\n"


def _template(name: str) -> Template:
    return Template((_TEMPLATES / name).read_text(encoding="utf-8"))


def _plain(word: Path | str) -> str:
    if not _PLAIN.fullmatch(str(word)):
        raise UsageError(
            f"'{word}' can't stand in a systemd unit: name a path of letters, digits and ./+@=:-_"
        )
    return str(word)
