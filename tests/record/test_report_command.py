"""`voice-triage report`: from a journal to a page, or plain words why not."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pypdf
import pytest
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse
from programs import ROOT, Ran, run
from reports import PHRASES

from voice_triage.record import Header, Sessions


def talked(state: Path, *said: str, **more: str) -> Path:
    """The journal of a conversation that was typed."""
    before = set((state / "sessions").glob("*"))
    typed = "".join(f"{line}\n" for line in said)
    done = run(
        "run",
        "--answers",
        "keyboard",
        "--no-voice",
        "--region",
        "GB",
        "--state-dir",
        state,
        typed=typed,
        **more,
    )
    assert done.code == 0, done.err
    [path] = set((state / "sessions").glob("*")) - before
    return path


def refused(done: Ran) -> str:
    assert (done.code, done.out) == (2, "")
    assert done.said_plainly()
    return done.err


def test_the_last_session_in_every_form(tmp_path: Path) -> None:
    talked(tmp_path, "no", "my arm is numb")
    done = run("report", "last", "--state-dir", tmp_path, TZ="Asia/Kolkata")
    assert done.code == 0, done.err
    assert done.out.startswith("Emergency: Call 999 now")
    said = 'An arm is so numb that you can\'t feel it, told unasked: "my arm is numb"'
    assert said in done.out
    assert 'You can control your bladder, answer: "no"' in done.out
    assert "+05:30\n" in done.out
    for kind in ("html", "pdf", "txt", "json", "svg"):
        file = tmp_path / f"report.{kind}"
        made = run("report", "last", "-o", file, "--state-dir", tmp_path, TZ="Asia/Kolkata")
        assert (made.code, made.out, made.err) == (0, f"{file}\n", "")
    assert (tmp_path / "report.txt").read_text() == done.out
    assert "An arm is so numb" in (tmp_path / "report.html").read_text()
    [page] = pypdf.PdfReader(tmp_path / "report.pdf").pages
    assert "An arm is so numb" in page.extract_text()
    assert (tmp_path / "report.svg").read_text().startswith("<svg")
    QuestionnaireResponse.model_validate(json.loads((tmp_path / "report.json").read_text()))


def test_a_session_that_was_cut_off_is_incomplete_and_an_emergency(tmp_path: Path) -> None:
    path = talked(tmp_path, *["no"] * 9)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:4]) + lines[4][:30])  # three answers, and a half written one
    done = run("report", path)
    assert done.code == 0, done.err
    assert done.out.startswith("Emergency: Call 999 now")
    assert PHRASES.incomplete in done.out
    assert "- Have you lost control of your bowels? (no answer)" in done.out
    denied = done.out.split("Red flags denied:\n")[1].split("\n\n")[0].splitlines()
    assert len(denied) == 3


def test_a_session_about_a_flow_of_ones_own(tmp_path: Path) -> None:
    own = tmp_path / "mine.yaml"
    content = (
        (ROOT / "prompts" / "back_spasms.en.yaml")
        .read_text()
        .replace("id: back_spasms", "id: mine")
    )
    own.write_text(content.replace("groups/", f"{ROOT}/prompts/groups/"))
    state = tmp_path / "state"
    done = run(
        "run", own, "--answers", "keyboard", "--no-voice", "--state-dir", state, typed="yes\n"
    )
    assert done.code == 0, done.err
    assert "is about the flow 'mine'" in refused(run("report", "last", "--state-dir", state))
    done = run("report", "last", "--state-dir", state, "--flow", own)
    assert done.code == 0, done.err
    assert "Questions: mine, version 1" in done.out
    wrong = run("report", "last", "--state-dir", state, "--flow", "daily_check")
    assert "is a session about other questions" in refused(wrong)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["last"], "There is no session in"),
        (["nowhere.jsonl"], "nowhere.jsonl: can't be read: No such file"),
        (["."], "can't be read: Is a directory"),
        (["empty.jsonl"], "nothing was kept of this session"),
        (["broken.jsonl"], "broken.jsonl:1: is damaged"),
        (["good.jsonl", "-o", "report.doc"], "A report's name ends in one of .html"),
        (["good.jsonl", "-o", "report"], "A report's name ends in one of .html"),
        (["good.jsonl", "-o", "no/such/report.html"], "can't be written: No such file"),
        (["good.jsonl", "--flow", "unknown"], "There is no flow 'unknown'"),
        (["good.jsonl", "--paper", "a3"], "--paper"),
        ([], "Missing argument 'SESSION'"),
    ],
)
def test_what_cannot_be_reported_is_said_plainly(
    tmp_path: Path, words: list[str], said: str
) -> None:
    (tmp_path / "empty.jsonl").write_text("")
    (tmp_path / "broken.jsonl").write_text("{}\n")
    talked(tmp_path / "kept", "yes").rename(tmp_path / "good.jsonl")
    places = [tmp_path / word if "." in word or "/" in word else word for word in words]
    done = run("report", *places, "--state-dir", tmp_path / "none", COLUMNS="200")
    assert said in refused(done)


def test_without_the_libraries_it_says_what_to_install(tmp_path: Path) -> None:
    """A folder first on the path in which both are broken, as where they were never installed."""
    missing = tmp_path / "missing"
    missing.mkdir()
    path = talked(tmp_path, "yes")
    for name, raised in (("segno", "ImportError"), ("weasyprint", "OSError('libpango')")):
        (missing / f"{name}.py").write_text(f"raise {raised}\n")
    found = f"{ROOT}/tests/fenced:{missing}"
    said = refused(run("report", path, "-o", tmp_path / "a.svg", PYTHONPATH=found))
    assert "segno" in said
    assert "pip install 'voice-triage[report]'" in said
    said = refused(run("report", path, "-o", tmp_path / "a.pdf", PYTHONPATH=found))
    assert "Pango is not there (libpango)" in said
    assert "libpango-1.0-0" in said
    assert run("report", path, "-o", tmp_path / "a.html", PYTHONPATH=found).code == 0


def test_the_last_session_is_the_newest_in_which_something_was_heard(tmp_path: Path) -> None:
    times = iter(datetime(2026, 1, 2, 3, minute, tzinfo=UTC) for minute in range(60))
    sessions = Sessions(tmp_path, now=lambda: next(times))
    assert sessions.last() is None
    header = Header("0.1.0", "back_spasms", "1", "0" * 64, None)
    paths: list[Any] = []
    for heard in (False, True, False):
        with sessions.start(header) as journal:
            if heard:
                journal.append("turn", {})
            paths.append(journal.path)
        assert sessions.last() == (paths[0] if len(paths) == 1 else paths[1])
    (tmp_path / "20270102T030405.000Z-ffffffff.jsonl").write_text("")  # killed as it was made
    assert sessions.last() == paths[1]


def test_its_help_has_an_example() -> None:
    done = run("report", "--help")
    assert done.code == 0
    assert "Example: voice-triage report last -o report.pdf" in done.out
