"""Ctrl-C, and being asked to stop, at any moment.

An exception raised in the middle of anything can be lost: what Python calls back from compiled code
(pydantic's validators as they are built, finalizers) has nobody to tell, and goes on. So nothing is
raised until there is something to say farewell to, and what was lost is raised again: at once where
Python tells of the loss (`sys.unraisablehook`), else where `raise_what_was_lost` is called.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

INTERRUPTED = 130
"""The exit code, as shells have it."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_asked = False
_AGAIN_S = 0.005
"""How long after a loss it is raised again: by then what lost it is over, or it is lost anew."""


def leave_at_once() -> None:
    """From here on: end the process, at once. For while nothing is there that could be lost."""
    _handle(_leave)


def interrupt() -> None:
    """From here on: raise KeyboardInterrupt, and again if nobody could be told of it."""
    signal.signal(signal.SIGALRM, _interrupt)
    sys.unraisablehook = _lost
    _handle(_interrupt)


def raise_what_was_lost() -> None:
    """Raises KeyboardInterrupt if one was asked for already. Who calls this has not heard of it."""
    if _asked:
        _raise()


def _handle(handler: Callable[[int, FrameType | None], None]) -> None:
    for number in _SIGNALS:
        signal.signal(number, handler)


def _leave(_number: int, _frame: FrameType | None) -> None:
    os._exit(INTERRUPTED)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    global _asked
    _asked = True
    _raise()


def _raise() -> NoReturn:
    # Once: a second one would cut off what is said in farewell.
    signal.setitimer(signal.ITIMER_REAL, 0)
    raise KeyboardInterrupt


def _lost(loss: UnraisableHookArgs) -> None:
    if _asked and loss.exc_type is KeyboardInterrupt:
        # Raised from here it would be lost as well. An alarm also wakes whatever waits by then.
        signal.setitimer(signal.ITIMER_REAL, _AGAIN_S)
    else:
        sys.__unraisablehook__(loss)
