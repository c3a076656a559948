"""Step `graph`: which words sound how and may follow each other → graph/, as Vosk reads it.

`HCLr.fst` turns transition ids (frames of phones) into words, any after any; Vosk composes it with
the grammar that it is given, or else with `Gr.fst`, a word bigram. OpenFst's programs (Debian:
libfst-tools) do the compiling.
"""

from __future__ import annotations

import hashlib
import itertools
import math
import os
import subprocess
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from voice_triage.models.wholes import whole

from . import words
from .export import INNER_SILENCE, SILENCE, outputs, phone_ids, stays
from .prepare import vocabulary
from .settings import Settings
from .words import PHONES, Pronunciation

UNKNOWN = "[unk]"
Transitions = Mapping[int, tuple[int, int]]
"""Phone number → its transition ids (stay, leave)."""

_START, _LOOP = 0, 1


@dataclass(frozen=True)
class Costs:
    """Logarithms to base e, added to what a path through the graph costs."""

    silence: float
    """Probability of silence between words."""
    filler: float
    """Of `[unk]` as a loop over all phones, each equally likely."""
    everyday: float
    """Of `[unk]` as a word that is no answer."""
    inner_silence: float
    """Probability of silence inside a phrase that is one word."""


@dataclass
class _Hcl:
    transitions: Transitions
    stay: Mapping[int, float]
    costs: Costs
    arcs: list[tuple[int, int, int, int, float]] = field(default_factory=list)
    states: int = 2

    def state(self) -> int:
        self.states += 1
        return self.states - 1

    def arc(self, source: int, to: int, frames: int, word: int, cost: float) -> None:
        self.arcs.append((source, to, frames, word, cost))

    def phone(self, source: int, number: int, word: int, cost: float) -> int:
        """A phone from `source` on; returns the state after its first frame, which may stay."""
        stay, leave = self.transitions[number]
        to = self.state()
        self.arc(source, to, leave, word, cost - math.log(1 - self.stay[number]))
        self.arc(to, to, stay, 0, -math.log(self.stay[number]))
        return to

    def pause(self, source: int) -> None:
        """From `source` to where words begin, with silence between or without."""
        self.arc(source, _LOOP, 0, 0, -math.log(1 - self.costs.silence))
        silent = self.phone(source, SILENCE, 0, -math.log(self.costs.silence))
        self.arc(silent, _LOOP, 0, 0, 0.0)

    def word(self, said: Pronunciation, word: int, cost: float, end: int) -> None:
        ids = phone_ids()
        at = _LOOP
        for place, phone in enumerate(said):
            number = ids[phone, _position(place, len(said))]
            at = self.phone(at, number, 0 if place else word, 0.0 if place else cost)
        self.arc(at, end, 0, 0, 0.0)

    def tree(self, sounds: Iterable[Pronunciation], word: int, cost: float, end: int) -> None:
        """All of these as the same word. They share what they begin with: hearing is quicker."""
        ids = phone_ids()
        states: dict[tuple[tuple[str, str], ...], int] = {}
        for said in sorted(sounds):
            at = _LOOP
            row = [(phone, _position(place, len(said))) for place, phone in enumerate(said)]
            for place, phone in enumerate(row):
                key = tuple(row[: place + 1])
                if key not in states:
                    labelled = (0, 0.0) if place else (word, cost)
                    states[key] = self.phone(at, ids[phone], *labelled)
                at = states[key]
            self.arc(at, end, 0, 0, 0.0)

    def whole(self, parts: Sequence[Sequence[Pronunciation]], word: int, end: int) -> None:
        """Words one after the other as one word; each can be said in several ways."""
        ids = phone_ids()
        at, last = _LOOP, len(parts) - 1
        for number, ways in enumerate(parts):
            to = end if number == last else self.state()
            for said in ways:
                inner = at
                for place, phone in enumerate(said):
                    first = not number and not place
                    at_end = number == last and place == len(said) - 1
                    where = "begin" if first else "end" if at_end else "internal"
                    cost = 0.0 if place else math.log(len(ways))
                    inner = self.phone(inner, ids[phone, where], word if first else 0, cost)
                self.arc(inner, to, 0, 0, 0.0)
            at = to if number == last else self._inner_pause(to)

    def _inner_pause(self, source: int) -> int:
        to = self.state()
        self.arc(source, to, 0, 0, -math.log(1 - self.costs.inner_silence))
        silent = self.phone(source, INNER_SILENCE, 0, -math.log(self.costs.inner_silence))
        self.arc(silent, to, 0, 0, 0.0)
        return to

    def filler(self, word: int, cost: float, end: int) -> None:
        """Two phones or more, each as likely as any other."""
        ids, each, hub = phone_ids(), math.log(len(PHONES)), self.state()
        for phone in PHONES:
            first = self.phone(_LOOP, ids[phone, "begin"], word, each + cost)
            self.arc(first, hub, 0, 0, 0.0)
            inner = self.phone(hub, ids[phone, "internal"], 0, each - math.log(0.7))
            self.arc(inner, hub, 0, 0, 0.0)
            last = self.phone(hub, ids[phone, "end"], 0, each - math.log(0.3))
            self.arc(last, end, 0, 0, 0.0)


def _position(place: int, length: int) -> str:
    if length == 1:
        return "singleton"
    return "begin" if place == 0 else "end" if place == length - 1 else "internal"


@dataclass(frozen=True)
class Language:
    """What the graph is made of."""

    pronunciations: Mapping[str, Sequence[Pronunciation]]
    everyday: Iterable[str]
    """Words of `pronunciations` that by themselves are no answers: they stand for `[unk]` too."""
    wholes: Iterable[str]
    """Phrases of words of `pronunciations` that are one word as well."""
    sentences: Sequence[str]
    """What the bigram is counted from."""


def graph(settings: Settings) -> None:
    """The words of prompts/ and of real people's sentences → the model's graph/."""
    dictionary = words.dictionary()
    known = vocabulary(settings)
    answers = {phrase for phrase in words.answers() if " " not in phrase}
    language = Language(
        {word: dictionary[word] for word in known}, known - answers, words.wholes(),
        words.phrases(),
    )  # fmt: skip
    phones = sorted(outputs())
    transitions = {phone: (2 * i + 1, 2 * i + 2) for i, phone in enumerate(phones)}
    stay = stays(settings.train.stay_silence, settings.train.stay_phone)
    costs = Costs(settings.graph.silence, settings.graph.filler, settings.graph.everyday,
                  settings.graph.inner_silence)  # fmt: skip
    build(settings.model, settings.work / "graph", language, transitions, stay, costs)
    _sums(settings.model)


def _sums(folder: Path) -> None:
    """Write SHA256SUMS, as `sha256sum` does: voice-triage starts no conversation without it."""
    files = sorted(
        str(path.relative_to(folder))
        for part in ("am", "conf", "graph")
        for path in (folder / part).rglob("*")
        if path.is_file()
    )
    lines = [f"{hashlib.sha256((folder / n).read_bytes()).hexdigest()}  {n}\n" for n in files]
    (folder / "SHA256SUMS").write_text("".join(lines))


def build(
    folder: Path, work: Path, language: Language, transitions: Transitions,
    stay: Mapping[int, float], costs: Costs,
) -> None:  # fmt: skip
    """Write graph/ into a model's folder; `work` is for what lies between."""
    numbers = {word: number for number, word in enumerate(
        ["<eps>", *sorted(language.pronunciations), UNKNOWN, *map(whole, language.wholes)]
    )}  # fmt: skip
    out = folder / "graph"
    (out / "phones").mkdir(parents=True, exist_ok=True)
    work.mkdir(parents=True, exist_ok=True)
    _write(
        work / "hcl.txt", _hcl(language, numbers, transitions, stay, costs), {_LOOP: 0.0, 0: 0.0}
    )
    _run("fstcompile hcl.txt | fstarcsort --sort_type=olabel > HCL.fst", work)
    _run(
        "fstconvert --fst_type=olabel_lookahead --save_relabel_opairs=relabel HCL.fst HCLr.fst",
        work,
        {"LD_PRELOAD": _lookahead_library()},
    )
    (work / "HCLr.fst").replace(out / "HCLr.fst")
    pairs = (line.split() for line in (work / "relabel").read_text().splitlines())
    relabelled = {int(old): int(new) for old, new in pairs}
    numbers = {word: relabelled.get(number, number) for word, number in numbers.items()}
    symbols = sorted(numbers.items(), key=lambda entry: entry[1])
    (work / "words.txt").write_text("".join(f"{w} {n}\n" for w, n in symbols))
    arcs, finals = _bigram(language.sentences, [*sorted(language.pronunciations), UNKNOWN], numbers)
    _write(work / "g.txt", arcs, finals)
    _run(
        "fstcompile g.txt | fstsymbols --osymbols=words.txt | fstarcsort --sort_type=ilabel"
        " | fstconvert --fst_type=const > Gr.fst",
        work,
    )
    (work / "Gr.fst").replace(out / "Gr.fst")
    highest = max(number for pair in transitions.values() for number in pair)
    (out / "disambig_tid.int").write_text(f"{highest + 1}\n")
    places = {SILENCE: "nonword"} | {number: at for (_, at), number in phone_ids().items()} | {INNER_SILENCE: "internal"}
    (out / "phones" / "word_boundary.int").write_text(
        "".join(f"{number} {place}\n" for number, place in sorted(places.items()))
    )


def _hcl(
    language: Language, words: Mapping[str, int], transitions: Transitions,
    stay: Mapping[int, float], costs: Costs,
) -> list[tuple[int, int, int, int, float]]:  # fmt: skip
    hcl = _Hcl(transitions, stay, costs)
    hcl.pause(_START)
    end = hcl.state()
    hcl.pause(end)
    for word, ways in sorted(language.pronunciations.items()):
        for said in ways:
            hcl.word(said, words[word], math.log(len(ways)), end)
    for phrase in language.wholes:
        hcl.whole([language.pronunciations[w] for w in phrase.split()], words[whole(phrase)], end)
    hcl.filler(words[UNKNOWN], costs.filler, end)
    sounds = {said for word in language.everyday for said in language.pronunciations[word]} - {
        said
        for word in language.pronunciations.keys() - set(language.everyday)
        for said in language.pronunciations[word]
    }
    hcl.tree(sounds, words[UNKNOWN], costs.everyday, end)
    return hcl.arcs


def _bigram(
    sentences: Sequence[str], words: Sequence[str], numbers: Mapping[str, int]
) -> tuple[list[tuple[int, int, int, int, float]], dict[int, float]]:
    """A word bigram with back-off after Witten and Bell; every word can follow any."""
    unigram: Counter[str] = Counter(w for s in sentences for w in s.split())
    follows: dict[str, Counter[str]] = {}
    for sentence in sentences:
        row = ["<s>", *sentence.split(), "</s>"]
        for one, two in itertools.pairwise(row):
            follows.setdefault(one, Counter())[two] += 1
    total = sum(unigram.values()) + len(sentences) + len(words)
    states = {"<s>": 0} | {word: n for n, word in enumerate((w for w in words if w in follows), 2)}
    backoff = 1
    arcs = []
    finals = {backoff: -math.log((len(sentences) + 1) / total)}
    for word in words:
        cost = -math.log((unigram[word] + 1) / total)
        arcs.append((backoff, states.get(word, backoff), numbers[word], numbers[word], cost))
    for before, after in follows.items():
        seen, kinds = after.total(), len(after)
        for word, times in after.items():
            cost = -math.log(times / (seen + kinds))
            if word == "</s>":
                finals[states[before]] = cost
            else:
                number = numbers[word]
                arcs.append((states[before], states.get(word, backoff), number, number, cost))
        arcs.append((states[before], backoff, 0, 0, -math.log(kinds / (seen + kinds))))
    # OpenFst takes the first line's source as the start.
    arcs.sort(key=lambda arc: arc[0])
    return arcs, finals


def _write(
    path: Path, arcs: Iterable[tuple[int, int, int, int, float]], finals: Mapping[int, float]
) -> None:
    lines = [f"{a} {b} {i} {o} {cost:.5f}" for a, b, i, o, cost in arcs]
    lines += [f"{state} {cost:.5f}" for state, cost in finals.items()]
    path.write_text("\n".join(lines) + "\n")


def _lookahead_library() -> str:
    """OpenFst's tools know the lookahead type only with its library loaded beforehand."""
    for folder in Path("/usr/lib").glob("*-linux-gnu*"):
        for library in sorted(folder.glob("libfstlookahead.so*")):
            return str(library)
    raise FileNotFoundError("libfstlookahead.so: install Debian's libfst-tools")


def _run(command: str, folder: Path, extra: Mapping[str, str] | None = None) -> None:
    subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        check=True, cwd=folder, env=os.environ | dict(extra or {}),
    )  # fmt: skip
