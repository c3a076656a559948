"""What docs/kiosk.md shows can be copied: its settings are settings, its drop-ins drop-ins."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from programs import ROOT, run

from voice_triage.in_force import in_force
from voice_triage.kiosk.units import PROGRAM, SCREEN, Place, files
from voice_triage.settings import Settings

TEXT = (ROOT / "docs" / "kiosk.md").read_text()


def blocks(language: str) -> list[str]:
    found = re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.M | re.S)
    assert found, f"docs/kiosk.md shows no {language} any more"
    return found


@pytest.mark.parametrize("shown", blocks("yaml"))
def test_its_settings_can_be_used(shown: str, tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(shown)
    found = in_force(file, {})
    assert any(str(file) in origin for origin in found.origins.values())


def verified(drop_in: str, folder: Path) -> str:
    """What systemd says of the program's unit with that drop-in."""
    assert shutil.which("systemd-analyze"), "systemd-analyze is missing: sudo apt install systemd"
    there = Path("/usr/bin/env")
    for file in files(Settings(), Place(there, None, there, there)):
        (folder / file.path.name).write_text(file.text)
    inside = folder / f"{PROGRAM}.d"
    inside.mkdir()
    (inside / "override.conf").write_text(drop_in)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", PROGRAM], capture_output=True, text=True,
        env={"SYSTEMD_UNIT_PATH": f"{folder}:", "PATH": "/usr/bin:/bin"}, check=False,
    )  # fmt: skip
    return "".join(line for line in done.stderr.splitlines() if "override.conf" in line)


@pytest.mark.parametrize("shown", blocks("ini"))
def test_its_drop_ins_can_be_used(shown: str, tmp_path: Path) -> None:
    assert verified(shown, tmp_path) == ""


def test_a_drop_in_with_a_mistake_would_be_found(tmp_path: Path) -> None:
    assert "ProtectHoem" in verified("[Service]\nProtectHoem=tmpfs\n", tmp_path)


def test_it_names_what_is_installed() -> None:
    for unit in (PROGRAM, SCREEN):
        assert f"`{unit.removesuffix('.service')}`" in TEXT
    assert "/etc/voice-triage/config.yaml" in TEXT


def test_its_figures_are_those_of_the_metrics(tmp_path: Path) -> None:
    from voice_triage.kiosk.metrics import Metrics
    from voice_triage.kiosk.vitals import Vitals

    page = Metrics(Vitals(thermal=tmp_path), "1").page()[0].decode()
    named = set(re.findall(r"voice_triage_[a-z_]+", TEXT))
    assert named
    assert not [name for name in named if name not in page]


@pytest.mark.parametrize("command", ["config", "schema", "devices", "doctor", "evaluate"])
def test_its_commands_are_commands(command: str) -> None:
    lines = re.findall(rf"voice-triage {command}\b([^`\n#]*)", TEXT)
    assert lines
    helped = run(command, "--help")
    assert helped.code == 0
    for line in lines:
        for option in re.findall(r"--[a-z-]+", line):
            assert option in helped.out
