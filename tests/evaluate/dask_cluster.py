"""A real Dask cluster: its scheduler and workers are processes of this machine."""

import json
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from distributed import Client
from programs import FENCED, Ran, environment, run

from voice_triage.evaluate.cluster import client_of

HERE = Path(__file__).parent
ON_LOOPBACK = ("--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0")


class DaskCluster:
    """Gone when its `with` is left."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open = ExitStack()
        self._file = folder / "scheduler.json"
        self.workers: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        """Starts the scheduler."""
        self.scheduler = self._start(
            "scheduler", *ON_LOOPBACK, "--port", "0", "--scheduler-file", str(self._file)
        )
        for _ in range(300):
            if self._file.exists() and self._file.read_text().endswith("}"):
                self.address: str = json.loads(self._file.read_text())["address"]
                return self
            time.sleep(0.1)
        self._open.close()
        raise AssertionError(self.log())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._open.close()

    def start_worker(self, threads: int = 1, **env: str) -> subprocess.Popen[bytes]:
        """One more. It comes when it has come."""
        more = ("--nthreads", str(threads), "--memory-limit", "0", "--no-nanny")
        folder = ("--local-directory", str(self._folder))
        worker = self._start("worker", self.address, *ON_LOOPBACK, *more, *folder, **env)
        self.workers.append(worker)
        return worker

    def _start(self, what: str, *words: str, **env: str) -> subprocess.Popen[bytes]:
        path = f"{FENCED}:{HERE}"  # a worker finds the tests' own engines there
        fenced = environment(LOOPBACK="1", PYTHONPATH=path, PYTHONWARNINGS="default", **env)
        log = self._open.enter_context((self._folder / "log").open("ab"))
        child = subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{what}", *words],
            env=fenced, cwd="/", stdout=log, stderr=log,
        )  # fmt: skip
        self._open.callback(child.wait)
        self._open.callback(child.kill)
        return child

    def log(self) -> str:
        """What all of them said."""
        return (self._folder / "log").read_text()


def connected_client(of: DaskCluster) -> Client:
    return client_of(of.address, timeout_s=30)


def on(of: DaskCluster, *words: str | Path) -> Ran:
    return run(*words, "--scheduler", of.address, LOOPBACK="1")


def cannot_work(ran: Ran, *said: str) -> None:
    assert (ran.code, ran.out) == (2, ""), ran.out + ran.err
    assert ran.said_plainly(), ran.err
    for words in said:
        assert words in ran.err.replace("\n", " "), ran.err
