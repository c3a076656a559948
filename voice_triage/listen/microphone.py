"""Answers from a microphone."""

from collections.abc import Iterator
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Self

import numpy as np

from voice_triage.errors import MicrophoneError
from voice_triage.listen.frames import LIVE_FRAME_MS, RATE, Frame, Samples, to_frames

HOLD_OFF_MS = 150
"""How much is thrown away after the program has stopped talking: a furnished room's echo falls by
20 dB in about 150 ms (reverberation time 0.4 to 0.5 s for 60 dB), and people seldom answer sooner
than 200 ms after a question (Stivers et al. 2009, doi:10.1073/pnas.0903616106)."""
_BLOCKS_PER_SECOND = 50
_SILENT_DEVICE_S = 3.0
_WAKING_DEVICE_S = 10.0
"""For the first sound: a Bluetooth headset changes its profile, a sleeping device takes 2 s."""
_INSTEAD = "or answer on the keyboard with: --answers keyboard"

_Block = tuple[bytes, bool]


class Microphone:
    """A PortAudio input device; opened by the constructor, so the caller learns of trouble at once.

    A device that can't do 16 kHz is read at its own rate and resampled, one that can't do mono is
    mixed down. Also a context manager.
    """

    live = True

    def __init__(self, device: int | str | None = None, hold_off_ms: int = HOLD_OFF_MS) -> None:
        """Open `device`: a number, part of a name, None for the default. Raises MicrophoneError."""
        self._hold_off_ms = hold_off_ms
        self._turn: SimpleQueue[_Block] | None = None
        self._lost = 0
        self._awake = False
        self._stream, self._rate, self._channels = _open(device, self._enqueue)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def lost(self) -> int:
        """Blocks that overflowed within listening turns so far."""
        return self._lost

    @property
    def exhausted(self) -> bool:
        """True once closed."""
        return self._stream is None

    def utterance(self) -> Iterator[Frame]:
        """Frames of what is said from now on. Raises MicrophoneError when the device goes quiet.

        What was captured before this call, and in the hold-off after it, is thrown away.
        """
        return self._listen(self._hold_off_ms)

    def overhear(self) -> Iterator[Frame]:
        """Frames from now on, with whatever the program itself is playing in them."""
        return self._listen(0)

    def _listen(self, hold_off_ms: int) -> Iterator[Frame]:
        turn: SimpleQueue[_Block] = SimpleQueue()
        self._turn = turn
        length = RATE * LIVE_FRAME_MS // 1000
        return to_frames(self._blocks(turn, hold_off_ms), self._rate, length)

    def close(self) -> None:
        """Let go of the device. Calling it again does nothing."""
        stream, self._stream, self._turn = self._stream, None, None
        if stream is not None:
            # abort, not stop: stop waits for a device that may have been unplugged.
            stream.abort(ignore_errors=True)
            stream.close(ignore_errors=True)

    def _enqueue(self, data: Any, _count: int, _time: Any, status: Any) -> None:
        """Runs in PortAudio's thread, where anything slow loses sound."""
        turn = self._turn
        if turn is not None:
            turn.put((bytes(data), bool(status.input_overflow)))
        self._awake = True

    def _blocks(self, turn: "SimpleQueue[_Block]", hold_off_ms: int) -> Iterator[Samples]:
        # Sound is handed over a while after it was captured: that while belongs to the past too.
        skip = 0
        if self._stream is not None:
            skip = int((hold_off_ms / 1000 + self._stream.latency) * self._rate)
        try:
            while self._turn is turn:
                data, overflowed = self._next(turn)
                ints = np.frombuffer(data, np.int16).reshape(-1, self._channels)
                kept = ints[skip:]
                skip -= min(skip, len(ints))
                if len(kept):
                    self._lost += overflowed
                    yield kept.mean(axis=1, dtype=np.float32) / np.float32(32768)
        finally:
            # Nobody takes the blocks any more; they would pile up until the next turn.
            if self._turn is turn:
                self._turn = None

    def _next(self, turn: "SimpleQueue[_Block]") -> _Block:
        patience = _SILENT_DEVICE_S if self._awake else _WAKING_DEVICE_S
        try:
            return turn.get(timeout=patience)
        except Empty as error:
            raise MicrophoneError(
                f"The microphone has sent nothing for {patience:.0f} seconds. "
                f"Plug it in again and start again, {_INSTEAD}"
            ) from error


def _open(device: int | str | None, callback: Any) -> tuple[Any, int, int]:
    """The running stream, its rate in Hz and its channels."""
    try:
        import sounddevice
    except OSError as error:
        raise MicrophoneError(
            f"There is no PortAudio library to listen with ({error}). "
            f"Install it: sudo apt install libportaudio2, {_INSTEAD}"
        ) from error
    try:
        found = sounddevice.query_devices(device, "input")
    except (ValueError, sounddevice.PortAudioError) as error:
        name = "microphone" if device is None else f"microphone {device!r}"
        raise MicrophoneError(
            f"There is no {name} ({error}). "
            f"Plug one in, choose one of `voice-triage devices` with --microphone, {_INSTEAD}"
        ) from error
    trouble: Exception | None = None
    for rate, channels in _settings(found):
        wanted = {"device": device, "channels": channels, "dtype": "int16", "samplerate": rate}
        try:
            sounddevice.check_input_settings(**wanted)
            stream = sounddevice.RawInputStream(
                **wanted, blocksize=rate // _BLOCKS_PER_SECOND, callback=callback
            )
            stream.start()
        except (ValueError, sounddevice.PortAudioError) as error:
            trouble = error
        else:
            return stream, rate, channels
    raise MicrophoneError(
        f"The microphone {found['name']!r} can't be opened ({trouble}). Close other programs that "
        f"use it, choose another of `voice-triage devices` with --microphone, {_INSTEAD}"
    ) from trouble


def _settings(found: Any) -> Iterator[tuple[int, int]]:
    """Rates and channels to try, best first: bare ALSA devices often do only their own."""
    own_rate = int(found["default_samplerate"])
    for channels in dict.fromkeys((1, min(2, int(found["max_input_channels"])))):
        for rate in dict.fromkeys((RATE, own_rate)):
            yield rate, channels
