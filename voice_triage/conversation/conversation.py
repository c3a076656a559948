"""The loop: ask, hear, understand, and do what the policy says, until the flow has ended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from voice_triage.answers import Answer, Meaning
from voice_triage.conversation.closing import closing
from voice_triage.conversation.ears import Ears
from voice_triage.conversation.events import (
    Answered,
    Asked,
    Ended,
    Observer,
    Prompt,
    Said,
    Understood,
)
from voice_triage.conversation.phrases import Phrases, spoken
from voice_triage.conversation.policy import (
    AskAgain,
    Asking,
    Confirm,
    Count,
    Limits,
    Obey,
    decide,
)
from voice_triage.conversation.understanding import Understanding
from voice_triage.errors import VoiceTriageError
from voice_triage.flow import Ending, Flow, Question, Reply, State, Triage
from voice_triage.listen.heard import Heard


class Voice(Protocol):
    """Says a text aloud; False when it could not. Never raises for want of sound."""

    def say(self, text: str) -> bool: ...


@dataclass(frozen=True)
class Script:
    """All that a conversation goes by, read from files before it starts."""

    flow: Flow
    phrases: Phrases
    understanding: Understanding
    number: str
    """What to call in an emergency, as text: "112"."""
    limits: Limits
    pause_ms: int
    """How long "hold on" waits for a word."""


class _Say(NamedTuple):
    kind: Prompt
    text: str


class Conversation:
    """One conversation with one person. `state` is where it stands, at any time."""

    def __init__(self, script: Script, ears: Ears, voice: Voice, tell: Observer) -> None:
        self.state = State()
        self._script = script
        self._ears = ears
        self._voice = voice
        self._tell = tell
        self._triage = Triage(script.flow)
        # No person needs so many turns; a television that says "go back" for ever does.
        self._turns_left = 100 + 20 * len(script.flow.questions)

    def run(self) -> Ending:
        """Talk to the end. Whatever cuts it short, the advice is given and Ended is told first:
        KeyboardInterrupt (on the screen alone, at once) and VoiceTriageError are then raised."""
        try:
            self._converse()
        except (KeyboardInterrupt, VoiceTriageError):
            self._close(aloud=False)
            raise
        return self._close(aloud=True)

    def _converse(self) -> None:
        for text in self._script.phrases.start:
            self._say(text.format(number=self._script.number))
        while (at := self._triage.current(self.state)) is not None:
            if not self._settle(at):
                return

    def _settle(self, at: str) -> bool:
        """Ask `at` until it is settled or the position has moved. False: nobody answers now."""
        question = self._script.flow.questions[at]
        asking = Asking()
        say: _Say | None = _Say(Prompt.QUESTION, question.ask)
        while say is not None:
            heard, answer = self._turn(at, say)
            if heard.ended or self._turns_left <= 0:
                return False
            noted = self._note(at, answer.symptoms)
            if self._triage.current(self.state) != at:
                return True
            if answer.meaning is Meaning.SYMPTOM and noted:
                say = _Say(Prompt.REPROMPT, f"{noted} {question.ask}")
                continue
            decision, asking = decide(question, asking, heard, answer, self._script.limits)
            match decision:
                case Count(reply):
                    self._count(at, reply)
                    return True
                case Obey(Meaning.BACK) if self._goes_back():
                    return True
                case Obey(Meaning.STOP) if self._stops(at):
                    return False
                case Obey(command):
                    say = self._obey(at, command, asking)
                case _:
                    say = self._prompt(question, asking, decision)
        return self._triage.current(self.state) != at

    def _turn(self, at: str, say: _Say, begin_ms: int | None = None) -> tuple[Heard, Answer]:
        """Say something and hear what comes back."""
        self._turns_left -= 1
        self._say(say.text, asks=True)
        self._tell(Asked(at, say.kind, say.text))
        heard = self._ears.hear(at, begin_ms)
        answer = self._script.understanding.interpret(at, heard.text)
        if not heard.ended:
            self._tell(Understood(heard, answer))
        return heard, answer

    def _note(self, at: str, symptoms: Iterable[str]) -> str:
        """Count reported symptoms at once. What to say of those that were not asked about."""
        noted = []
        for name in symptoms:
            if name == self._triage.current(self.state) == at:
                self._count(at, Reply(self._script.flow.questions[at].sign))
            elif name not in self.state.volunteered:
                question = self._script.flow.questions[name]
                self.state = self._triage.volunteer(self.state, [name])
                self._tell(Answered(name, Reply(question.sign)))
                statement = getattr(question.readback, question.sign)
                noted.append(self._script.phrases.noted.format(statement=statement))
        return " ".join(noted)

    def _count(self, at: str, reply: Reply) -> None:
        self.state = self._triage.answer(self.state, reply)
        self._tell(Answered(at, reply))
        if reply is Reply.UNANSWERED and self._triage.current(self.state) is not None:
            self._say(self._script.phrases.unanswered)

    def _goes_back(self) -> bool:
        before = self.state
        self.state = self._triage.back(before)
        if self.state != before:
            self._say(self._script.phrases.back)
        return self.state != before

    def _stops(self, at: str) -> bool:
        """Whether the person, asked once more, wants to stop."""
        heard, answer = self._turn(at, _Say(Prompt.CONFIRM, self._script.phrases.confirm_stop))
        self._note(at, answer.symptoms)
        return heard.ended or answer.meaning in (Meaning.YES, Meaning.STOP)

    def _obey(self, at: str, command: Meaning, asking: Asking) -> _Say | None:
        """What to say next after a command that leaves the question open; None: it is settled."""
        phrases, question = self._script.phrases, self._script.flow.questions[at]
        base = self._base(question, asking)
        match command:
            case Meaning.HELP:
                said = phrases.help.format(help=question.help, number=self._script.number)
            case Meaning.PAUSE:
                notice = _Say(Prompt.NOTICE, phrases.pause)
                _, answer = self._turn(at, notice, self._script.pause_ms)
                self._note(at, answer.symptoms)
                said = phrases.resume
            case Meaning.BACK:
                said = phrases.back_at_start
            case Meaning.STOP:
                said = phrases.not_stopping
            case _:
                return base
        if self._triage.current(self.state) != at:
            return None
        return _Say(base.kind, f"{said} {base.text}")

    def _prompt(self, question: Question, asking: Asking, decision: Confirm | AskAgain) -> _Say:
        base = self._base(question, asking)
        if isinstance(decision, Confirm):
            return base
        phrases = self._script.phrases
        if decision.why == "disputed":
            return _Say(base.kind, f"{phrases.disputed} {base.text}")
        texts = getattr(phrases.reprompts, decision.why)
        return _Say(base.kind, f"{texts[min(asking.reasks, len(texts)) - 1]} {base.text}")

    def _base(self, question: Question, asking: Asking) -> _Say:
        """The question, or the answer that is being read back."""
        if asking.confirming is None:
            return _Say(Prompt.REPROMPT, question.ask)
        statement = getattr(question.readback, asking.confirming)
        return _Say(Prompt.CONFIRM, self._script.phrases.confirm.format(statement=statement))

    def _close(self, aloud: bool) -> Ending:
        script = self._script
        ending = self._triage.ending(self.state)
        texts = closing(script.flow, self.state, ending, script.phrases, script.number)
        try:
            while texts:
                self._say(texts.pop(0), aloud=aloud)
        except KeyboardInterrupt:
            for text in texts:
                self._tell(Said(text))
            self._tell(Ended(ending))
            raise
        self._tell(Ended(ending))
        return ending

    def _say(self, text: str, *, aloud: bool = True, asks: bool = False) -> None:
        self._tell(Said(text, asks))
        if aloud:
            self._voice.say(spoken(text))
