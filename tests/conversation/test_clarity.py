"""When an answer is clear: what each thing that speaks for it must do, and must never do."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_triage.answers import Answer, Meaning
from voice_triage.conversation.clarity import CLARITY
from voice_triage.listen.heard import Evidence, Heard

GOOD = Evidence(margin=8.0, agrees=True, speech_ms=450, snr_db=30)
NO, YES = Answer(Meaning.NO), Answer(Meaning.YES)

levels = st.floats(-200, 200, allow_nan=False)
evidences = st.builds(Evidence, levels, st.booleans(), st.floats(0, 5000), levels)
heards = st.builds(
    Heard,
    st.sampled_from(["no", "yes", "no it isn't"]),
    st.floats(0, 1),
    st.floats(0, 20),
    lost=st.sampled_from([0, 0, 1]),
    evidence=st.none() | evidences,
)
answers = st.builds(Answer, st.sampled_from(Meaning), doubtful=st.booleans())


def heard(confidence: float = 0.94, evidence: Evidence | None = GOOD, lost: int = 0) -> Heard:
    return Heard("no", confidence, 2.0, lost, evidence=evidence)


def test_a_plain_no_is_clear() -> None:
    assert CLARITY.clear(heard(), NO)


def test_a_plain_no_through_a_sound_device_is_clear() -> None:
    """Its confidence came out as 0.94 from a file and as 0.82 through loudspeaker and microphone."""
    assert CLARITY.clear(heard(confidence=0.82), NO)


def test_a_plain_yes_confirms() -> None:
    assert CLARITY.confirms(heard(), YES)
    assert not CLARITY.confirms(heard(), NO)


@pytest.mark.parametrize(
    "worse",
    [
        {"margin": 0.0},
        {"margin": -1000.0},
        {"agrees": False},
        {"speech_ms": 30},
        {"snr_db": 0.0},
    ],
    ids=str,
)
def test_each_thing_alone_can_make_it_unclear(worse: dict[str, float]) -> None:
    assert not CLARITY.clear(heard(evidence=replace(GOOD, **worse)), NO)


def test_much_confidence_makes_up_for_nothing() -> None:
    assert not CLARITY.clear(heard(1.0, replace(GOOD, agrees=False)), NO)
    assert not CLARITY.clear(heard(0.3, replace(GOOD, margin=100)), NO)


@pytest.mark.parametrize(
    ("confidence", "clear", "confirms"),
    [(1.0, True, True), (0.8, True, True), (0.79, False, True), (0.49, False, False)],
)
def test_without_sound_the_confidence_decides(
    confidence: float, clear: bool, confirms: bool
) -> None:
    assert CLARITY.clear(heard(confidence, None), NO) is clear
    assert CLARITY.confirms(heard(confidence, None), YES) is confirms


@given(heards, answers)
def test_doubtful_lost_and_not_understood_are_never_clear(said: Heard, answer: Answer) -> None:
    if answer.doubtful or said.lost or answer.meaning is Meaning.NONE:
        assert not CLARITY.clear(said, answer)
        assert not CLARITY.confirms(said, answer)


@given(heards, answers)
def test_only_a_yes_confirms(said: Heard, answer: Answer) -> None:
    assert not CLARITY.confirms(said, answer) or answer.meaning is Meaning.YES


@given(heards, answers)
def test_what_is_clear_would_also_confirm(said: Heard, answer: Answer) -> None:
    """Confirming is the second time that somebody says so: it needs no more than the first."""
    if CLARITY.clear(said, answer) and answer.meaning is Meaning.YES:
        assert CLARITY.confirms(said, answer)


@given(heards, evidences, answers, st.floats(0, 1), levels, levels, levels, st.booleans())
def test_worse_never_becomes_clear(
    said: Heard, evidence: Evidence, answer: Answer, surer: float, margin: float, longer: float,
    snr: float, agrees: bool,
) -> None:  # fmt: skip
    better = replace(said, evidence=evidence)
    worse = replace(
        better,
        confidence=said.confidence * surer,
        evidence=Evidence(
            evidence.margin - abs(margin),
            evidence.agrees and agrees,
            evidence.speech_ms - abs(longer),
            evidence.snr_db - abs(snr),
        ),
    )
    assert CLARITY.clear(better, answer) >= CLARITY.clear(worse, answer)
    assert CLARITY.confirms(better, answer) >= CLARITY.confirms(worse, answer)
