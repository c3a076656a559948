"""From one view to the next: the reducer of the screen. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from voice_triage.answers.lexicon import UNKNOWN_WORD
from voice_triage.conversation.events import (
    Asked,
    Closing,
    Ended,
    Event,
    Prompt,
    Said,
    Trouble,
    Understood,
)
from voice_triage.conversation.script import Script
from voice_triage.flow import Flow, Reply, State
from voice_triage.flow.survey import Place, survey
from voice_triage.kiosk.labels import Labels
from voice_triage.kiosk.touch import Press
from voice_triage.kiosk.view import Caption, Page, Phase, Symptom, View

_ANSWERS = (Press.YES, Press.NO, Press.UNSURE, Press.REPEAT, Press.STOP)
_PAUSED = (Press.REPEAT, Press.STOP)
_ONLY_STOP = (Press.STOP,)
_RESTING = (Press.REPEAT, Press.STOP)
_MOST_NOTICES = 4


class Views:
    """Makes views of one script, in one language. Stateless: a view in, the next one out."""

    def __init__(self, script: Script, labels: Labels, privacy: str) -> None:
        """`privacy`: the sentence about what is kept."""
        self._script, self._labels, self._privacy = script, labels, privacy
        self._ahead = questions_ahead(script.flow)

    def waiting(
        self, before: View, start_word: str | None, notices: Iterable[str] = ()
    ) -> View:  # fmt: skip
        """Nobody is there; nothing is left of who was. `start_word`: None if it can't be heard."""
        texts = self._labels.waiting
        said = texts.touch if start_word is None else texts.say.format(phrase=start_word)
        return View(
            turn=before.turn + 1,
            text=said,
            start_word=start_word,
            privacy=self._privacy,
            notices=tuple(notices),
        )

    def told(self, view: View, event: Event) -> View:
        """What an event of the conversation makes of it."""
        match event:
            case Said(text, asks):
                return self._said(view, text, asks)
            case Asked(_, kind) if view.phase is Phase.SPEAKING:
                paused = kind is Prompt.NOTICE
                phase = Phase.PAUSED if paused else Phase.LISTENING
                return replace(view, phase=phase, heard=None)
            case Understood():
                return _understood(view, event)
            case Trouble(text):
                return self.noticed(view, text)
            case Closing():
                return self._closing(view, event)
            case Ended():
                return self.rests(view)
            case _:
                return view

    def tapped(self, view: View, press: Press) -> View:
        """A button was touched, and counts."""
        if press not in _ANSWERS or view.phase is Phase.ENDING:
            return view
        return replace(
            view, phase=Phase.HEARD, heard=Caption("", press.value), presses=_ONLY_STOP
        )  # fmt: skip

    def noticed(self, view: View, text: str) -> View:
        """Something to know is shown beside whatever there is."""
        others = [notice for notice in view.notices if notice != text]
        return replace(view, notices=(*others, text)[-_MOST_NOTICES:])

    def speaks_again(self, view: View) -> View:
        """The last words are said once more."""
        return replace(view, turn=view.turn + 1, presses=_ONLY_STOP)

    def rests(self, view: View) -> View:
        """The last words have been said."""
        text = view.text if view.page is None else view.page.headline
        return replace(view, turn=view.turn + 1, text=text, heard=None, presses=_RESTING)

    def offered(self, view: View, qr: str | None, report: str, pdf: str | None) -> View:
        """The ending can be taken away."""
        page = view.page and replace(view.page, qr=qr, report=report, pdf=pdf)
        return replace(view, page=page)

    def _said(self, view: View, text: str, asks: Asked | None) -> View:
        if view.phase is Phase.ENDING:
            return replace(view, text=text)
        if asks is None:
            # One statement after the other is one turn: a tap between them stops all of them.
            goes_on = view.phase is Phase.SPEAKING and view.question is None
            return replace(
                view, turn=view.turn + (not goes_on), phase=Phase.SPEAKING, question=None,
                kind=None, text=text, presses=_ONLY_STOP,
            )  # fmt: skip
        ahead, most = self._ahead[asks.question], self._ahead[self._script.flow.start]
        return replace(
            view, turn=view.turn + 1, phase=Phase.SPEAKING, question=asks.question, kind=asks.kind,
            text=text, progress=(max(most - ahead, 0), max(most, ahead)),
            presses=_PAUSED if asks.kind is Prompt.NOTICE else _ANSWERS,
        )  # fmt: skip

    def _closing(self, view: View, event: Closing) -> View:
        symptoms = tuple(reported(self._script.flow, event.known))
        page = Page(
            event.ending.urgency, event.words.now, event.words.advice, event.words.safety_net,
            self._script.number, symptoms,
            tuple(self._labels.marked(symptom.question for symptom in symptoms)),
        )  # fmt: skip
        return replace(
            view, turn=view.turn + 1, phase=Phase.ENDING, question=None, kind=None,
            text=event.words.now, progress=None, presses=_ONLY_STOP, page=page,
        )  # fmt: skip


def _understood(view: View, event: Understood) -> View:
    if view.phase is Phase.ENDING:
        return view
    text = event.heard.text.replace(UNKNOWN_WORD, "…")
    heard = Caption(text, event.answer.meaning.told) if text else None
    if view.phase is Phase.HEARD:  # it was touched
        heard = view.heard
    if view.phase is Phase.PAUSED:  # it may wait on without a word
        return replace(view, turn=view.turn + 1, heard=heard)
    return replace(view, phase=Phase.HEARD, heard=heard, presses=_ONLY_STOP)


def reported(flow: Flow, known: State) -> Iterable[Symptom]:
    """The symptoms that were reported, in the flow's order, each once."""
    replies = dict(known.answered)
    for name, question in flow.questions.items():
        if name in known.volunteered or replies.get(name) == Reply(question.sign):
            yield Symptom(name, getattr(question.readback, question.sign))


def questions_ahead(flow: Flow) -> dict[str, int]:
    """How many questions there can be at most from each question on, itself included."""
    surveyed = survey(flow)
    most: dict[Place | None, int] = {None: 0}
    ahead = dict.fromkeys(flow.questions, 1)
    for place in reversed(surveyed.places):
        most[place] = 1 + max(most[leads.then] for leads in surveyed.exits[place].values())
        ahead[place.question] = max(ahead[place.question], most[place])
    return ahead
