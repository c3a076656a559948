"""Which words and phrases the model shall know, and how they are said."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
PROMPTS = HERE.parents[1] / "prompts"

PHONES = (
    "AA", "AE", "AH", "AO", "AW", "AY", "B", "CH", "D", "DH", "EH", "ER", "EY", "F", "G", "HH",
    "IH", "IY", "JH", "K", "L", "M", "N", "NG", "OW", "OY", "P", "R", "S", "SH", "T", "TH", "UH",
    "UW", "V", "W", "Y", "Z", "ZH",
)  # fmt: skip
"""The CMU dictionary's, without stress."""

Pronunciation = tuple[str, ...]


def dictionary() -> dict[str, list[Pronunciation]]:
    """Every word's pronunciations: ours, then the CMU dictionary's from the wheel pocketsphinx."""
    found: dict[str, list[Pronunciation]] = {}
    ours = _lines(HERE / "pronunciations.txt")
    theirs = files("pocketsphinx") / "model" / "en-us" / "cmudict-en-us.dict"
    for line in [*ours, *theirs.read_text().splitlines()]:
        word, *phones = line.split()
        word = re.sub(r"\(\d+\)$", "", word)
        if tuple(phones) not in found.setdefault(word, []):
            found[word].append(tuple(phones))
    return found


def answers() -> list[str]:
    """What the recogniser listens for in a conversation, without repeats: the utterances of
    prompts/ and the flow's own answers."""
    own = [
        text
        for file in ("groups/emergencies.en.yaml", "back_spasms.en.yaml")
        for question in _prompts(file)["questions"].values()
        for texts in question.get("answers", {}).values()
        for text in texts
    ]
    return list(dict.fromkeys(map(spoken, [*_said("utterances"), *own])))


def wholes() -> list[str]:
    """The answers of several words, which the model knows as one word each as well."""
    return [text for text in answers() if " " in text]


def sentences() -> list[str]:
    """Answers as people give them: sentences.txt."""
    return list(map(spoken, _lines(HERE / "sentences.txt")))


def phrases() -> list[str]:
    """Everything that synthetic voices say, without repeats."""
    cues = map(spoken, [*_said("cues"), *_said("corrections")])
    return list(dict.fromkeys([*answers(), *cues, *sentences()]))


def _said(part: str) -> list[str]:
    return [text for row in _prompts("answers.en.yaml")[part] for text in row["say"]]


def _prompts(name: str) -> dict[str, Any]:
    """A file of prompts/ with every scalar as text, so that `yes` stays a word."""
    whole: dict[str, Any] = yaml.load(
        (PROMPTS / name).read_text(),
        yaml.BaseLoader,  # noqa: S506 - it makes nothing but texts
    )
    return whole


def spoken(text: str) -> str:
    """A text as its words are said: lower case, nothing but letters and apostrophes."""
    return " ".join(re.findall(r"[a-z']+", text.lower()))


def answer_words() -> set[str]:
    """Every word of the answers file and of the phrases."""
    whole = {
        w
        for text in [*phrases(), *_texts(_prompts("answers.en.yaml"))]
        for w in spoken(text).split()
    }
    return {w for w in whole if not w.startswith("'") and w != "n't"}


def vocabulary(transcripts: Iterable[str], everyday: int) -> list[str]:
    """The model's words: those of the answers, and the most frequent of real people's sentences.

    `everyday`: how often a word must be in the transcripts to count as an everyday word.
    """
    heard = Counter(word for text in transcripts for word in text.split())
    known = dictionary()
    frequent = {word for word, times in heard.items() if times >= everyday}
    return sorted(w for w in answer_words() | frequent if w in known)


def _texts(part: object) -> Iterator[str]:
    """Every text in a YAML document except the names of its own fields."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, Mapping):
        for key, value in part.items():
            if key in ("language", "means", "negated", "alone", "doubtful", "whole", "weight"):
                continue
            yield from _texts(value)
    elif isinstance(part, list):
        for value in part:
            yield from _texts(value)


def _lines(path: Path) -> list[str]:
    return [s for line in path.read_text().splitlines() if (s := line.partition("#")[0].strip())]
