"""One utterance on its way through PortAudio."""

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voice_triage.errors import SpeechError
from voice_triage.speak.playback import Playback, Played
from voice_triage.speak.portaudio import load_portaudio, using_portaudio
from voice_triage.speak.shape import resampled
from voice_triage.speak.starting import started
from voice_triage.speak.synthesis import Speech

_LATENCY_S = 2.0
"""A fresh stream begins at once and is aborted at once, so a long buffer costs nothing: with 0.3 s
and with 2 s alike the first sample leaves within 70 ms and the last within 30 ms of a stop
(benchmarks/speaking.py). It carries the sound over what a busy machine does in between: with 0.3 s
two runs of test_pace_and_volume_last at once, beside four busy loops on two cores, lost parts of a
question in 4 of 6 runs, with 2 s in none of 4. PortAudio's own 35 ms crackle on an idle machine."""
_ALIVE_S = 0.8
"""Since the device last asked for more, which it does each quarter of the buffer: longer ago, and
what it was given has perhaps not been heard."""
_LEAD_IN_S = 0.025
"""Silence before the first sample. A sound server can lose the very beginning of a stream when it
splices it into what it has mixed already (PulseAudio's null sink: 18 ms): not of a "p" or a "t"."""
_SETTLE_S = 0.02
"""How much the time of the last sample can be wrong (measured: 15 ms)."""
_BLIND_SETTLE_S = 0.06
"""The same while the device hasn't told a time yet: a short tone fits into the first buffer."""
_STOPPING_S = 0.2
_ESTIMATES = 7

STUCK = (
    "The loudspeaker doesn't take any sound: the sound server or device hangs. "
    "Unplug it and plug it in, or restart the sound server; `--no-voice` goes on in print."
)


class Outgoing(Playback):
    """Has a thread of its own, because a dead sound server blocks inside PortAudio for ever. Not an
    executor: Python would wait for its thread at exit. All of PortAudio is called from there."""

    def __init__(
        self,
        speech: Speech,
        device: int | str | None,
        linger_s: float,
        patience_s: float,
        previous: "Outgoing | None",
        tell: Callable[[bool], None],
    ) -> None:
        """`linger_s`: how long the device stays open after the end, unless `release`d sooner.

        `patience_s`: what opening may take, and ending too late. `previous` has the device now.
        `tell` gets True if the device hangs, False if it has played to the end.
        """
        self._speech = speech
        self._device = device
        self._linger_s = linger_s
        self._previous = previous
        self._patience_s = patience_s
        self._tell = tell
        self._deadline = time.monotonic() + speech.seconds + patience_s
        self._result: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, name="loudspeaker", daemon=True)
        self._wake = threading.Event()
        self._position = 0
        """Of the next sample to hand over; negative within the lead-in."""
        self._estimates: deque[float] = deque(maxlen=_ESTIMATES)
        self._asked_at = 0.0
        """When the device last asked for more."""
        self._timed = False
        """Whether the device has told when it plays what it is given."""
        self._stopped_at: float | None = None
        self._released = False
        self._finished = False
        self._given_up = False

    def begin(self) -> None:
        """Once."""
        self._thread.start()

    def wait(self) -> None:
        """As the protocol says."""
        try:
            self._result.result(max(self._deadline - time.monotonic(), 0))
        except TimeoutError as error:
            self._give_up()
            raise SpeechError(STUCK) from error
        except SpeechError:
            raise
        except BaseException:  # Ctrl-C: silence before the caller goes on
            self.stop()
            raise

    def stop(self) -> None:
        """As the protocol says; returns when it is silent, after 0.2 s at the latest."""
        if self._result.done():
            return
        self._stopped_at = self._stopped_at or time.monotonic()
        self._wake.set()
        ended = threading.Event()
        self._result.add_done_callback(lambda _: ended.set())
        ended.wait(_STOPPING_S)

    def release(self) -> None:
        """The device is needed: stop, and close it. Returns at once."""
        if not self._result.done():
            self._stopped_at = self._stopped_at or time.monotonic()
        self._released = True
        self._wake.set()

    @property
    def alive(self) -> bool:
        """Whether it has the device, or waits for it, or found it with one that hangs."""
        hanging = self._previous
        return self._thread.is_alive() or (hanging is not None and hanging.alive)

    def ends_within(self, seconds: float) -> bool:
        """Whether the device is free in that time."""
        self._thread.join(seconds)
        return not self.alive

    @property
    def done(self) -> bool:
        """As the protocol says."""
        if not self._result.done() and time.monotonic() > self._deadline:
            self._give_up()
        return self._result.done() or self._given_up

    @property
    def played(self) -> Played | None:
        """As the protocol says."""
        began = self._began()
        if began is None:
            return None
        speech = self._speech
        end = len(speech.samples)
        if self._stopped_at is not None:
            end = max(min(round((self._stopped_at - began) * speech.rate), end), 0)
        return Played(speech.samples[:end], speech.rate, began)

    def _began(self) -> float | None:
        # The median: some callbacks come late, and after an underrun the rest is what counts.
        estimates = sorted(self._estimates.copy())
        return estimates[len(estimates) // 2] if estimates else None

    def _give_up(self) -> None:
        self._given_up = True
        self._released = True
        self._stopped_at = self._stopped_at or time.monotonic()
        self._wake.set()
        self._tell(True)

    def _run(self) -> None:
        try:
            self._wait_for_the_device()
            if self._stopped_at is None:
                self._open_and_play()
        except BaseException as error:  # noqa: BLE001 - it is raised again in the thread that waits
            self._end(error)
        else:
            self._end(None)

    def _end(self, error: BaseException | None) -> None:
        if not self._result.done():
            if error:
                self._result.set_exception(error)
            else:
                self._result.set_result(None)

    def _wait_for_the_device(self) -> None:
        previous = self._previous
        if previous is not None and previous.alive:
            patience_s = 0.0 if previous._given_up else self._patience_s  # noqa: SLF001 - our kind
            if not previous.ends_within(patience_s):
                self._given_up = True  # so that the next one doesn't wait either
                raise SpeechError(STUCK)
        self._previous = None  # or every utterance would keep the one before

    def _open_and_play(self) -> None:
        sounddevice = load_portaudio()
        # Python unloads PortAudio at exit, and a device that still hangs in it would crash. What
        # this frame holds stays, for as long as the device hangs.
        _loaded = dict(vars(sounddevice))
        try:
            with using_portaudio(self):
                self._through(started(lambda: self._open(sounddevice), self._worth_another_try))
        except (sounddevice.PortAudioError, ValueError) as error:
            if self._stopped_at is not None:
                return  # nobody waits for it any more
            raise SpeechError(
                f"No loudspeaker can be opened{_named(self._device)}: {error}\n"
                "Plug one in, or choose one of `voice-triage devices` with --loudspeaker; "
                "`--no-voice` goes on in print."
            ) from error
        if not self._result.done():
            raise SpeechError(
                "The loudspeaker stopped in the middle of a sentence. Look at its plug or battery; "
                "`--no-voice` goes on in print."
            )

    def _through(self, stream: Any) -> None:
        try:
            self._watch()
        finally:
            stream.abort(ignore_errors=True)  # not stop, which plays the buffer to its end
            if self._stopped_at is not None:
                self._end(None)
            stream.close(ignore_errors=True)

    def _worth_another_try(self) -> bool:
        """Whether it is still wanted, and can end in time."""
        begun_by = self._deadline - self._speech.seconds - self._patience_s / 2
        return self._stopped_at is None and time.monotonic() < begun_by

    def _watch(self) -> None:
        """Until the device is no longer needed, or fails."""
        linger_until = 0.0
        while not (self._finished or self._released):
            now = time.monotonic()
            ended = self._result.done()
            if ended:
                until: float | None = linger_until
            elif self._stopped_at is not None:
                return
            else:
                until = self._ends_at()
            if until is None or now < until:
                self._wake.wait(None if until is None else until - now)
                self._wake.clear()
            elif ended:
                return
            else:
                linger_until = now + self._linger_s
                self._tell(False)
                self._end(None)

    def _ends_at(self) -> float | None:
        """When the last sample has left; None while some aren't handed over or the device hangs."""
        began = self._began()
        if began is None or self._position < len(self._speech.samples):
            return None
        end = began + self._speech.seconds + (_SETTLE_S if self._timed else _BLIND_SETTLE_S)
        return end if min(end, time.monotonic()) - self._asked_at < _ALIVE_S else None

    def _open(self, sounddevice: Any) -> Any:
        own = round(sounddevice.query_devices(self._device, "output")["default_samplerate"])
        original = self._speech
        choices = ((original.rate, 1), (own, 1), (own, 2))  # bare hardware may refuse mono
        for rate, channels in choices:
            self._speech = resampled(original, rate)
            # Anew: a stream that timed out may have come to its callback.
            self._position, self._finished = -round(_LEAD_IN_S * rate), False
            self._estimates.clear()
            try:
                return sounddevice.OutputStream(
                    samplerate=rate, channels=channels, dtype="int16", device=self._device,
                    latency=_LATENCY_S, callback=self._fill, finished_callback=self._lost,
                )  # fmt: skip
            except sounddevice.PortAudioError:
                if (rate, channels) == choices[-1]:
                    raise
        raise AssertionError("unreachable")

    def _fill(self, out: NDArray[np.int16], frames: int, when: Any, _status: Any) -> None:
        """PortAudio's callback; `out` has shape (frames, channels), `when` is in s."""
        now, begin, samples = time.monotonic(), self._position, self._speech.samples
        ahead = when.outputBufferDacTime - when.currentTime
        # 0 while the buffer is first filled; some drivers leave it so.
        if ahead > 0 or not self._estimates:
            self._estimates.append(now + max(ahead, 0.0) - begin / self._speech.rate)
        self._timed = self._timed or ahead > 0
        end = begin + frames
        chunk = samples[max(begin, 0) : max(end, 0)]
        before = min(max(-begin, 0), frames)
        out[:before] = 0
        out[before : before + len(chunk)] = chunk[:, np.newaxis]
        out[before + len(chunk) :] = 0
        self._position, self._asked_at = end, now
        if len(samples) <= end:
            self._wake.set()

    def _lost(self) -> None:
        """PortAudio has ended the stream."""
        self._finished = True
        self._wake.set()


def _named(device: int | str | None) -> str:
    return "" if device is None else f" as {device!r}"
