"""Sound to ears: a loudspeaker that knows when the sound has physically ended, or a WAV file."""

import atexit
import struct
import sys
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from voice_triage.errors import SpeechError
from voice_triage.speak.synthesis import Speech

_SETTLE_S = 0.1
_LATENCY_S = 0.1  # PortAudio's own 35 ms crackles while a small machine is busy
_OPENING_S = 5.0
_GAP_S = 0.4
_DEFAULT_HZ = 22050  # in the header until somebody has spoken
_WAV_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")


class Player(Protocol):
    """Takes an utterance to somebody's ears, or to a file."""

    def play(self, speech: Speech) -> None:
        """Returns when the sound has physically ended. Raises SpeechError."""

    def close(self) -> None:
        """Frees the device or file; a second call does nothing."""


class Loudspeaker(Player):
    """Plays through sounddevice (PortAudio).

    Opens the device for each utterance and leaves it to others in between.
    """

    def __init__(self, device: int | str | None = None, patience_s: float = _OPENING_S) -> None:
        """`device`: as `voice-triage devices` names it, None for the system's default.

        `patience_s`: how much longer than the speech playing may take before it fails.
        """
        self._device = device
        self._patience_s = patience_s
        self._worker: threading.Thread | None = None

    def play(self, speech: Speech) -> None:
        """Plays mono int16 at the speech's rate, or at the device's own where it refuses.

        Raises SpeechError if PortAudio or the device is missing, busy or stuck. Ctrl-C stops the
        sound at once.
        """
        if not len(speech.samples):
            return
        if self._worker and self._worker.is_alive():
            raise SpeechError(_STUCK)
        playback = _Playback(speech)
        done: Future[None] = Future()
        # A thread of its own, because a dead sound server blocks inside PortAudio for ever. Not an
        # executor: Python would wait for its thread at exit.
        self._worker = threading.Thread(
            target=_run, args=(playback, self._device, done), name="loudspeaker", daemon=True
        )
        self._worker.start()
        try:
            done.result(speech.seconds + self._patience_s)
        except TimeoutError as error:
            playback.stopped = True
            _leave_portaudio_alone()
            raise SpeechError(_STUCK) from error
        except BaseException:  # Ctrl-C: silence before the caller goes on
            playback.stopped = True
            self._worker.join(1.0)
            raise

    def close(self) -> None:
        """Nothing stays open between utterances."""


_STUCK = (
    "The loudspeaker doesn't take any sound: the sound server or device hangs. "
    "Unplug it and plug it in, or restart the sound server; `--no-voice` goes on in print."
)


def _run(playback: "_Playback", device: int | str | None, done: Future[None]) -> None:
    try:
        playback.run(device)
    except BaseException as error:  # noqa: BLE001 - it is raised again in the thread that waits
        done.set_exception(error)
    else:
        done.set_result(None)


class _Playback:
    """One utterance on its way out, fed by PortAudio's thread."""

    def __init__(self, speech: Speech) -> None:
        self.stopped = False
        self._speech = speech
        self._rest: NDArray[np.int16] = speech.samples
        self._rate = speech.rate
        self._last_sample_s = 0.0
        self._complete = False
        self._ended = threading.Event()

    def run(self, device: int | str | None) -> None:
        """Blocks until the end of the sound. Raises SpeechError."""
        sounddevice = _sounddevice()
        # Python unloads PortAudio at exit, and a device that still hangs in it would crash. What
        # this frame holds stays, for as long as the device hangs.
        _loaded = dict(vars(sounddevice))
        try:
            with self._open(sounddevice, device):
                self._ended.wait()
        except (sounddevice.PortAudioError, ValueError) as error:
            raise SpeechError(
                f"No loudspeaker can be opened{_named(device)}: {error}\n"
                "Plug one in, or choose one of `voice-triage devices` with --loudspeaker; "
                "`--no-voice` goes on in print."
            ) from error
        if not self._complete and not self.stopped:
            raise SpeechError(
                "The loudspeaker stopped in the middle of a sentence. Look at its plug or battery; "
                "`--no-voice` goes on in print."
            )

    def _open(self, sounddevice: Any, device: int | str | None) -> Any:
        own = round(sounddevice.query_devices(device, "output")["default_samplerate"])
        choices = ((self._speech.rate, 1), (own, 1), (own, 2))  # bare hardware may refuse mono
        for rate, channels in choices:
            self._rate, self._rest = rate, _resampled(self._speech, rate)
            try:
                return sounddevice.OutputStream(
                    samplerate=rate,
                    channels=channels,
                    dtype="int16",
                    device=device,
                    latency=_LATENCY_S,
                    callback=self._fill,
                    finished_callback=self._ended.set,
                )
            except sounddevice.PortAudioError:
                if (rate, channels) == choices[-1]:
                    raise
        raise AssertionError("unreachable")

    def _fill(self, out: NDArray[np.int16], frames: int, time: Any, _status: Any) -> None:
        """PortAudio's callback; `out` has shape (frames, channels), `time` is in s."""
        import sounddevice

        if self.stopped:
            raise sounddevice.CallbackAbort
        chunk, self._rest = self._rest[:frames], self._rest[frames:]
        out[: len(chunk)] = chunk[:, np.newaxis]
        out[len(chunk) :] = 0
        now = time.currentTime
        if len(chunk):
            begins = max(time.outputBufferDacTime, now)  # some drivers leave it at 0
            self._last_sample_s = begins + len(chunk) / self._rate
        elif now >= self._last_sample_s + _SETTLE_S:
            # Only now: ALSA's pulse plugin drops what is still buffered when a stream ends (up to
            # 0.3 s seen), whatever PortAudio says of draining. So silence pushes the end out.
            self._complete = True
            raise sounddevice.CallbackStop


def _sounddevice() -> Any:
    try:
        import sounddevice
    except OSError as error:
        raise SpeechError(
            f"Sound can't be played: {error}. Install PortAudio: sudo apt install libportaudio2"
        ) from error
    return sounddevice


def _leave_portaudio_alone() -> None:
    """Keeps a hung device from hanging the end of the program too.

    sounddevice shuts PortAudio down at exit, which would wait for the device; it has no switch.
    """
    sounddevice = sys.modules.get("sounddevice")
    if sounddevice is not None:
        atexit.unregister(sounddevice._exit_handler)  # noqa: SLF001 - there is no switch


def _named(device: int | str | None) -> str:
    return "" if device is None else f" as {device!r}"


def _resampled(speech: Speech, rate: int) -> NDArray[np.int16]:
    if rate == speech.rate:
        return speech.samples
    import soxr

    samples: NDArray[np.int16] = soxr.resample(speech.samples, speech.rate, rate)
    return samples


class WavFile(Player):
    """Writes everything that is said to one 16-bit mono WAV file, 0.4 s between utterances.

    The file is a whole WAV after every utterance: who kills the program can play what was said.
    """

    def __init__(self, path: Path) -> None:
        """Creates the file, or empties it. Raises SpeechError if it can't be written."""
        self._path = path
        self._rate: int | None = None
        """Hz; the first utterance decides."""
        self._bytes = 0
        """Length of the sound so far."""
        try:
            # Unbuffered: a failed write must not come back when the file is closed.
            self._file = path.open("wb", buffering=0)
        except OSError as error:
            raise self._failure(error) from error
        try:
            self._write_header()
        except OSError as error:
            self.close()
            raise self._failure(error) from error

    def play(self, speech: Speech) -> None:
        """Appends the utterance, at once. Raises SpeechError, and keeps what was written before."""
        if not len(speech.samples):
            return
        self._rate = self._rate or speech.rate
        samples = _resampled(speech, self._rate).astype("<i2")
        gap = np.zeros(round(_GAP_S * self._rate) if self._bytes else 0, "<i2")
        data = np.concatenate([gap, samples]).tobytes()
        try:
            self._write(_WAV_HEADER.size + self._bytes, data)
            self._bytes += len(data)
            self._write_header()  # last, so that it never promises what isn't there
        except (OSError, ValueError) as error:  # ValueError: closed
            raise self._failure(error) from error

    def close(self) -> None:
        """Closes the file; nothing is left to write."""
        self._file.close()

    def _write_header(self) -> None:
        rate = self._rate or _DEFAULT_HZ
        size = self._bytes
        header = (b"RIFF", size + 36, b"WAVE", b"fmt ", 16, 1, 1, rate, 2 * rate, 2, 16)
        self._write(0, _WAV_HEADER.pack(*header, b"data", size))

    def _write(self, position: int, data: bytes) -> None:
        self._file.seek(position)
        rest = memoryview(data)
        while rest:
            rest = rest[self._file.write(rest) :]

    def _failure(self, error: Exception) -> SpeechError:
        reason = getattr(error, "strerror", None) or error
        return SpeechError(
            f"{self._path}: the speech can't be written there: {reason}. "
            "Choose another place with --speak-to."
        )
