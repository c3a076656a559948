"""Rendering what will probably be said next, while the person thinks."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from voice_triage.errors import SpeechError

if TYPE_CHECKING:
    from voice_triage.speak.synthesis import Synthesizer

_CLOSING_S = 1.0


class Ahead:
    """One thread in the background, which renders for a synthesizer that keeps what it renders.

    It begins no text while somebody waits for another one.
    """

    def __init__(self, synthesizer: Synthesizer) -> None:
        """Starts no thread yet."""
        self._synthesizer = synthesizer
        self._wanted: deque[tuple[str, int]] = deque()
        self._urgent = 0
        self._closed = False
        self._thread: threading.Thread | None = None
        self._changed = threading.Condition()

    def prepare(self, texts: Sequence[str], words_per_minute: int) -> None:
        """Render these, in this order, instead of what was asked for before and isn't begun."""
        with self._changed:
            self._wanted = deque((text, words_per_minute) for text in texts)
            if self._wanted and self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name="ahead", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    @contextmanager
    def giving_way(self) -> Iterator[None]:
        """Meanwhile nothing is begun in the background."""
        with self._changed:
            self._urgent += 1
        try:
            yield
        finally:
            with self._changed:
                self._urgent -= 1
                self._changed.notify_all()

    def close(self) -> None:
        """Ends the thread; waits up to 1 s for a rendering that has begun."""
        with self._changed:
            self._closed = True
            self._wanted.clear()
            thread = self._thread
            self._changed.notify_all()
        if thread is not None:
            thread.join(_CLOSING_S)

    def _run(self) -> None:
        while (wanted := self._next()) is not None:
            try:
                self._synthesizer.render(*wanted)
            except SpeechError:
                # Whoever says the text will hear of it. The others would fail as well.
                with self._changed:
                    self._wanted.clear()

    def _next(self) -> tuple[str, int] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or (self._wanted and not self._urgent))
            return None if self._closed else self._wanted.popleft()
