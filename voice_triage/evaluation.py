"""The `evaluate` command, from its options to its report and files."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from voice_triage import assemble, models
from voice_triage.answers import Meaning
from voice_triage.conversation.understanding import Grammars
from voice_triage.errors import UsageError
from voice_triage.evaluate import draw, manifest, measure, report
from voice_triage.evaluate.engine import VoskEars
from voice_triage.evaluate.mix import Setting
from voice_triage.evaluate.report import Report
from voice_triage.evaluate.room import Condition, conditions
from voice_triage.evaluate.score import Judged, judge, score
from voice_triage.evaluate.workers import Workers
from voice_triage.listen.grammar import Grammar
from voice_triage.listen.recording import AudioFile

_NEEDED = ("kaldialign", "matplotlib", "scipy")
_SOUNDS = (".wav", ".flac", ".ogg", ".opus", ".mp3", ".aiff", ".aif", ".au")
_SNRS_DB = (20.0, 10.0, 5.0, 0.0)
"""From a quiet room to noise as loud as the speaker; for noise without --snr."""
_SNR_RANGE_DB = (-40.0, 100.0)
_RT60_RANGE_S = (0.05, 10.0)
_PAD_RANGE_MS = (0.0, 60_000.0)


@dataclass(frozen=True)
class Options:
    """What `voice-triage evaluate` was asked for, as it was spelled."""

    manifest: Path
    grammar: str | None = None
    free: bool = False
    noise: tuple[Path, ...] = ()
    snr: str | None = None
    reverb: str | None = None
    split: str | None = None
    by: str | None = None
    pad: str = "250,500"
    model: str | None = None
    output: Path | None = None


def evaluate(options: Options, workers: Workers, on_progress: Callable[[int, int], None]) -> Report:
    """Let `workers` measure, and write the files of `options.output`. `on_progress` gets the
    number of recordings done and of all. Raises VoiceTriageError when it can't begin or
    write."""
    _check_installed()
    recordings = manifest.read(workers.path(options.manifest))
    if options.split is not None:
        recordings = manifest.of_split(recordings, options.split)
    values = [] if options.by is None else manifest.values(recordings, options.by)
    wanted, setting = _room(options, workers)
    listening = _Listening(options)
    if options.output is not None:
        _make(options.output)
    results = measure.evaluate(
        recordings,
        wanted,
        VoskEars(workers.path(listening.model), listening.grammar),
        workers,
        lambda done: on_progress(done, len(recordings)),
        setting,
    )
    judged = [judge(m, listening.interpret, listening.words) for m in results.measurements]
    if not judged:
        told = [str(error) for _, error in results.failures] + [workers.hint] * bool(workers.hint)
        raise UsageError("\n".join(["None of the recordings can be read:", *told]))
    made = Report(
        str(listening.model),
        listening.phrases,
        results,
        judged,
        score(judged, listening.vocabulary),
        {v: score(_with(judged, options.by, v), listening.vocabulary) for v in values},
    )
    if options.output is not None:
        _write(made, options.output)
    return made


class _Listening:
    """The model, what it listens for, and what that means."""

    def __init__(self, options: Options) -> None:
        if options.free and options.grammar is not None:
            raise UsageError("--free listens without a grammar; leave --grammar out.")
        self.model = models.ready(models.find(options.model))
        self._understood = assemble.understanding()
        known = models.vocabulary(self.model)
        self.grammar: Grammar | None = None
        if options.grammar is not None:
            self.grammar = assemble.own_grammar(options.grammar)
        elif not options.free:
            self.grammar = Grammars(self._understood, known.__contains__).grammar(None)
        self.phrases = list(dict.fromkeys(self.grammar.phrases)) if self.grammar else None
        self.words = {w for p in self.phrases for w in p.split()} if self.phrases else None
        self.vocabulary = known if options.free else None

    def interpret(self, text: str) -> Meaning:
        """What words mean as an answer to a question of no known kind."""
        return self._understood.interpret(None, text).meaning


def _check_installed() -> None:
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"`voice-triage evaluate` needs {' and '.join(missing)}. Install what it needs with:"
            f" {sys.executable} -m pip install 'voice-triage[evaluate]'"
        )


def _room(options: Options, workers: Workers) -> tuple[tuple[Condition, ...], Setting]:
    """Raises UsageError, and RecordingError for a noise that can't be read."""
    paths = map(workers.path, options.noise)
    noises = tuple(sorted({file for path in paths for file in _noises(path)}))
    for file in noises:
        AudioFile([file]).close()  # a bad one must be told before an hour of measuring
    default: Sequence[float] = _SNRS_DB if noises else ()
    snrs = default if options.snr is None else _numbers(options.snr, "--snr", _SNR_RANGE_DB)
    if noises and not snrs:
        raise UsageError("--noise needs signal to noise ratios: --snr 20,10,5,0")
    rt60s = () if options.reverb is None else _numbers(options.reverb, "--reverb", _RT60_RANGE_S)
    pad = _numbers(options.pad, "--pad", _PAD_RANGE_MS)
    if len(pad) != 2:
        raise UsageError("--pad takes two numbers, before and after: --pad 250,500")
    return conditions(snrs, rt60s), Setting((pad[0], pad[1]), noises)


def _noises(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    files = [file for file in path.rglob("*") if file.suffix.lower() in _SOUNDS]
    if not files:
        raise UsageError(f"{path}: no recordings of noise in this folder ({', '.join(_SOUNDS)}).")
    return files


def _numbers(text: str, option: str, between: tuple[float, float]) -> list[float]:
    low, high = between
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError as error:
        raise UsageError(f"{option} takes numbers, separated by commas; not '{text}'.") from error
    for number in numbers:
        if not low <= number <= high:  # NaN is neither
            raise UsageError(f"{option} takes numbers from {low:g} to {high:g}; not {number:g}.")
    return numbers


def _with(judged: Iterable[Judged], column: str | None, value: str) -> list[Judged]:
    return [j for j in judged if j.measurement.recording.columns[column or ""] == value]


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{folder}: this folder can't be made ({error.strerror}). Name another with -o."
        ) from error


def _write(made: Report, folder: Path) -> None:
    lines = [json.dumps(report.line_json(judged), ensure_ascii=False) for judged in made.judged]
    whole = json.dumps(report.as_json(made), ensure_ascii=False, indent=2)
    try:
        (folder / "results.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
        (folder / "results.json").write_text(whole + "\n", "utf-8")
        draw.confusion(made.scores, folder / "confusion.svg")
        draw.noise(made.scores, folder / "noise.svg")
    except OSError as error:
        raise UsageError(
            f"{error.filename or folder}: can't be written ({error.strerror}). Name another folder"
            " with -o."
        ) from error
