"""Nobody is there any more: silence, counted from the third prompt to a question on. Pure."""

from __future__ import annotations

from voice_triage.conversation.policy import Asking, Limits
from voice_triage.listen.heard import Heard


def silence(before_s: float | None, asking: Asking, heard: Heard, limits: Limits) -> float | None:
    """How much has been listened to in vain since the last prompt to some question, in s.

    None: no such prompt was met with silence yet, or something was heard since. `before_s`: the
    same before this turn; `asking`: where the question stood when it was asked.
    """
    if heard.text or heard.lost or heard.interrupted:
        return None
    if before_s is None and asking.reasks < limits.reasks:
        return None
    return (before_s or 0.0) + heard.seconds
