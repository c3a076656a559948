"""Step `prepare` and step `synthesize`: all sound that training and measuring need, decoded."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from pathlib import Path

from rich.progress import track

from . import corpus, voices, words
from .settings import Settings


def prepare(settings: Settings) -> None:
    """Recordings of real people → work/recordings."""
    rows = corpus.recordings(settings.speech)
    if settings.prepare.limit is not None:
        seen: Counter[tuple[str, str]] = Counter()
        kept = []
        for row in rows:
            seen[row["source"], row["split"]] += 1
            if seen[row["source"], row["split"]] <= settings.prepare.limit:
                kept.append(row)
        rows = kept
    held_out = _held_out(rows, settings.prepare.held_out)

    def clips_from(done: int) -> Iterable[corpus.Clip]:
        clips = corpus.clips(settings.speech, rows, held_out)
        return islice(track(clips, "Decoding recordings", total=len(rows)), done, None)

    corpus.write(settings.work / "recordings", clips_from)


def _held_out(rows: list[dict[str, str]], one_in: dict[str, int]) -> set[str]:
    """Speakers to leave out, by a checksum of their names: the same whatever else there is."""
    return {
        row["speaker"]
        for row in rows
        if row["split"] == "train"
        and row["source"] in one_in
        and zlib.crc32(row["speaker"].encode()) % one_in[row["source"]] == 0
    }


def synthesize(settings: Settings) -> None:
    """Phrases and words by synthetic voices → work/synthetic."""
    jobs = list(_jobs(settings))
    with ProcessPoolExecutor() as pool:

        def clips_from(done: int) -> Iterable[corpus.Clip]:
            clips = pool.map(voices.speak, jobs[done:], chunksize=16)
            return track(clips, "Speaking phrases", total=len(jobs), completed=done)

        corpus.write(settings.work / "synthetic", clips_from)


def _jobs(settings: Settings) -> Iterator[voices.Job]:
    wanted = settings.synthesize
    phrases = words.phrases()[: wanted.limit]
    answers = words.answers()[: wanted.limit]
    single = sorted(vocabulary(settings) - {w for p in phrases for w in p.split()})[: wanted.limit]
    for texts, often in (
        (phrases, wanted.phrases),
        (answers, wanted.answers),
        (single, wanted.words),
    ):
        for engine, times in often.items():
            base = 1000 if texts is answers else 0
            for seed in range(times):
                yield from (
                    voices.Job(engine, t, settings.seed + base + seed, "train") for t in texts
                )


def vocabulary(settings: Settings) -> set[str]:
    """The model's words."""
    transcripts = (r["text"] for r in corpus.recordings(settings.speech) if r["split"] == "train")
    return set(words.vocabulary(transcripts, settings.words.everyday))


def done(folder: Path) -> bool:
    """Whether a corpus is there already."""
    return (folder / "utterances.jsonl").exists()
