"""What a report says of its own, from its file in `prompts/`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationInfo, field_validator

from voice_triage import fill_ins
from voice_triage.flow import Standing, Urgency
from voice_triage.located_yaml import read, validate

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_K = TypeVar("_K", bound=str)
Open = Literal[Standing.UNSURE, Standing.UNANSWERED, Standing.NOT_ASKED]

_BRACES = {
    "title": {"title"},
    "volunteered_as": {"words"},
    "heard": {"words"},
    "because": {"outcome", "because"},
    "reviewed": {"by", "date"},
    "number": {"number"},
    "flow": {"flow", "version"},
    "program": {"version"},
}


class ReportPhrases(BaseModel):
    """The format of `prompts/report.*.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    language: Text
    title: Text
    urgency: dict[Urgency, Text]
    incomplete: Text
    reported: Text
    denied: Text
    not_ruled_out: Text
    also_reported: Text
    others: Text
    further: Text
    why: Text
    advice: Text
    safety_net: Text
    none: Text
    standing: dict[Open, Text]
    volunteered: Text
    volunteered_as: Text
    heard: Text
    because: Text
    because_of_nothing: Text
    because_not_asked: Text
    unreviewed: Text
    reviewed: Text
    no_diagnosis: Text
    number: Text
    flow: Text
    program: Text
    shortened: Text

    @field_validator("*")
    @classmethod
    def _fill_ins(cls, value: object, info: ValidationInfo) -> object:
        if isinstance(value, str):
            fill_ins.check(value, _BRACES.get(info.field_name or "", ()))
        return value

    @field_validator("urgency")
    @classmethod
    def _names_each_urgency(cls, value: dict[Urgency, str]) -> dict[Urgency, str]:
        return _whole(value, Urgency)

    @field_validator("standing")
    @classmethod
    def _names_each_standing(cls, value: dict[Open, str]) -> dict[Open, str]:
        return _whole(value, get_args(Open))


def load_report_phrases(path: Path) -> ReportPhrases:
    """The phrases in `path`. Raises DocumentError with every problem at its line."""
    return validate(read(path), ReportPhrases)


def _whole(value: dict[_K, str], keys: Iterable[_K]) -> dict[_K, str]:
    missing = [str(key) for key in keys if key not in value]
    if missing:
        raise ValueError(f"no text for {' and '.join(missing)}; add it")
    return value
