"""A conversation shown to people on a screen, or to programs as JSON lines."""

from __future__ import annotations

import json
from typing import TextIO

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from voice_triage.answers import Meaning
from voice_triage.conversation.events import (
    Answered,
    Asked,
    Ended,
    Event,
    Prompt,
    Said,
    Trouble,
    Understood,
)
from voice_triage.flow import Ending, Flow, Reply, Urgency

_COLOUR = {
    Urgency.EMERGENCY: "bold white on red",
    Urgency.URGENT: "bold black on yellow",
    Urgency.SOON: "bold white on blue",
    Urgency.ROUTINE: "bold white on dark_green",
}


def as_json(event: Event) -> dict[str, object] | None:
    """The event as DESIGN fixes it for `--json`; None: it has no place there."""
    match event:
        case Asked(question, kind, text):
            return {"event": "asked", "question": question, "kind": kind.value, "text": text}
        case Understood(heard, answer):
            return {
                "event": "heard",
                "text": heard.text,
                "answer": answer.meaning.told,
                "confidence": round(heard.confidence, 3),
            }
        case Answered(question, reply):
            counts = Reply.UNSURE if reply is Reply.UNANSWERED else reply
            return {"event": "answered", "question": question, "answer": counts.value}
        case Ended(ending):
            return {
                "event": "outcome",
                "urgency": ending.urgency.value,
                "outcomes": list(ending.outcomes),
                "complete": ending.complete,
            }
        case _:
            return None


class JsonLines:
    """One JSON object an event on `out`, flushed at once; what is said goes to `aside`."""

    def __init__(self, out: TextIO, aside: TextIO) -> None:
        self._out, self._aside = out, aside

    def __call__(self, event: Event) -> None:
        """Write the event."""
        line = as_json(event)
        if line is not None:
            self._out.write(json.dumps(line, ensure_ascii=False) + "\n")
            self._out.flush()
        elif isinstance(event, Said | Trouble):
            self._aside.write(event.text + "\n")
            self._aside.flush()


class Screen:
    """The conversation as text that somebody can read from the floor."""

    def __init__(self, console: Console, flow: Flow, number: str, typed: bool) -> None:
        self._console, self._flow, self._number = console, flow, number
        self._typed = typed

    def __call__(self, event: Event) -> None:
        """Show the event."""
        match event:
            case Said(text, asks):
                self._print(Text(text) if asks is None else Text(f"\n{text}", "bold"))
            case Asked(_, kind, _):
                self._asked(kind)
            case Understood(heard, answer):
                if not self._typed:
                    said = heard.text.replace("[unk]", "…") or "(nothing)"
                    understood = answer.meaning is not Meaning.NONE
                    self._print(Text(f"  you: {said}", "green" if understood else "dim"))
            case Trouble(text):
                self._print(Text(text, "yellow"))
            case Ended(ending):
                self._console.print(self._panel(ending))
            case _:
                pass

    def typed_from_now_on(self) -> None:
        """The microphone has gone; answers come from the keyboard."""
        self._typed = True

    def _asked(self, kind: Prompt) -> None:
        if self._typed:
            self._console.print("> ", end="")
        else:
            waiting = "  waiting…" if kind is Prompt.NOTICE else "  listening…"
            self._print(Text(waiting, "dim"))

    def _panel(self, ending: Ending) -> Panel:
        outcome = self._flow.outcomes[ending.outcomes[0]]
        body = Text(outcome.now.replace("{number}", self._number), "bold")
        for id_ in ending.outcomes[1:]:
            body.append(f"\n{self._flow.outcomes[id_].now}".replace("{number}", self._number), "")
        if not ending.complete:
            body.append("\nNot all questions were answered.", "italic")
        title = Text(f" {ending.urgency.value.upper()} ", _COLOUR[ending.urgency])
        return Panel(body, title=title, title_align="left")

    def _print(self, text: Text) -> None:
        self._console.print(text, soft_wrap=False)
