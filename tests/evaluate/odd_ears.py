"""Engines other than Vosk, which the processes load from here."""

import os
import signal
import zlib
from dataclasses import dataclass

from voice_triage.errors import ModelError
from voice_triage.evaluate.engine import Ears
from voice_triage.listen.frames import Frame


class ExactEars:
    """Tells apart any two sounds: its words are their checksum."""

    def hear(self, sound: Frame) -> tuple[str, float]:
        return f"{len(sound)} {zlib.crc32(sound.tobytes()):x}", 1.0


@dataclass(frozen=True)
class MakesExactEars:
    def __call__(self) -> Ears:
        return ExactEars()


@dataclass(frozen=True)
class MakesNone:
    """An engine that can't be loaded."""

    def __call__(self) -> Ears:
        raise ModelError("There is no such engine.")


@dataclass(frozen=True)
class Dies:
    """An engine that takes its process down."""

    def __call__(self) -> Ears:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError
