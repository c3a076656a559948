"""An installed wheel runs from any folder, with its prompts and its speech model inside."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from programs import FENCED, ROOT, environment
from voices import speak


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built wheel, unpacked where nothing of the checkout is near."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        check=True, capture_output=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": FENCED},
    )  # fmt: skip
    (wheel,) = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site")
    return folder / "site"


def test_a_wheel_talks(installed: Path, tmp_path: Path) -> None:
    yes = speak("yes", tmp_path / "yes.wav")
    done = subprocess.run(
        [sys.executable, "-m", "voice_triage", "--audio", yes, "--no-voice"],
        capture_output=True, text=True, cwd=tmp_path, check=False,
        env=environment(PYTHONPATH=f"{installed}:{FENCED}"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "EMERGENCY" in done.stdout


def test_a_wheel_knows_its_flow_and_its_model(installed: Path, tmp_path: Path) -> None:
    for words in (["check"], ["models", "verify"]):
        done = subprocess.run(
            [sys.executable, "-m", "voice_triage", *words],
            capture_output=True, text=True, cwd=tmp_path, check=False,
            env=environment(PYTHONPATH=f"{installed}:{FENCED}"),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert str(installed / "voice_triage" / "data") in done.stdout


def test_a_wheel_carries_the_licences(installed: Path) -> None:
    (info,) = installed.glob("*.dist-info")
    licences = info / "licenses"
    assert "Apache License" in (licences / "LICENSE").read_text()
    assert "Speech Commands" in (licences / "NOTICE").read_text()
    assert (installed / "voice_triage/data/models/triage-en/README.md").is_file()
