"""When is an answer clear enough to close an emergency question, or to confirm one? Pure."""

from __future__ import annotations

from dataclasses import dataclass

from voice_triage.answers import Answer, Meaning
from voice_triage.listen.heard import Evidence, Heard


@dataclass(frozen=True)
class Sureness:
    """What must speak for the words; all of it. Each as in Heard and Evidence."""

    confidence: float
    """0..1."""
    margin: float
    """Nats."""
    speech_ms: float
    snr_db: float

    def of(self, confidence: float, evidence: Evidence) -> bool:
        """Whether all of that speaks for the words, and a second decode agrees."""
        return (
            confidence >= self.confidence
            and evidence.agrees
            and evidence.margin >= self.margin
            and evidence.speech_ms >= self.speech_ms
            and evidence.snr_db >= self.snr_db
        )


@dataclass(frozen=True)
class Clarity:
    """Tells clear answers from others. More noise, less margin, less confidence or a second decode
    that disagrees never make an answer clear that wasn't."""

    clear_at: Sureness
    """For the answer that closes an emergency question."""
    confirmed_at: Sureness
    """For the yes to what was read back: the second time that the person says so."""
    clear_without: float
    """Confidence, 0..1, that is clear where there is no evidence: answers that were typed."""
    confirmed_without: float
    """The same for the yes."""

    def clear(self, heard: Heard, answer: Answer) -> bool:
        """Whether `answer`, understood from `heard`, counts without being read back, and without
        waiting whether more is said."""
        return _whole(heard, answer) and _sure(heard, self.clear_at, self.clear_without)

    def confirms(self, heard: Heard, answer: Answer) -> bool:
        """Whether `answer` is a yes to what was read back, sure enough to take it."""
        is_yes = answer.meaning is Meaning.YES and _whole(heard, answer)
        return is_yes and _sure(heard, self.confirmed_at, self.confirmed_without)


def _whole(heard: Heard, answer: Answer) -> bool:
    """Understood in all its words, none of which got lost."""
    return not heard.lost and not answer.doubtful and answer.meaning is not Meaning.NONE


def _sure(heard: Heard, needed: Sureness, without: float) -> bool:
    if heard.evidence is None:
        return heard.confidence >= without
    return needed.of(heard.confidence, heard.evidence)


CLARITY = Clarity(
    clear_at=Sureness(
        confidence=0.7,  # a "no" has at most 0.94 here, and 0.82 through a sound device
        margin=3.0,  # of 14 other words taken for a clear no, clean and quiet, 2 stay; at 2.0, 5
        speech_ms=150,  # the shortest "no" of those speakers; a judgement, not tuned
        snr_db=8,  # in noise at 5 dB two "no" in three aren't heard, and "go" is heard as one
    ),
    confirmed_at=Sureness(
        confidence=0.5,
        margin=1.0,  # a judgement: the answer before it said the same
        speech_ms=100,
        snr_db=5,
    ),
    clear_without=0.8,
    confirmed_without=0.5,
)
"""How clear is clear enough.

`benchmarks/clear_no.py --speech DIR` on recordings of speakers to choose by, clean: closes an
emergency question for 39 of 48 plain "no" without reading them back, for 0 of 54 "yes" and for 1
of 603 other words ("down"); a bare confidence of 0.8 did so for 43, 0 and 7. What wrongly confirms
a readback falls from 8 to 1, what rightly does from 106 to 101 of 113. In noise at 10 dB the policy
closes for 10 "no" and nothing else (bare: 18, and 6 other words); what wrongly confirms falls from
26 to 5, what rightly does from 89 to 69. The figures were chosen on recordings of these same
people: expect a little worse of others.
"""
