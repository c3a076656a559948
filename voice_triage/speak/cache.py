"""Renderings kept: in memory for this session, on disk for the next ones."""

import hashlib
import threading
from collections import OrderedDict
from concurrent.futures import Future
from pathlib import Path

from voice_triage.errors import SpeechError
from voice_triage.speak.shelf import Shelf
from voice_triage.speak.synthesis import Speech, Synthesizer

_MEMORY_BYTES = 32 << 20
"""12 minutes of speech: every prompt of a flow at two paces."""


class CachedSynthesizer(Synthesizer):
    """Renders each text once, at each pace.

    Threads that ask for the same text at the same time share one rendering. The samples that it
    hands out are shared and can't be written to.
    """

    def __init__(
        self, inner: Synthesizer, folder: Path | None, memory_bytes: int = _MEMORY_BYTES
    ) -> None:
        """`inner` renders. `folder` keeps sound beyond this process; None or an unusable one: only
        memory does. The least recently used go first when `memory_bytes` are full."""
        self._inner = inner
        self._shelf = Shelf(folder) if folder is not None else None
        self._memory_bytes = memory_bytes
        self._bytes = 0
        self._kept: OrderedDict[str, Speech] = OrderedDict()
        self._rendering: dict[str, Future[Speech]] = {}
        self._lock = threading.Lock()

    @property
    def identity(self) -> str:
        """That of the synthesizer inside."""
        return self._inner.identity

    def render(self, text: str, words_per_minute: int | None = None) -> Speech:
        """As the synthesizer inside; raises what that raises, and nothing about the cache."""
        key = self._key(text, words_per_minute)
        while True:
            with self._lock:
                if speech := self._kept.get(key):
                    self._kept.move_to_end(key)
                    return speech
                theirs = self._rendering.get(key)
                if theirs is None:
                    ours = self._rendering[key] = Future[Speech]()
                    break
            try:
                return theirs.result()
            except SpeechError:
                raise
            except BaseException as error:
                # Another thread's Ctrl-C isn't ours: then we render. But this thread's own is.
                if not theirs.done() or theirs.exception() is not error:
                    raise
        try:
            speech = self._find_or_render(key, text, words_per_minute)
        except BaseException as error:
            self._finished(key, None)
            ours.set_exception(error)
            raise
        self._finished(key, speech)
        ours.set_result(speech)
        return speech

    def knows(self, text: str, words_per_minute: int | None = None) -> bool:
        """Whether `render` would return from memory, without waiting for anything."""
        with self._lock:
            return self._key(text, words_per_minute) in self._kept

    def _find_or_render(self, key: str, text: str, words_per_minute: int | None) -> Speech:
        speech = self._shelf.take(key) if self._shelf else None
        if speech is None:
            speech = self._inner.render(text, words_per_minute)
            if self._shelf and len(speech.samples):
                self._shelf.put(key, speech)
        speech.samples.setflags(write=False)
        return speech

    def _finished(self, key: str, speech: Speech | None) -> None:
        with self._lock:
            del self._rendering[key]
            if speech is None or speech.samples.nbytes > self._memory_bytes:
                return
            self._kept[key] = speech
            self._bytes += speech.samples.nbytes
            while self._bytes > self._memory_bytes:
                self._bytes -= self._kept.popitem(last=False)[1].samples.nbytes

    def _key(self, text: str, words_per_minute: int | None) -> str:
        # \0 parts the fields: neither an identity nor a spoken text has one (they'd sound alike).
        fields = f"{self._inner.identity}\0{words_per_minute or ''}\0{text}"
        return hashlib.sha256(fields.encode("utf-8", "surrogatepass")).hexdigest()
