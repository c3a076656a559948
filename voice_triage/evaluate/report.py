"""The scores as tables for people and as JSON for programs."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from voice_triage.evaluate.measure import Results
from voice_triage.evaluate.processes import cores
from voice_triage.evaluate.score import Judged, Score, interval, interval_of_count

if TYPE_CHECKING:
    from rich.table import Table

_DASH = "\N{EN DASH}"


@dataclass(frozen=True)
class Report:
    """One evaluation."""

    model: str
    grammar: Sequence[str] | None
    """Phrases, each once; None: any words."""
    results: Results
    judged: Sequence[Judged]
    scores: Sequence[Score]
    groups: Mapping[str, Sequence[Score]]
    """The scores for each value of the column that was asked for."""


def as_json(report: Report) -> dict[str, object]:
    """As DESIGN fixes it."""
    results = report.results
    return {
        "model": report.model,
        "grammar": report.grammar,
        "machine": {
            "platform": platform.platform(),
            "processor": processor(),
            "cores": cores(),
        },
        "jobs": results.jobs,
        "seconds": round(results.took_s, 3),
        "recordings": len(results.measurements) // len(report.scores),
        "failed": [
            {"path": recording.name, "problem": str(error)} for recording, error in results.failures
        ],
        "recordings_per_second": round(results.per_second, 2),
        "recordings_per_second_per_core": round(results.per_second / results.jobs, 2),
        "real_time_factor": round(results.real_time_factor, 5),
        "conditions": [_score_json(score) for score in report.scores],
        "groups": {
            value: [_score_json(score) for score in scores]
            for value, scores in report.groups.items()
        },
    }


def line_json(judged: Judged) -> dict[str, object]:
    """One measurement, as a line of results.jsonl. `text` and `answer` are what was heard."""
    measured = judged.measurement
    return {
        "path": measured.recording.name,
        "condition": measured.condition.name,
        "snr_db": measured.condition.snr_db,
        "rt60_s": measured.condition.rt60_s,
        "said": measured.recording.text,
        "kind": judged.said.value,
        "expected": judged.expected.value,
        "text": measured.text,
        "answer": judged.answer.value,
        "confidence": round(measured.confidence, 3),
        "seconds": round(measured.seconds, 3),
        "took_seconds": round(measured.took_s, 4),
    }


def tables(scores: Sequence[Score]) -> list[tuple[str, Table]]:
    """A heading and a table for each kind of recording that there is."""
    first = scores[0]
    answers, others, silence = first.answers.count, first.other_words.count, first.silence.count
    made = []
    if answers:
        made.append((f"An answer was said: {_recordings(answers)}", _answers(scores)))
    if others:
        made.append((f"Other words were said: {_recordings(others)}", _other_words(scores)))
    if silence:
        made.append((f"Nothing was said: {_recordings(silence)}", _silence(scores)))
    if first.words:
        all_ = _recordings(answers + others + silence)
        made.append((f"Words, without a grammar: {all_}", _words(scores)))
    return made


def speed(results: Results) -> str:
    """How fast it went, in two lines."""
    processes = "1 process" if results.jobs == 1 else f"{results.jobs} processes"
    return (
        f"Heard {len(results.measurements)} recordings in {results.took_s:.1f} s:"
        f" {results.per_second:.1f} recordings a second,"
        f" {results.per_second / results.jobs:.1f} a core.\n"
        f"With {processes}; hearing takes {results.real_time_factor:.4f} of the sound's own length."
    )


def processor() -> str:
    """The processor's name; its kind where Linux doesn't tell the name."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith(("model name", "Model")):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or os.uname().machine


def _score_json(score: Score) -> dict[str, object]:
    words = score.words
    rate = round(words.errors / words.count, 5) if words and words.count else None
    return {
        "name": score.condition.name,
        "snr_db": score.condition.snr_db,
        "rt60_s": score.condition.rt60_s,
        "answers": asdict(score.answers),
        "other_words": asdict(score.other_words),
        "silence": {**asdict(score.silence), "seconds": round(score.silence.seconds, 3)},
        "confusion": score.confusion,
        "word_error_rate": rate,
        "words": asdict(words) if words else None,
    }


def _recordings(count: int) -> str:
    return "1 recording" if count == 1 else f"{count} recordings"


def _table(*columns: str) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Condition")
    for column in columns:
        table.add_column(column, justify="right")
    return table


def _rates(
    table: Table, scores: Sequence[Score], counts: Callable[[Score], tuple[int, Sequence[int]]]
) -> Table:
    for score in scores:
        total, each = counts(score)
        table.add_row(score.condition.name, *(_cell(count, total) for count in each))
    return table


def _cell(count: int, total: int) -> str:
    """Count and rate, and the 95 % interval below."""
    between = interval(count, total)
    if between is None:
        return _DASH
    low, high = (100 * bound for bound in between)
    return f"{count}  {100 * count / total:5.1f} %\n{low:.1f}{_DASH}{high:.1f} %"


def _answers(scores: Sequence[Score]) -> Table:
    return _rates(
        _table("Right", "The opposite", "Another answer", "Not understood"),
        scores,
        lambda s: (
            s.answers.count,
            (s.answers.right, s.answers.opposite, s.answers.other, s.answers.none),
        ),
    )


def _other_words(scores: Sequence[Score]) -> Table:
    return _rates(
        _table("Taken for yes or no", "Taken for any answer"),
        scores,
        lambda s: (s.other_words.count, (s.other_words.yes_or_no, s.other_words.any_answer)),
    )


def _silence(scores: Sequence[Score]) -> Table:
    table = _table("Answers heard", "An hour")
    for score in scores:
        silence = score.silence
        hours = silence.seconds / 3600
        low, high = (bound / hours for bound in interval_of_count(silence.answers))
        table.add_row(
            score.condition.name,
            _cell(silence.answers, silence.count),
            f"{silence.answers / hours:.1f}\n{low:.1f}{_DASH}{high:.1f}",
        )
    return table


def _words(scores: Sequence[Score]) -> Table:
    table = _table("Known words", "Errors", "Word error rate", "Words not in the model")
    for score in scores:
        if words := score.words:
            rate = f"{100 * words.errors / words.count:.1f} %" if words.count else _DASH
            figures = (str(words.count), str(words.errors), rate, str(words.unknown))
            table.add_row(score.condition.name, *figures)
    return table
