"""How sure must a "no" be? What the answers of synthetic voices, and of real people, come out as.

    .venv/bin/python benchmarks/clear_no.py                 # espeak-ng and flite voices
    .venv/bin/python benchmarks/clear_no.py --speech DIR    # recordings: DIR/manifest.tsv

The manifest is tab-separated with the columns path, text and split; rows of split `dev` are taken.
For each threshold of `Limits.clear` it prints how many of the plain "no" are taken without reading
them back, and how many of all other answers would wrongly be taken for a no.
"""

from __future__ import annotations

import argparse
import csv
import os
import platform
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from rich.progress import track

from voice_triage import assemble
from voice_triage.answers import Meaning
from voice_triage.config import WHOLE_RECORDING
from voice_triage.conversation.understanding import Grammars
from voice_triage.listen.listener import Listener
from voice_triage.listen.source import AudioFile

ESPEAK = ("en-us", "en-gb", "en-gb-scotland", "en-us+f3", "en-gb+f5", "en-us+m7", "en-gb-x-rp+m3")
FLITE = ("slt", "rms", "awb", "kal16")
OTHERS = ("banana", "the telly is on", "go", "know", "i know", "so", "now", "hello", "who", "oh")
THRESHOLDS = (0.0, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--speech", type=Path, help="folder with manifest.tsv")
    parser.add_argument("--model", help="speech model, by name or path")
    options = parser.parse_args()
    understood = assemble.understanding()
    vosk = assemble.vosk(options.model)
    grammar = Grammars(understood, vosk.knows).grammar("bladder-control")
    with tempfile.TemporaryDirectory() as folder:
        spoken = list(recorded(options.speech) if options.speech else synthesised(Path(folder)))
        noes: list[tuple[str, str, float, bool]] = []
        total: Counter[str] = Counter()
        right: Counter[str] = Counter()
        for path, text in track(spoken, "Listening"):
            heard = Listener(AudioFile([path]), vosk, WHOLE_RECORDING).hear(
                grammar, lambda _: False
            )
            meant = understood.interpret("bladder-control", text).meaning
            answer = understood.interpret("bladder-control", heard.text)
            total[meant] += 1
            right[meant] += answer.meaning is meant
            if answer.meaning is Meaning.NO:
                noes.append((text, heard.text, heard.confidence, answer.doubtful))
            elif meant is Meaning.NO and answer.meaning is Meaning.YES:
                print(f"  '{text}' heard as '{heard.text}': a yes")
    report(noes, total, right)


def report(
    noes: list[tuple[str, str, float, bool]], total: Counter[str], right: Counter[str]
) -> None:
    """The figures, and the answers that a no was wrongly made of."""
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}")
    for meaning, count in sorted(total.items()):
        print(f"meant {meaning:8} {count:5}, understood so {right[meaning] / count:6.1%}")
    print("clear at   plain no taken at once   other answers taken for a no at once")
    for threshold in THRESHOLDS:
        clear = [
            (said, heard) for said, heard, sure, doubt in noes if sure >= threshold and not doubt
        ]
        plain = sum(said == "no" for said, _ in clear)
        wrong = [pair for pair in clear if not means_no(pair[0])]
        print(f"{threshold:8.2f} {plain:12} {len(wrong):24}   {sorted(set(wrong))[:6]}")


def means_no(text: str) -> bool:
    """Whether the text itself is a no."""
    return assemble.understanding().interpret(None, text).meaning is Meaning.NO


def synthesised(folder: Path) -> Iterator[tuple[Path, str]]:
    """Every utterance that the recogniser listens for, and some others, in every voice."""
    texts = {text for u in assemble.lexicon().utterances for text in u.say} | set(OTHERS)
    for number, text in enumerate(track(sorted(texts), "Speaking")):
        for voice in (*ESPEAK, *FLITE):
            path = folder / f"{number}-{voice}.wav"
            command = (
                ["espeak-ng", "-v", voice, "-s", "140", "-w", str(path), text]
                if voice in ESPEAK
                else ["flite", "-voice", voice, "-t", text, "-o", str(path)]
            )
            subprocess.run(command, check=True, capture_output=True)
            yield path, text


def recorded(folder: Path) -> Iterator[tuple[Path, str]]:
    """The `dev` rows of a manifest."""
    with (folder / "manifest.tsv").open(newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["split"] == "dev":
                yield folder / row["path"], row["text"]


if __name__ == "__main__":
    main()
