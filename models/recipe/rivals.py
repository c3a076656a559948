"""PocketSphinx on the same recordings: what the model has to be better than."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voice_triage.evaluate.engine import Ears
from voice_triage.listen.frames import Frame

UNKNOWN = "[unk]"


@dataclass(frozen=True)
class PocketSphinx:
    """PocketSphinx 5 with the English model that its wheel brings, listening for `phrases`.

    It has no `[unk]`, so single words of a list stand for it, each as likely as a phrase.
    """

    phrases: tuple[str, ...]
    others: tuple[str, ...]

    def __call__(self) -> Ears:
        from pocketsphinx import Decoder, get_model_path

        model = Path(get_model_path()) / "en-us"
        decoder = Decoder(
            hmm=str(model / "en-us"), dict=str(model / "cmudict-en-us.dict"), lm=None,
            loglevel="FATAL",
        )  # fmt: skip
        known = [w for w in self.others if decoder.lookup_word(w)]
        decoder.add_jsgf_string("answers", grammar([*self.phrases, *known]))
        decoder.activate_search("answers")
        return _Ears(decoder, frozenset(self.phrases))


def grammar(phrases: Sequence[str]) -> str:
    """One of these phrases, in the Java Speech Grammar Format."""
    return "#JSGF V1.0;\ngrammar answers;\npublic <answer> = " + " | ".join(phrases) + ";\n"


@dataclass(frozen=True)
class _Ears:
    decoder: Any
    phrases: frozenset[str]

    def hear(self, sound: Frame) -> tuple[str, float]:
        self.decoder.start_utt()
        self.decoder.process_raw(sound.tobytes(), full_utt=True)
        self.decoder.end_utt()
        found = self.decoder.hyp()
        text = found.hypstr if found is not None else ""
        return (text if text in self.phrases else UNKNOWN if text else ""), 1.0
