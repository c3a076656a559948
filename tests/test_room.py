"""What the tests of speech rely on: a sound is found on a tape, torn or not, and no other is."""

from pathlib import Path

import numpy as np
import pytest
from room import RATE, Samples, find, read_sound
from sounds import trimmed
from voices import speak

SENTENCE = "Have you lost control of your bladder?"


@pytest.fixture(scope="module")
def sentence(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    return trimmed(read_sound(speak(SENTENCE, tmp_path_factory.mktemp("said") / "a.wav")))


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE), np.int16)


def torn(sound: Samples, *gaps_s: float) -> Samples:
    """With silences of these lengths in it, about as far apart from each other."""
    pieces = np.array_split(sound, len(gaps_s) + 1)
    mended = [
        part for piece, gap in zip(pieces, gaps_s, strict=False) for part in (piece, silence(gap))
    ]
    return np.concatenate([silence(1), *mended, pieces[-1], silence(1)])


@pytest.mark.parametrize("gaps_s", [(), (0.3,), (0.1, 0.05), (0.02, 0.15, 0.03)])
def test_a_sound_is_found_torn_or_not(sentence: Samples, gaps_s: tuple[float, ...]) -> None:
    begins = find(sentence, torn(sentence, *gaps_s))
    assert begins is not None
    assert 0.99 < begins < 1.01 + max(gaps_s, default=0.0)


@pytest.mark.parametrize(
    "text",
    ["Is either of your legs so numb that you can't feel it?", "Have you lost your way, my dear?"],
)
def test_no_other_sound_is(tmp_path: Path, sentence: Samples, text: str) -> None:
    other = read_sound(speak(text, tmp_path / "other.wav"))
    assert find(sentence, np.concatenate([silence(1), other, other])) is None
    assert find(sentence, torn(other, 0.1, 0.1)) is None


def test_nothing_is_found_in_silence(sentence: Samples) -> None:
    assert find(sentence, silence(10)) is None
    assert find(sentence, sentence[: RATE // 2]) is None
