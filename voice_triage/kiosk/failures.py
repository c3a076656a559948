"""What fails is logged, never with anything that somebody answered, and goes no further."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec

from voice_triage.errors import VoiceTriageError

_log = logging.getLogger(__name__)
_P = ParamSpec("_P")


def log_failure(what: str, error: Exception) -> None:
    """Log what failed and where. The message of an error that isn't ours may hold an answer, so
    only its kind is told."""
    if isinstance(error, VoiceTriageError):
        _log.error("%s: %s", what, error)
        return
    frames = traceback.extract_tb(error.__traceback__)
    where = " < ".join(f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in reversed(frames))
    _log.error("%s: %s at %s", what, type(error).__name__, where)


def unfailing(what: str, call: Callable[_P, None]) -> Callable[_P, None]:
    """`call`, whose failures are logged as "`what`: …" and stop nobody who calls it."""

    def called(*arguments: _P.args, **named: _P.kwargs) -> None:
        try:
            call(*arguments, **named)
        except Exception as error:  # noqa: BLE001 - a conversation goes on without it
            log_failure(what, error)

    return called
