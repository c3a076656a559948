"""What the program can show, made of the shipped flow: one view for each phase."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import segno

from voice_triage.assemble import find_flow, prompts
from voice_triage.flow import load
from voice_triage.flow.model import Outcome
from voice_triage.kiosk.labels import load_labels

View = dict[str, Any]
NUMBER = "112 or 911"
FLOW = load(find_flow(None))
LABELS = load_labels(prompts() / "kiosk.en.yaml")
MESSAGE = LABELS.message(NUMBER)
ANSWERS = ["yes", "no", "unsure", "repeat", "stop"]
LONGEST = max(FLOW.questions, key=lambda question: len(FLOW.questions[question].ask))
SIZES = {
    "800x480": (800, 480),
    "1920x1080": (1920, 1080),
    "480x800": (480, 800),
    "1080x1920": (1080, 1920),
}
"""Screens in CSS pixels: the 7-inch display of a Raspberry Pi, a large one, and both upright."""
REPORTED = {
    "emergency": ["seat-feeling", "leg-control"],
    "urgent": ["balance", "one-sided"],
    "soon": ["recurring", "heaviness", "headache"],
    "routine": [],
}
"""Which questions had a yes, for each urgency that it ended in."""


def view(turn: int, phase: str, **more: Any) -> View:
    """A view with everything that every view has."""
    return {
        "type": "view", "turn": turn, "phase": phase, "question": None, "kind": None, "text": "",
        "heard": None, "progress": None, "buttons": ANSWERS, "start_word": "start",
        "privacy": LABELS.privacy.forgotten, "notices": [], "ending": None, **more,
    }  # fmt: skip


def waiting(turn: int = 1, **more: Any) -> View:
    return view(turn, "waiting", **{"buttons": ["start"], **more})


def asking(turn: int = 2, phase: str = "speaking", question: str = LONGEST, **more: Any) -> View:
    """A question of the shipped flow."""
    done = list(FLOW.questions).index(question)
    return view(
        turn, phase,
        **{
            "question": question, "kind": "question", "text": FLOW.questions[question].ask,
            "progress": {"done": done, "most": len(FLOW.questions)}, **more,
        },
    )  # fmt: skip


def ending(turn: int = 20, urgency: str = "emergency", **more: Any) -> View:
    """An ending of the shipped flow, with everything that an ending can have."""
    outcome = next(o for o in FLOW.outcomes.values() if o.urgency.value == urgency)
    reported = REPORTED[urgency]
    lines = [_filled(outcome.now), *(FLOW.questions[q].readback.yes for q in reported)]
    told = {
        "urgency": urgency, "headline": _filled(outcome.now), "number": NUMBER,
        "advice": [_filled(text) for text in outcome.advice],
        "safety_net": [_filled(text) for text in outcome.safety_net],
        "symptoms": [{"question": q, "text": FLOW.questions[q].readback.yes} for q in reported],
        "marks": LABELS.marked(reported), "qr": code("\n".join([*lines, *_texts(outcome)])),
        "report": "/report.html", "pdf": "/report.pdf",
    }  # fmt: skip
    return view(turn, "ending", **{"buttons": ["repeat", "stop"], "ending": told, **more})


def code(text: str) -> str:
    """A QR code as the program draws it."""
    drawn = BytesIO()
    made = segno.make_qr(text, error="l", encoding="utf-8", mode="byte")
    made.save(drawn, kind="svg", border=4, dark="#000", light="#fff", omitsize=True, xmldecl=False, nl=False)  # fmt: skip
    return drawn.getvalue().decode()


def _filled(text: str) -> str:
    return text.replace("{number}", NUMBER)


def _texts(outcome: Outcome) -> list[str]:
    return [_filled(text) for text in (*outcome.advice, *outcome.safety_net)]


PHASES: dict[str, View] = {
    "waiting": waiting(),
    "speaking": asking(),
    "listening": asking(phase="listening"),
    "heard": asking(phase="heard", heard={"text": "i don't think so", "answer": "no"}),
    "notice": asking(
        phase="listening",
        kind="reprompt",
        heard={"text": "the television", "answer": "none"},
        notices=["I can't hear you any more, and I keep trying."],
    ),
    "paused": asking(phase="paused", kind="notice", text="I'm waiting. Say continue when you are ready."),
    "last-words": ending(urgency="emergency", buttons=["stop"]),
    "emergency": ending(urgency="emergency"),
    "urgent": ending(urgency="urgent"),
    "soon": ending(urgency="soon"),
    "routine": ending(urgency="routine"),
}  # fmt: skip
