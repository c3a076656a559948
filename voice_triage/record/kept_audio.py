"""The sound of answers, kept only for who asks for it (`--keep-audio`)."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from voice_triage.errors import JournalError

if TYPE_CHECKING:  # numpy takes long to load, and who keeps no sound need not wait for it
    import numpy as np
    from numpy.typing import NDArray

_RATE = 16_000
"""Hz, as everything that is heard here."""


class KeptAudio:
    """A folder of answers, one FLAC file a listening turn: no sample is changed."""

    def __init__(self, folder: Path) -> None:
        """`folder` is made, for its owner alone, when the first answer is kept."""
        self.folder = folder

    def keep(
        self, session: str, number: int, question: str, frames: Iterable[NDArray[np.int16]]
    ) -> Path | None:
        """Writes a turn's frames (mono, 16 kHz) to `<session>-<number>-<question>.flac`.

        `number` is the turn's in its session, from 1. Returns the file, which is whole or not
        there; None when the turn had no sound. A turn that is heard again, since the program was
        killed before it counted, replaces the first. Raises JournalError.
        """
        path = self.folder / f"{session}-{number:03}-{question}.flac"
        sound = _flac(frames)
        if not sound:
            return None
        part = path.with_suffix(".part")
        try:
            self.folder.mkdir(0o700, parents=True, exist_ok=True)
            file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
            with os.fdopen(file, "wb") as out:
                out.write(sound)
            part.replace(path)
        except OSError as error:
            with suppress(OSError):
                part.unlink()
            raise JournalError(
                f"{path}: the answer's sound can't be kept: {error.strerror}. Make room there or "
                "choose another folder for --keep-audio."
            ) from None
        return path


def _flac(frames: Iterable[NDArray[np.int16]]) -> bytes:
    import numpy as np
    import soundfile

    samples = np.concatenate([np.empty(0, np.int16), *frames])
    if not len(samples):
        return b""  # a FLAC file without samples is one that nothing can open
    # In memory first: soundfile prints what goes wrong with a file, and goes on.
    whole = BytesIO()
    soundfile.write(whole, samples, _RATE, format="FLAC", subtype="PCM_16")
    return whole.getvalue()
