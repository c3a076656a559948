"""A short soak: `script/soak` is the long one."""

import json
import subprocess
import sys
from pathlib import Path

from programs import ROOT, environment

SOAK = [sys.executable, str(ROOT / "tests" / "soaking")]


def test_a_kiosk_attends_to_one_after_the_other_and_keeps_nothing(tmp_path: Path) -> None:
    figures = tmp_path / "soak.json"
    ran = subprocess.run(
        [*SOAK, "--sessions", "25", "--seed", "331", "-o", str(figures)],
        capture_output=True, text=True, check=False, timeout=600, cwd="/",
        env=environment(LOOPBACK="1", VOICE_TRIAGE_STATE_DIR=str(tmp_path)),
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    found = json.loads(figures.read_text())
    assert found["visits"] == 25
    assert sum(found["endings"].values()) == 25
    assert len(found["faults"]) > 4
    assert ran.stderr == ""
