"""What overlapping speech is measured by. Apart, so that it loads without numpy."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figures:
    """When overlapping speech counts. The figures are in `voice_triage.config`."""

    go_on_ms: int
    """Who speaks again within so long after an answer goes on with that answer."""
    barging_ms: int
    """The same where an answer may begin early: what is said later is one to the next question."""
    goes_on_after_ms: int
    """So much speech, in 160 ms, is somebody who goes on; a click or cough is shorter."""
    barges_in_after_ms: int
    """So much speech, in 160 ms, is an answer that begins early."""
    softer_db: float
    """Who goes on is at most so much softer than before; a television is softer."""
    inaudible_db: float
    """Where the program's echo is below that (power, dB of full scale) it isn't heard at all."""
    louder_db: float
    """A voice this much louder than the program's echo can be heard over it."""
