"""What the program says of its own, and whom it says to call."""

from pathlib import Path

import phonenumbers
import pytest

from voice_triage.assemble import prompts
from voice_triage.conversation.phrases import load_numbers, load_phrases, spoken
from voice_triage.errors import DocumentError, UsageError

NUMBERS = load_numbers(prompts() / "emergency_numbers.yaml")


@pytest.mark.parametrize("region", NUMBERS.regions)
def test_each_number_is_an_emergency_number_of_its_region(region: str) -> None:
    assert phonenumbers.is_emergency_number(NUMBERS.number(region), region)


def test_regions_in_any_case_none_and_unknown() -> None:
    assert NUMBERS.number("gb") == NUMBERS.number("GB") == "999"
    assert NUMBERS.number(None) == "112 or 911"
    with pytest.raises(UsageError, match="No emergency number is known for region 'XX'"):
        NUMBERS.number("XX")


def test_numbers_are_spoken_digit_by_digit() -> None:
    assert spoken("Call 112 or 911 now.") == "Call 1 1 2 or 9 1 1 now."
    assert spoken("Call 15 now, in 2 minutes") == "Call 1 5 now, in 2 minutes"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{statement}. Is that", "{statment}. Is that", "in braces may stand: {statement}"),
        ("pause: I'm waiting.", "pause: I'm waiting {.", "in braces may stand: nothing"),
        ("back_at_start:", "back_at_strat:", "unknown key 'back_at_strat'"),
    ],
)
def test_a_broken_phrase_is_told_at_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = (prompts() / "phrases.en.yaml").read_text()
    file = tmp_path / "phrases.yaml"
    file.write_text(text.replace(old, new))
    with pytest.raises(DocumentError) as raised:
        load_phrases(file)
    line = text[: text.index(old)].count("\n") + 1
    assert any(said in p.message and p.line in (line, 1, 2) for p in raised.value.problems)
