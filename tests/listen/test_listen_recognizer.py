"""The real recogniser and the embedded model."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from voice_triage.errors import ModelError
from voice_triage.listen.grammar import Grammar
from voice_triage.listen.recognizer import Recognizer, Vosk
from voice_triage.listen.source import FRAME_SAMPLES, RATE, Frame

Spoken = Callable[..., Frame]
PAUSE = np.zeros(RATE // 2, np.int16)


def feed(recognizer: Recognizer, *sounds: Frame) -> list[str]:
    sound = np.concatenate(sounds)
    starts = range(0, len(sound), FRAME_SAMPLES)
    return [recognizer.feed(sound[start : start + FRAME_SAMPLES]) for start in starts]


@pytest.mark.parametrize("voice", ["en-us", "en-gb", "slt"])
@pytest.mark.parametrize("word", ["yes", "no"])
def test_yes_and_no(vosk: Vosk, spoken: Spoken, voice: str, word: str) -> None:
    recognizer = vosk.recognizer(Grammar(("yes", "no")))
    partials = feed(recognizer, PAUSE, spoken(word, voice), PAUSE)
    assert partials[0] == ""
    assert partials[-1] == word
    text, confidence = recognizer.finish()
    assert text == word
    assert 0.5 < confidence <= 1


def test_another_word_is_unknown_and_nothing_to_be_sure_of(vosk: Vosk, spoken: Spoken) -> None:
    recognizer = vosk.recognizer(Grammar(("yes", "no")))
    feed(recognizer, PAUSE, spoken("seven"), PAUSE)
    assert recognizer.finish() == ("[unk]", 0.0)


def test_silence_is_nothing(vosk: Vosk) -> None:
    recognizer = vosk.recognizer(Grammar(("yes", "no")))
    assert set(feed(recognizer, *[PAUSE] * 10)) == {""}
    assert recognizer.finish() == ("", 0.0)


def test_words_before_a_long_pause_are_kept(vosk: Vosk, spoken: Spoken) -> None:
    """Vosk's own endpointer ends a segment there and would forget them."""
    recognizer = vosk.recognizer(Grammar(("yes", "no")))
    partials = feed(recognizer, PAUSE, spoken("yes"), *[PAUSE] * 6, spoken("no"), PAUSE)
    after_yes = partials[partials.index("yes") :]
    assert all(partial.startswith("yes") for partial in after_yes)
    assert recognizer.finish()[0] == "yes no"


def test_a_recogniser_for_every_answer(vosk: Vosk, spoken: Spoken) -> None:
    first, second = (vosk.recognizer(Grammar(("yes", "no"))) for _ in range(2))
    feed(first, PAUSE, spoken("yes"), PAUSE)
    feed(second, PAUSE, spoken("no"), PAUSE)
    assert (first.finish()[0], second.finish()[0]) == ("yes", "no")


ANSWERS = Grammar(
    ("yes", "no", "no it isn't", "no it doesn't", "i don't know", "can't feel my legs")
)


@pytest.mark.parametrize("said", ["no it isn't", "no it doesn't", "i don't know"])
@pytest.mark.parametrize("voice", ["en-us", "slt"])
def test_an_answer_of_several_words_is_heard_as_a_whole(
    vosk: Vosk, spoken: Spoken, said: str, voice: str
) -> None:
    recognizer = vosk.recognizer(ANSWERS)
    partials = feed(recognizer, PAUSE, spoken(said, voice), PAUSE)
    assert partials[-1] == said
    assert not any("_" in partial for partial in partials)
    assert recognizer.finish()[0] == said


def test_words_of_answers_do_not_mix(vosk: Vosk, spoken: Spoken) -> None:
    for loose in (frozenset[str](), frozenset(ANSWERS.phrases)):
        recognizer = vosk.recognizer(Grammar(ANSWERS.phrases, loose))
        feed(recognizer, PAUSE, spoken("i can't feel my legs"), PAUSE)
        text, _ = recognizer.finish()
        assert (text == "i can't feel my legs") is bool(loose)


def test_a_pause_within_an_answer(vosk: Vosk, spoken: Spoken) -> None:
    recognizer = vosk.recognizer(ANSWERS)
    feed(recognizer, PAUSE, spoken("no"), PAUSE[:3000], spoken("it isn't"), PAUSE)
    assert recognizer.finish()[0] == "no it isn't"


def test_a_phrase_that_the_model_has_not_as_a_whole(vosk: Vosk, spoken: Spoken) -> None:
    recognizer = vosk.recognizer(Grammar(("yes yes no", "go home")))
    feed(recognizer, PAUSE, spoken("yes yes no"), PAUSE)
    assert recognizer.finish()[0] == "yes yes no"


def test_what_the_model_knows(vosk: Vosk) -> None:
    assert vosk.knows("yes")
    for word in ("no_it_isn't", "xylophone", "Yes", "", "<eps>", "schön", "да", "\udcff"):
        assert not vosk.knows(word)


def test_words_that_the_model_lacks_are_all_named(vosk: Vosk) -> None:
    with pytest.raises(ModelError) as caught:
        vosk.recognizer(Grammar(("yes", "xylophone please", "zither", "xylophone")))
    message = str(caught.value)
    assert "xylophone" in message
    assert "zither" in message
    assert "yes" not in message
    assert "--model" in message


@pytest.mark.parametrize("phrases", [(), ("",), (" ", "")])
def test_a_grammar_without_words(vosk: Vosk, phrases: tuple[str, ...]) -> None:
    """Vosk would crash the whole process."""
    with pytest.raises(ModelError, match="no words"):
        vosk.recognizer(Grammar(phrases))


def test_the_unknown_word_may_be_given_weight(vosk: Vosk, spoken: Spoken) -> None:
    recognizer = vosk.recognizer(Grammar(("yes", "yes", "no"), unknown=3))
    feed(recognizer, PAUSE, spoken("yes"), PAUSE)
    assert recognizer.finish()[0] == "yes"


def test_a_model_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no such folder.*--model"):
        Vosk(tmp_path / "none")


def test_a_folder_that_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "README").write_text("hello")
    with pytest.raises(ModelError, match=r"isn't a Vosk model.*--model"):
        Vosk(tmp_path)


def test_a_model_that_was_cut_short(tmp_path: Path) -> None:
    model = Path(__file__).parents[2] / "models" / "triage-en"
    for part in model.rglob("*"):
        if part.is_file():
            copy = tmp_path / part.relative_to(model)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(part.read_bytes())
    weights = tmp_path / "am" / "final.mdl"
    weights.write_bytes(weights.read_bytes()[:100_000])
    with pytest.raises(ModelError, match="damaged"):
        Vosk(tmp_path)
