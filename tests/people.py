"""Somebody who knows what is wrong with them, and answers so."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from dialogue import Event, Says
from programs import ROOT
from voices import speak

from voice_triage.flow import Flow, load

_FLOW = ROOT / "prompts" / "back_spasms.en.yaml"


class Mouth:
    """Says texts in one voice; each is synthesised once."""

    def __init__(self, folder: Path, voice: str = "en-us") -> None:
        self._folder, self._voice = folder, voice

    def __call__(self, text: str) -> Path:
        """A sound file of `text`."""
        path = self._folder / f"{self._voice}-{text.replace(' ', '-')}.wav"
        return path if path.exists() else speak(text, path, self._voice)


class Patient:
    """Answers every question with the truth, and tells rightly read back answers from wrong ones."""

    def __init__(
        self,
        mouth: Mouth,
        truth: Mapping[str, str] | None = None,
        otherwise: str = "no",
        after_s: float = 0.4,
    ) -> None:
        """`truth`: what they say to a question, by its id; `otherwise` to all others."""
        self._mouth = mouth
        self._truth = dict(truth or {})
        self._otherwise = otherwise
        self._after_s = after_s

    def __call__(self, asked: Event) -> Says | None:
        """What they say to an `asked` event."""
        truth = self._truth.get(asked["question"], self._otherwise)
        if asked["kind"] == "notice":
            return None
        if asked["kind"] == "confirm":
            readback = flow().questions[asked["question"]].readback
            if truth in ("yes", "no"):
                truth = "yes" if getattr(readback, truth) in asked["text"] else "no"
        return Says(self._mouth(truth), self._after_s)


@cache
def flow() -> Flow:
    """The shipped flow, for its ids and texts."""
    return load(_FLOW)
