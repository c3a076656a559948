"""What an owner may set: the format of the settings file. `voice_triage.in_force` finds and joins
the places that settings come from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

_Words = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
_Port = Annotated[int, Field(ge=1, le=65_535)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _without_empty(cls, data: Any) -> Any:
        """A key without a value sets nothing, nor does a section whose keys are all comments."""
        if not isinstance(data, dict):
            return data
        return {key: value for key, value in data.items() if value is not None}


class Kiosk(_Section):
    """A screen and a microphone that anybody can walk up to."""

    port: _Port = 8765
    """Where the page is served, on 127.0.0.1 alone."""
    ending_s: Annotated[float, Field(gt=0, le=86_400)] = 180.0
    """Seconds that the advice stays on the screen when nobody touches it."""
    keep_reports: Path | None = None
    """A folder for the turns and the report of every session. None: nothing of it is kept."""
    keep_days: Annotated[int, Field(ge=1)] = 30
    """After so many days they are deleted."""


class Mqtt(_Section):
    """A broker that is told how the kiosk is."""

    host: _Words | None = None
    """The broker's name or address. None: nobody is told anything."""
    port: _Port = 1883
    username: _Words | None = None
    password_file: Path | None = None
    """A file with nothing but the password in it."""
    name: _Words = "Voice triage"
    """What this kiosk is called in Home Assistant."""
    endings: bool = False
    """Tell how urgent each session's ending was. In a home that is about a person's health."""


class Settings(_Section):
    """All settings, with what holds where nobody has set any."""

    flow: _Words | None = None
    """A shipped flow's name, or a file. None: the one about back spasms."""
    region: _Words | None = None
    """ISO 3166-1 code of the country whose emergency number to say."""
    model: _Words | None = None
    """A speech model's name or folder. None: the one that comes along."""
    microphone: _Words | None = None
    """A device's number or a part of its name, as `voice-triage devices` lists them."""
    loudspeaker: _Words | None = None
    """As `microphone`."""
    pace: Annotated[int, Field(ge=90, le=240)] = 150
    """Words a minute, until somebody says "slower" or "faster"."""
    volume_db: Annotated[float, Field(ge=-12, le=12)] = 0.0
    """Decibels over the voice as it is made, until somebody says "louder" or "quieter"."""
    earcons: bool = True
    """Short tones when it listens and when it has heard."""
    barge_in: bool = False
    """An answer may begin before the question ends."""
    wait_for: _Words | None = None
    """A phrase that somebody must say before it begins."""
    private: bool = False
    """Write nothing down."""
    state_dir: Path | None = None
    """Where sessions are kept. None: in the user's own folder for such things."""
    metrics: bool = True
    """Figures for Prometheus at /metrics."""
    kiosk: Kiosk = Kiosk()
    mqtt: Mqtt = Mqtt()


def keys(model: type[BaseModel] = Settings, before: str = "") -> list[str]:
    """Every setting's dotted name, in the order of the format: "region", "kiosk.port"."""
    found: list[str] = []
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found += keys(kind, f"{before}{name}.")
        else:
            found.append(before + name)
    return found
