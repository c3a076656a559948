"""A page as PDF, made in a process of its own.

What lays it out takes 70 MB and, on a small computer, seconds: the conversation must not wait for
that, and the memory goes back with the process.
"""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process

from voice_triage.errors import ReportError

_CHILD = (sys.executable, "-P", "-m", "voice_triage.kiosk.pdf_child")
_DEADLINE_S = 60.0


class Printing:
    """One page; made at the first request, and kept for the next. For one event loop."""

    def __init__(
        self, page: bytes, command: tuple[str, ...] = _CHILD, deadline_s: float = _DEADLINE_S
    ) -> None:
        """`command`: what makes the file on stdout from the page on stdin."""
        self._page, self._command, self._deadline_s = page, command, deadline_s
        self._one_at_a_time = asyncio.Lock()
        self._made: bytes | None = None

    async def pdf(self) -> bytes:
        """The file. Raises ReportError. Who cancels it ends the process too."""
        async with self._one_at_a_time:
            if self._made is None:
                self._made = await self._print()
            return self._made

    async def _print(self) -> bytes:
        try:
            child = await asyncio.create_subprocess_exec(
                *self._command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, start_new_session=True
            )
        except OSError as error:
            raise _failure(f"what makes it can't be started: {error.strerror}") from None
        try:
            async with asyncio.timeout(self._deadline_s):
                made, _ = await child.communicate(self._page)
        except TimeoutError:
            raise _failure(f"that took longer than {self._deadline_s:g} s") from None
        finally:
            await _end(child)
        if child.returncode or not made.startswith(b"%PDF"):
            raise _failure(f"what makes it ended with status {child.returncode}")
        return made


async def _end(child: Process) -> None:
    if child.returncode is None:
        child.kill()
        await child.communicate()  # also what it had still to read and to say


def _failure(problem: str) -> ReportError:
    return ReportError(
        f"The PDF file can't be made: {problem}. `voice-triage report` says what is missing; the"
        " page itself can be printed."
    )
