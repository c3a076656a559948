"""`voice-triage replay`, as its users start it, with the real recogniser."""

import os
import signal
import subprocess
import time
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from programs import PROGRAM, environment, run
from voices import speak, write

RATE = 16_000


def scenario(folder: Path, name: str, answers: str, expect: str, more: str = "") -> Path:
    path = folder / f"{name}.triage.yaml"
    path.write_text(
        f"flow: back_spasms\nname: {name} scenario\n{more}\nanswers: {answers}\nexpect: {expect}\n"
    )
    return path


def suite_in(path: Path) -> ElementTree.Element:
    return ElementTree.parse(path).getroot()[0]  # noqa: S314 - our own


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scenario of the documentation: a recording of no, silence, and then a late yes."""
    folder = tmp_path_factory.mktemp("good")
    (folder / "recordings").mkdir()
    speak("no", folder / "recordings" / "no.wav", "en-gb")
    speak("yes", folder / "recordings" / "yes.wav", "slt")
    noise = np.random.default_rng(1).normal(0, 2000, 5 * RATE).astype(np.int16)
    write(folder / "tv.wav", noise, RATE)
    return scenario(
        folder, "good",
        "{bladder-control: {audio: recordings/no.wav}, leg-feeling:"
        " [{silence: 9s}, {audio: recordings/yes.wav, at_snr: 20dB, noise: tv.wav}]}",
        "{urgency: emergency, outcomes: [immediate], asked: [bladder-control, leg-feeling],"
        " reprompts: 1, readbacks: 0, answered: {leg-feeling: yes}, complete: true}",
    )  # fmt: skip


def test_one_that_holds(good: Path, tmp_path: Path) -> None:
    ran = run("replay", good, "--junit", tmp_path / "r.xml", "--html", tmp_path / "r.html", "-v")
    assert ran.code == 0, ran.out + ran.err
    assert f"{good}: good scenario: as expected" in ran.out
    assert "again  I didn't hear anything." in ran.out
    assert "1 of 1 as expected." in ran.out
    suite = suite_in(tmp_path / "r.xml")
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("1", "0", "0")
    page = (tmp_path / "r.html").read_text()
    assert page.count("<svg") == page.count("<audio") == 3
    assert 'class="speech"' in page
    assert "://" not in page.replace("http://www.w3.org", ""), "nothing from elsewhere"


def test_one_that_does_not_is_shown_as_a_diff(tmp_path: Path) -> None:
    path = scenario(
        tmp_path, "bad", "{bladder-control: {say: no}, leg-feeling: {say: yes}}",
        "{urgency: urgent, asked: [bladder-control, balance], answered: {leg-feeling: no}}",
    )  # fmt: skip
    ran = run("replay", path, "--junit", tmp_path / "r.xml", "--html", tmp_path / "r.html")
    assert ran.code == 1, ran.out + ran.err
    shown = [line for line in ran.out.splitlines() if line.startswith(("  -", "  +"))]
    assert shown == [
        "  -   asks  Have you suddenly started to stumble, fall, or lose your balance?  [balance]",
        "  +   asks  Is either of your legs so numb that you can't feel it?  [leg-feeling]",
        "  - counts  leg-feeling: no",
        "  + counts  leg-feeling: yes",
        "  -   ends  urgency: urgent",
        "  +   ends  urgency: emergency",
    ]
    failure = suite_in(tmp_path / "r.xml")[0][0]
    assert failure.tag == "failure"
    assert "urgency: expected urgent, but it was emergency" in (failure.get("message") or "")
    assert 'class="minus"' in (tmp_path / "r.html").read_text()


def test_what_comes_out_depends_on_nothing_else(good: Path, tmp_path: Path) -> None:
    other = scenario(tmp_path, "b", "{bladder-control: {say: yes}}", "{urgency: emergency}")
    ways = [run("replay", "-v", *words) for words in ([good, "-j", "1"], [other, good, "-j", "2"])]
    heard = [
        [line for line in ran.out.split("good scenario")[1].splitlines() if "hears" in line]
        for ran in ways
    ]
    assert heard[0] == heard[1]
    assert len(heard[0]) == 3


def test_a_mistake_in_a_file_is_told_with_its_line(tmp_path: Path) -> None:
    path = scenario(tmp_path, "a", "{bladder: {say: no}}", "{}")
    ran = run("replay", path)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"{path}:4: the flow has no question 'bladder'; did you mean")
    assert ran.said_plainly()


def test_a_recording_that_is_none_fails_alone(tmp_path: Path) -> None:
    (tmp_path / "no.wav").write_text("this is no sound")
    bad = scenario(tmp_path, "a", "{bladder-control: {audio: no.wav}}", "{urgency: emergency}")
    scenario(tmp_path, "b", "{bladder-control: {say: yes}}", "{urgency: emergency}")
    ran = run("replay", tmp_path, "--junit", tmp_path / "r.xml", "--html", tmp_path / "r.html")
    assert ran.code == 2, ran.out + ran.err
    assert f"{bad}: a scenario: not as expected" in ran.out
    assert "not a sound file that can be read" in ran.out
    assert "1 of 2 as expected" in ran.out
    assert suite_in(tmp_path / "r.xml").get("errors") == "1"
    assert ran.said_plainly()


def test_a_voice_that_is_none(tmp_path: Path) -> None:
    path = scenario(tmp_path, "a", "{bladder-control: {say: no, voice: flite:nobody}}", "{}")
    other = scenario(tmp_path, "b", "{bladder-control: {say: no, voice: espeak-ng:zz-zz}}", "{}")
    ran = run("replay", path, other)
    assert ran.code == 2, ran.out
    assert "espeak-ng can't say 'no' in the voice 'zz-zz'" in ran.out
    assert "flite can't say 'no' in the voice 'nobody'" in ran.out


@pytest.mark.parametrize("option", ["--junit", "--html"])
def test_a_report_that_cannot_be_written(tmp_path: Path, option: str) -> None:
    path = scenario(tmp_path, "a", "{bladder-control: {say: yes}}", "{}")
    ran = run("replay", path, option, tmp_path / "none" / "r")
    assert ran.code == 2
    assert "can't be written" in ran.err
    assert ran.said_plainly()


def test_ctrl_c_ends_it_with_130(good: Path) -> None:
    process = subprocess.Popen(
        [*PROGRAM, "replay", *[str(good)] * 2], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, env=environment(), start_new_session=True,
    )  # fmt: skip
    time.sleep(1.0)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Traceback" not in err
