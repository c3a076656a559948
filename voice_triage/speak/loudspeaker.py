"""A loudspeaker that knows when sound has physically begun and ended, and stops at once."""

import threading

from voice_triage.speak.outgoing import Outgoing
from voice_triage.speak.playback import Playback, Player
from voice_triage.speak.portaudio import leave_portaudio_alone
from voice_triage.speak.synthesis import Speech

_OPENING_S = 5.0
_ONCE_BITTEN_S = 1.0
"""Patience with a device that has just hung: each sentence would cost the whole of it."""
_LINGER_S = 0.3
"""ALSA's pulse plugin drops what is still buffered when a stream ends (up to 0.3 s seen), whatever
PortAudio says of draining. So silence goes on for a while, and pushes the end out."""
_CLOSING_S = 1.0


class Loudspeaker(Player):
    """Plays through sounddevice (PortAudio).

    Each utterance opens the device anew: a fresh stream's first sample leaves within 35 ms however
    long its buffer is, while what is written into a running stream waits behind the whole buffer.
    In between, the device is left to others.
    """

    def __init__(self, device: int | str | None = None, patience_s: float = _OPENING_S) -> None:
        """`device`: as `voice-triage devices` names it, None for the system's default.

        `patience_s`: how much longer than the speech playing may take before it fails.
        """
        self._device = device
        self._patience_s = patience_s
        self._current: Outgoing | None = None
        self._stuck = False
        self._lock = threading.Lock()

    def start(self, speech: Speech) -> Playback:
        """Plays mono int16 at the speech's rate, or at the device's own where it refuses.

        Its `wait` raises SpeechError if PortAudio or the device is missing, busy or stuck.
        """
        if not len(speech.samples):
            return _Nothing()
        with self._lock:
            previous = self._current
            if previous is not None and previous.alive:
                previous.release()
            patience_s = min(self._patience_s, _ONCE_BITTEN_S) if self._stuck else self._patience_s
            self._current = Outgoing(
                speech, self._device, _LINGER_S, patience_s, previous, self._told
            )
            self._current.begin()
            return self._current

    def play(self, speech: Speech) -> None:
        """start and wait. Raises SpeechError. Ctrl-C stops the sound at once."""
        self.start(speech).wait()

    def close(self) -> None:
        """Stops what plays and lets go of the device; waits up to 1 s for it."""
        with self._lock:
            current, self._current = self._current, None
        if current is not None:
            current.release()
            if not current.ends_within(_CLOSING_S):
                leave_portaudio_alone()

    def _told(self, stuck: bool) -> None:
        """What an utterance has learned about the device."""
        self._stuck = stuck
        if stuck:
            leave_portaudio_alone()


class _Nothing(Playback):
    """An utterance without sound, which opens no device."""

    done = True
    played = None

    def wait(self) -> None:
        pass

    def stop(self) -> None:
        pass
