"""`voice-triage replay --stress`, from its options to its files."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path

from voice_triage.errors import UsageError
from voice_triage.evaluate.workers import Workers
from voice_triage.listen.recording import AudioFile
from voice_triage.replay.heat import heat_map
from voice_triage.replay.load import Loaded
from voice_triage.replay.play import Played
from voice_triage.replay.scenario import NOISES
from voice_triage.replay.stress import Grid, Run, Tally, tallies
from voice_triage.replaying import Failed, Task, Work, play_all

_NEEDED = ("matplotlib", "scipy")


@dataclass(frozen=True)
class Options:
    """What is varied, as it was spelled; None: as usual."""

    noise: tuple[str, ...] = ()
    snr: str | None = None
    reverb: str | None = None
    speed: str | None = None
    level: str | None = None
    each: int | None = 3
    """How many combinations of echo, speed and level in each noise; None: all."""


@dataclass(frozen=True)
class Report:
    """All of it."""

    runs: tuple[Run, ...]
    tallies: tuple[Tally, ...]
    failures: tuple[Failed, ...]
    """Scenarios that can't be played."""
    lower: tuple[Played, ...]
    """Those that ended less urgent than expected."""


def stress(
    scenarios: Sequence[Loaded],
    options: Options,
    model: str | None,
    workers: Workers,
    on_progress: Callable[[int, int], None],
) -> Report:
    """Let `workers` play all of them in all surroundings. `on_progress` gets the number done and of
    all. Raises ClusterError, ModelError, RecordingError and UsageError."""
    _check(scenarios)
    grid = _grid(options, workers)
    tasks: list[Task] = [
        (loaded, around)
        for loaded in scenarios
        for around in grid.drawn(options.each, loaded.scenario.name)
    ]
    work = Work(model, keep_sound=False)
    results = play_all(tasks, work, workers, lambda done: on_progress(done, len(tasks)))
    played = [result for result in results if isinstance(result, Played)]
    runs = tuple(Run.of(one) for one in played)
    lower = tuple(one for one, run in zip(played, runs, strict=True) if run.lower)
    failures = {r.loaded.path: r for r in results if isinstance(r, Failed)}
    return Report(runs, tuple(tallies(runs)), tuple(failures.values()), lower)


def write(report: Report, folder: Path) -> None:
    """stress.jsonl, stress.json and stress.svg. Raises UsageError."""
    lines = [json.dumps(run.as_json(), ensure_ascii=False) for run in report.runs]
    whole = [asdict(tally) for tally in report.tallies]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "stress.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
        (folder / "stress.json").write_text(json.dumps(whole, indent=2) + "\n", "utf-8")
        heat_map(report.runs, folder / "stress.svg")
    except OSError as error:
        raise UsageError(
            f"{error.filename or folder}: can't be written ({error.strerror}). Name another folder"
            " with -o."
        ) from error


def _check(scenarios: Sequence[Loaded]) -> None:
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"--stress needs {' and '.join(missing)}. Install what it needs with:"
            f" {sys.executable} -m pip install 'voice-triage[evaluate]'"
        )
    silent = [str(one.path) for one in scenarios if one.scenario.expect.urgency is None]
    if silent:
        raise UsageError(
            f"{', '.join(silent)}: no urgency is expected, so nothing can be held against it. Write"
            " `urgency` under `expect`."
        )


def _grid(options: Options, workers: Workers) -> Grid:
    usual = Grid()
    return Grid(
        tuple(_noise(name, workers) for name in options.noise) or usual.noises,
        _numbers(options.snr, "--snr", (-40, 100), usual.snrs_db),
        _numbers(options.reverb, "--reverb", (0.05, 10), usual.rt60s_s),
        _numbers(options.speed, "--speed", (0.5, 2), usual.speeds),
        _numbers(options.level, "--level", (-60, 30), usual.gains_db),
    )


def _noise(name: str, workers: Workers) -> str:
    if name in NOISES:
        return name
    path = workers.path(Path(name))
    AudioFile([path]).close()  # a bad one must be told before an hour of playing
    return str(path)


def _numbers(
    text: str | None, option: str, between: tuple[float, float], usual: tuple[float, ...]
) -> tuple[float, ...]:
    """Numbers between commas; "none" for none."""
    if text is None:
        return usual
    if text == "none":
        return ()
    low, high = between
    try:
        numbers = tuple(float(part) for part in text.split(","))
    except ValueError as error:
        raise UsageError(
            f"{option} takes numbers, separated by commas, or none; not '{text}'."
        ) from error
    for number in numbers:
        if not low <= number <= high:  # NaN is neither
            raise UsageError(f"{option} takes numbers from {low:g} to {high:g}; not {number:g}.")
    return numbers
