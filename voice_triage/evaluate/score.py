"""What the measurements add up to. Pure: texts and meanings in, counts and rates out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from voice_triage.answers import Meaning
from voice_triage.evaluate.manifest import Recording
from voice_triage.evaluate.measure import Measurement
from voice_triage.evaluate.room import Condition

_OPPOSITE = {Meaning.YES: Meaning.NO, Meaning.NO: Meaning.YES}
_UNKNOWN = "[unk]"
SILENCE = "silence"
"""The confusion matrix's row for recordings without speech."""


class Said(StrEnum):
    """What kind of recording it is."""

    ANSWER = "answer"
    OTHER_WORDS = "other words"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Judged:
    """A measurement with what it should have been."""

    measurement: Measurement
    said: Said
    expected: Meaning
    answer: Meaning
    """What the words that were heard mean."""


@dataclass(frozen=True)
class Answers:
    """Recordings in which an answer was said; the four add up to `count`."""

    count: int
    right: int
    opposite: int
    """A yes heard as a no, or a no as a yes."""
    other: int
    """Heard as another answer."""
    none: int
    """Not understood."""


@dataclass(frozen=True)
class OtherWords:
    """Recordings of words that are no answer: whatever is taken for one is a false accept."""

    count: int
    yes_or_no: int
    any_answer: int


@dataclass(frozen=True)
class Silence:
    """Recordings without speech."""

    count: int
    answers: int
    """How many of them an answer was heard in."""
    seconds: float


@dataclass(frozen=True)
class Words:
    """Substituted, left out and added words, against the words that the model knows."""

    count: int
    errors: int
    unknown: int
    """Words that the model lacks; they count in neither figure above."""


@dataclass(frozen=True)
class Score:
    """All recordings under one condition."""

    condition: Condition
    answers: Answers
    other_words: OtherWords
    silence: Silence
    confusion: Mapping[str, Mapping[str, int]]
    """Expected answer (or SILENCE) → heard answer → recordings."""
    words: Words | None
    """None: a grammar was listened for, so other words had no chance."""


def judge(
    measurement: Measurement,
    interpret: Callable[[str], Meaning],
    grammar_words: Collection[str] | None,
) -> Judged:
    """A text with a word that the grammar lacks can't be heard, so it is no answer, unless the
    manifest says what it means. Words, not phrases: a grammar lets parts of its phrases mix, so
    "that's right" brings along a plain "right". None: there was no grammar.
    """
    recording = measurement.recording
    expected = _expected(recording, interpret, grammar_words)
    said = Said.OTHER_WORDS if expected is Meaning.NONE else Said.ANSWER
    if not recording.text:
        said = Said.NOTHING
    return Judged(measurement, said, expected, interpret(measurement.text))


def score(judged: Iterable[Judged], vocabulary: Collection[str] | None) -> list[Score]:
    """A score a condition, in the order that they come up in. `vocabulary`: the model's words,
    for the word error rate; None: leave it out."""
    by_condition: dict[Condition, list[Judged]] = {}
    for each in judged:
        by_condition.setdefault(each.measurement.condition, []).append(each)
    return [_score(condition, all_, vocabulary) for condition, all_ in by_condition.items()]


def interval(count: int, total: int) -> tuple[float, float] | None:
    """Wilson's 95 % interval of a rate, 0..1; None of nothing."""
    from scipy.stats import binomtest

    if not total:
        return None
    found = binomtest(count, total).proportion_ci(method="wilson")
    # Rounding may leave the rate itself a hair outside at 0 and 1.
    return min(float(found.low), count / total), max(float(found.high), count / total)


def interval_of_count(count: int) -> tuple[float, float]:
    """Garwood's exact 95 % interval of how many are to be expected where `count` came up."""
    from scipy.stats import chi2

    low = float(chi2.ppf(0.025, 2 * count)) / 2 if count else 0.0
    return low, float(chi2.ppf(0.975, 2 * count + 2)) / 2


def word_errors(text: str, heard: str, vocabulary: Collection[str]) -> Words:
    """Errors of one recording. Whatever stands in for a word that the model lacks is no error of
    the recogniser's; added words always are."""
    from kaldialign import align

    gap = ""
    pairs = align(words(text), [w for w in heard.split() if w != _UNKNOWN], gap)
    said = [word for word, _ in pairs if word != gap]
    known = sum(word in vocabulary for word in said)
    errors = sum(a != b and (a == gap or a in vocabulary) for a, b in pairs)
    return Words(known, errors, len(said) - known)


def words(text: str) -> list[str]:
    """A text's words as the model spells them: lower case, without punctuation."""
    return re.findall(
        r"[^\W_]+(?:['-][^\W_]+)*", text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    )


def _expected(
    recording: Recording,
    interpret: Callable[[str], Meaning],
    grammar_words: Collection[str] | None,
) -> Meaning:
    if recording.answer is not None:
        return recording.answer
    if grammar_words is not None and not all(w in grammar_words for w in words(recording.text)):
        return Meaning.NONE
    return interpret(recording.text)


def _score(condition: Condition, judged: list[Judged], vocabulary: Collection[str] | None) -> Score:
    confusion: dict[str, Counter[str]] = {}
    for each in judged:
        row = SILENCE if each.said is Said.NOTHING else each.expected.value
        confusion.setdefault(row, Counter())[each.answer.value] += 1
    return Score(
        condition,
        _answers([j for j in judged if j.said is Said.ANSWER]),
        _other_words([j.answer for j in judged if j.said is Said.OTHER_WORDS]),
        _silence([j for j in judged if j.said is Said.NOTHING]),
        {row: dict(confusion[row]) for row in _order(confusion)},
        None if vocabulary is None else _words([j.measurement for j in judged], vocabulary),
    )


def _answers(judged: list[Judged]) -> Answers:
    right = sum(j.answer is j.expected for j in judged)
    opposite = sum(j.answer is _OPPOSITE.get(j.expected) for j in judged)
    none = sum(j.answer is Meaning.NONE for j in judged)
    return Answers(len(judged), right, opposite, len(judged) - right - opposite - none, none)


def _other_words(heard: list[Meaning]) -> OtherWords:
    return OtherWords(
        len(heard),
        sum(answer in _OPPOSITE for answer in heard),
        sum(answer is not Meaning.NONE for answer in heard),
    )


def _silence(judged: list[Judged]) -> Silence:
    return Silence(
        len(judged),
        sum(j.answer is not Meaning.NONE for j in judged),
        sum(j.measurement.seconds for j in judged),
    )


def _words(measurements: list[Measurement], vocabulary: Collection[str]) -> Words:
    each = [word_errors(m.recording.text, m.text, vocabulary) for m in measurements]
    return Words(
        sum(w.count for w in each), sum(w.errors for w in each), sum(w.unknown for w in each)
    )


def _order(rows: Collection[str]) -> list[str]:
    return [name for name in (*Meaning, SILENCE) if name in rows]
