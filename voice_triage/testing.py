"""Fakes that behave, for tests of flows and of programs that use this package.

```python
ears = ScriptedEars(["no", Heard("no", 0.3, 1.0), "", "yes"])
conversation = Conversation(script, ears, RememberingVoice(), tell=events.append)
assert conversation.run().urgency is Urgency.EMERGENCY
```
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from voice_triage.conversation.turn import Listen
from voice_triage.conversation.voice import Speaking
from voice_triage.listen.heard import Heard
from voice_triage.speak.earcons import Earcon
from voice_triage.speak.manner import Manner


class ScriptedEars:
    """Hears what a script says, one entry a turn; after the last entry nobody is there."""

    def __init__(self, script: Iterable[str | Heard | BaseException]) -> None:
        """A str is heard clearly, "" is silence, a Heard is heard as it is, an exception is
        raised in its turn."""
        self._script = iter(script)
        self.turns: list[Listen] = []
        """What was listened for in every turn so far."""

    def attend(self, speaking: Speaking) -> None:
        """Wait until it has been said."""
        speaking.wait()

    def hear(
        self, listen: Listen, speaking: Speaking | None, on_listening: Callable[[bool], None]
    ) -> Heard:
        """The next entry."""
        if speaking is not None:
            speaking.wait()
        on_listening(True)
        self.turns.append(listen)
        said = next(self._script, None)
        if said is None:
            return Heard("", 0.0, 0.0, ended=True)
        if isinstance(said, BaseException):
            raise said
        return said if isinstance(said, Heard) else Heard(said, 1.0 if said else 0.0, 1.0)


class Spoken:
    """A text that was said in no time."""

    done = True
    played = None

    def __init__(self, aloud: bool = True) -> None:
        self._aloud = aloud

    def wait(self) -> bool:
        """Whether it was spoken."""
        return self._aloud

    def stop(self) -> None:
        """Nothing to stop."""


class RememberingVoice:
    """Says nothing aloud and remembers everything."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.manners: list[Manner] = []
        """How each of them was said."""
        self.prepared: list[str] = []
        """What was last rendered ahead."""
        self.tones: list[Earcon] = []

    def say(self, text: str, manner: Manner = Manner()) -> bool:
        """Remember `text` as spoken."""
        self.said.append(text)
        self.manners.append(manner)
        return True

    def begin(self, text: str, manner: Manner, after: Earcon | None = None) -> Speaking:
        """Remember `text` as spoken, and the tone before it."""
        if after is not None:
            self.tones.append(after)
        self.say(text, manner)
        return Spoken()

    def prepare(self, texts: Iterable[str], manner: Manner) -> None:  # noqa: ARG002 - as a Voice
        """Remember what may come."""
        self.prepared = list(texts)

    def tone(self, which: Earcon) -> bool:
        """Remember the tone."""
        self.tones.append(which)
        return True

    def close(self) -> None:
        """Nothing to close."""
