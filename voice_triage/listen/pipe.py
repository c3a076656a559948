"""Answers as raw samples from a pipe, for example another program's output."""

from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from voice_triage.errors import RecordingError
from voice_triage.listen.frames import FRAME_SAMPLES, Frame

_FRAME_BYTES = FRAME_SAMPLES * 2


class PcmStream:
    """Raw 16 kHz mono int16 little-endian samples. Reading blocks until a whole frame is there.

    The stream belongs to the caller: `close` stops reading and leaves it open.
    """

    live = False
    lost = 0

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._ended = False

    @property
    def exhausted(self) -> bool:
        """The end has been read. A pipe shows its end only when it is read."""
        return self._ended

    def utterance(self) -> Iterator[Frame]:
        """Go on where the last turn stopped. Raises RecordingError when the pipe breaks."""
        while not self._ended:
            data = self._read()
            self._ended = self._ended or len(data) < _FRAME_BYTES
            # Half a sample means nothing: the writer was cut off there.
            samples = np.frombuffer(data[: len(data) // 2 * 2], "<i2").astype(np.int16)
            if len(samples):
                yield samples

    def close(self) -> None:
        """Read no more."""
        self._ended = True

    def _read(self) -> bytes:
        """One frame's bytes; fewer only at the end. A pipe hands over what it has, so ask again."""
        data = b""
        while len(data) < _FRAME_BYTES:
            try:
                more = self._stream.read(_FRAME_BYTES - len(data))
            except (OSError, ValueError) as error:
                raise RecordingError(
                    f"The stream of samples broke off: {error}. Start its writer again."
                ) from error
            if not more:
                break
            data += more
        return data
