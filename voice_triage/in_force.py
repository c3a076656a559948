"""Which settings are in force, and where each comes from: a command's option, else the
environment, else the settings file, else the default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

from platformdirs import user_config_path
from pydantic import ValidationError

from voice_triage.errors import DocumentError, UsageError
from voice_triage.located_yaml import Document, read, validate
from voice_triage.settings import Settings, keys

DEFAULT, OPTION = "default", "command line"
_PREFIX = "VOICE_TRIAGE_"
_SYSTEM = Path("/etc/voice-triage/config.yaml")
_PLACES = ("state_dir", "kiosk.keep_reports", "mqtt.password_file")
"""Settings that are a path; `flow` and `model` may be one."""


@dataclass(frozen=True)
class InForce:
    """The settings that count."""

    settings: Settings
    origins: Mapping[str, str]
    """For every key: "default", "command line", an environment variable, or file:line."""
    file: Path | None
    """The settings file that was read, if there was one."""

    def value(self, key: str) -> Any:
        """What is set under that dotted key."""
        return reduce(getattr, key.split("."), self.settings)

    def as_json(self) -> dict[str, Any]:
        """For `voice-triage config --json`."""
        values = self.settings.model_dump(mode="json")
        return {
            "file": str(self.file) if self.file else None,
            "settings": {
                key: {"value": reduce(lambda at, step: at[step], key.split("."), values), "from": o}
                for key, o in self.origins.items()
            },
        }


def variable(key: str) -> str:
    """The environment variable of that key: "kiosk.port" is VOICE_TRIAGE_KIOSK_PORT."""
    return _PREFIX + key.replace(".", "_").upper()


def usual_files() -> tuple[Path, ...]:
    """Where a settings file is looked for, the first that is there: the user's, the system's."""
    return user_config_path("voice-triage") / "config.yaml", _SYSTEM


def in_force(
    file: Path | None, environ: Mapping[str, str], options: Mapping[str, object] | None = None
) -> InForce:
    """Join all places. `file` None: the first of `usual_files` that is there. `options` by key, as
    the command calls them; one that is None was not given.

    Raises DocumentError for the file, UsageError for the environment.
    """
    found = file or next(filter(_may_be_there, usual_files()), None)
    document = read(found, empty={}) if found else None
    if document is not None:
        _check(document)
    data: dict[str, Any] = {}
    origins = {}
    for key in keys():
        value, origin = _one(key, document, environ, options or {})
        origins[key] = origin
        if origin != DEFAULT:
            _put(data, key, value)
    settings = Settings.model_validate(data)
    _broker(settings, origins)
    return InForce(settings, origins, found)


def _may_be_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return True  # reading it says why that can't be done; passing over it would hide settings


def _one(
    key: str, document: Document | None, environ: Mapping[str, str], options: Mapping[str, object]
) -> tuple[object, str]:
    option = options.get(key)
    if option is not None:
        _check_one(key, option, OPTION)
        return option, OPTION
    name = variable(key)
    if text := environ.get(name):
        _check_one(key, text, name)
        return text, name
    if document is not None:
        loc = key.split(".")
        value = reduce(lambda at, step: (at or {}).get(step), loc, document.data)
        if value is not None:
            return value, f"{document.path}:{document.line(loc)}"
    return None, DEFAULT


def _check(document: Document) -> None:
    """Raises DocumentError with all that is wrong in a settings file."""
    settings = validate(document, Settings, "config")
    problems = [
        document.problem(key.split("."), f"'{key}' must be a whole path: begin it with /")
        for key in (*_PLACES, "flow", "model")
        if _is_relative(reduce(getattr, key.split("."), settings), key in _PLACES)
    ]
    if problems:
        raise DocumentError(problems)


def _is_relative(value: object, is_path: bool) -> bool:
    """The file is read from any folder: what is relative to where the program was started, or
    starts with ~, means something else each time."""
    if value is None or Path(str(value)).is_absolute():
        return False
    return is_path or "/" in str(value) or str(value).endswith((".yaml", ".yml"))


def _check_one(key: str, value: object, origin: str) -> None:
    data: dict[str, Any] = {}
    _put(data, key, value)
    try:
        Settings.model_validate(data)
    except ValidationError as error:
        said = error.errors()[0]["msg"]
        raise UsageError(
            f"{origin}: {key} can't be '{value}': {said[0].lower() + said[1:]}. Change it;"
            " `voice-triage schema config` says what it may be."
        ) from None


def _broker(settings: Settings, origins: Mapping[str, str]) -> None:
    """Somebody who sets a password but no broker believes that a broker is told."""
    if settings.mqtt.host is not None:
        return
    for key, origin in origins.items():
        if key.startswith("mqtt.") and origin != DEFAULT:
            raise UsageError(f"{origin}: {key} is set, but mqtt.host isn't; name the broker there")


def _put(data: dict[str, Any], key: str, value: object) -> None:
    *sections, last = key.split(".")
    for section in sections:
        data = data.setdefault(section, {})
    data[last] = value
