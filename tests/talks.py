"""What came of a conversation with scripted ears."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from voice_triage.console import as_json
from voice_triage.conversation.events import Answered, Asked, Event, Said
from voice_triage.flow import Ending
from voice_triage.listen.heard import Heard
from voice_triage.testing import RememberingVoice, ScriptedEars

NO = "no"
MUMBLED_NO = Heard("no", 0.4, 1.0)
EMERGENCIES = 7
"""Questions of the shipped flow that ask about an emergency; they come first."""


@dataclass
class Talk:
    """What came of a conversation."""

    ending: Ending
    events: list[Event]
    voice: RememberingVoice
    ears: ScriptedEars
    asked: list[tuple[str, str]] = field(init=False)
    """Question and kind of every prompt."""

    def __post_init__(self) -> None:
        self.asked = [(e.question, e.kind.value) for e in self.events if isinstance(e, Asked)]

    def texts(self, kind: type[Asked] | type[Said] = Said) -> list[str]:
        return [e.text for e in self.events if isinstance(e, kind)]

    def answered(self) -> list[tuple[str, str]]:
        return [(e.question, e.reply.value) for e in self.events if isinstance(e, Answered)]

    def json(self) -> list[dict[str, object]]:
        return [line for line in map(as_json, self.events) if line]


Says = Callable[[Iterable[str | Heard | BaseException]], Talk]
