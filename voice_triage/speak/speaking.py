"""A whole text on its way out: rendered part by part, played part after part."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from voice_triage.errors import SpeechError

if TYPE_CHECKING:  # they load numpy, which who wants no voice need not wait for
    from voice_triage.speak.playback import Playback, Played
    from voice_triage.speak.player import Player
    from voice_triage.speak.synthesis import Speech


class Speaking:
    """A text that is being spoken, in a thread of its own. Whoever began it may watch and stop."""

    def __init__(
        self,
        sounds: Iterator[Speech],
        player: Player,
        tell: Callable[[SpeechError | None], None],
    ) -> None:
        """`sounds` is gone through in that thread, a part ahead of what is heard.

        `tell` gets the failure that ended it, or None when all was spoken, before `wait` returns.
        """
        self._sounds = sounds
        self._player = player
        self._tell = tell
        self._spoken = False
        self._stopped = False
        self._error: BaseException | None = None
        self._playbacks: list[Playback] = []
        self._lock = threading.Lock()
        self._ended = threading.Event()
        threading.Thread(target=self._run, name="speaking", daemon=True).start()

    def wait(self) -> bool:
        """Returns when the sound has ended, was stopped or failed: True if all was spoken.

        Ctrl-C stops the sound at once. Raises only what isn't a SpeechError.
        """
        try:
            self._ended.wait()
        except BaseException:
            self.stop()
            raise
        if self._error is not None:
            raise self._error
        return self._spoken

    def stop(self) -> None:
        """Silence, within 0.1 s; after the end it does nothing. Never raises."""
        with self._lock:
            self._stopped = True
            playbacks = list(self._playbacks)
        for playback in playbacks:
            playback.stop()
        self._ended.set()

    @property
    def done(self) -> bool:
        """Nothing more of it will be heard: it ended, was stopped, or failed."""
        return self._ended.is_set()

    @property
    def played(self) -> Played | None:
        """What a microphone can have heard so far, of all parts, the silence between them too.

        None before the first sound, and where no microphone hears it.
        """
        with self._lock:
            parts = [part for playback in self._playbacks if (part := playback.played)]
        return _together(parts)

    def _run(self) -> None:
        try:
            self._speak()
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
            self._error = error
        finally:
            self._ended.set()

    def _speak(self) -> None:
        try:
            now: Playback | None = None
            for sound in self._sounds:  # the next part is rendered while this one plays
                if now is not None:
                    now.wait()
                now = self._start(sound)
                if now is None:
                    return
            if now is not None:
                now.wait()
        except SpeechError as error:
            # A stopped utterance has not failed, whatever the device says to being stopped.
            if not self._stopped:
                self._tell(error)
            self._silence()
        else:
            if not self._stopped:
                self._spoken = True
                self._tell(None)

    def _start(self, sound: Speech) -> Playback | None:
        with self._lock:
            if self._stopped:
                return None
            playback = self._player.start(sound)
            self._playbacks.append(playback)
            return playback

    def _silence(self) -> None:
        """What still plays when the next part can't be rendered ends where it is complete."""
        with self._lock:
            playbacks = list(self._playbacks)
        for playback in playbacks:
            try:
                playback.wait()
            except SpeechError:
                continue  # told already


def _together(parts: Sequence[Played]) -> Played | None:
    if len(parts) < 2:
        return parts[0] if parts else None
    import numpy as np

    from voice_triage.speak.playback import Played

    first = parts[0]
    starts = [round((part.began - first.began) * first.rate) for part in parts]
    end = max(start + len(part.samples) for start, part in zip(starts, parts, strict=True))
    whole = np.zeros(end, np.int16)
    for start, part in zip(starts, parts, strict=True):
        begin = max(start, 0)
        whole[begin : begin + len(part.samples)] = part.samples
    return Played(whole[:end], first.rate, first.began)
