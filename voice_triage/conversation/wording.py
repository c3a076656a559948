"""What the program says between the advice: its phrases, filled in. Pure."""

from __future__ import annotations

from voice_triage.conversation.events import Prompt
from voice_triage.conversation.policy import Asking, Why
from voice_triage.conversation.script import Script
from voice_triage.flow import Question, Reply, Urgency


class Wording:
    """The phrases of a script, each with what belongs into its braces."""

    def __init__(self, script: Script) -> None:
        self._flow, self._phrases = script.flow, script.phrases
        self._number = script.number

    def greeting(self) -> list[str]:
        """What is said first, an utterance each."""
        return [text.format(number=self._number) for text in self._phrases.start]

    def base(self, question: Question, asking: Asking) -> tuple[Prompt, str]:
        """The question, or the answer that is being read back."""
        if asking.confirming is None:
            return Prompt.REPROMPT, question.ask
        statement = getattr(question.readback, asking.confirming)
        return Prompt.CONFIRM, self._phrases.confirm.format(statement=statement)

    def reprompt(self, why: Why, time: int) -> str:
        """What goes before a question that is asked again for the `time`-th time."""
        if why == "disputed":
            return self._phrases.disputed
        texts: tuple[str, ...] = getattr(self._phrases.reprompts, why)
        return texts[min(time, len(texts)) - 1]

    def noted(self, question: str, sign: Reply) -> str:
        """That a symptom reported unasked counts."""
        statement = getattr(self._flow.questions[question].readback, sign)
        return self._phrases.noted.format(statement=statement)

    def unanswered(self, question: Question) -> str:
        """That it goes on without an answer, and what that means."""
        if question.urgency is Urgency.EMERGENCY:
            return self._phrases.unanswered_emergency
        return self._phrases.unanswered

    def help(self, question: Question) -> str:
        """The question at length."""
        return self._phrases.help.format(help=question.help, number=self._number)

    def undone(self, question: str, reply: Reply) -> str:
        """Which answer no longer counts."""
        if reply not in (Reply.YES, Reply.NO):
            return self._phrases.undone_unsettled
        statement = getattr(self._flow.questions[question].readback, reply)
        return self._phrases.undone.format(statement=statement)

    def manner(self, command: str, changed: bool) -> str:
        """That it speaks otherwise from now on, or can't."""
        text: str = getattr(self._phrases.manner, command if changed else "limit")
        return text
