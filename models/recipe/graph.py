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
from dataclasses import dataclass
from pathlib import Path

from voice_triage.models.wholes import whole

from . import words
from .export import INNER_SILENCE, SILENCE, outputs, phone_ids, stays
from .hcl import LOOP, START, Costs, Hcl, Transitions
from .prepare import vocabulary
from .settings import Settings
from .words import Pronunciation

UNKNOWN = "[unk]"


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
        work / "hcl.txt", _hcl(language, numbers, transitions, stay, costs), {LOOP: 0.0, START: 0.0}
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
    places = {number: at for (_, at), number in phone_ids().items()}
    places |= {SILENCE: "nonword", INNER_SILENCE: "internal"}
    (out / "phones" / "word_boundary.int").write_text(
        "".join(f"{number} {place}\n" for number, place in sorted(places.items()))
    )


def _hcl(
    language: Language, words: Mapping[str, int], transitions: Transitions,
    stay: Mapping[int, float], costs: Costs,
) -> list[tuple[int, int, int, int, float]]:  # fmt: skip
    hcl = Hcl(transitions, stay, costs)
    hcl.pause(START)
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
