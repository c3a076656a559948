"""`--scheduler`: clusters that aren't there, or are of no use."""

import time
from contextlib import closing
from pathlib import Path

import pytest
from dask_cluster import DaskCluster, cannot_work, connected_client, on
from distributed import Client
from odd_tasks import Slow, dies
from programs import run

from voice_triage.errors import ClusterError
from voice_triage.evaluate.cluster import Cluster, connected

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def test_one_or_the_other(recordings: Path) -> None:
    ran = run("evaluate", recordings / "few.tsv", "-j", "2", "--scheduler", "tcp://127.0.0.1:1")
    cannot_work(ran, "--jobs", "--scheduler", "leave one out")


def test_no_scheduler_is_there(recordings: Path) -> None:
    words = ("evaluate", recordings / "few.tsv", "--scheduler", "tcp://127.0.0.1:1")
    cannot_work(run(*words, LOOPBACK="1"), "no Dask scheduler at", "tcp://127.0.0.1:1")


@pytest.mark.parametrize("address", ["carrier-pigeon://x:1", "tcp://127.0.0.1:one", ""])
def test_an_address_that_is_none(address: str) -> None:
    with pytest.raises(ClusterError, match=f"no Dask scheduler at {address}"), connected(address):
        pass


def test_without_the_extra(recordings: Path) -> None:
    ran = run(
        "evaluate", recordings / "few.tsv", "--scheduler", "tcp://127.0.0.1:1",
        WITHOUT_MODULES="distributed",
    )  # fmt: skip
    cannot_work(ran, "pip install 'voice-triage[cluster]'")


def patient(client: Client, of: DaskCluster) -> Cluster:
    """For half a second."""
    for _ in range(300):
        if len(client.nthreads()) == 1:
            break
        time.sleep(0.1)
    return Cluster(client, of.address, patience_s=0.5)


def test_a_cluster_that_is_of_no_use(tmp_path: Path, recordings: Path) -> None:
    with DaskCluster(tmp_path) as made:
        few = ("evaluate", recordings / "few.tsv")
        cannot_work(on(made, *few), "has no workers", f"dask worker {made.address}")
        worker = made.start_worker(WITHOUT_MODULES="voice_triage")
        with connected_client(made) as client:
            client.wait_for_workers(1, timeout=60)
            cannot_work(on(made, *few), "The worker at tcp://127.0.0.1:", "Install that on all")
            made.start_worker()
            client.wait_for_workers(2, timeout=60)
            worker.kill()
            cluster = patient(client, made)
            with pytest.raises(ClusterError, match="has lost all of its workers"):
                list(cluster.each(dies, [1]))
            made.start_worker()
            client.wait_for_workers(1, timeout=60)
            with closing(cluster.each(Slow(0.1), range(1000))) as all_:
                next(all_)
                made.scheduler.kill()
                with pytest.raises(ClusterError, match="connection to the scheduler at"):
                    list(all_)
