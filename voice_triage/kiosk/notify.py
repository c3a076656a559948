"""Tells systemd how the program is: sd_notify, over the socket that $NOTIFY_SOCKET names.

The protocol is man:sd_notify(3). The one library that speaks it in Python without a compiler has
had no release since 2017.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Mapping

_SHARE = 3
"""A third of WatchdogSec; man:sd_watchdog_enabled(3) asks for half of it at most."""


class Systemd:
    """The service manager that started this program; without one, nobody is told anything."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        own = environ.get("WATCHDOG_PID") in (None, "", str(os.getpid()))
        text = environ.get("WATCHDOG_USEC", "")
        self.watchdog_s = int(text) / 1e6 if own and text.isdecimal() and int(text) else None
        """After so many seconds without a sign of life it is killed; None: nobody looks."""

    def ready(self) -> None:
        """It works now."""
        self.tell("READY=1")

    def status(self, text: str) -> None:
        """One line for `systemctl status`; whoever may read the log reads it, so no answers."""
        self.tell(f"STATUS={' '.join(text.split())}")

    def stopping(self) -> None:
        """It is about to end."""
        self.tell("STOPPING=1")

    def tell(self, message: str) -> None:
        """Send one message. A manager that can't be reached is no reason to stop a conversation."""
        if not self._address:
            return
        # A leading @ stands for the null byte of Linux's abstract sockets.
        address = "\0" + self._address[1:] if self._address[0] == "@" else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
                # Waiting for systemd would keep somebody waiting for their next question.
                sender.setblocking(False)
                sender.sendto(message.encode(), address)
        except OSError:
            pass


class Watchdog:
    """Fed by the loop that listens, and by nobody else: a loop that hangs is a kiosk that hangs."""

    def __init__(self, systemd: Systemd, clock: Callable[[], float] = time.monotonic) -> None:
        self._systemd, self._clock = systemd, clock
        self._told_at: float | None = None

    def alive(self) -> None:
        """The loop has taken another frame. Call it as often as you like."""
        every = self._systemd.watchdog_s
        if every is None:
            return
        now = self._clock()
        if self._told_at is None or now - self._told_at >= every / _SHARE:
            self._told_at = now
            self._systemd.tell("WATCHDOG=1")
