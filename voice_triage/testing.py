"""Fakes that behave, for tests of flows and of programs that use this package.

```python
ears = ScriptedEars(["no", Heard("no", 0.3, 1.0), "", "yes"])
conversation = Conversation(script, ears, RememberingVoice(), tell=events.append)
assert conversation.run().urgency is Urgency.EMERGENCY
```
"""

from __future__ import annotations

from collections.abc import Iterable

from voice_triage.listen.heard import Heard


class ScriptedEars:
    """Hears what a script says, one entry a turn; after the last entry nobody is there."""

    def __init__(self, script: Iterable[str | Heard | BaseException]) -> None:
        """A str is heard clearly, "" is silence, a Heard is heard as it is, an exception is
        raised in its turn."""
        self._script = iter(script)
        self.turns: list[tuple[str, int | None]] = []
        """The question and begin_ms of every turn so far."""

    def hear(self, question: str, begin_ms: int | None = None) -> Heard:
        """The next entry."""
        self.turns.append((question, begin_ms))
        said = next(self._script, None)
        if said is None:
            return Heard("", 0.0, 0.0, ended=True)
        if isinstance(said, BaseException):
            raise said
        return said if isinstance(said, Heard) else Heard(said, 1.0 if said else 0.0, 1.0)


class RememberingVoice:
    """Says nothing aloud and remembers everything."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, text: str) -> bool:
        """Remember `text` as spoken."""
        self.said.append(text)
        return True

    def close(self) -> None:
        """Nothing to close."""
