"""A real Mosquitto on 127.0.0.1, and another client of it."""

import asyncio
import json
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiomqtt

ID = "voice-triage-abc"
BASE = f"voice-triage/{ID}"


class Mosquitto:
    """A broker; `start` it again after `stop`, on the same port."""

    def __init__(self, folder: Path, port: int, more: str = "allow_anonymous true") -> None:
        self.port = port
        self._process: subprocess.Popen[bytes] | None = None
        self._conf = folder / "mosquitto.conf"
        # root would be made another user, who can't read the test's folder.
        self._conf.write_text(f"listener {port} 127.0.0.1\nuser root\n{more}\n")

    def start(self) -> None:
        path = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin")
        assert path, "mosquitto is missing: sudo apt install mosquitto"
        self._process = subprocess.Popen([path, "-c", self._conf], stderr=subprocess.DEVNULL)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None


class Listener:
    """Another client: what it was told, newest last."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self.retained: list[str] = []

    async def listen(self, port: int, **how: Any) -> None:
        while True:
            try:
                async with aiomqtt.Client("127.0.0.1", port, **how) as client:
                    await client.subscribe("#", qos=1)
                    async for message in client.messages:
                        assert isinstance(message.payload, bytes)
                        self.told.append((str(message.topic), message.payload.decode()))
                        if message.retain:
                            self.retained.append(str(message.topic))
            except aiomqtt.MqttError:
                await asyncio.sleep(0.05)

    def last(self, topic: str) -> str | None:
        return next((text for at, text in reversed(self.told) if at == topic), None)

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.last(f"{BASE}/state") or "{}")
        return found

    async def until(self, holds: Callable[[], object]) -> None:
        deadline = time.monotonic() + 30
        while not holds():
            assert time.monotonic() < deadline, self.told
            await asyncio.sleep(0.02)


@asynccontextmanager
async def going(*runs: Coroutine[Any, Any, None]) -> AsyncIterator[list[asyncio.Task[None]]]:
    tasks = [asyncio.create_task(run) for run in runs]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
