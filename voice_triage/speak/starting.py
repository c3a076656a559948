"""Starting a stream of PortAudio's on a machine that is busy."""

from collections.abc import Callable
from typing import Protocol, TypeVar

TIMED_OUT = -9987
"""paTimedOut of portaudio.h: the sound server has not let the stream begin within 1 s
(StartStream in pa_linux_alsa.c). The next try usually works, and a sentence is worth one."""


class Stream(Protocol):
    """What sounddevice's streams can do."""

    def start(self) -> None:
        """Raises PortAudioError, with PortAudio's number of the error among its arguments."""

    def close(self, ignore_errors: bool = True) -> None:
        """Lets go of the device."""


S = TypeVar("S", bound=Stream)


def started(open_stream: Callable[[], S], again: Callable[[], bool]) -> S:
    """A stream of `open_stream`'s that runs. One that timed out is closed, and opened anew for as
    long as `again` says so. Raises what they raise; nothing is left open then."""
    while True:
        stream = open_stream()
        try:
            stream.start()
        except Exception as error:
            # At once: PortAudio still holds the number of a thread that is no more.
            stream.close(ignore_errors=True)
            if TIMED_OUT not in error.args or not again():
                raise
        else:
            return stream
