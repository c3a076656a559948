"""An ear at the loudspeaker of a device chain."""

import subprocess
import threading
import time
from types import TracebackType
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray


class HasEnvironment(Protocol):
    """A device chain, or the environment of one."""

    @property
    def env(self) -> dict[str, str]:
        """For a program that is to use its devices."""


class Ear:
    """Hears what leaves the loudspeaker, and knows when."""

    RATE = 22050

    def __init__(self, chain: HasEnvironment) -> None:
        words = ["--raw", "--format=s16le", f"--rate={self.RATE}", "--channels=1"]
        self._process = subprocess.Popen(
            ["parecord", "--device=speaker.monitor", "--latency-msec=20", *words],
            env=chain.env,
            stdout=subprocess.PIPE,
        )
        self._heard: list[tuple[float, NDArray[np.int16]]] = []
        self._listener = threading.Thread(target=self._listen)

    def __enter__(self) -> Self:
        self._listener.start()
        deadline = time.monotonic() + 5
        while not self._heard:
            assert time.monotonic() < deadline, "parecord hears nothing at all"
            time.sleep(0.01)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.wait()
        self._listener.join()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        while chunk := self._process.stdout.read(self.RATE // 100 * 2):
            self._heard.append((time.monotonic(), np.frombuffer(chunk, "<i2")))

    def sound(self) -> NDArray[np.int16]:
        """Everything from the first sound to the last."""
        samples = np.concatenate([chunk for _, chunk in self._heard])
        loud = np.flatnonzero(np.abs(samples.astype(int)) > 50)
        assert len(loud), "not a sound"
        return samples[loud[0] : loud[-1] + 1]

    def last_sound(self) -> float:
        """When the last sound was heard, by time.monotonic()."""
        return max(now for now, chunk in list(self._heard) if np.abs(chunk.astype(int)).max() > 50)

    def first_sound(self, since: float) -> float:
        """When the first sound after `since` was heard, by time.monotonic()."""
        for now, chunk in list(self._heard):
            loud = np.flatnonzero(np.abs(chunk.astype(int)) > 50)
            if now > since and len(loud):
                return now - (len(chunk) - int(loud[0])) / self.RATE
        raise AssertionError("not a sound")

    def since(self, when: float) -> NDArray[np.int16]:
        """All that was heard after `when`, by time.monotonic()."""
        return np.concatenate([chunk for now, chunk in list(self._heard) if now > when])

    def wait_for_sound(self) -> None:
        """Returns as soon as something is heard."""
        deadline = time.monotonic() + 10
        seen = len(self._heard)
        while time.monotonic() < deadline:
            if any(np.abs(chunk.astype(int)).max() > 50 for _, chunk in self._heard[seen:]):
                return
            time.sleep(0.01)
        raise AssertionError("not a sound in 10 s")
