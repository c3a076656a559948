"""Loading PortAudio, and letting go of it at the end of the program, whatever hangs."""

import atexit
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Protocol

from voice_triage.errors import SpeechError

_CLOSING_S = 1.0


class User(Protocol):
    """Has a stream open, in a thread of its own."""

    def release(self) -> None:
        """Asks it to close the stream."""

    def ends_within(self, seconds: float) -> bool:
        """Whether it does."""


_users: set[User] = set()
_lock = threading.Lock()


def load_portaudio() -> Any:
    """The module sounddevice. Raises SpeechError where PortAudio is missing."""
    try:
        import sounddevice
    except OSError as error:
        raise SpeechError(
            f"Sound can't be played: {error}. Install PortAudio: sudo apt install libportaudio2"
        ) from error
    _close_at_exit()
    return sounddevice


@contextmanager
def using_portaudio(user: User) -> Iterator[None]:
    """Has `user` released before the program ends."""
    with _lock:
        _users.add(user)
    try:
        yield
    finally:
        with _lock:
            _users.discard(user)


def leave_portaudio_alone() -> None:
    """Keeps a hung device from hanging the end of the program too.

    sounddevice shuts PortAudio down at exit, which would wait for the device; it has no switch.
    """
    sounddevice = sys.modules.get("sounddevice")
    if sounddevice is not None:
        atexit.unregister(sounddevice._exit_handler)  # noqa: SLF001 - there is no switch


@cache
def _close_at_exit() -> None:
    # After sounddevice has registered its own, and so called before it: shutting PortAudio down
    # while another thread closes a stream is a deadlock.
    atexit.register(_close_all)


def _close_all() -> None:
    with _lock:
        users = list(_users)
    for user in users:
        user.release()
    for user in users:
        if not user.ends_within(_CLOSING_S):
            leave_portaudio_alone()
