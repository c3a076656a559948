"""What is asked, in which order, and what it ends in: pure data and a pure engine."""

from voice_triage.flow.engine import Ending, State, Triage
from voice_triage.flow.load import load
from voice_triage.flow.model import Flow, Outcome, Question, Reply, Timers, Urgency
from voice_triage.flow.standing import Standing, standings

__all__ = [
    "Ending",
    "Flow",
    "Outcome",
    "Question",
    "Reply",
    "Standing",
    "State",
    "Timers",
    "Triage",
    "Urgency",
    "load",
    "standings",
]
