"""Scenarios in worse and worse surroundings: which to try, and how often the outcome holds. Pure
but for the playing, which is elsewhere."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

from voice_triage.replay.compare import is_lower
from voice_triage.replay.play import Played
from voice_triage.replay.surroundings import Surroundings

CLEAN = "as it is"
"""The name of the room without added noise."""


@dataclass(frozen=True)
class Grid:
    """What is varied. Every combination is one way to play a scenario."""

    noises: tuple[str, ...] = ("pink", "hum", "babble")
    snrs_db: tuple[float, ...] = (20, 10, 5, 0)
    rt60s_s: tuple[float, ...] = (0.3, 0.6)
    speeds: tuple[float, ...] = (0.9, 1.1)
    gains_db: tuple[float, ...] = (-12, 6)

    def rooms(self) -> list[tuple[str | None, float | None]]:
        """Noise and how much louder the speech is, first without any."""
        return [(None, None), *product(self.noises, self.snrs_db)]

    def all(self) -> list[list[Surroundings]]:
        """For each of the rooms every combination of echo, speed and level."""
        others = list(product((None, *self.rt60s_s), (1.0, *self.speeds), (0.0, *self.gains_db)))
        return [
            [Surroundings(noise, snr, *other) for other in others] for noise, snr in self.rooms()
        ]

    def drawn(self, each: int | None, name: str) -> list[Surroundings]:
        """For the scenario of that name: in each room so many of the combinations (None: all),
        drawn by chance, the plainest always among them. The same each time."""
        chosen: list[Surroundings] = []
        for number, (plain, *others) in enumerate(self.all()):
            chance = np.random.default_rng([zlib.crc32(name.encode()), number])
            count = len(others) if each is None else min(each - 1, len(others))
            picked = chance.permutation(len(others))[:count]
            chosen += [plain, *(others[n] for n in sorted(picked))]
        return chosen


@dataclass(frozen=True)
class Run:
    """One scenario in one kind of surroundings."""

    path: Path
    name: str
    around: Surroundings
    expected: str
    """The urgency that it must end in."""
    actual: str
    held: bool
    """It ended in that urgency, and in the outcomes that are expected."""
    lower: bool
    """It ended less urgent than expected: the dangerous side."""
    reprompts: int
    readbacks: int

    @classmethod
    def of(cls, played: Played) -> Run:
        """What came of it."""
        scenario, ending = played.loaded.scenario, played.ending
        expect = scenario.expect
        held = expect.urgency is ending.urgency and expect.outcomes in (None, ending.outcomes)
        expected = expect.urgency.value if expect.urgency else ""
        return cls(
            played.loaded.path, scenario.name, played.around, expected, ending.urgency.value, held,
            is_lower(played), played.reprompts, played.readbacks,
        )  # fmt: skip

    def as_json(self) -> dict[str, object]:
        """A line of stress.jsonl."""
        around = self.around
        return {
            "scenario": str(self.path),
            "name": self.name,
            "noise": around.noise,
            "snr_db": around.snr_db,
            "rt60_s": around.rt60_s,
            "speed": around.speed,
            "level_db": around.gain_db,
            "expected": self.expected,
            "urgency": self.actual,
            "holds": self.held,
            "lower": self.lower,
            "reprompts": self.reprompts,
            "readbacks": self.readbacks,
        }


@dataclass(frozen=True)
class Tally:
    """How often the outcome held, for one kind of surroundings."""

    what: str
    """noise, echo, speed or level."""
    name: str
    runs: int
    held: int
    lower: int


def tallies(runs: Sequence[Run]) -> list[Tally]:
    """For each noise at each level, each echo, each speed and each level, as they come."""
    kinds: tuple[tuple[str, Callable[[Surroundings], str]], ...] = (
        ("noise", noise_name),
        ("echo", lambda a: "none" if a.rt60_s is None else f"{a.rt60_s:g} s"),
        ("speed", lambda a: f"{a.speed:g}"),
        ("level", lambda a: f"{a.gain_db:+g} dB" if a.gain_db else "as recorded"),
    )
    found: list[Tally] = []
    for what, named in kinds:
        names = dict.fromkeys(named(run.around) for run in runs)
        found += [_tally(what, n, (r for r in runs if named(r.around) == n)) for n in names]
    return [_tally("", "all", runs), *found]


def noise_name(around: Surroundings) -> str:
    """The noise and its level, for tables."""
    if around.snr_db is None:
        return CLEAN
    return f"{Path(around.noise or '').stem} {around.snr_db:g} dB"


def _tally(what: str, name: str, runs: Iterable[Run]) -> Tally:
    all_ = list(runs)
    held, lower = sum(run.held for run in all_), sum(run.lower for run in all_)
    return Tally(what, name, len(all_), held, lower)
