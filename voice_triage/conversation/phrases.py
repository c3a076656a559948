"""What the program says of its own, and the number to call, from their files in `prompts/`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from voice_triage import fill_ins
from voice_triage.errors import UsageError
from voice_triage.located_yaml import read, validate

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Texts = Annotated[tuple[Text, ...], Field(min_length=1)]

_BRACES = {
    "start": {"number"},
    "confirm": {"statement"},
    "noted": {"statement"},
    "undone": {"statement"},
    "help": {"help", "number"},
    "reviewed": {"by", "date"},
    "microphone_lost": {"problem"},
    "deaf": {"number"},
    "waiting": {"phrase"},
    "voice_lost": {"problem"},
    "journal_lost": {"problem"},
    "unheard": {"words"},
}
_NUMBER = re.compile(r"\b\d{2,4}\b")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Reprompts(_Part):
    """One text for each time that a question is asked again; the last serves for any further."""

    noinput: Texts
    nomatch: Texts
    babble: Texts


class Manners(_Part):
    """What is said when the program speaks otherwise from now on, or can't any further."""

    slower: Text
    faster: Text
    louder: Text
    quieter: Text
    limit: Text


class Phrases(_Part):
    """The format of `prompts/phrases.*.yaml`."""

    language: Text
    start: Texts
    reprompts: Reprompts
    confirm: Text
    disputed: Text
    noted: Text
    unanswered: Text
    unanswered_emergency: Text
    help: Text
    undone: Text
    undone_unsettled: Text
    back_at_start: Text
    starting_again: Text
    manner: Manners
    pause: Text
    resume: Text
    confirm_stop: Text
    not_stopping: Text
    resumed: Text
    again: Text
    not_ruled_out: Text
    incomplete: Text
    disclaimer: Text
    unreviewed: Text
    reviewed: Text
    waiting: Text
    typed: Text
    microphone_lost: Text
    microphone_away: Text
    deaf: Text
    hearing_again: Text
    voice_lost: Text
    voice_back: Text
    journal_lost: Text
    unheard: Text

    @field_validator("*")
    @classmethod
    def _fill_ins(cls, value: Any, info: ValidationInfo) -> Any:
        allowed = _BRACES.get(info.field_name or "", set())
        for text in (
            [value] if isinstance(value, str) else value if isinstance(value, tuple) else []
        ):
            fill_ins.check(text, allowed)
        return value


class EmergencyNumbers(_Part):
    """The format of `prompts/emergency_numbers.yaml`."""

    otherwise: Text
    regions: dict[Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")], Text]

    def number(self, region: str | None) -> str:
        """The number to say in `region` (ISO 3166-1, any case). Raises UsageError."""
        if region is None:
            return self.otherwise
        if region.upper() not in self.regions:
            known = " ".join(sorted(self.regions))
            raise UsageError(
                f"No emergency number is known for region '{region}'. Give one of: {known};"
                " or leave --region out."
            )
        return self.regions[region.upper()]


def load_phrases(path: Path) -> Phrases:
    """The phrases in `path`. Raises DocumentError with every problem at its line."""
    return validate(read(path), Phrases)


def load_numbers(path: Path) -> EmergencyNumbers:
    """The emergency numbers in `path`. Raises DocumentError with every problem at its line."""
    return validate(read(path), EmergencyNumbers)


def spoken(text: str) -> str:
    """`text` as the voice is given it: 112 digit by digit, not as a hundred and twelve."""
    return _NUMBER.sub(lambda match: " ".join(match.group()), text)
