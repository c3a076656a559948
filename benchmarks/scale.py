"""How many recordings a second one process, two, and a cluster of one and of two workers evaluate.

    .venv/bin/python benchmarks/scale.py [--copies 8] [--rounds 3]

The recordings are synthetic answers, heard clean with the shipped model. All ways take turns, so
that whatever else the machine does meets them alike; each figure is the median of its rounds, from
the first result to the last. `processor s` is what workers use for one recording, whoever they
share their cores with. Then: what a batch and a result cost the scheduler and the caller, with
tasks that do nothing.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1] / "tests" / part) for part in ("", "evaluate")]
from dask_cluster import DaskCluster
from distributed import Client
from odd_tasks import Slow
from processes import processor_seconds
from voices import speak

from voice_triage import assemble, models
from voice_triage.conversation.understanding import Grammars
from voice_triage.evaluate import cluster as clusters
from voice_triage.evaluate import measure
from voice_triage.evaluate.cluster import connected
from voice_triage.evaluate.engine import VoskEars
from voice_triage.evaluate.manifest import Recording
from voice_triage.evaluate.processes import Processes, cores
from voice_triage.evaluate.report import processor
from voice_triage.evaluate.room import CLEAN
from voice_triage.evaluate.workers import Workers

TEXTS = ("yes", "no", "i don't know", "yes it does")
VOICES = ("en-us", "en-gb", "slt", "rms")


@dataclass(frozen=True)
class Run:
    """One evaluation of all recordings."""

    per_second: float
    processor_s: float
    """Of the workers, for each recording."""


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--copies", type=int, default=8)
    words.add_argument("--rounds", type=int, default=3)
    options = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        recordings = made(Path(folder)) * options.copies
        one, two = Path(folder) / "one", Path(folder) / "two"
        one.mkdir()
        two.mkdir()
        with started(one, 1) as alone, started(two, 2) as pair:
            ways: dict[str, Callable[[], Run]] = {
                "1 process": lambda: here(1, recordings),
                "2 processes": lambda: here(2, recordings),
                "cluster, 1 worker": lambda: there(alone, recordings),
                "cluster, 2 workers": lambda: there(pair, recordings),
            }
            runs: dict[str, list[Run]] = {way: [] for way in ways}
            for _ in range(options.rounds):
                for way, evaluate in ways.items():
                    runs[way].append(evaluate())
            tell(runs, len(recordings))
            overheads(alone)


def made(folder: Path) -> list[Recording]:
    """Each text in each voice."""
    return [
        Recording(path.name, path, text, None, None, {})
        for voice in VOICES
        for number, text in enumerate(TEXTS)
        for path in [speak(text, folder / f"{number}-{voice}.wav", voice)]
    ]


@contextmanager
def started(folder: Path, workers: int) -> Iterator[DaskCluster]:
    """A cluster that is ready."""
    with DaskCluster(folder) as made:
        for _ in range(workers):
            made.start_worker()
        with Client(made.address, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=60)
        yield made


def here(jobs: int, recordings: list[Recording]) -> Run:
    """By processes, which are waited for and so count among the times of children."""
    return timed(Processes(jobs), recordings, lambda: sum(children_times()))


def there(cluster: DaskCluster, recordings: list[Recording]) -> Run:
    """By a cluster's workers."""
    pids = [worker.pid for worker in cluster.workers]
    with connected(cluster.address) as workers:
        return timed(workers, recordings, lambda: sum(map(processor_seconds, pids)))


def children_times() -> tuple[float, float]:
    """User and system time of children that have ended."""
    found = os.times()
    return found.children_user, found.children_system


def timed(workers: Workers, recordings: list[Recording], used_s: Callable[[], float]) -> Run:
    """One run. What loading the model takes counts among `processor_s`, not in `per_second`."""
    understood = assemble.understanding()
    model = models.ready(models.find(None))
    known = models.vocabulary(model)
    ears = VoskEars(model, Grammars(understood, known.__contains__).grammar(None))
    results: list[float] = []
    before = used_s()
    measure.evaluate(
        recordings, [CLEAN], ears, workers, lambda _: results.append(time.perf_counter())
    )
    used = used_s() - before
    return Run((len(results) - 1) / (results[-1] - results[0]), used / len(recordings))


def tell(runs: dict[str, list[Run]], count: int) -> None:
    """The table."""
    print(f"{processor()}, {cores()} cores; {count} recordings a run, medians")
    print(f"{'':<20} {'recordings/s':>12} {'ratio':>6} {'processor s':>12} {'rounds':>20}")
    first = 0.0
    for way, rounds in runs.items():
        rate = statistics.median(run.per_second for run in rounds)
        first = first or rate
        used = statistics.median(run.processor_s for run in rounds)
        all_ = " ".join(f"{run.per_second:.1f}" for run in rounds)
        print(f"{way:<20} {rate:>12.2f} {rate / first:>6.2f} {used:>12.3f} {all_:>20}")


def overheads(cluster: DaskCluster) -> None:
    """What handing out costs, in processor time."""
    for batch_s, tasks, what in ((0.0, 500, "batch of one"), (1.0, 50_000, "task in large ones")):
        clusters.BATCH_S = batch_s
        with connected(cluster.address) as workers:
            scheduler, ours = processor_seconds(cluster.scheduler.pid), time.process_time()
            done = sum(1 for _ in workers.each(Slow(), range(tasks)))
            assert done == tasks
            scheduler = (processor_seconds(cluster.scheduler.pid) - scheduler) / tasks * 1000
            ours = (time.process_time() - ours) / tasks * 1000
        print(f"each {what}: scheduler {scheduler:.3f} ms, caller {ours:.3f} ms of processor time")


if __name__ == "__main__":
    main()
