"""`voice-triage evaluate` on synthetic voices, with the real recogniser."""

import csv
import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from programs import PROGRAM, Ran, environment, run
from voices import speak, write

SAID = ("yes", "no", "i don't know", "banana", "")
VOICES = ("en-us", "slt")
NAMES = ["clean", "echo 0.4 s", "noise 20 dB", "noise 0 dB"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set of recordings, in two voices, and their manifest; one row is of another split."""
    made = tmp_path_factory.mktemp("set")
    rows = [("path", "text", "voice", "split")]
    for voice in VOICES:
        for number, text in enumerate(SAID):
            path = made / f"{number}-{voice}.wav"
            if text:
                speak(text, path, voice)
            else:
                write(path, np.zeros(16_000, np.int16), 16_000)
            rows.append((path.name, text, voice, "dev"))
    rows.append(("never-read.wav", "yes", "en-us", "train"))
    with (made / "answers.tsv").open("w", newline="") as file:
        csv.writer(file, delimiter="\t").writerows(rows)
    return made


@pytest.fixture(scope="module")
def ran(folder: Path) -> Ran:
    return run(
        "evaluate", folder / "answers.tsv", "--split", "dev", "--by", "voice", "--reverb", "0.4",
        "--snr", "20,0", "-o", folder / "out" / "new", "--json", "-j", "2",
    )  # fmt: skip


@pytest.fixture(scope="module")
def whole(ran: Ran) -> Any:
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


@pytest.fixture(scope="module")
def lines(folder: Path, whole: object) -> list[dict[str, Any]]:
    assert whole
    text = (folder / "out" / "new" / "results.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


def test_every_figure_can_be_traced_to_its_recordings(
    whole: dict[str, Any], lines: list[dict[str, Any]]
) -> None:
    assert [c["name"] for c in whole["conditions"]] == NAMES
    assert len(lines) == len(NAMES) * len(SAID) * len(VOICES)
    assert_traced(whole["conditions"], lines)
    assert list(whole["groups"]) == sorted(VOICES)
    for voice, conditions in whole["groups"].items():
        assert_traced(conditions, [line for line in lines if voice in line["path"]])


def assert_traced(conditions: list[dict[str, Any]], lines: list[dict[str, Any]]) -> None:
    for condition in conditions:
        ours = [line for line in lines if line["condition"] == condition["name"]]
        spoken = [line for line in ours if line["kind"] == "answer"]
        right = [line for line in spoken if line["answer"] == line["expected"]]
        opposite = [line for line in spoken if {line["answer"], line["expected"]} == {"yes", "no"}]
        answers = condition["answers"]
        assert answers["count"] == len(spoken) == 3 * len(ours) // len(SAID)
        assert answers["right"] == len(right)
        assert answers["opposite"] == len(opposite)
        assert answers["none"] == sum(line["answer"] == "none" for line in spoken)
        others = [line for line in ours if line["kind"] == "other words"]
        assert {line["said"] for line in others} == {"banana"}
        taken = sum(line["answer"] in ("yes", "no") for line in others)
        assert condition["other_words"]["yes_or_no"] == taken
        silent = [line for line in ours if line["kind"] == "nothing"]
        seconds = sum(line["seconds"] for line in silent)
        assert condition["silence"]["seconds"] == pytest.approx(seconds) == 1.75 * len(silent)
        for line in ours:
            row = "silence" if line["kind"] == "nothing" else line["expected"]
            assert condition["confusion"][row][line["answer"]] >= 1
        total = sum(sum(row.values()) for row in condition["confusion"].values())
        assert total == len(ours)


def test_a_clean_synthetic_yes_and_no_are_heard(lines: list[dict[str, Any]]) -> None:
    """Any model that is worth its name can do that; so what is fed to it is what was recorded."""
    clean = [line for line in lines if line["condition"] == "clean"]
    assert all(line["answer"] == line["said"] for line in clean if line["said"] in ("yes", "no"))


def test_speed_and_machine_are_told(whole: dict[str, Any], lines: list[dict[str, Any]]) -> None:
    assert whole["recordings"] == len(SAID) * len(VOICES)
    speed = whole["recordings_per_second"]
    assert speed == pytest.approx(len(lines) / whole["seconds"], rel=0.01)
    assert whole["recordings_per_second_per_core"] == pytest.approx(speed / 2, abs=0.01)
    took, length = (sum(line[k] for line in lines) for k in ("took_seconds", "seconds"))
    assert whole["real_time_factor"] == pytest.approx(took / length, rel=0.05)
    assert set(whole["machine"]) == {"platform", "processor", "cores"}
    assert whole["model"].endswith("triage-en")
    assert "yes" in whole["grammar"]
    assert whole["failed"] == []


def test_the_files(folder: Path, whole: dict[str, Any]) -> None:
    out = folder / "out" / "new"
    assert json.loads((out / "results.json").read_text()) == whole
    shown = texts(out / "confusion.svg")
    assert {*NAMES, "yes (2)", "unsure (2)", "other words (2)", "no speech (2)"} <= shown
    assert {"clean", "20", "0", "0.4", "an answer: heard right"} <= texts(out / "noise.svg")


def texts(svg: Path) -> set[str | None]:
    drawn = ElementTree.parse(svg)  # noqa: S314 - we wrote it
    return {text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")}


def test_a_set_of_silence_alone(folder: Path, tmp_path: Path) -> None:
    manifest = tmp_path / "silence.csv"
    manifest.write_text(f"path,text\n{folder}/4-slt.wav,\n")
    ran = run("evaluate", manifest, "-o", tmp_path)
    assert ran.code == 0, ran.err
    assert "Nothing was said: 1 recording" in ran.out
    assert "An answer was said" not in ran.out
    assert "no speech (1)" in texts(tmp_path / "confusion.svg")
    assert "clean" in texts(tmp_path / "noise.svg")


def test_the_tables(folder: Path) -> None:
    ran = run("evaluate", folder / "answers.tsv", "--split", "dev", "--by", "voice")
    assert ran.code == 0, ran.err
    for text in ("An answer was said: 6 recordings", "Other words were said: 2 recordings",
                 "Nothing was said: 2 recordings", "voice slt. An answer was said: 3 recordings",
                 "Right", "The opposite", "Not understood", "An hour", "recordings a second"):  # fmt: skip
        assert text in ran.out, ran.out
    assert max(map(len, ran.out.splitlines())) <= 80


def test_a_grammar_of_ones_own(folder: Path) -> None:
    ran = run("evaluate", folder / "answers.tsv", "--split", "dev", "--grammar", "yes,no", "--json")
    (clean,) = json.loads(ran.out)["conditions"]
    assert clean["answers"]["count"] == 4
    assert clean["other_words"]["count"] == 4, "i don't know can't be heard"
    assert clean["word_error_rate"] is None


def test_without_a_grammar_words_are_counted(folder: Path) -> None:
    words = ("evaluate", folder / "answers.tsv", "--split", "dev", "--free")
    found = json.loads(run(*words, "--json").out)
    assert found["grammar"] is None
    (clean,) = found["conditions"]
    assert clean["words"]["count"] == 10, "yes, no, i, don't, know"
    assert clean["words"]["unknown"] == 2, "banana"
    assert clean["word_error_rate"] == clean["words"]["errors"] / 10
    assert "Word error rate" in run(*words).out


def test_noise_of_ones_own_and_no_noise(folder: Path, tmp_path: Path) -> None:
    sound = (900 * np.random.default_rng(1).standard_normal(8000)).astype(np.int16)
    write(tmp_path / "fan.wav", sound, 8000)
    (tmp_path / "notes.txt").write_text("a fan")
    words = ("evaluate", folder / "answers.tsv", "--split", "dev", "--json", "--noise")
    found = json.loads(run(*words, tmp_path).out)
    assert [c["snr_db"] for c in found["conditions"]] == [None, 20, 10, 5, 0]
    cannot_work(run(*words, tmp_path / "notes.txt"), "notes.txt")
    cannot_work(run(*words, folder / "nowhere"), "nowhere")


def cannot_work(ran: Ran, *said: str) -> None:
    assert ran.code == 2, (ran.code, ran.err)
    assert ran.said_plainly(), ran.err
    for words in said:
        assert words in ran.err, ran.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--snr", "loud"], "--snr takes numbers"),
        (["--snr", "nan"], "--snr takes numbers from -40 to 100"),
        (["--reverb", "0"], "--reverb takes numbers from 0.05 to 10"),
        (["--pad", "250"], "--pad takes two numbers"),
        (["--free", "--grammar", "yes"], "leave --grammar out"),
        (["--grammar", "yes,zebra"], "zebra"),
        (["--split", "test"], "dev, train"),
        (["--by", "age"], "no column 'age'"),
        (["--model", "gibberish"], "voice-triage models list"),
        (["-o", "/proc/nowhere"], "/proc/nowhere"),
    ],
)
def test_words_that_do_not_fit(folder: Path, words: list[str], said: str) -> None:
    cannot_work(run("evaluate", folder / "answers.tsv", *words), said)


def test_bad_manifests(tmp_path: Path) -> None:
    bad = tmp_path / "bad.tsv"
    bad.write_text("path\ttext\na.wav\n")
    cannot_work(run("evaluate", bad), f"{bad}:2: fewer fields")
    cannot_work(run("evaluate", tmp_path / "none.tsv"), "none.tsv", "path and text")
    bad.write_text("path\ttext\na.wav\tyes\n")
    cannot_work(run("evaluate", bad), "None of the recordings can be read", "a.wav")


def test_a_recording_that_cannot_be_read_is_named_and_the_rest_counts(folder: Path) -> None:
    ran = run("evaluate", folder / "answers.tsv", "--json")
    cannot_work(ran, "never-read.wav")
    found = json.loads(ran.out)
    assert [failed["path"] for failed in found["failed"]] == ["never-read.wav"]
    assert found["recordings"] == 10


def test_without_the_extra_it_says_what_to_install(folder: Path) -> None:
    ran = run("evaluate", folder / "answers.tsv", WITHOUT_MODULES="scipy matplotlib")
    cannot_work(ran, "matplotlib and scipy", "pip install 'voice-triage[evaluate]'")
    assert run("evaluate", "--help", WITHOUT_MODULES="scipy matplotlib kaldialign").code == 0


# Being cut short


def started(folder: Path) -> subprocess.Popen[str]:
    """An evaluation that takes minutes."""
    rows = (folder / "answers.tsv").read_text().splitlines()
    many = folder / "many.tsv"
    many.write_text("\n".join([rows[0], *(rows[1:-1] * 2000)]) + "\n")
    return subprocess.Popen(
        [*PROGRAM, "evaluate", str(many), "-j", "2"], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, env=environment(), cwd="/", start_new_session=True,
    )  # fmt: skip


def children(pid: int) -> list[int]:
    return [int(c) for c in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def wait_for_work(pid: int) -> list[int]:
    """Until both processes listen, which they do after a second's work."""
    for _ in range(600):
        found = [child for child in children(pid) if seconds_worked(child) > 1]
        if len(found) == 2:
            return found
        time.sleep(0.1)
    raise AssertionError("nobody works")


def seconds_worked(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) / os.sysconf("SC_CLK_TCK")


def gone(pids: list[int]) -> bool:
    for _ in range(100):
        if not any(Path(f"/proc/{pid}").exists() for pid in pids):
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("after_s", [0.4, 0.9, 1.5, 2.5, None])
def test_ctrl_c_at_any_time(folder: Path, after_s: float | None) -> None:
    """A terminal sends it to all processes at once."""
    child = started(folder)
    workers = []
    if after_s is None:
        workers = wait_for_work(child.pid)
    else:
        time.sleep(after_s)
    os.killpg(child.pid, signal.SIGINT)
    out, err = child.communicate(timeout=30)
    assert child.returncode in ((130,) if workers else (130, -signal.SIGINT)), err
    assert out.strip() == ""
    assert err.strip() == "", "no traceback, nothing about semaphores"
    assert gone(workers)


def test_when_it_is_killed_its_processes_end(folder: Path) -> None:
    child = started(folder)
    workers = wait_for_work(child.pid)
    child.kill()
    assert gone(workers)
    child.communicate(timeout=30)
