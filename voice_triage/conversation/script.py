"""All that a conversation goes by, read from files before it starts."""

from __future__ import annotations

import math
from dataclasses import dataclass

from voice_triage.conversation.phrases import Phrases
from voice_triage.conversation.policy import Limits
from voice_triage.conversation.understanding import Understanding
from voice_triage.flow import Flow
from voice_triage.speak.manner import Manner


@dataclass(frozen=True)
class Script:
    """One flow and how it is talked through. Figures: `voice_triage.config`."""

    flow: Flow
    phrases: Phrases
    understanding: Understanding
    number: str
    """What to call in an emergency, as text: "112"."""
    limits: Limits
    pause_ms: int
    """How long "hold on" waits."""
    help_ms: int
    """How long to wait for an answer after a help text: it may have asked to try something."""
    manner: Manner = Manner()
    """How the program speaks until somebody asks for another pace or volume."""
    absent_s: float = math.inf
    """After so much silence, counted from the third prompt to a question, nobody is there and the
    conversation ends unfinished. At home it never leaves anybody."""
