"""What the tests of evaluating share."""

import csv
from pathlib import Path

import pytest
from voices import speak


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("set")
    rows = [("path", "text")]
    for voice in ("en-us", "slt"):
        for number, text in enumerate(("yes", "no", "banana")):
            rows.append((speak(text, folder / f"{number}-{voice}.wav", voice).name, text))
    for name, copies in (("few.tsv", 1), ("many.tsv", 500)):
        with (folder / name).open("w", newline="") as file:
            csv.writer(file, delimiter="\t").writerows([rows[0], *rows[1:] * copies])
    return folder
