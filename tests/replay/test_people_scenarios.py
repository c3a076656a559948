"""The shipped scenarios of every outcome, answered by real people: recordings of speakers whom
training never heard, each saying their own "yes" and "no"."""

import csv
import io
import tarfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import soundfile
import yaml
from programs import ROOT
from sounds import SPEECH

from voice_triage.replay.compare import is_lower, mismatches
from voice_triage.replay.load import load
from voice_triage.replay.play import Played
from voice_triage.replaying import Theatre

OUTCOMES = sorted((ROOT / "tests" / "scenarios").glob("outcome_*.triage.yaml"))
SOURCE = "google-speech-commands"
WORDS = ("no", "yes")


def recordings() -> list[dict[str, str]]:
    """For each speaker of both words, the archive's path of one recording of each."""
    with (SPEECH / "manifest.tsv").open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for row in rows:
        if (row["source"], row["split"]) == (SOURCE, "dev") and row["text"] in WORDS:
            found[row["speaker"]].setdefault(row["text"], row["path"])
    return [paths for _, paths in sorted(found.items()) if len(paths) == len(WORDS)]


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A folder for each speaker, with yes.wav and no.wav."""
    folder = tmp_path_factory.mktemp("people")
    homes = []
    with tarfile.open(SPEECH / f"{SOURCE}.tar") as archive:
        for number, paths in enumerate(recordings()):
            home = folder / str(number)
            home.mkdir()
            for word, path in paths.items():
                file = archive.extractfile(path)
                assert file is not None
                sound, rate = soundfile.read(io.BytesIO(file.read()), dtype="int16")
                soundfile.write(home / f"{word}.wav", sound, rate)
            homes.append(home)
    return homes


def recorded(said: dict[str, Any]) -> dict[str, str]:
    return {"audio": f"{said['say']}.wav", "means": said["say"]}


def answered_by(home: Path, shipped: Path) -> Path:
    """The shipped scenario with this person's recordings for its words."""
    scenario = yaml.safe_load(shipped.read_text())
    scenario["answers"] = {q: recorded(a) for q, a in scenario.get("answers", {}).items()}
    scenario["otherwise"] = recorded(scenario.get("otherwise", {"say": "no"}))
    scenario |= {"agrees": {"audio": "yes.wav"}, "disagrees": {"audio": "no.wav"}}
    del scenario["voice"]
    # Whether somebody is asked again depends on how they speak; what comes of it does not.
    scenario["expect"].pop("reprompts", None)
    path = home / shipped.name
    path.write_text(yaml.safe_dump(scenario))
    return path


def test_real_people_reach_every_outcome(request: pytest.FixtureRequest) -> None:
    """Each outcome by two people. Nobody ends less urgent than their answers are, and
    nearly everybody ends exactly as they should."""
    if not SPEECH.is_dir():
        pytest.skip(f"NO SCENARIO PLAYED WITH REAL PEOPLE: their recordings belong in {SPEECH}")
    people: list[Path] = request.getfixturevalue("people")
    people = people[: 2 * len(OUTCOMES)]
    assert len(people) == 2 * len(OUTCOMES)
    theatre = Theatre(None)
    played: list[Played] = []
    for number, home in enumerate(people):
        path = answered_by(home, OUTCOMES[number % len(OUTCOMES)])
        played.append(theatre.play(load(path, theatre.scripts.flow)))
    lower = [f"{one.loaded.path.name}: {one.ending}" for one in played if is_lower(one)]
    assert not lower
    wrong = [f"{one.loaded.path}: {mismatches(one)}" for one in played if mismatches(one)]
    assert len(wrong) <= len(played) // 10, wrong
