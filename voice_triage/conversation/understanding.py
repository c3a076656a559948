"""What each question of a flow can be answered with: to recognise, and to interpret."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

from voice_triage.answers import Answer, Lexicon, Meaning, interpret
from voice_triage.errors import ModelError
from voice_triage.flow import Flow
from voice_triage.listen.grammar import Grammar

_MUST_HEAR = (Meaning.YES, Meaning.NO)
_FIRMNESS = 4
"""How often the recogniser is told each phrase. The more often, the less its bigram expects that a
word of another phrase follows. models/triage-en/README.md has what it gave."""
_UNKNOWN = 2
"""And how often that it may be any other word."""


class Understanding:
    """A lexicon, made to measure for each question of a flow."""

    def __init__(self, flow: Flow, lexicon: Lexicon) -> None:
        self._flow = flow
        self._general = lexicon.with_symptoms(
            {name: question.answers.symptom for name, question in flow.questions.items()}
        )
        self._lexicons: dict[str, Lexicon] = {}

    def interpret(self, question: str | None, text: str) -> Answer:
        """What `text` means as an answer to `question`; None: to a question of no known kind."""
        return interpret(text, self._lexicon(question))

    @property
    def sound_alikes(self) -> tuple[str, ...]:
        """What a plain yes or no must be told from by ear."""
        return self._general.sound_alikes

    def phrases(self, question: str | None) -> tuple[str, ...]:
        """What is likely to be said to `question` (None: to any); likely ones stand often."""
        asked = self._flow.questions.values()
        common = [p for u in self._general.utterances for p in u.say * u.weight]
        answers = (
            [self._flow.questions[question].answers] if question else [q.answers for q in asked]
        )
        own = [p for a in answers for p in (*a.yes, *a.no, *a.unsure)]
        symptoms = [p for q in asked for p in q.answers.symptom]
        return (*common, *own, *symptoms)

    @property
    def reports(self) -> frozenset[str]:
        """The phrases that report a symptom; people word them freely."""
        questions = self._flow.questions.values()
        return frozenset(phrase for q in questions for phrase in q.answers.symptom)

    def _lexicon(self, question: str | None) -> Lexicon:
        if question is None:
            return self._general
        if question not in self._lexicons:
            own = self._flow.questions[question].answers
            self._lexicons[question] = self._general.with_answers(
                {Meaning.YES: own.yes, Meaning.NO: own.no, Meaning.UNSURE: own.unsure}
            )
        return self._lexicons[question]


class Grammars:
    """The recogniser's grammars, in the words that one speech model knows."""

    def __init__(self, understanding: Understanding, knows: Callable[[str], bool]) -> None:
        self._understanding = understanding
        self._knows = cache(knows)
        self._grammars: dict[str | None, Grammar] = {}

    def grammar(self, question: str | None) -> Grammar:
        """What to listen for after `question`. Raises ModelError if the model can't hear a plain
        yes or no; other phrases with a word that it lacks are left out."""
        if question not in self._grammars:
            phrases = self._understanding.phrases(question)
            heard = tuple(p for p in phrases if all(map(self._knows, p.split())))
            missing = [m.value for m in _MUST_HEAR if not self._hears(m, question, heard)]
            if missing:
                raise ModelError(
                    f"This speech model knows no word for {' and '.join(missing)}, so it can't hear"
                    " the answers. Choose a model of the flow's language with --model, or leave"
                    " --model out."
                )
            loose = self._understanding.reports.intersection(heard)
            self._grammars[question] = Grammar(heard * _FIRMNESS, loose, _UNKNOWN)
        return self._grammars[question]

    def _hears(self, meaning: Meaning, question: str | None, phrases: Iterable[str]) -> bool:
        interpret = self._understanding.interpret
        return any(interpret(question, phrase).meaning is meaning for phrase in phrases)

    def unheard(self, question: str | None) -> tuple[str, ...]:
        """Words of this question's phrases that the model doesn't know, in alphabetical order."""
        words = {w for phrase in self._understanding.phrases(question) for w in phrase.split()}
        return tuple(sorted(word for word in words if not self._knows(word)))
