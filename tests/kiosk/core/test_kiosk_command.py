"""The command, where there is no sound device at all."""

import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from programs import PROGRAM, environment, run
from websockets.sync.client import connect

from voice_triage.record.retention import expire

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def visited(page: Any) -> dict[str, Any]:
    """The ending that somebody gets who touches yes as soon as they can."""
    touched = -1
    while True:
        view = json.loads(page.recv(timeout=60))
        if view["type"] != "view":
            continue
        if view["phase"] == "ending" and "repeat" in view["buttons"]:
            return dict(view)
        for answer in ("start", "yes"):
            if answer in view["buttons"] and touched != view["turn"]:
                touched = view["turn"]
                subprocess.run(["sleep", "0.7"], check=True)  # nobody reads quicker
                page.send(json.dumps({"type": "tap", "turn": touched, "answer": answer}))


@pytest.mark.parametrize(("keep", "lacks"), [(False, ""), (True, "weasyprint segno")])
def test_a_whole_visit_by_touch(tmp_path: Path, keep: bool, lacks: str) -> None:
    """Nothing of it is written, unless its owner wants that. What makes files and codes may not be
    installed."""
    home, kept = tmp_path / "home", tmp_path / "kept"
    home.mkdir()
    options = ["--keep-reports", str(kept), "--keep-days", "7"] if keep else []
    kiosk = subprocess.Popen(
        [*PROGRAM, "kiosk", "--port", "0", *options], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, cwd="/",
        env=environment(WITHOUT_MODULES=lacks, HOME=str(home), XDG_CACHE_HOME=str(home / "cache"), VOICE_TRIAGE_STATE_DIR=str(home / "state")),
    )  # fmt: skip
    try:
        assert kiosk.stdout is not None
        origin = kiosk.stdout.readline().split()[-1].rstrip("/")
        with connect(f"ws{origin[4:]}/ws", origin=origin, proxy=None) as page:
            view = visited(page)
            report = httpx.get(f"{origin}/report.html", trust_env=False)
        figures = httpx.get(f"{origin}/metrics", trust_env=False).text
        health = httpx.get(f"{origin}/healthz", trust_env=False)
    finally:
        kiosk.terminate()
        out, log = kiosk.communicate(timeout=30)
    assert view["ending"]["urgency"] == "emergency"
    assert ("7" in view["privacy"]) == keep
    assert any("can't hear" in text for text in view["notices"])
    assert view["start_word"] is None
    assert kiosk.returncode == 130
    counted = 'voice_triage_sessions_ended_total{complete="true",urgency="emergency"} 1.0'
    assert counted in figures
    assert "microphone" in str(health.json()["reasons"])
    for word in ("Traceback", "bladder", "emergency", "yes,", "NETWORK"):
        assert word not in out + log
    assert view["ending"]["report"] == "/report.html"
    if lacks:
        assert view["ending"]["qr"] is view["ending"]["pdf"] is None
    else:
        assert view["ending"]["qr"].startswith("<svg")
        assert view["ending"]["pdf"] == "/report.pdf"
    assert "bladder" in report.text
    written = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    assert [path.parent for path in written] == ([kept, kept] if keep else [])
    if keep:
        page, journal = written
        assert page.read_bytes() == report.content
        assert [path.suffix for path in written] == [".html", ".jsonl"]
        assert {path.stem for path in written} == {page.stem}
        assert {path.stat().st_mode & 0o777 for path in written} == {0o600}
        entries = [json.loads(line)["entry"] for line in journal.read_text().splitlines()]
        assert entries == ["started", "turn", "ended"]
        assert expire(kept, timedelta(0), datetime.now(UTC) + timedelta(seconds=1)) == 2


def test_what_cannot_work_is_told() -> None:
    for words, told in [
        (["--region", "XX"], "region"),
        (["--keep-days", "0"], "keep_days"),
        (["--ending-s", "0"], "ending_s"),
        (["--wait-for", " "], "wait_for"),
        (["--dry-run"], "--install"),
        (["--config", "/nowhere.yaml"], "/nowhere.yaml"),
        (["--wait-for", "xylophone"], "xylophone"),
    ]:
        ran = run("kiosk", "--port", "0", *words)
        assert ran.code == 2
        assert told in ran.err
        assert ran.said_plainly()


def test_without_its_packages_it_says_what_to_install() -> None:
    ran = run("kiosk", "--port", "0", WITHOUT_MODULES="uvicorn")
    assert ran.code == 2
    assert "voice-triage[kiosk]" in ran.err
