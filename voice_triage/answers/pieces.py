"""An answer's tokens, cut into the pieces that have a part in its meaning."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from voice_triage.answers.lexicon import Entry, Kind, Lexicon, Tokens

_MAX_GAP = 4  # words that may stand between two words of a symptom


class Mark(Enum):
    """What a piece does, beside the kinds of a lexicon's entries."""

    FILLER = auto()
    UNKNOWN = auto()
    ECHO = auto()
    """"I do", "it is"."""
    DENIAL = auto()
    """"I don't", "it isn't"."""
    TAIL = auto()
    """"at all", "really" after a negation."""
    SYMPTOM = auto()


@dataclass(frozen=True)
class Piece:
    """A stretch of tokens that does one thing in an answer."""

    kind: Kind | Mark
    entry: Entry | None = None
    symptom: str = ""
    doubtful: bool = False


def pieces(tokens: Tokens, lexicon: Lexicon) -> Iterator[Piece]:
    """`tokens` cut into pieces from left to right, the longest first."""
    at = 0
    negated = False
    while at < len(tokens):
        piece, length = _piece_at(tokens, at, lexicon, negated)
        if piece.kind in (Kind.NEGATION, Mark.DENIAL):
            negated = True
        elif piece.kind not in (Mark.FILLER, Mark.TAIL):
            negated = False
        at += length
        yield piece


def _piece_at(tokens: Tokens, at: int, lexicon: Lexicon, negated: bool) -> tuple[Piece, int]:
    """The longest piece that begins at `at`, and how many tokens it takes."""
    symptom = _symptom_at(tokens, at, lexicon)
    if symptom:
        return symptom
    for length in range(min(lexicon.longest, len(tokens) - at), 0, -1):
        phrase = tokens[at : at + length]
        if negated and phrase in lexicon.tails:
            return Piece(Mark.TAIL, doubtful=lexicon.tails[phrase]), length
        if phrase in lexicon.entries:
            entry = lexicon.entries[phrase]
            return Piece(entry.kind, entry), length
        if echo := _echo(phrase, lexicon):
            return echo, length
        if phrase in lexicon.fillers:
            return Piece(Mark.FILLER), length
    return Piece(Mark.UNKNOWN), 1


def _echo(phrase: Tokens, lexicon: Lexicon) -> Piece | None:
    """ECHO for "i do", DENIAL for "i do not"; a doubtful one for a bare "do not", which recognisers
    hear in sounds that are no words."""
    last = lexicon.entries.get(phrase[-1:])
    denied = last is not None and last.kind is Kind.NEGATION
    positive = phrase[:-1] if denied else phrase
    if not positive or positive[-1] not in lexicon.auxiliaries:
        return None
    with_subject = len(positive) == 2 and positive[0] in lexicon.subjects
    if denied and (with_subject or len(positive) == 1):
        return Piece(Mark.DENIAL, doubtful=not with_subject)
    return Piece(Mark.ECHO) if with_subject else None


def _symptom_at(tokens: Tokens, at: int, lexicon: Lexicon) -> tuple[Piece, int] | None:
    """The longest symptom that begins at `at`; "no numbness" is an unknown word, not a symptom."""
    words = lexicon.symptom_words
    start = at
    while start < len(tokens) - 1 and tokens[start] in words.dropped:
        start += 1
    matches = ((_match(tokens, start, p, lexicon), question) for p, question in lexicon.symptoms)
    length, question = max(matches, key=lambda match: match[0], default=(0, ""))
    if not length:
        return None
    absent = start > 0 and tokens[start - 1] in words.none_of and tokens[start] in words.nouns
    piece = Piece(Mark.UNKNOWN) if absent else Piece(Mark.SYMPTOM, symptom=question)
    return piece, start - at + length


def _match(tokens: Tokens, at: int, pattern: Tokens, lexicon: Lexicon) -> int:
    """How many tokens `pattern` takes at `at`, words that may stand inside skipped; 0: no match."""
    skipped = lexicon.symptom_skips
    here = at
    for index, word in enumerate(pattern):
        gap = 0
        while index and gap <= _MAX_GAP and tokens[here : here + 1] != (word,):
            if here >= len(tokens) or tokens[here] not in skipped:
                return 0
            here, gap = here + 1, gap + 1
        if tokens[here : here + 1] != (word,):
            return 0
        here += 1
    return here - at
