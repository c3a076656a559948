"""Step `evaluate`: the figures that the model card gives → work/figures.json and figures.md."""

from __future__ import annotations

import csv
import json
import platform
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soundfile
from rich.progress import Progress, track

from voice_triage import assemble, models
from voice_triage.conversation.understanding import Grammars
from voice_triage.evaluate import manifest, measure
from voice_triage.evaluate.engine import MakesEars, VoskEars
from voice_triage.evaluate.mix import Setting
from voice_triage.evaluate.processes import cores
from voice_triage.evaluate.room import Condition, conditions
from voice_triage.evaluate.score import Score, interval, judge, score
from voice_triage.listen.grammar import Grammar

from . import voices, words
from .corpus import RATE, Corpus, Utterance
from .prepare import vocabulary
from .rivals import PocketSphinx
from .settings import Settings

HERE = Path(__file__).parent
SNR_DB = 10.0
NOISE_S, NOISE_LEVELS = 10, 8
"""Noise alone is heard in pieces of so many seconds, each at so many levels, 3 dB apart."""


@dataclass(frozen=True)
class Row:
    """One measurement of one engine."""

    what: str
    engine: str
    score: Score


def evaluate(settings: Settings) -> None:
    """Measure the model, and PocketSphinx beside it."""
    folder = settings.work / "measured"
    folder.mkdir(parents=True, exist_ok=True)
    rows = _measure(settings, folder)
    cost = _cost(settings, folder)
    figures = {
        "machine": f"{platform.machine()}, {cores()} cores",
        "cost": cost,
        "rows": [_as_json(row) for row in rows],
    }
    (settings.work / "figures.json").write_text(json.dumps(figures, indent=1) + "\n")
    table = _table(rows)
    (settings.work / "figures.md").write_text(table)
    print(table)
    print(json.dumps(cost, indent=1))


def _measure(settings: Settings, folder: Path) -> list[Row]:
    recordings = Corpus(settings.work / "recordings")
    of = recordings.utterances
    noise = _joined(recordings, [u for u in of if u.split == "dev" and not u.text])
    soundfile.write(folder / "noise.wav", noise, RATE)
    clips = _manifest(folder, "clips", recordings, [u for u in of if u.split == "dev" and u.text])
    phrases = _phrases(settings, folder)
    sentences = _manifest(
        folder, "sentences", recordings,
        [u for u in of if u.split == "held-out" and u.source == "speechocean762"],
    )  # fmt: skip
    silence = _noises(folder, noise)
    room = conditions([SNR_DB], [0.3])
    clean = room[:1]
    model = models.ready(settings.model.absolute())
    three = Grammar(("yes", "no"))
    full = Grammars(assemble.understanding(), models.vocabulary(model).__contains__).grammar(None)
    answers = {w for p in words.answers() for w in p.split()}
    others = tuple(sorted(vocabulary(settings) - answers))
    sphinx = PocketSphinx(three.phrases, others)
    whole = PocketSphinx(tuple(dict.fromkeys(full.phrases)), others)
    runs: list[tuple[str, Path, MakesEars, Grammar | None, Sequence[Condition], str]] = [
        ("yes, no", clips, VoskEars(model, three), three, room, "triage-en"),
        ("yes, no", clips, sphinx, three, room, "PocketSphinx"),
        ("all answers", clips, VoskEars(model, full), full, room, "triage-en"),
        ("all answers", clips, whole, full, clean, "PocketSphinx"),
        ("phrases", phrases, VoskEars(model, full), full, room, "triage-en"),
        ("phrases", phrases, whole, full, clean, "PocketSphinx"),
        ("noise alone", silence, VoskEars(model, full), full, clean, "triage-en"),
        ("noise alone", silence, whole, full, clean, "PocketSphinx"),
        ("any words", sentences, VoskEars(model, None), None, clean, "triage-en"),
    ]
    setting = Setting(noises=(folder / "noise.wav",))
    return [
        row
        for run in runs
        if len(run[1].read_text().splitlines()) > 1
        for row in _run(*run, setting=setting, model=model)
    ]


def _run(
    what: str, table: Path, ears: MakesEars, grammar: Grammar | None,
    wanted: Sequence[Condition], engine: str, *, setting: Setting, model: Path,
) -> list[Row]:  # fmt: skip
    recordings = manifest.read(table)
    if what == "noise alone":
        setting = replace(setting, pad_ms=(0, 0))
    with Progress() as progress:
        task = progress.add_task(f"{engine}: {what}", total=len(recordings))
        results = measure.evaluate(
            recordings, wanted, ears, None,
            lambda done: progress.update(task, completed=done), setting,
        )  # fmt: skip
    understood = assemble.understanding()
    known = {w for p in grammar.phrases for w in p.split()} if grammar else None
    judged = [
        judge(m, lambda text: understood.interpret(None, text).meaning, known)
        for m in results.measurements
    ]
    scores = score(judged, None if grammar else models.vocabulary(model))
    return [Row(what, engine, found) for found in scores]


def _manifest(folder: Path, name: str, corpus: Corpus, chosen: Iterable[Utterance]) -> Path:
    """Recordings as files with a manifest, for `voice-triage evaluate` as well."""
    (folder / name).mkdir(exist_ok=True)
    path = folder / f"{name}.tsv"
    with path.open("w", newline="") as file:
        table = csv.writer(file, delimiter="\t")
        table.writerow(["path", "text", "speaker", "source"])
        for number, utterance in enumerate(chosen):
            clip = folder / name / f"{number}.flac"
            soundfile.write(clip, corpus.sound(utterance), RATE)
            table.writerow(
                [f"{name}/{clip.name}", utterance.text, utterance.speaker, utterance.source]
            )
    return path


def _phrases(settings: Settings, folder: Path) -> Path:
    """Every answer of prompts/ by the voices that training never hears."""
    (folder / "phrases").mkdir(exist_ok=True)
    path = folder / "phrases.tsv"
    wanted = [
        voices.Job(engine, text, settings.seed + seed, "dev")
        for engine, times in settings.evaluate.unheard.items()
        for seed in range(times)
        for text in words.answers()
    ]
    with path.open("w", newline="") as file:
        table = csv.writer(file, delimiter="\t")
        table.writerow(["path", "text", "speaker", "source"])
        for number, job in enumerate(track(wanted, "Speaking answers")):
            clip = voices.speak(job)
            soundfile.write(folder / "phrases" / f"{number}.flac", clip.sound, RATE)
            table.writerow([f"phrases/{number}.flac", job.text, clip.speaker, job.engine])
    return path


def _joined(corpus: Corpus, chosen: Sequence[Utterance]) -> np.ndarray:
    return np.concatenate([corpus.sound(u) for u in chosen])


def _noises(folder: Path, noise: np.ndarray) -> Path:
    (folder / "silence").mkdir(exist_ok=True)
    path = folder / "silence.tsv"
    pieces = [noise[at : at + NOISE_S * RATE] for at in range(0, len(noise), NOISE_S * RATE)]
    with path.open("w", newline="") as file:
        table = csv.writer(file, delimiter="\t")
        table.writerow(["path", "text"])
        for number, piece in enumerate(pieces):
            for level in range(NOISE_LEVELS):
                name = f"silence/{number}-{3 * level}dB.flac"
                louder = piece * 10 ** (3 * (level - NOISE_LEVELS / 2) / 20)
                soundfile.write(folder / name, np.clip(louder, -32768, 32767).astype("i2"), RATE)
                table.writerow([name, ""])
    return path


def _cost(settings: Settings, folder: Path) -> dict[str, float]:
    """Load time, real-time factor and memory, in a process of its own on one core."""
    clips = sorted((folder / "clips").glob("*.flac"))[:200]
    out = subprocess.run(
        ["taskset", "-c", "0", sys.executable, str(HERE / "cost.py"), str(settings.model),
         *map(str, clips)], check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    found: dict[str, float] = json.loads(out.splitlines()[-1])
    files = [f for f in settings.model.rglob("*") if f.is_file()]
    return found | {"size_mb": sum(f.stat().st_size for f in files) / 1e6}


def _as_json(row: Row) -> dict[str, object]:
    s = row.score
    return {
        "what": row.what, "engine": row.engine, "condition": s.condition.name,
        "answers": vars(s.answers), "other_words": vars(s.other_words),
        "silence": vars(s.silence), "confusion": s.confusion,
        "words": vars(s.words) if s.words else None,
    }  # fmt: skip


def _table(rows: Sequence[Row]) -> str:
    lines = [
        "| grammar, sound | engine | answer right | opposite | other words taken for yes or no |",
        "|---|---|---|---|---|",
    ]
    for row in rows:
        s = row.score
        cells = [
            _rate(s.answers.right, s.answers.count), _rate(s.answers.opposite, s.answers.count),
            _rate(s.other_words.yes_or_no, s.other_words.count),
        ]  # fmt: skip
        if s.silence.count:
            cells = [f"{s.silence.answers} answers in {s.silence.seconds / 60:.1f} minutes", "", ""]
        if s.words is not None:
            cells = [f"word error rate {s.words.errors / s.words.count:.1%}", "", ""]
        lines.append(f"| {row.what}, {s.condition.name} | {row.engine} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _rate(count: int, total: int) -> str:
    between = interval(count, total)
    if between is None:
        return ""
    low, high = between
    return f"{count} of {total}: {count / total:.1%} ({low:.1%} to {high:.1%})"
