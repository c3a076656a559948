"""`--scheduler`: the same work on a Dask cluster, whose processes are real ones of this machine."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, overload

import pytest
from dask_cluster import DaskCluster, cannot_work, connected_client, on
from hypothesis import given
from hypothesis import strategies as st
from odd_tasks import Slow, cannot_begin, forgotten, tasks_known, tasks_running
from programs import PROGRAM, ROOT, environment, run

from voice_triage.errors import ClusterError, DocumentError, ModelError, Problem
from voice_triage.evaluate import cluster as module
from voice_triage.evaluate.cluster import BATCH_S, Cluster, batch_size, connected
from voice_triage.evaluate.processes import Processes

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
WINDOW = 2


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    """A scheduler and two workers, the second with two threads."""
    with DaskCluster(tmp_path_factory.mktemp("dask")) as made:
        made.start_worker()
        made.start_worker(threads=2)
        with connected_client(made) as client:
            client.wait_for_workers(2, timeout=60)
        yield made


@pytest.fixture
def cluster(two: DaskCluster) -> Iterator[Cluster]:
    with connected(two.address) as found:
        yield found


# The same figures


def test_evaluate_gives_what_one_process_gives(
    two: DaskCluster, recordings: Path, tmp_path: Path
) -> None:
    words = ("evaluate", recordings / "few.tsv", "--snr", "5", "-o")
    here = run(*words, tmp_path / "here", "-j", "1")
    there = on(two, *words, tmp_path / "there")
    assert (here.code, there.code) == (0, 0), here.err + there.err
    assert there.err == "", "Dask keeps to itself"
    assert untimed(tmp_path / "there") == untimed(tmp_path / "here")


def untimed(folder: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]
    assert len(lines) == 12
    return [{k: v for k, v in line.items() if k != "took_seconds"} for line in lines]


def test_stress_gives_what_one_process_gives(two: DaskCluster, tmp_path: Path) -> None:
    scenario = ROOT / "tests" / "scenarios" / "other_words.triage.yaml"
    few = ("--reverb", "none", "--speed", "none", "--level", "-10", "--snr", "10", "--each", "1")
    words = ("replay", "--stress", scenario, *few, "--noise", "pink", "-o")
    here = run(*words, tmp_path / "here", "-j", "1")
    there = on(two, *words, tmp_path / "there")
    assert (here.code, there.code) == (0, 0), here.err + there.err
    assert (there.out, there.err) == (here.out, "")
    for name in ("stress.jsonl", "stress.json"):
        assert (tmp_path / "there" / name).read_text() == (tmp_path / "here" / name).read_text()


def test_paths_count_from_here(two: DaskCluster, recordings: Path) -> None:
    """The workers' own folder is another one."""
    done = subprocess.run(
        [*PROGRAM, "evaluate", "few.tsv", "--scheduler", two.address, "--json"],
        env=environment(LOOPBACK="1"), cwd=recordings, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["recordings"] == 6


# The contract, beside that of processes


def test_every_task_is_done_once_and_begun_once_a_thread(cluster: Cluster) -> None:
    found = dict(cluster.each(Slow(0.002), range(100, 1100)))
    assert sorted(found) == list(range(1000))
    assert all(found[index][0] == 100 + index for index in found)
    began = {(pid, thread): begun for _, pid, thread, begun in found.values()}
    assert len(began) == cluster.jobs == 3
    assert {begun for *_, begun in found.values()} == set(began.values())
    assert list(cluster.each(Slow(), [])) == []


def test_an_error_of_a_task_reaches_the_caller(cluster: Cluster, two: DaskCluster) -> None:
    slow = Slow(0.01, bad=7, problem=Problem(Path("a.yaml"), 3, "is wrong"))
    for workers in (cluster, Processes(2)):
        with pytest.raises(DocumentError, match=r"^a.yaml:3: is wrong") as raised:
            list(workers.each(slow, range(50)))
        assert str(raised.value) == "a.yaml:3: is wrong"
        assert raised.value.problems == [slow.problem]
    with pytest.raises(ModelError, match="no model here") as missing:
        list(cluster.each(cannot_begin, range(50)))
    assert "the worker at tcp://127.0.0.1:" in missing.value.__notes__[0]
    assert "same paths" in missing.value.__notes__[0]
    nothing_is_left(two)


def test_what_is_closed_early_leaves_nothing_running(cluster: Cluster, two: DaskCluster) -> None:
    with closing(cluster.each(Slow(0.05), range(10_000))) as all_:
        next(all_)
    nothing_is_left(two)


def nothing_is_left(of: DaskCluster) -> None:
    """No task at the scheduler, and none in a worker's thread."""
    with connected_client(of) as client:
        for _ in range(100):
            known = client.run_on_scheduler(tasks_known)
            running = client.run(tasks_running)
            if known == 0 and not any(running.values()):
                return
            time.sleep(0.1)
        raise AssertionError((known, running))


class Counted(Sequence[int]):
    """Tasks that tell how many were taken."""

    def __init__(self, count: int) -> None:
        self._all, self.taken = range(count), 0

    def __len__(self) -> int:
        return len(self._all)

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[int]: ...
    def __getitem__(self, index: int | slice) -> int | Sequence[int]:
        if isinstance(index, slice):
            self.taken = index.stop
        return self._all[index]


def test_the_scheduler_holds_a_few_seconds_work_at_most(cluster: Cluster) -> None:
    tasks, done, most = Counted(1_000_000), 0, 0
    with closing(cluster.each(Slow(0.001), tasks)) as all_:
        for _ in all_:
            done += 1
            most = max(most, tasks.taken - done)
            if done == 5000:
                break
    assert 0 < most <= (WINDOW * cluster.jobs + 1) * 500


@given(
    st.one_of(st.none(), st.floats(0, 100)), st.integers(1, 10**7), st.integers(1, 10**4)
)  # fmt: skip
def test_a_batch(pace_s: float | None, waiting: int, threads: int) -> None:
    size = batch_size(pace_s, waiting, threads)
    assert 1 <= size <= min(waiting, 500)
    assert size == 1 or (pace_s is not None and size * pace_s <= BATCH_S)
    assert size == 1 or size <= waiting / threads, "nobody is without work at the end"


# What goes wrong


def test_a_worker_that_is_killed_loses_nothing(two: DaskCluster) -> None:
    with connected_client(two) as client:
        third = two.start_worker()
        client.wait_for_workers(3, timeout=60)
    with connected(two.address) as cluster:
        done = []
        for index, (_, pid, _, _) in cluster.each(Slow(0.02), range(500)):
            done.append(index)
            if pid == third.pid and third.poll() is None and len(done) > 100:
                third.send_signal(signal.SIGKILL)
                third.wait()
    assert third.returncode == -signal.SIGKILL
    assert sorted(done) == list(range(500))
    nothing_is_left(two)


def test_ctrl_c_leaves_no_task_behind(two: DaskCluster, recordings: Path) -> None:
    child = subprocess.Popen(
        [*PROGRAM, "evaluate", str(recordings / "many.tsv"), "--scheduler", two.address],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(LOOPBACK="1"),
        cwd="/",
    )  # fmt: skip
    with connected_client(two) as client:
        for _ in range(300):
            if any(client.run(tasks_running).values()):
                break
            time.sleep(0.1)
        else:
            raise AssertionError("nobody works")
    os.kill(child.pid, signal.SIGINT)
    out, err = child.communicate(timeout=30)
    assert (child.returncode, out, err) == (130, "", "")
    nothing_is_left(two)


def test_who_cannot_read_a_recording_is_told_where_to_look(
    two: DaskCluster, tmp_path: Path
) -> None:
    manifest = tmp_path / "one.tsv"
    manifest.write_text("path\ttext\ngone.wav\tyes\n")
    cannot_work(on(two, "evaluate", manifest), str(tmp_path / "gone.wav"), "at the same paths")


def test_workers_of_another_version(
    cluster: Cluster, two: DaskCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "__version__", "0.0.1")
    with pytest.raises(ClusterError, match=r"worker has voice-triage .*, not 0\.0\.1"):
        list(cluster.each(Slow(), [1]))
    nothing_is_left(two)
    with (
        pytest.raises(ClusterError, match=r"scheduler has voice-triage .*, not 0\.0\.1"),
        connected(two.address),
    ):
        pass


def test_a_mistake_in_a_task_is_told(cluster: Cluster, two: DaskCluster) -> None:
    with pytest.raises(ClusterError, match=r"KeyError: 'forgotten'.*logs say more"):
        list(cluster.each(forgotten, [1]))
    nothing_is_left(two)
