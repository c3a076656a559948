"""The pytest plugin, in a pytest of its own."""

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

from programs import environment
from voices import speak

GOOD = """\
flow: back_spasms
name: somebody who has no control
answers: {bladder-control: {say: yes}}
expect: {urgency: emergency, answered: {bladder-control: yes}}
"""


def pytest_in(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-p", "voice_triage.pytest_plugin", "-q", *words]
    return subprocess.run(
        [*command, "-W", "error", "-p", "no:cacheprovider"], cwd=folder, capture_output=True,
        text=True, env=environment(), check=False, timeout=120,
    )  # fmt: skip


def test_scenario_files_are_tests(tmp_path: Path) -> None:
    (tmp_path / "good.triage.yaml").write_text(GOOD)
    (tmp_path / "bad.triage.yaml").write_text(GOOD.replace("urgency: emergency", "urgency: soon"))
    (tmp_path / "odd.triage.yaml").write_text(GOOD.replace("say: yes", "say: [yes]"))
    (tmp_path / "other.yaml").write_text("no: scenario")
    ran = pytest_in(tmp_path, "-rA")
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "1 passed" in ran.stdout
    assert "2 failed" in ran.stdout
    assert "PASSED good.triage.yaml::good" in ran.stdout
    assert "-   ends  urgency: soon" in ran.stdout
    assert "+   ends  urgency: emergency" in ran.stdout
    assert f"{tmp_path}/odd.triage.yaml:3: 'say' in answers.bladder-control.0" in ran.stdout
    assert "Traceback" not in ran.stdout


def test_a_conversation_in_python(tmp_path: Path) -> None:
    (tmp_path / "recordings").mkdir()
    speak("yes", tmp_path / "recordings" / "yes.wav", "slt")
    (tmp_path / "test_it.py").write_text(
        """
import pytest
from voice_triage.errors import UsageError

def test_numb_legs(triage):
    assert triage.question == "bladder-control"
    assert triage.says("no", voice="flite:slt", at_snr="30dB") == "no"
    assert triage.is_silent() == ""
    assert triage.prompt[0] == "reprompt"
    assert not triage.ended
    assert triage.hears("recordings/yes.wav") == "yes"
    assert triage.urgency == "emergency"
    assert triage.outcomes == ["immediate"]
    assert triage.asked == ["bladder-control", "leg-feeling"]
    assert triage.answered == {"bladder-control": "no", "leg-feeling": "yes"}
    assert triage.ended and triage.complete and triage.question is None
    with pytest.raises(UsageError, match="has ended"):
        triage.says("yes")

def test_halting(triage):
    triage.says("no", "no")
    assert triage.answered == {"bladder-control": "no"}
    with pytest.raises(UsageError, match="at_snr"):
        triage.says("no", at_snr="loud")

@pytest.mark.triage_flow("back_spasms")
def test_another_flow(triage):
    assert triage.urgency == "emergency"  # nothing could be ruled out yet
"""
    )
    ran = pytest_in(tmp_path, "--strict-markers")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "3 passed" in ran.stdout


def test_a_model_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "good.triage.yaml").write_text(GOOD)
    ran = pytest_in(tmp_path, "--triage-model", "/no/such/model")
    assert ran.returncode == 1
    assert "/no/such/model: there is no such folder" in ran.stdout


def test_who_has_no_scenarios_waits_for_nothing(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "import sys\n"
        "def test_it():\n"
        "    assert not {'vosk', 'numpy', 'pydantic', 'yaml'} & set(sys.modules)\n"
    )
    ran = pytest_in(tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_it_comes_with_the_package() -> None:
    found = {entry.value for entry in entry_points(group="pytest11")}
    assert "voice_triage.pytest_plugin" in found, "run script/setup test"
