"""Which moments of sound are somebody speaking: energy against the room's own noise."""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from voice_triage.listen.frames import RATE, Frame

BLOCK_MS = 20
"""One period of 50 Hz mains, so hum has a steady level."""
_BLOCK = RATE * BLOCK_MS // 1000
_WINDOW = 3000 // BLOCK_MS
FLOOR_PERCENT = 10
_MARGIN_DB = 8.0
_FADED_DB = 25.0
"""So much quieter than the speaker, in a very quiet room, is the room's echo of the last word: the
softest sound of speech, the th of thin, is some 30 dB below its vowels (Fletcher 1953)."""
LOWEST_FLOOR_DBFS = -75.0
"""No room is quieter, through a microphone; digital silence says nothing about it."""
_BEGIN_BLOCKS = 5
_GO_ON_BLOCKS = 3
_SILENCE_DBFS = -120.0


class SpeechActivity:
    """Tells speech from noise in blocks of 20 ms.

    The noise floor is the 10th percentile of the levels of the last 3 s, after the idea of
    minimum statistics (R. Martin, IEEE Trans. Speech Audio Process. 9(5), 2001,
    doi:10.1109/89.928915): even somebody who talks on leaves gaps between words in which the
    level falls to the room's own. Speech is 8 dB above it, and at most 40 dB below the loudest of
    those 3 s. All of the window is judged anew with every frame, so a word that was already under
    way when listening began is found as soon as its end shows how quiet the room is. Steady noise
    is its own floor at any level.

    A run of 100 ms begins speech (a click is shorter), a run of 60 ms carries it on.
    """

    def __init__(self) -> None:
        self.elapsed_ms = 0.0
        """Length of all sound so far."""
        self.began = False
        self.first_speech_ms = 0.0
        """Where speech began, counted from the first sample; only once `began`."""
        self.last_speech_ms = 0.0
        """Where the last speech ended, counted from the first sample."""
        self._levels: deque[float] = deque(maxlen=_WINDOW)
        self._blocks = 0
        self._rest: Frame = np.empty(0, np.int16)

    def update(self, frame: Frame) -> None:
        """Take the next samples, any number of them."""
        self.elapsed_ms += len(frame) * 1000 / RATE
        samples = np.concatenate((self._rest, frame))
        whole = len(samples) // _BLOCK * _BLOCK
        self._rest = samples[whole:]
        if not whole:
            return
        self._blocks += whole // _BLOCK
        for level in _levels(samples[:whole].reshape(-1, _BLOCK)):
            # Devices start with zeros; they say nothing about the room.
            if self._levels or level > _SILENCE_DBFS:
                self._levels.append(level)
        if self._levels:
            self._judge()

    def _judge(self) -> None:
        levels = np.array(self._levels)
        floor = max(float(np.percentile(levels, FLOOR_PERCENT)), LOWEST_FLOOR_DBFS)
        limit = max(floor + _MARGIN_DB, _loudest(levels) - _FADED_DB)
        edges = np.flatnonzero(np.diff(levels > limit, prepend=False, append=False))
        starts, ends = edges[::2], edges[1::2]
        lengths = ends - starts
        first = self._blocks - len(levels)
        begins = starts[lengths >= _BEGIN_BLOCKS]
        if len(begins):
            began_ms = float((first + begins[0]) * BLOCK_MS)
            self.first_speech_ms = min(self.first_speech_ms, began_ms) if self.began else began_ms
            self.began = True
        ends = ends[lengths >= _GO_ON_BLOCKS]
        if len(ends):
            ended_ms = float((first + ends[-1]) * BLOCK_MS)
            self.last_speech_ms = max(self.last_speech_ms, ended_ms)


def _loudest(levels: NDArray[np.float64]) -> float:
    """The level that is reached in 120 ms of the window: louder than that are only clicks."""
    return float(np.partition(levels, -6)[-6]) if len(levels) >= 6 else _SILENCE_DBFS


def level_dbfs(frame: Frame) -> float:
    """Level of a frame, -120..0 dBFS (0 is a square wave at full scale), without its DC offset."""
    return float(_levels(frame.reshape(1, -1))[0]) if len(frame) else _SILENCE_DBFS


def levels_dbfs(sound: Frame) -> NDArray[np.float64]:
    """Levels of the whole blocks of 20 ms in any number of samples, -120..0 dBFS, shape (n,)."""
    return _levels(sound[: len(sound) // _BLOCK * _BLOCK].reshape(-1, _BLOCK))


def mean_dbfs(sound: Frame) -> float:
    """Level of the mean power in blocks of 20 ms, -120..0 dBFS; -120 when there is no block."""
    levels = levels_dbfs(sound)
    return float(10 * np.log10(np.mean(10 ** (levels / 10)))) if len(levels) else _SILENCE_DBFS


def _levels(blocks: NDArray[np.int16]) -> NDArray[np.float64]:
    """Levels of the rows, in dBFS."""
    power = np.var(blocks / 32768.0, axis=1)
    levels: NDArray[np.float64] = 10 * np.log10(np.maximum(power, 10 ** (_SILENCE_DBFS / 10)))
    return levels
