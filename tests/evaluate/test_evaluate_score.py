"""What is counted as what."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_triage.answers import Meaning
from voice_triage.assemble import understanding
from voice_triage.evaluate.manifest import Recording
from voice_triage.evaluate.measure import Measurement
from voice_triage.evaluate.room import CLEAN, Condition
from voice_triage.evaluate.score import (
    Judged,
    Said,
    Score,
    Words,
    interval,
    interval_of_count,
    judge,
    score,
    word_errors,
    words,
)

UNDERSTOOD = understanding()
WORDS = ("yes", "no", "i", "don't", "know", "that's", "right", "stop")
"""Of a grammar: yes, no, i don't know, that's right, stop."""


def interpret(text: str) -> Meaning:
    return UNDERSTOOD.interpret(None, text).meaning


def judged(
    said: str,
    heard: str,
    answer: Meaning | None = None,
    grammar_words: Sequence[str] | None = WORDS,
    condition: Condition = CLEAN,
) -> Judged:
    recording = Recording("a.wav", Path("a.wav"), said, answer, None, {})
    return judge(Measurement(recording, condition, heard, 0.5, 2.0, 0.1), interpret, grammar_words)


def counted(*all_: Judged) -> Score:
    (only,) = score(all_, None)
    return only


@pytest.mark.parametrize(
    ("said", "expected", "kind"),
    [
        ("no", Meaning.NO, Said.ANSWER),
        ("I don\N{RIGHT SINGLE QUOTATION MARK}t know.", Meaning.UNSURE, Said.ANSWER),
        ("right", Meaning.YES, Said.ANSWER),  # the grammar lets parts of phrases mix
        ("know", Meaning.NONE, Said.OTHER_WORDS),
        ("nope", Meaning.NONE, Said.OTHER_WORDS),  # the grammar lacks it
        ("seven", Meaning.NONE, Said.OTHER_WORDS),
        ("", Meaning.NONE, Said.NOTHING),
    ],
)
def test_what_should_be_heard(said: str, expected: Meaning, kind: Said) -> None:
    found = judged(said, "")
    assert (found.expected, found.said) == (expected, kind)


def test_the_manifest_knows_best() -> None:
    assert judged("seven", "", Meaning.NO).said is Said.ANSWER
    assert judged("no", "", Meaning.NONE).said is Said.OTHER_WORDS


def test_without_a_grammar_anything_can_be_heard() -> None:
    assert judged("nope", "", grammar_words=None).expected is Meaning.NO


def test_every_kind_of_answer() -> None:
    found = counted(
        judged("yes", "yes"), judged("yes", "no"), judged("no", "yes"), judged("stop", "stop"),
        judged("no", "stop"), judged("stop", "yes"), judged("no", ""), judged("yes", "[unk]"),
        judged("yes", "yes no"),
    )  # fmt: skip
    answers = found.answers
    assert (answers.count, answers.right, answers.opposite) == (9, 2, 2)
    assert (answers.other, answers.none) == (2, 3)
    assert found.confusion["yes"] == {"yes": 1, "no": 1, "none": 2}
    assert list(found.confusion) == ["yes", "no", "stop"]
    assert found.words is None


def test_false_accepts() -> None:
    found = counted(
        judged("seven", "yes"), judged("seven", "stop"), judged("seven", "[unk]"),
        judged("", "no"), judged("", ""),
    )  # fmt: skip
    others, silence = found.other_words, found.silence
    assert (others.count, others.yes_or_no, others.any_answer) == (3, 1, 2)
    assert (silence.count, silence.answers, silence.seconds) == (2, 1, 4.0)
    assert found.confusion["silence"] == {"no": 1, "none": 1}


def test_conditions_are_counted_apart() -> None:
    noisy = Condition(snr_db=0)
    found = score([judged("yes", "yes"), judged("yes", "no", condition=noisy)], None)
    assert [s.condition for s in found] == [CLEAN, noisy]
    assert [s.answers.right for s in found] == [1, 0]


TEXTS = st.sampled_from(["yes", "no", "stop", "i don't know", "seven", "yes no", "[unk]", ""])


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1))
def test_everything_is_counted_once(pairs: list[tuple[str, str]]) -> None:
    found = counted(*(judged(said, heard) for said, heard in pairs))
    answers = found.answers
    assert answers.right + answers.opposite + answers.other + answers.none == answers.count
    assert answers.count + found.other_words.count + found.silence.count == len(pairs)
    assert found.other_words.yes_or_no <= found.other_words.any_answer <= found.other_words.count
    assert sum(sum(row.values()) for row in found.confusion.values()) == len(pairs)


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_holds_its_rate(pair: tuple[int, int]) -> None:
    count, total = pair
    between = interval(count, total)
    assert between is not None
    assert 0 <= between[0] <= count / total <= between[1] <= 1
    assert between[0] < between[1]


def test_intervals_against_published_figures() -> None:
    """Newcombe, Stat. Med. 17 (1998) 857, table I: 81 of 263 and 0 of 20."""
    assert interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert interval(0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)
    assert interval(0, 0) is None
    assert interval_of_count(0) == pytest.approx((0, 3.689), abs=1e-3)
    assert interval_of_count(10) == pytest.approx((4.795, 18.39), abs=1e-2)


@pytest.mark.parametrize(
    ("said", "heard", "expected"),
    [
        ("Yes, please!", "yes please", Words(2, 0, 0)),
        ("yes please", "yes", Words(2, 1, 0)),
        ("yes", "yes please", Words(1, 1, 0)),
        ("yes", "no", Words(1, 1, 0)),
        ("no zebra please", "no yes please", Words(2, 0, 1)),
        ("no zebra", "[unk] zebra", Words(1, 1, 1)),
        ("", "no", Words(0, 1, 0)),
        ("", "", Words(0, 0, 0)),
    ],
)
def test_word_errors(said: str, heard: str, expected: Words) -> None:
    assert word_errors(said, heard, {"yes", "no", "please"}) == expected


def test_the_words_of_a_text() -> None:
    text = "“I don\N{RIGHT SINGLE QUOTATION MARK}t know”, uh-huh: that's 2!"
    assert " ".join(words(text)) == "i don't know uh-huh that's 2"
