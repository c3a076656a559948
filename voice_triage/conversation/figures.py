"""What overlapping speech is measured by. Apart, so that it loads without numpy."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figures:
    """When overlapping speech counts. The figures are in `voice_triage.config`."""

    go_on_ms: int
    """Who speaks again within so long after an answer goes on with that answer."""
    goes_on_after_ms: int
    """So much speech, in 160 ms, is somebody who goes on; a click or cough is shorter."""
    barges_in_after_ms: int
    """So much speech, in 160 ms, is an answer that begins early."""
    louder_db: float
    """A voice this much louder than the program's echo can be heard over it."""
