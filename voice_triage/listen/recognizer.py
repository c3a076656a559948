"""Words out of sound, with Vosk."""

import json
import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from voice_triage.errors import ModelError
from voice_triage.listen.frames import RATE, Frame
from voice_triage.listen.grammar import Grammar
from voice_triage.models.wholes import is_whole, whole

UNKNOWN = "[unk]"
"""What Vosk writes for a word that the grammar lacks."""


@dataclass(frozen=True)
class Fit:
    """The likeliest words of a whole sound, and how well they fit it."""

    text: str
    """As in Heard."""
    nats: float
    """Log likelihood of sound and words together, graph costs by 0.9 (Vosk's own scale). It means
    something only beside that of other words for the same sound."""


class Recognizer(Protocol):
    """One utterance."""

    @property
    def span(self) -> tuple[float, float] | None:
        """Where the words of `finish` begin and end, in seconds of the sound that was fed; None
        when there are none."""

    def feed(self, frame: Frame) -> str:
        """Take the next sound; return the text so far, which may still change."""

    def finish(self) -> tuple[str, float]:
        """Return the final text and its confidence (as in Heard). Never feed after it."""


class Vosk:
    """A loaded model; makes a recogniser for every answer."""

    def __init__(self, model_dir: Path) -> None:
        """Load the model in that folder. Raises ModelError."""
        # Vosk itself would tell a missing folder on stderr only.
        if not model_dir.is_dir():
            raise _unusable(model_dir, "there is no such folder")
        try:
            import vosk
        except (ImportError, OSError) as error:
            raise ModelError(
                f"Vosk can't be loaded: {error}. Install it again with: pip install vosk"
            ) from error
        vosk.SetLogLevel(-2)  # no warnings either: what matters raises
        for kind in (vosk.Model, vosk.KaldiRecognizer):
            # Ctrl-C while one is being made leaves it without a handle, and its own clean-up would
            # then complain on the screen; Vosk frees a null handle without a word.
            kind._handle = vosk._ffi.NULL  # noqa: SLF001 - it has no other
        try:
            self._model = vosk.Model(str(model_dir))
        except Exception as error:  # Vosk raises nothing more precise
            raise _unusable(model_dir, "it isn't a Vosk model, or it is damaged") from error
        self._dir = model_dir

    def knows(self, word: str) -> bool:
        """Whether the model has this word, in exactly this spelling."""
        return self._has(word) and not is_whole(word, self._has)

    def _has(self, word: str) -> bool:
        try:
            number: int = self._model.vosk_model_find_word(word)
        except UnicodeEncodeError:
            return False
        # -1: unknown; 0 is Kaldi's own <eps>, which nobody can say.
        return number > 0

    def recognizer(self, grammar: Grammar | None) -> Recognizer:
        """A fresh recogniser for one utterance. None: without a grammar, for any words that the
        model has. A phrase that the model has as one word is listened for as a whole.

        Raises ModelError that names all words which the model lacks: Vosk only leaves them out.
        """
        if grammar is None:
            return self._utterance({})
        if not any(phrase.split() for phrase in grammar.phrases):
            raise ModelError("The grammar has no words. Name at least one answer to listen for.")
        words = dict.fromkeys(word for phrase in grammar.phrases for word in phrase.split())
        unknown = [word for word in words if not self.knows(word)]
        if unknown:
            raise ModelError(
                f"The speech model {self._dir} doesn't know: {', '.join(unknown)}. "
                "Choose another with --model, or use other words."
            )
        wholes = self._wholes(grammar.phrases)
        listed = [*_listed(grammar, wholes), *[UNKNOWN] * grammar.unknown]
        try:
            return self._utterance(wholes, json.dumps(listed, ensure_ascii=False))
        except Exception as error:  # Vosk raises nothing more precise
            raise ModelError(
                f"The speech model {self._dir} can't listen for a list of answers ({error}). "
                "Choose another with --model: one with a dynamic graph (graph/HCLr.fst)."
            ) from error

    def fit(self, phrases: Sequence[str] | None, sound: Frame) -> Fit:
        """How well the likeliest of `phrases` fits a whole sound, any number of samples; words
        that the model lacks are left out. "[unk]" is among them only where it is named. None: any
        words that the model has. Without words: Fit("", -inf).

        Vosk's alternatives come with their total score instead of a confidence (NbestResult in
        its recognizer.cc), the only place where it tells one.
        """
        import vosk

        likely = [phrase for phrase in phrases or () if all(map(self.knows, phrase.split()))]
        if phrases is not None and not likely:
            return Fit("", -math.inf)
        wholes = self._wholes(likely)
        listed = [whole(phrase) if whole(phrase) in wholes else phrase for phrase in likely]
        grammar = () if phrases is None else (json.dumps(listed, ensure_ascii=False),)
        kaldi = vosk.KaldiRecognizer(self._model, float(RATE), *grammar)
        kaldi.SetMaxAlternatives(1)
        # Whether Vosk sees an end in the middle doesn't matter as long as nobody asks for a result.
        kaldi.AcceptWaveform(sound.astype("<i2").tobytes())
        best = json.loads(kaldi.FinalResult()).get("alternatives")
        if not best:
            return Fit("", -math.inf)
        text = _spaced(best[0]["text"], wholes)
        return Fit(text, float(best[0]["confidence"]))

    def _wholes(self, phrases: Iterable[str]) -> dict[str, str]:
        """Those that are one word to the model, by that word."""
        return {
            whole(phrase): " ".join(phrase.split())
            for phrase in set(phrases)
            if len(phrase.split()) > 1 and self._has(whole(phrase))
        }

    def _utterance(self, wholes: Mapping[str, str], *phrases: str) -> Recognizer:
        import vosk

        kaldi = vosk.KaldiRecognizer(self._model, float(RATE), *phrases)
        kaldi.SetWords(True)
        return _Utterance(kaldi, wholes)


def _spaced(text: str, wholes: Mapping[str, str]) -> str:
    """A text of the model's as people write it."""
    return " ".join(wholes.get(word, word) for word in text.split())


def _listed(grammar: Grammar, wholes: Collection[str]) -> Iterator[str]:
    for phrase in grammar.phrases:
        if whole(phrase) not in wholes:
            yield phrase
            continue
        yield whole(phrase)
        if phrase in grammar.loose:
            yield phrase


class _Utterance:
    """Vosk closes a segment by itself after a silence and begins anew; this joins the segments.

    `wholes`: phrases that are one word to the model, and as people write them.
    """

    def __init__(self, kaldi: Any, wholes: Mapping[str, str]) -> None:
        self._kaldi, self._wholes = kaldi, wholes
        self._texts: list[str] = []
        self._confidences: list[float] = []
        self._times: list[float] = []

    @property
    def span(self) -> tuple[float, float] | None:
        return (min(self._times), max(self._times)) if self._times else None

    def feed(self, frame: Frame) -> str:
        if self._kaldi.AcceptWaveform(frame.astype("<i2").tobytes()):
            self._keep(self._kaldi.Result())
            return " ".join(self._texts)
        told = json.loads(self._kaldi.PartialResult()).get("partial", "")
        partial = _spaced(told, self._wholes)
        return " ".join([*self._texts, partial] if partial else self._texts)

    def finish(self) -> tuple[str, float]:
        self._keep(self._kaldi.FinalResult())
        return " ".join(self._texts), min(self._confidences, default=0.0)

    def _keep(self, result: str) -> None:
        segment = json.loads(result)
        if segment.get("text"):
            self._texts.append(_spaced(segment["text"], self._wholes))
        for word in segment.get("result", ()):
            self._times += (float(word["start"]), float(word["end"]))
            if word["word"] != UNKNOWN:
                # Sums of lattice arcs come out a hair above 1.
                self._confidences.append(min(1.0, max(0.0, float(word["conf"]))))


def _unusable(model_dir: Path, what: str) -> ModelError:
    return ModelError(
        f"The speech model {model_dir} can't be loaded: {what}. "
        "Name another with --model; those that are here are listed by: voice-triage models"
    )
