"""How long to wait for a speaker. Apart from the endpointer, so that it loads without numpy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple


class Patience(NamedTuple):
    """What makes an answer whole, both in ms."""

    silence_ms: int
    """So much silence after a few words; or their text unchanged for so long, in any noise."""
    among_talk_ms: int
    """So much after more talk than that; or the text unchanged for so long while talk goes on.
    Unchanged never ends it sooner than `EndpointTimes.settled_ms`."""


@dataclass(frozen=True)
class EndpointTimes:
    """How long to wait, all in ms of sound. The figures are in `voice_triage.config`."""

    begin_ms: int
    """Silence before the first word; after it the turn ends with nothing heard."""
    accepted_ms: int
    """Silence that usually ends an accepted answer. Short."""
    quick_ms: int
    """… of who would be heard going on."""
    patient_ms: int
    """… of who pauses for long, and where cutting somebody off would be dangerous."""
    pause_ms: int
    """Silence that ends speech which is no accepted answer. Longer: they are still thinking."""
    settled_ms: int
    """An accepted answer whose text hasn't changed for this long ends too, in any noise."""
    talk_ms: int
    """Longest talk, counted from its beginning; then the turn ends, whatever was heard."""

    def with_times(self, **others: int | None) -> EndpointTimes:
        """The same with other times, as far as they aren't None."""
        return replace(self, **{name: ms for name, ms in others.items() if ms is not None})
