"""From words to meaning: cues, what negates them, and what takes them back. Never a guess."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from voice_triage.answers.lexicon import Entry, Kind, Lexicon
from voice_triage.answers.model import COMMANDS, Answer, Meaning
from voice_triage.answers.pieces import Mark, Piece, pieces


def interpret(text: str, lexicon: Lexicon) -> Answer:
    """What `text`, in any spelling and punctuation, means. Empty or unknown words: NONE.

    A yes beside a no is NONE, unless one takes back the other ("no wait, yes"). A doubt beside an
    answer is UNSURE. A symptom outweighs a no: what somebody reports must not be lost.
    """
    answer = Answer(Meaning.NONE)
    for correction, part in _parts(pieces(lexicon.tokens(text), lexicon)):
        answer = _corrected(answer, correction, _Reading.of(part))
    return answer


def _parts(cut: Iterable[Piece]) -> Iterator[tuple[Entry | None, list[Piece]]]:
    """The stretches between corrections, each with the correction before it."""
    correction: Entry | None = None
    part: list[Piece] = []
    for piece in cut:
        if piece.kind is Kind.CORRECTION:
            yield correction, part
            correction, part = piece.entry, []
        else:
            part.append(piece)
    yield correction, part


def _corrected(before: Answer, correction: Entry | None, reading: _Reading) -> Answer:
    said = reading.answer()
    if correction is None:
        return said
    symptoms = tuple(dict.fromkeys(before.symptoms + said.symptoms))
    if said.meaning is not Meaning.NONE:
        turned = before.doubtful or before.meaning not in (Meaning.NONE, said.meaning)
        return replace(said, symptoms=symptoms, doubtful=said.doubtful or turned)
    if reading.said_something:  # a correction that was not understood: the old answer is gone
        return Answer(Meaning.SYMPTOM if symptoms else Meaning.NONE, symptoms, doubtful=True)
    if correction.takes_back or before.meaning is Meaning.NONE:
        alone = Meaning.SYMPTOM if symptoms else correction.means
        return Answer(alone, symptoms, doubtful=True)
    return replace(before, doubtful=True)


@dataclass
class _Reading:
    """One stretch of an answer, read from left to right."""

    found: list[Meaning] = field(default_factory=list)
    whole: list[Meaning] = field(default_factory=list)
    symptoms: list[str] = field(default_factory=list)
    unknown: bool = False
    unclear: bool = False
    doubtful: bool = False
    hedged: bool = False
    emphatic: bool = False
    negation: Piece | None = None
    """A negation that has met nothing to negate yet."""
    weighed: bool = False
    """A hedge or an emphasis stood before it, as in "definitely not"."""
    tail: bool = False
    hedged_after: bool = False
    echo: Meaning | None = None
    """"I do", which counts unless something that is no answer follows: "I do hurt"."""

    @classmethod
    def of(cls, part: list[Piece]) -> _Reading:
        reading = cls()
        for piece in part:
            reading._take(piece)
        reading._end()
        return reading

    @property
    def said_something(self) -> bool:
        return self.unknown or self.unclear or bool(self.found)

    def answer(self) -> Answer:
        contradicts = {Meaning.YES, Meaning.NO} <= set(self.found)
        doubtful = self.doubtful or self.unknown or self.unclear or contradicts
        return Answer(self._meaning(), tuple(self.symptoms), doubtful, contradicts)

    def _take(self, piece: Piece) -> None:
        match piece.kind:
            case Mark.FILLER:
                pass
            case Mark.UNKNOWN:
                self.unknown, self.negation, self.echo = True, None, None
            case Mark.SYMPTOM:
                self._symptom(piece.symptom)
            case Mark.TAIL:
                self.tail = True
                self.doubtful |= piece.doubtful
            case Mark.ECHO:
                self._settle_echo()
                self.echo = Meaning.NO if self.negation else Meaning.YES
                self.negation = None
            case Kind.NEGATION | Mark.DENIAL:
                self._negate(piece)
            case Kind.HEDGE:
                self.hedged = self.doubtful = True
                self.hedged_after = self.negation is not None
                self.echo = None
            case Kind.EMPHASIS:
                self.emphatic = True
            case Kind.CUE if piece.entry:
                self._cue(piece.entry)

    def _negate(self, piece: Piece) -> None:
        self.echo = None
        if self._negation_stands():
            self._settle_negation()
        elif self.negation:
            self.unclear = True
        self.negation = piece
        self.weighed = self.hedged or self.emphatic
        self.tail = self.hedged_after = False

    def _cue(self, entry: Entry) -> None:
        means = entry.means
        if self.negation:
            if entry.negated is not None:
                means = entry.negated
                self.negation = None
            elif entry.means not in COMMANDS and self._negation_stands():
                self._settle_negation()
            else:
                self.unclear = True
                self.negation = None
        if means is Meaning.NONE:
            self.echo = None
            self.unknown = True
        else:
            if entry.doubtful or means in COMMANDS:
                self.echo = None  # "I am afraid not", "that is too fast": no yes in it
            self._settle_echo()
            (self.whole if entry.whole else self.found).append(means)
            self.doubtful |= entry.doubtful

    def _symptom(self, question: str) -> None:
        self.echo = None
        if self.negation:
            self.negation = None
            self.unknown = True
        else:
            self.symptoms.append(question)

    def _settle_echo(self) -> None:
        if self.echo is not None:
            self.found.append(self.echo)
        self.echo = None

    def _negation_stands(self) -> bool:
        if self.negation is None or self.hedged_after:
            return False
        return self.negation.kind is Mark.DENIAL or self.tail or self.weighed

    def _settle_negation(self) -> None:
        """A negation with nothing behind it: "I don't" is a no, a bare "not" is nothing."""
        if self.negation is None:
            return
        if self._negation_stands():
            self.found.append(Meaning.NO)
            self.doubtful |= self.negation.doubtful
        else:
            self.unknown = True
        self.negation = None

    def _end(self) -> None:
        self._settle_echo()
        self._settle_negation()
        if self.whole and not self.unknown and not self.symptoms:
            self.found += self.whole
        if not self.found and not self.whole and not self.unknown and not self.symptoms:
            if self.hedged:
                self.found.append(Meaning.UNSURE)
            elif self.emphatic:
                self.found.append(Meaning.YES)

    def _meaning(self) -> Meaning:
        found = set(self.found)
        command = next((meaning for meaning in self.found if meaning in COMMANDS), None)
        contradicts = {Meaning.YES, Meaning.NO} <= found
        if self.symptoms:
            clear_yes = Meaning.YES in found and not contradicts and not self.unclear
            return Meaning.YES if clear_yes else Meaning.SYMPTOM
        if self.unclear:
            return Meaning.NONE
        if Meaning.UNSURE in found:
            return command or Meaning.UNSURE
        if contradicts:
            return Meaning.NONE
        if Meaning.YES in found:
            return Meaning.YES
        return command or (Meaning.NO if Meaning.NO in found else Meaning.NONE)
