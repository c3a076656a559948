"""A language's answers as its file has them, made ready to read texts with."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from voice_triage.answers.model import Meaning
from voice_triage.errors import DocumentError, Problem
from voice_triage.located_yaml import Document, read, validate

Tokens = tuple[str, ...]
Words = Annotated[tuple[str, ...], Field(min_length=1)]

UNKNOWN_WORD = "[unk]"
"""What the recogniser writes for a word outside its grammar; known to no lexicon."""

MAX_TOKENS = 400  # a person's answer has ten; a stuck key or a hostile line must not cost minutes
_TOKEN = re.compile(r"\[unk\]|[^\W_]+(?:'[^\W_]+)*")


class Kind(Enum):
    """What a phrase does in an answer."""

    CUE = auto()
    NEGATION = auto()
    HEDGE = auto()
    EMPHASIS = auto()
    CORRECTION = auto()


@dataclass(frozen=True)
class Entry:
    """A phrase's part in an answer."""

    kind: Kind
    means: Meaning = Meaning.NONE
    """For a CORRECTION: what it means when nothing else was said."""
    negated: Meaning | None = None
    """What it means after a negation; None: a negation before it makes the whole unclear."""
    doubtful: bool = False
    whole: bool = False
    """It counts only when every word of the answer was understood."""
    takes_back: bool = False
    """A CORRECTION after which the earlier answer doesn't stand, even if nothing follows."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Symptoms(_Part):
    dropped: Words
    between: Words
    nouns: Words
    none_of: Words


class _Echoes(_Part):
    subjects: Words
    auxiliaries: Words


class _Tails(_Part):
    clear: Words
    doubtful: Words


class _Correction(_Part):
    alone: Meaning
    takes_back: bool
    say: Words


class _Cue(_Part):
    means: Meaning
    negated: Meaning | None = None
    doubtful: bool = False
    whole: bool = False
    say: Words


class Utterance(_Part):
    """Whole answers for the recogniser's grammar, and what they must be understood as."""

    means: Meaning
    weight: int = Field(default=1, ge=1, le=1000)
    say: Words


class AnswersFile(_Part):
    """The format of `prompts/answers.*.yaml`."""

    language: str
    contractions: dict[str, str]
    same: dict[str, Words]
    fillers: Words
    symptoms: _Symptoms
    negations: Words
    echoes: _Echoes
    tails: _Tails
    hedges: Words
    emphasis: Words
    corrections: tuple[_Correction, ...]
    cues: tuple[_Cue, ...]
    utterances: tuple[Utterance, ...]
    sound_alikes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lexicon:
    """Everything that `interpret` needs to know of a language. Phrases are tuples of tokens."""

    entries: Mapping[Tokens, Entry]
    fillers: frozenset[Tokens]
    tails: Mapping[Tokens, bool]
    """Tail phrase → whether it makes the negation before it doubtful."""
    subjects: frozenset[str]
    auxiliaries: frozenset[str]
    utterances: tuple[Utterance, ...]
    symptom_words: _Symptoms
    sound_alikes: tuple[str, ...] = ()
    """What a plain answer must be told from by ear: words that sound like it, other answers."""
    symptoms: tuple[tuple[Tokens, str], ...] = ()
    """Symptom pattern → id of the question that asks about it."""
    _contractions: Mapping[str, Tokens] = field(default_factory=dict, repr=False)
    _same: Mapping[Tokens, Tokens] = field(default_factory=dict, repr=False)

    @cached_property
    def longest(self) -> int:
        """Tokens in the longest phrase; an echo ("it is not") has three."""
        return max(3, *map(len, (*self.entries, *self.fillers, *self.tails)))

    @cached_property
    def symptom_skips(self) -> frozenset[str]:
        """Words that may stand inside a symptom."""
        return frozenset((*self.symptom_words.dropped, *self.symptom_words.between))

    def tokens(self, text: str) -> Tokens:
        """`text` in lower case, contractions apart, words of one meaning made one; cut at
        MAX_TOKENS."""
        plain = unicodedata.normalize("NFKC", text[: MAX_TOKENS * 30]).lower()
        plain = plain.replace("\u2019", "'")  # a typographic apostrophe
        apart = [t for word in _TOKEN.findall(plain)[:MAX_TOKENS] for t in self._apart(word)]
        return tuple(_rewritten(apart, self._same))

    def with_symptoms(self, phrases: Mapping[str, Iterable[str]]) -> Lexicon:
        """This lexicon, which also hears the symptoms in `phrases` (question id → phrases)."""
        dropped = frozenset(self.symptom_words.dropped)
        patterns = [
            (tuple(t for t in self.tokens(phrase) if t not in dropped), question)
            for question, said in phrases.items()
            for phrase in said
        ]
        return replace(self, symptoms=tuple(p for p in patterns if p[0]))

    def with_answers(self, phrases: Mapping[Meaning, Iterable[str]]) -> Lexicon:
        """This lexicon, in which `phrases` are answers too: those of one question."""
        more = {
            self.tokens(phrase): Entry(Kind.CUE, means)
            for means, said in phrases.items()
            for phrase in said
        }
        return replace(self, entries={**self.entries, **more})

    def _apart(self, word: str) -> Iterable[str]:
        if word in self._contractions:
            return self._contractions[word]
        for ending, words in self._contractions.items():
            if "'" in ending and word.endswith(ending) and word != ending:
                return (word.removesuffix(ending), *words)
        return (word,)


def load(path: Path) -> Lexicon:
    """The lexicon in `path`. Raises DocumentError with every problem at its line."""
    document = read(path)
    file = validate(document, AnswersFile)
    empty = frozenset[Tokens]()
    lexicon = Lexicon(
        {}, empty, {}, frozenset(file.echoes.subjects), frozenset(file.echoes.auxiliaries),
        file.utterances, file.symptoms, file.sound_alikes,
        _contractions={word: tuple(apart.split()) for word, apart in file.contractions.items()},
    )  # fmt: skip
    same = {
        lexicon.tokens(word): lexicon.tokens(canonical)
        for canonical, words in file.same.items()
        for word in words
    }
    lexicon = replace(lexicon, _same=same)
    doubt = {False: file.tails.clear, True: file.tails.doubtful}
    return replace(
        lexicon,
        entries=_entries(document, file, lexicon),
        fillers=frozenset(map(lexicon.tokens, file.fillers)),
        tails={lexicon.tokens(t): doubtful for doubtful, tails in doubt.items() for t in tails},
    )


def _entries(document: Document, file: AnswersFile, lexicon: Lexicon) -> dict[Tokens, Entry]:
    entries: dict[Tokens, Entry] = {}
    problems: list[Problem] = []
    for loc, phrase, entry in _phrases(file):
        tokens = lexicon.tokens(phrase)
        if entries.setdefault(tokens, entry) != entry:
            problems.append(
                document.problem(loc, f"'{phrase}' stands in another place too; remove one of them")
            )
    if problems:
        raise DocumentError(problems)
    return entries


def _phrases(file: AnswersFile) -> Iterable[tuple[tuple[str | int, ...], str, Entry]]:
    plain = {
        "negations": Entry(Kind.NEGATION),
        "hedges": Entry(Kind.HEDGE, doubtful=True),
        "emphasis": Entry(Kind.EMPHASIS),
    }
    for key, entry in plain.items():
        for i, phrase in enumerate(getattr(file, key)):
            yield (key, i), phrase, entry
    for i, c in enumerate(file.corrections):
        for j, phrase in enumerate(c.say):
            entry = Entry(Kind.CORRECTION, c.alone, takes_back=c.takes_back)
            yield ("corrections", i, "say", j), phrase, entry
    for i, cue in enumerate(file.cues):
        for j, phrase in enumerate(cue.say):
            entry = Entry(Kind.CUE, cue.means, cue.negated, cue.doubtful, cue.whole)
            yield ("cues", i, "say", j), phrase, entry


def _rewritten(tokens: list[str], same: Mapping[Tokens, Tokens]) -> Iterable[str]:
    longest = max(map(len, same), default=0)
    at = 0
    while at < len(tokens):
        for length in range(min(longest, len(tokens) - at), 0, -1):
            found = same.get(tuple(tokens[at : at + length]))
            if found is not None:
                yield from found
                at += length
                break
        else:
            yield tokens[at]
            at += 1
