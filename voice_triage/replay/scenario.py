"""A scenario file: what somebody does when they are asked, and what must come of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic_core import core_schema

from voice_triage.flow import Flow, Reply, Urgency

DEFAULT_VOICE = "espeak-ng:en-us"
SAID_VOICES = ("espeak-ng", "flite", "pyttsx3")
"""Programs that a voice's name may begin with."""
NOISES = ("pink", "hum", "babble")
"""Noises that are made up; anything else is a file."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=600)]
Voice = Annotated[
    str, StringConstraints(pattern=rf"^({'|'.join(SAID_VOICES)}):[A-Za-z0-9_+/-]+$", max_length=64)
]


@dataclass(frozen=True)
class _Measure:
    """A number with its unit, as people write it: "9s", "10 dB"."""

    units: tuple[tuple[str, float], ...]
    low: float
    high: float
    example: str

    @property
    def pattern(self) -> str:
        """What is understood."""
        return rf"^\s*([+-]?\d{{1,6}}(?:\.\d{{1,6}})?)\s*({'|'.join(u for u, _ in self.units)})\s*$"

    def read(self, value: object) -> object:
        """The number in the unit that counts. Raises ValueError."""
        found = re.match(self.pattern, value) if isinstance(value, str) else None
        if found is None:
            raise ValueError(f"'{value}' isn't understood; write it like this: {self.example}")
        number = float(found[1]) * dict(self.units)[found[2]]
        if not self.low <= number <= self.high:
            span = f"{self.low:g} to {self.high:g} {self.units[-1][0]}"
            raise ValueError(f"'{value}' is out of range; it goes from {span}")
        return number

    def __get_pydantic_core_schema__(self, source: Any, handler: Callable[[Any], Any]) -> Any:
        return core_schema.no_info_before_validator_function(self.read, handler(source))

    def __get_pydantic_json_schema__(self, _core: Any, _handler: Any) -> dict[str, object]:
        return {"type": "string", "pattern": self.pattern, "examples": [self.example]}


_TIME = (("ms", 0.001), ("s", 1.0))
Seconds = Annotated[float, _Measure(_TIME, 0.02, 600, "9s")]
Snr = Annotated[float, _Measure((("dB", 1.0),), -40, 100, "10dB")]
Level = Annotated[float, _Measure((("dBFS", 1.0),), -70, 0, "-26dBFS")]
Echo = Annotated[float, _Measure(_TIME, 0.05, 10, "0.4s")]
Count = Annotated[int, Field(ge=0, le=10_000)]


class _OneOrMore:
    """One piece, or a list of them: a single one needs no brackets."""

    @staticmethod
    def read(value: object) -> object:
        return [value] if isinstance(value, dict) else value

    def __get_pydantic_json_schema__(self, core: Any, handler: Callable[[Any], Any]) -> Any:
        schema = handler(core)
        return {"anyOf": [schema["items"], schema]}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Piece(_Part):
    """One thing that somebody does: nothing for a while, a recording, or words in a voice."""

    silence: Seconds | None = Field(
        default=None, description="They say nothing for so long, counted while the program listens."
    )
    audio: Text | None = Field(
        default=None, description="A recording; its path counts from the scenario's own folder."
    )
    say: Text | None = Field(default=None, description="Words that a synthetic voice says.")
    voice: Voice | None = Field(
        default=None, description="Whose: espeak-ng:en-us+f3, flite:slt, pyttsx3:en."
    )
    pace: int | None = Field(
        default=None, ge=80, le=450, description="Words a minute; not for flite."
    )
    level: Level | None = Field(
        default=None, description="Level of the speech in dBFS. Default: as it was recorded."
    )
    at_snr: Snr | None = Field(
        default=None, description="How much louder the speech is than the noise, in dB."
    )
    noise: Text | None = Field(
        default=None, description="pink, hum, babble, or a file. Default, with at_snr: pink."
    )
    means: Literal["yes", "no", "unsure"] | None = Field(
        default=None,
        description="What they mean, where it isn't what `say` says: by it they agree or disagree"
        " when they are asked 'I heard that … Is that right?'",
    )

    @model_validator(mode="after")
    def _is_one_thing(self) -> Piece:
        given = [n for n in ("silence", "audio", "say") if getattr(self, n) is not None]
        if len(given) != 1:
            found = " and ".join(given) or "none of them"
            raise ValueError(f"a piece is one of silence, audio and say, not {found}; write one")
        spoken = ("voice", "pace")
        if self.say is None and any(getattr(self, n) is not None for n in spoken):
            raise ValueError("voice and pace go with `say`; remove them, or write what is said")
        if self.silence is not None and (self.level is not None or self.means is not None):
            raise ValueError("level and means go with a sound; remove them here")
        return self

    @property
    def is_sound(self) -> bool:
        """Something is said."""
        return self.silence is None


class Recorded(_Part):
    """A recording of what somebody says to a read-back."""

    audio: Text = Field(description="Its path counts from the scenario's own folder.")


Pieces = Annotated[
    tuple[Piece, ...], BeforeValidator(_OneOrMore.read), Field(min_length=1), _OneOrMore()
]


class Expect(_Part):
    """What must come of it. What isn't named isn't checked."""

    urgency: Urgency | None = None
    outcomes: tuple[Text, ...] | None = Field(
        default=None, description="Ids of the outcomes, most urgent first."
    )
    asked: tuple[Text, ...] | None = Field(
        default=None, description="Ids of the questions, as they were asked; re-asks don't count."
    )
    reprompts: Count | None = Field(
        default=None, description="How often a question was asked again, for whatever reason."
    )
    readbacks: Count | None = Field(
        default=None, description="How often an answer was read back: 'I heard that …'"
    )
    answered: dict[Text, Reply] | None = Field(
        default=None, description="What these questions' answers counted as in the end."
    )
    complete: bool | None = Field(
        default=None, description="Whether every question was settled before the end."
    )


class Scenario(_Part):
    """One conversation with one person."""

    flow: Text = Field(description="A shipped flow's name, or a file's path from this folder.")
    name: Text = Field(description="What it shows, in a few words.")
    voice: Voice = Field(default=DEFAULT_VOICE, description="Whose voice `say` is.")
    agrees: Text | Recorded = Field(
        default="yes", description="Said to a read-back that is right: words, or a recording."
    )
    disagrees: Text | Recorded = Field(
        default="no", description="Said to a read-back that is wrong."
    )
    at_snr: Snr | None = Field(default=None, description="For all that is said, as in a piece.")
    noise: Text | None = Field(default=None, description="For all of it, as in a piece.")
    echo: Echo | None = Field(
        default=None, description="Reverberation time (RT60) of the room: 0.3s is a furnished one."
    )
    answers: dict[Text, Pieces] = Field(
        default_factory=dict, description="What is done when a question is asked, by its id."
    )
    otherwise: Pieces | None = Field(
        default=None, description="What is done when any other question is asked."
    )
    expect: Expect


def unknown_ids(scenario: Scenario, flow: Flow) -> list[tuple[tuple[str | int, ...], str]]:
    """Where ids are named that the flow lacks, each with what is wrong."""
    expect = scenario.expect
    found: list[tuple[tuple[str | int, ...], str]] = []
    named = [
        *((("answers", name), name) for name in scenario.answers),
        *((("expect", "answered", name), name) for name in expect.answered or ()),
        *((("expect", "asked", n), name) for n, name in enumerate(expect.asked or ())),
    ]
    for loc, name in named:
        if name not in flow.questions:
            found.append((loc, _no_such("question", name, flow.questions)))
    for n, name in enumerate(expect.outcomes or ()):
        if name not in flow.outcomes:
            found.append((("expect", "outcomes", n), _no_such("outcome", name, flow.outcomes)))
    return found


def _no_such(kind: str, name: str, there: Mapping[str, object]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, there, n=1)
    hint = f"did you mean '{close[0]}'?" if close else f"it has: {', '.join(there)}"
    return f"the flow has no {kind} '{name}'; {hint}"


def files(scenario: Scenario) -> list[tuple[tuple[str | int, ...], str]]:
    """Every sound file that it names, with where."""
    found: list[tuple[tuple[str | int, ...], str]] = []
    groups: list[tuple[tuple[str | int, ...], tuple[Piece, ...]]] = [
        (("answers", name), pieces) for name, pieces in scenario.answers.items()
    ]
    groups.append((("otherwise",), scenario.otherwise or ()))
    for loc, pieces in groups:
        for n, piece in enumerate(pieces):
            if piece.audio is not None:
                found.append(((*loc, n, "audio"), piece.audio))
            if piece.noise is not None and piece.noise not in NOISES:
                found.append(((*loc, n, "noise"), piece.noise))
    for name in ("agrees", "disagrees"):
        said = getattr(scenario, name)
        if isinstance(said, Recorded):
            found.append(((name, "audio"), said.audio))
    if scenario.noise is not None and scenario.noise not in NOISES:
        found.append((("noise",), scenario.noise))
    return found


def is_file_name(flow: str) -> bool:
    """Whether a scenario's `flow` is a file's path rather than a shipped flow's name."""
    return flow.endswith((".yaml", ".yml")) or "/" in flow


def inside(folder: Path, name: str) -> Path:
    """A path that a scenario names."""
    return folder / Path(name).expanduser()
