"""Real rendering with espeak-ng."""

import json
import os
import re
import subprocess
import sys
import wave
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import soxr
import vosk
from hypothesis import given, settings
from hypothesis import strategies as st

from voice_triage.errors import SpeechError
from voice_triage.speak.synthesis import Pyttsx3, Speech, Voice

pytestmark = pytest.mark.usefixtures("leaves_nothing")
ROOT = Path(__file__).parents[2]
QUESTION = "Have you lost control of your bladder?"


def test_a_question_is_rendered() -> None:
    speech = Pyttsx3().render(QUESTION)
    assert speech.samples.dtype == np.int16
    assert speech.samples.ndim == 1
    assert speech.rate == 22050
    assert 1 < speech.seconds < 6
    assert np.sqrt(np.mean(speech.samples.astype(float) ** 2)) > 1000


@pytest.mark.parametrize("times", [1, 5, 40])
def test_nothing_is_cut_off_or_trimmed(times: int, tmp_path: Path) -> None:
    text = " ".join([QUESTION] * times)
    espeak = ["espeak-ng", "-v", "en", "-s", "150"]
    subprocess.run([*espeak, "-w", tmp_path / "whole.wav", text], check=True)
    with wave.open(str(tmp_path / "whole.wav")) as whole:
        expected = whole.getnframes()
    assert len(Pyttsx3().render(text).samples) == pytest.approx(expected, abs=220)


@pytest.mark.parametrize("word", ["yes", "no"])
def test_it_can_be_understood(word: str) -> None:
    speech = Pyttsx3().render(f"{word}.")
    heard = soxr.resample(speech.samples, speech.rate, 16000)
    vosk.SetLogLevel(-1)
    model = vosk.Model(str(ROOT / "models/triage-en"))
    recognizer = vosk.KaldiRecognizer(model, 16000, json.dumps(["yes", "no", "[unk]"]))
    silence = np.zeros(8000, np.int16)
    recognizer.AcceptWaveform(np.concatenate([silence, heard, silence]).tobytes())
    assert json.loads(recognizer.FinalResult())["text"] == word


def test_a_busy_machine_changes_nothing() -> None:
    # pyttsx3's runAndWait() loses the pace, now and then, when the processor is busy.
    def lengths(_: int) -> set[int]:
        return {len(Pyttsx3().render("Call 1 1 2 now.").samples) for _ in range(15)}

    with ThreadPoolExecutor(4) as crowd:
        assert len(set().union(*crowd.map(lengths, range(4)))) == 1


def test_digits_with_spaces_are_read_one_by_one() -> None:
    pyttsx3 = Pyttsx3()
    digits = pyttsx3.render("Call 1 1 2 now.")
    assert np.array_equal(digits.samples, pyttsx3.render("Call one one two now.").samples)
    assert len(pyttsx3.render("Call 112 now.").samples) != len(digits.samples)


def test_voice_and_pace() -> None:
    slow = Pyttsx3(Voice("en-us", words_per_minute=100)).render(QUESTION)
    fast = Pyttsx3(Voice("en-us", words_per_minute=200)).render(QUESTION)
    assert slow.seconds > 1.3 * fast.seconds


@pytest.mark.parametrize("text", ["", " ", "\n\t \u00a0"])
def test_no_text_is_no_sound_and_needs_no_child(text: str) -> None:
    speech = Pyttsx3(command=["/nonexistent"]).render(text)
    assert len(speech.samples) == 0
    assert speech.seconds == 0


@pytest.mark.parametrize(
    "text",
    ["Is it < 5 & rising?", "<speak>hello", "[[h@l'oU]] hello", "a\0b", "-v de", "\ud800 hi"],
)
def test_odd_characters_are_only_text(text: str) -> None:
    assert Pyttsx3().render(text).seconds > 0.3


def test_what_follows_a_nul_is_spoken_too() -> None:
    assert Pyttsx3().render("a\0" + QUESTION).seconds > 2


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_rendered_or_refused(text: str) -> None:
    try:
        assert isinstance(Pyttsx3().render(text), Speech)
    except SpeechError as error:
        assert "without sound" in str(error)  # noqa: PT017 - both ends are right


def test_files_in_the_current_folder_are_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyttsx3.py").write_text("raise SystemExit('wrong one')")
    monkeypatch.chdir(tmp_path)
    assert Pyttsx3().render("hello").seconds > 0.3


def test_an_unknown_voice_is_refused() -> None:
    with pytest.raises(SpeechError, match=r"martian.*espeak-ng --voices"):
        Pyttsx3(Voice("martian")).render(QUESTION)


def test_without_espeak_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The loader takes the first match; an empty file is as good as no library.
    for name in ("libespeak-ng.so.1", "libespeak.so.1"):
        (tmp_path / name).touch()
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    with pytest.raises(SpeechError, match="sudo apt install espeak-ng libespeak-ng1"):
        Pyttsx3().render(QUESTION)


def test_the_pace_of_one_utterance() -> None:
    pyttsx3 = Pyttsx3()
    own, slow = pyttsx3.render(QUESTION), pyttsx3.render(QUESTION, 96)
    assert np.array_equal(own.samples, pyttsx3.render(QUESTION, 150).samples)
    assert slow.seconds > 1.3 * own.seconds


def test_its_identity_names_everything_that_changes_the_sound() -> None:
    identity = Pyttsx3().identity
    assert re.search(r"pyttsx3 2\.\d+; espeak-ng 1\.\d\S* \d+ \d+; en, 150 words", identity)
    assert Pyttsx3(Voice("en-us")).identity != identity
    assert Pyttsx3(Voice(words_per_minute=140)).identity != identity


def test_without_espeak_it_still_has_an_identity(tmp_path: Path) -> None:
    for name in ("libespeak-ng.so.1", "libespeak.so.1"):
        (tmp_path / name).touch()
    done = subprocess.run(
        [sys.executable, "-c",
         "from voice_triage.speak.synthesis import Pyttsx3; print(Pyttsx3().identity)"],
        env=os.environ | {"LD_LIBRARY_PATH": str(tmp_path)},
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert "espeak-ng missing" in done.stdout
