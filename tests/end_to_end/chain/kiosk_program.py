"""The kiosk as its owner starts it, in a room."""

import signal
import subprocess

from programs import PROGRAM, environment
from room import Room


class KioskProgram:
    """Started, stopped or killed, and started again at the same address."""

    def __init__(self, room: Room, *options: str, **variables: str) -> None:
        self._options = options
        self._environment = environment(**room.chain.variables, **variables)
        self._port = "0"
        self.log = ""

    @property
    def origin(self) -> str:
        """Where its screen is."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Returns when there is a screen."""
        self.process = subprocess.Popen(
            [*PROGRAM, "kiosk", "--port", self._port, *self._options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self._environment,
            cwd="/",
        )  # fmt: skip
        assert self.process.stdout is not None
        address = self.process.stdout.readline().split()[-1]
        assert address.startswith("http://127.0.0.1:"), address
        self._port = address.strip("/").rpartition(":")[2]

    def stop(self) -> None:
        """As systemd does; `log` is what it said on stderr."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """As the kernel does that has no memory left."""
        self._end(signal.SIGKILL)

    def _end(self, number: signal.Signals) -> None:
        self.process.send_signal(number)
        try:
            _, self.log = self.process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
