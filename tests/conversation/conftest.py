"""A conversation on the shipped flow, with scripted ears."""

from collections.abc import Iterable

import pytest
from talks import Says, Talk

from voice_triage.assemble import script
from voice_triage.conversation.conversation import Conversation, Script
from voice_triage.conversation.events import Event
from voice_triage.listen.heard import Heard
from voice_triage.testing import RememberingVoice, ScriptedEars


@pytest.fixture(scope="session")
def shipped() -> Script:
    return script(None, "GB")


@pytest.fixture
def says(shipped: Script) -> Says:
    """Talk with somebody who says these things, one a turn."""

    def talk(said: Iterable[str | Heard | BaseException]) -> Talk:
        events: list[Event] = []
        ears, voice = ScriptedEars(said), RememberingVoice()
        conversation = Conversation(shipped, ears, voice, events.append)
        return Talk(conversation.run(), events, voice, ears)

    return talk
