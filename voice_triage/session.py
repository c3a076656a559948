"""A conversation's journal: every turn is kept before it counts, and a session that was cut off is
taken up again by going through its turns anew."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter

from voice_triage import __version__
from voice_triage.config import RESUME_WITHIN_S
from voice_triage.conversation.account import Account, account
from voice_triage.conversation.dialogue import Dialogue
from voice_triage.conversation.script import Script
from voice_triage.conversation.turn import Turn
from voice_triage.errors import JournalError, UsageError
from voice_triage.flow import State
from voice_triage.record import ENDED, TURN, Entry, Header, Journal, NoJournal, Sessions
from voice_triage.record.entries import read

_TURNS = TypeAdapter(Turn)
_INTERRUPTED, _RESUMED = "interrupted", "resumed"


class Session:
    """Keeps a conversation's turns; `resume` is where to go on, None: at the beginning."""

    def __init__(
        self,
        journal: Journal | NoJournal,
        on_failure: Callable[[str], None],
        resume: Dialogue | None = None,
        turns: int = 0,
    ) -> None:
        """`on_failure` is told once, in plain words, when nothing can be kept (any more)."""
        self.resume = resume
        self.turns = turns
        """How many turns have been kept."""
        self._journal = journal
        self._began = f"{datetime.now(UTC):%Y%m%dT%H%M%S}"
        self._on_failure = on_failure
        self._told = False

    @property
    def name(self) -> str:
        """What its files are called."""
        return self._journal.path.stem if self._journal.path else self._began

    def keep(self, question: str, turn: Turn) -> None:
        """Keep a turn, for good, before anything is made of it."""
        self.turns += 1
        self._append(TURN, {"question": question, **_TURNS.dump_python(turn, mode="json")})

    def keep_page(self, page: bytes) -> None:
        """Keep the report, a page of HTML, beside the turns. Any thread may call, also after
        `close`."""
        if self._journal.path is None:
            return
        path = self._journal.path.with_suffix(".html")
        try:
            with open(path, "wb", opener=_for_owner) as file:
                file.write(page)
        except OSError as error:
            self._on_failure(f"{path}: the report can't be kept: {error.strerror}.")

    def ended(self, urgency: str, outcomes: tuple[str, ...], complete: bool) -> None:
        """The conversation came to its end: there is nothing to resume."""
        self._append(ENDED, {"urgency": urgency, "outcomes": outcomes, "complete": complete})

    def resumed(self) -> None:
        """It goes on after it was cut off."""
        self._append(_RESUMED, {})

    def interrupted(self) -> None:
        """It was cut off where it can be taken up again."""
        self._append(_INTERRUPTED, {})

    def close(self) -> None:
        """Let go of the file."""
        self._journal.close()

    def _append(self, kind: str, data: dict[str, object]) -> None:
        try:
            self._journal.append(kind, data)
        except JournalError as error:
            if not self._told:
                self._told = True
                self._on_failure(str(error))


def _for_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def begin(
    folder: Path | None, script: Script, region: str | None, on_failure: Callable[[str], None]
) -> Session:
    """A new session in `folder`; None keeps nothing, nor does a folder that can't be written."""
    if folder is None:
        return Session(NoJournal(), on_failure)
    try:
        return Session(Sessions(folder).start(_header(script, region)), on_failure)
    except JournalError as error:
        on_failure(str(error))
        return Session(NoJournal(), on_failure)


def resume(
    folder: Path, script: Script, region: str | None, on_failure: Callable[[str], None]
) -> Session:
    """The newest session in `folder` that was cut off. Raises UsageError when there is none, when
    it is too old, or when the flow has changed since; JournalError when it can't be read."""
    journal = Sessions(folder).unfinished(script.flow.id)
    if journal is None:
        raise UsageError(
            f"There is no session in {folder} that was cut off. Leave --resume out to begin anew."
        )
    try:
        dialogue, turns = _replayed(journal, script, region)
        session = Session(journal, on_failure, dialogue, turns)
        session.resumed()
    except BaseException:
        journal.close()
        raise
    return session


def _replayed(journal: Journal, script: Script, region: str | None) -> tuple[Dialogue, int]:
    minutes = (datetime.now(UTC) - journal.found[-1].at).total_seconds() / 60
    if minutes * 60 > RESUME_WITHIN_S:
        raise UsageError(
            f"The session that was cut off is {minutes:.0f} minutes old, and what was answered may"
            " no longer be true. Leave --resume out to begin anew."
        )
    ours, theirs = _header(script, region), journal.header
    if theirs is None or (ours.flow_sha256, ours.program) != (theirs.flow_sha256, theirs.program):
        raise UsageError(
            "The questions have changed since that session began, so its answers can't be taken"
            " over. Leave --resume out to begin anew."
        )
    turns = [_turn(journal.path, e) for e in journal.found if e.kind == TURN]
    return account(script, turns).dialogue, len(turns)


def state_of(path: Path, script: Script) -> State:
    """What is known at the end of the session in file `path`, which may still go on.

    Raises JournalError when it can't be read, UsageError when it is about other questions.
    """
    return account_of(path, script).dialogue.known


def account_of(path: Path, script: Script) -> Account:
    """As `state_of`, with the words that its answers were heard in."""
    session = read(path)
    ours, theirs = _header(script, None), session.header
    if theirs is None or ours.flow_sha256 != theirs.flow_sha256:
        raise UsageError(
            f"{path}: is a session about other questions than these, or an older version of them."
            " Name the flow that it was about."
        )
    return account(script, (_turn(path, e) for e in session.entries if e.kind == TURN))


def _turn(path: Path, entry: Entry) -> Turn:
    data = {name: value for name, value in entry.data.items() if name != "question"}
    try:
        return _TURNS.validate_python(data)
    except ValueError as error:
        raise JournalError(
            f"{path}: what was heard at {entry.at:%H:%M:%S} can't be read. Move the file away and"
            " begin anew."
        ) from error


def _header(script: Script, region: str | None) -> Header:
    """The flow's content is hashed as it is understood: comments and layout don't matter."""
    flow = script.flow
    digest = hashlib.sha256(flow.model_dump_json().encode()).hexdigest()
    return Header(__version__, flow.id, flow.version, digest, region)
