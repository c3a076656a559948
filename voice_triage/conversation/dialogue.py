"""The conversation as one value, and what each turn makes of it. Pure: no clock, no sound."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from voice_triage.answers import Meaning
from voice_triage.conversation.absence import silence
from voice_triage.conversation.events import Answered, Asked, Prompt, Said
from voice_triage.conversation.policy import (
    AskAgain,
    Asking,
    Confirm,
    Count,
    Obey,
    Waiting,
    decide,
    replies,
)
from voice_triage.conversation.script import Script
from voice_triage.conversation.turn import Listen, Turn
from voice_triage.conversation.wording import Wording
from voice_triage.flow import Ending, Reply, State, Triage, Urgency
from voice_triage.speak.manner import Manner

_LEAVING = (Meaning.BACK, Meaning.RESTART, Meaning.HELP, Meaning.STOP)
_RESUMING = (Meaning.CONTINUE, Meaning.REPEAT, Meaning.YES, Meaning.NO, Meaning.UNSURE)


@dataclass(frozen=True)
class Dialogue:
    """Where a conversation stands, all of it."""

    known: State = State()
    asking: Asking = Asking()
    waiting: Waiting = Waiting.ANSWER
    waited_s: float = 0.0
    """How long a pause has lasted."""
    manner: Manner = Manner()
    patient: bool = False
    """The person has paused so long inside an answer that it was taken for its end."""
    silent_s: float | None = None
    """How long nobody has answered, as `absence.silence` counts it."""
    turns: int = 0
    over: bool = False
    """Stopped, or nobody can answer any more."""
    before: Dialogue | None = None
    """Before the last turn, in case that turn goes on."""


@dataclass(frozen=True)
class Move:
    """What the program does next: it says all this, asks, and listens."""

    says: tuple[Said | Answered, ...] = ()
    asks: Asked | None = None
    """None: it listens on, in silence."""
    listen: Listen | None = None
    """None: the conversation is over."""


Step = tuple[Dialogue, Move]


class Director:
    """Leads a conversation by its script. Stateless: every method maps a Dialogue to the next."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._triage = Triage(script.flow)
        self._wording = Wording(script)
        # No person needs so many turns; a television that says "go back" for ever does.
        self._most_turns = 100 + 20 * len(script.flow.questions)

    def begin(self, manner: Manner | None = None) -> Step:
        """The greeting and the first question, in the script's manner if in no other."""
        new = Dialogue(manner=manner or self._script.manner)
        return self._ask(new, [Said(text) for text in self._wording.greeting()])

    def resume(self, dialogue: Dialogue) -> Step:
        """Go on with a conversation that was cut off: where it was, and its question again."""
        at = self._triage.current(dialogue.known)
        if at is None or dialogue.over:
            return dialogue, Move()
        open_ = replace(dialogue, waiting=Waiting.ANSWER, waited_s=0.0, before=None)
        return self._again(open_, at, self._script.phrases.resumed)

    def at(self, dialogue: Dialogue) -> str | None:
        """The id of the question that is being asked; None: all are settled."""
        return self._triage.current(dialogue.known)

    def ending(self, dialogue: Dialogue) -> Ending:
        """What it ends in, if it ends here."""
        return self._triage.ending(dialogue.known)

    def hear(self, dialogue: Dialogue, turn: Turn) -> Step:
        """What a turn makes of the conversation."""
        if turn.heard.continues and dialogue.before is not None:
            dialogue = self._taken_back(dialogue, dialogue.before)
        before = replace(dialogue, before=None)
        after, move = self._hear(replace(before, turns=before.turns + 1), turn)
        return replace(after, before=before), move

    def _taken_back(self, dialogue: Dialogue, before: Dialogue) -> Dialogue:
        """What was said next belongs to the same answer, so that answer is judged anew.

        A symptom in what was heard first still counts, whatever the whole is heard as; and since
        the person has said two things, what would close the question is read back.
        """
        reported = [q for q in dialogue.known.volunteered if q not in before.known.volunteered]
        return replace(
            before,
            known=self._triage.volunteer(before.known, reported),
            asking=replace(before.asking, disputed=True),
            patient=True,
            turns=dialogue.turns,
        )

    def _hear(self, dialogue: Dialogue, turn: Turn) -> Step:
        at = self._triage.current(dialogue.known)
        # Who asked for a pause may be silent.
        asked = Asking() if dialogue.waiting is Waiting.PAUSE else dialogue.asking
        silent_s = silence(dialogue.silent_s, asked, turn.heard, self._script.limits)
        dialogue = replace(dialogue, silent_s=silent_s)
        gone = (silent_s or 0.0) >= self._script.absent_s
        if at is None or turn.heard.ended or gone or dialogue.turns > self._most_turns:
            return replace(dialogue, over=True), Move()
        dialogue, told = self._note(dialogue, at, turn.answer.symptoms)
        if self._triage.current(dialogue.known) != at:
            return self._next(dialogue, told)
        match dialogue.waiting:
            case Waiting.PAUSE:
                return self._paused(dialogue, at, turn, told)
            case Waiting.STOP:
                return self._stopping(dialogue, at, turn, told)
        if turn.answer.meaning is Meaning.SYMPTOM and told:
            return self._again(dialogue, at, told=told)
        return self._answered(dialogue, at, turn, told)

    def _answered(
        self, dialogue: Dialogue, at: str, turn: Turn, told: list[Said | Answered]
    ) -> Step:
        question = self._script.flow.questions[at]
        decision, asking = decide(question, dialogue.asking, turn, self._script.limits)
        asked = replace(dialogue, asking=asking)
        match decision:
            case Count(reply):
                return self._count(asked, at, reply, told)
            case Obey(command):
                return self._obey(asked, at, command, told)
            case Confirm():
                return self._again(asked, at, told=told)
            case AskAgain() if turn.heard.interrupted:
                return self._again(asked, at, self._script.phrases.hearing_again, told=told)
            case AskAgain(why):
                return self._again(asked, at, self._wording.reprompt(why, asking.reasks), told=told)

    def _note(
        self, dialogue: Dialogue, at: str, symptoms: Iterable[str]
    ) -> tuple[Dialogue, list[Said | Answered]]:
        """Count reported symptoms at once; what to tell and to say of them."""
        told: list[Said | Answered] = []
        known = dialogue.known
        for name in symptoms:
            sign = Reply(self._script.flow.questions[name].sign)
            if name == self._triage.current(known) == at:
                known = self._triage.answer(known, sign)
                told.append(Answered(name, sign))
            elif name not in known.volunteered:
                known = self._triage.volunteer(known, [name])
                told += [Answered(name, sign), Said(self._wording.noted(name, sign))]
        return replace(dialogue, known=known), told

    def _count(
        self, dialogue: Dialogue, at: str, reply: Reply, told: list[Said | Answered]
    ) -> Step:
        known = self._triage.answer(dialogue.known, reply)
        told.append(Answered(at, reply))
        if reply is Reply.UNANSWERED and self._triage.current(known) is not None:
            told.append(Said(self._wording.unanswered(self._script.flow.questions[at])))
        return self._next(replace(dialogue, known=known), told)

    def _next(self, dialogue: Dialogue, told: list[Said | Answered]) -> Step:
        """The question has been settled, or left behind."""
        fresh = replace(dialogue, asking=Asking(), waiting=Waiting.ANSWER, waited_s=0.0)
        return self._ask(fresh, told)

    def _ask(self, dialogue: Dialogue, told: Iterable[Said | Answered]) -> Step:
        """Ask a question for the first time, or end."""
        at = self._triage.current(dialogue.known)
        if at is None:
            # The advice comes before anything else: no notes, no small talk.
            return dialogue, Move(tuple(e for e in told if isinstance(e, Answered)))
        text = self._script.flow.questions[at].ask
        asks = Asked(at, Prompt.QUESTION, text)
        return dialogue, Move((*told, Said(text, asks)), asks, self._listen(dialogue, at))

    def _again(
        self, dialogue: Dialogue, at: str, first: str = "", told: Iterable[Said | Answered] = ()
    ) -> Step:
        """Say `first` and, after it, the question again or the answer that is being read back.
        What is to be said of noted symptoms goes before both, in one breath."""
        noted = [event.text for event in told if isinstance(event, Said)]
        kind, text = self._wording.base(self._script.flow.questions[at], dialogue.asking)
        return self._prompt(dialogue, at, kind, " ".join([*noted, first, text]), told)

    def _prompt(
        self, dialogue: Dialogue, at: str, kind: Prompt, text: str,
        told: Iterable[Said | Answered] = (), begin_ms: int | None = None,
    ) -> Step:  # fmt: skip
        text = " ".join(text.split())
        answered = (event for event in told if isinstance(event, Answered))
        listen = replace(self._listen(dialogue, at), begin_ms=begin_ms)
        asks = Asked(at, kind, text)
        return dialogue, Move((*answered, Said(text, asks)), asks, listen)

    def _listen(self, dialogue: Dialogue, at: str) -> Listen:
        question = self._script.flow.questions[at]
        critical = question.urgency is Urgency.EMERGENCY
        if dialogue.waiting is Waiting.STOP:
            last = {Meaning.YES, Meaning.STOP}
        else:
            counts, known = replies(dialogue.asking, self._script.limits), dialogue.known
            last = {meaning for meaning in counts if self._triage.ends(known, counts[meaning])}
        last.add(Meaning.SYMPTOM)  # it may be an emergency
        return Listen(at, None, question.timers, dialogue.patient, critical, frozenset(last))

    # Commands

    def _obey(
        self, dialogue: Dialogue, at: str, command: Meaning, told: list[Said | Answered]
    ) -> Step:
        phrases, question = self._script.phrases, self._script.flow.questions[at]
        match command:
            case Meaning.HELP:
                after, move = self._again(dialogue, at, self._wording.help(question), told)
                listen = replace(self._listen(after, at), begin_ms=self._script.help_ms)
                return after, replace(move, listen=listen)
            case Meaning.PAUSE:
                paused = replace(dialogue, waiting=Waiting.PAUSE, waited_s=0.0)
                wait_ms = self._script.pause_ms
                return self._prompt(paused, at, Prompt.NOTICE, phrases.pause, told, wait_ms)
            case Meaning.STOP:
                stopping = replace(dialogue, waiting=Waiting.STOP)
                return self._prompt(stopping, at, Prompt.CONFIRM, phrases.confirm_stop, told)
            case Meaning.BACK:
                return self._back(dialogue, at, told)
            case Meaning.RESTART:
                known = State(volunteered=dialogue.known.volunteered)
                return self._next(
                    replace(dialogue, known=known), [*told, Said(phrases.starting_again)]
                )
            case Meaning.SLOWER | Meaning.FASTER | Meaning.LOUDER | Meaning.QUIETER:
                manner: Manner = getattr(dialogue.manner, command.value)()
                said = self._wording.manner(command.value, manner != dialogue.manner)
                return self._again(replace(dialogue, manner=manner), at, said, told)
            case _:
                return self._again(dialogue, at, told=told)

    def _back(self, dialogue: Dialogue, at: str, told: list[Said | Answered]) -> Step:
        """Undo the last answer: the one that is being read back, or the one before."""
        if dialogue.asking.confirming is not None:
            asking = replace(dialogue.asking, confirming=None, disputed=True)
            return self._again(
                replace(dialogue, asking=asking), at, self._script.phrases.disputed, told
            )
        known = self._triage.back(dialogue.known)
        if known == dialogue.known or self._triage.current(known) is None:
            return self._again(dialogue, at, self._script.phrases.back_at_start, told)
        undone = Said(self._wording.undone(*dialogue.known.answered[-1]))
        return self._next(replace(dialogue, known=known), [*told, undone])

    def _paused(self, dialogue: Dialogue, at: str, turn: Turn, told: list[Said | Answered]) -> Step:
        """Wait on, whatever else is said in the room, until the person is back or time is up."""
        meaning, heard = turn.answer.meaning, turn.heard
        waited = dialogue.waited_s + heard.seconds
        left_ms = self._script.pause_ms - round(waited * 1000)
        going = replace(dialogue, waiting=Waiting.ANSWER, waited_s=0.0)
        if heard.lost or heard.interrupted:
            meaning = Meaning.NONE
        if meaning in (Meaning.YES, Meaning.NO) and going.asking.confirming is None:
            # It may have been meant for somebody else in the room, so it is read back.
            asking = replace(going.asking, confirming=Reply(meaning.value))
            return self._again(replace(going, asking=asking), at, told=told)
        if meaning in _LEAVING:
            return self._obey(going, at, meaning, told)
        if meaning in _RESUMING or left_ms <= 0 or not heard.text:
            return self._again(going, at, self._script.phrases.resume, told)
        listen = replace(self._listen(dialogue, at), begin_ms=left_ms)
        return replace(dialogue, waited_s=waited), Move(tuple(told), None, listen)

    def _stopping(
        self, dialogue: Dialogue, at: str, turn: Turn, told: list[Said | Answered]
    ) -> Step:
        going = replace(dialogue, waiting=Waiting.ANSWER)
        if turn.answer.meaning in (Meaning.YES, Meaning.STOP) and not turn.heard.lost:
            return replace(going, over=True), Move(tuple(told))
        return self._again(going, at, self._script.phrases.not_stopping, told)
