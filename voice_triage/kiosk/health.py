"""Whether the kiosk works, in words for whoever runs it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from voice_triage.kiosk.vitals import Snapshot

_LONGEST_SILENT_S = 60.0
"""As WatchdogSec in the unit: after so long without a sign of life it is taken for stuck."""
_DEAF_DBFS = -90.0
"""No room is so quiet, and no microphone that is on."""
_HOT_C = 80.0
"""A Raspberry Pi slows down from here on (its documentation, "Thermal throttling")."""


@dataclass(frozen=True)
class Health:
    """What /healthz says."""

    reasons: tuple[str, ...]
    """What isn't as it should be; () when all is well."""

    @property
    def status(self) -> str:
        """ "ok" or "degraded"."""
        return "degraded" if self.reasons else "ok"

    @property
    def code(self) -> int:
        """HTTP status: 200, or 503 so that whoever looks at nothing else sees it too."""
        return 503 if self.reasons else 200

    def as_json(self) -> dict[str, object]:
        """The body of the answer."""
        return {"status": self.status, "reasons": list(self.reasons)}


def health(now: Snapshot) -> Health:
    """What isn't as it should be."""
    reasons = [f"{part}: {why}" for part, why in sorted(now.lost.items())]
    if now.silent_s is None:
        reasons.append("it has not begun to listen")
    elif now.silent_s > _LONGEST_SILENT_S:
        reasons.append(f"it has not listened for {now.silent_s:.0f} s")
    if now.level_dbfs is not None and now.level_dbfs < _DEAF_DBFS:
        reasons.append(f"the microphone hears nothing ({now.level_dbfs:.0f} dBFS): is it muted?")
    if now.temperature_c is not None and now.temperature_c >= _HOT_C:
        reasons.append(f"the processor is at {now.temperature_c:.0f} °C, where it slows down")
    return Health(tuple(reasons))
