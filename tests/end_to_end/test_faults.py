"""What goes wrong for people: a clear message, the right exit code, no traceback, nothing lost."""

import json
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from programs import PROGRAM, ROOT, Ran, environment, run
from voices import speak, write

NO_DEVICES = {"ALSA_CONFIG_PATH": "/usr/share/alsa/alsa.conf", "XDG_RUNTIME_DIR": "/dev/null"}


@pytest.fixture(scope="module")
def yes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return speak("yes", tmp_path_factory.mktemp("answers") / "yes.wav")


def cannot_work(ran: Ran, *said: str) -> None:
    assert ran.code == 2, (ran.code, ran.err)
    assert ran.said_plainly(), ran.err
    for words in said:
        assert words in ran.err, ran.err


# Models


def test_a_missing_model(yes: Path) -> None:
    ran = run("--audio", yes, "--no-voice", "--model", "/no/such/folder")
    cannot_work(ran, "/no/such/folder", "voice-triage models")


def test_an_unknown_model_name(yes: Path) -> None:
    cannot_work(run("hear", yes, "--model", "gibberish"), "gibberish", "voice-triage models list")
    cannot_work(run("hear", yes, VOICE_TRIAGE_MODEL="/nowhere"), "VOICE_TRIAGE_MODEL", "/nowhere")


@pytest.mark.parametrize(
    "part", ["am/final.mdl", "graph/HCLr.fst", "graph/Gr.fst", "conf/model.conf"]
)
def test_a_model_with_a_truncated_file(tmp_path: Path, yes: Path, part: str) -> None:
    model = tmp_path / "model"
    shutil.copytree(ROOT / "models" / "triage-en", model)
    file = model / part
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    cannot_work(run("--audio", yes, "--no-voice", "--model", model), part)
    assert run("models", "verify", str(model)).code == 1
    (model / "SHA256SUMS").unlink()
    cannot_work(run("--audio", yes, "--no-voice", "--model", model))


# Devices


def test_without_portaudio_it_says_so_and_goes_on_with_the_keyboard() -> None:
    ran = run("--json", typed="yes\n", WITHOUT_PORTAUDIO="1")
    assert ran.code == 0
    assert ran.said_plainly()
    assert ran.err.count("libportaudio2") == 2, "once for the ears, once for the voice"
    assert "Type your answer" in ran.err
    assert ran.events[-1]["urgency"] == "emergency"
    assert "Call 112 or 911 now" in ran.err


def test_a_microphone_that_was_asked_for_must_be_there() -> None:
    cannot_work(run("--answers", "mic", WITHOUT_PORTAUDIO="1"), "sudo apt install libportaudio2")
    cannot_work(run("devices", WITHOUT_PORTAUDIO="1"), "sudo apt install libportaudio2")


def test_without_a_microphone_it_goes_on_with_the_keyboard() -> None:
    ran = run("--no-voice", typed="no\nyes\n", **NO_DEVICES)
    assert ran.code == 0
    assert ran.said_plainly()
    assert "I can't hear you" in ran.out
    assert "EMERGENCY" in ran.out
    cannot_work(run("--answers", "mic", "--no-voice", **NO_DEVICES), "microphone")


def test_the_doctor_says_what_to_install() -> None:
    ran = run("doctor", WITHOUT_PORTAUDIO="1")
    assert ran.code == 1
    assert ran.said_plainly()
    assert "good Speech model" in ran.out
    assert "good Recogniser: hears the voice say 'yes'" in ran.out
    assert "BAD  Microphone" in ran.out
    assert "libportaudio2" in ran.out


# Recordings


def test_recordings_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "empty.wav").write_bytes(b"")
    (tmp_path / "text.wav").write_text("this is no sound")
    write(tmp_path / "header.wav", np.zeros(0, np.int16), 16_000)
    for name in ("empty.wav", "text.wav", "header.wav", "missing.wav", "."):
        file = tmp_path / name
        cannot_work(run("--audio", file, "--no-voice"), str(file))
        cannot_work(run("hear", file), str(file))


def test_a_bad_recording_does_not_hide_the_good_ones(tmp_path: Path, yes: Path) -> None:
    (tmp_path / "text.wav").write_text("this is no sound")
    ran = run("hear", tmp_path / "text.wav", yes)
    assert ran.code == 2
    assert [event["answer"] for event in ran.events] == ["yes"]
    assert "text.wav" in ran.err


@pytest.mark.parametrize(
    "options",
    [["-b", "24"], ["-b", "8"], ["-r", "8000"], ["-r", "96000"], ["-c", "2"], ["-e", "float"]],
    ids=" ".join,
)
def test_any_kind_of_wav_is_heard(tmp_path: Path, yes: Path, options: list[str]) -> None:
    other = tmp_path / "other.wav"
    subprocess.run(["sox", yes, *options, other], check=True)
    assert run("hear", other).events[0]["answer"] == "yes"


def test_a_wav_that_was_cut_short_counts_for_what_it_holds(tmp_path: Path, yes: Path) -> None:
    cut = tmp_path / "cut.wav"
    cut.write_bytes(yes.read_bytes()[:-2001])
    assert run("hear", cut).events[0]["answer"] == "yes"


# Flows and options


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "flow.yaml:1: the file is empty"),
        (b"a: [1\nb: 2\n", "flow.yaml:2: not valid YAML"),
        (bytes(range(256)), "flow.yaml:2: not UTF-8 text"),
        (b"id: x\n", "flow.yaml:1: 'questions' is missing"),
    ],
)
def test_a_flow_that_is_none(tmp_path: Path, content: bytes, said: str) -> None:
    flow = tmp_path / "flow.yaml"
    flow.write_bytes(content)
    cannot_work(run("run", flow, "--no-voice", "--answers", "keyboard"), said)
    ran = run("check", flow)
    assert ran.code == 1
    assert ran.said_plainly()
    assert said in ran.out


def test_check_names_the_file_the_line_and_the_remedy(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "prompts", tmp_path / "mine")
    group = tmp_path / "mine" / "groups" / "emergencies.en.yaml"
    text = group.read_text()
    group.write_text(
        text.replace("no: leg-feeling, unsure: immediate", "no: leg-feeling, unsure: leg-feeling")
    )
    ran = run("check", tmp_path / "mine" / "back_spasms.en.yaml")
    assert ran.code == 1
    line = text[: text.index("no: leg-feeling")].count("\n") + 1
    assert f"{group}:{line}: may end below 'emergency'" in ran.out


def test_a_flow_that_is_not_there() -> None:
    cannot_work(run("run", "headaches"), "There is no flow 'headaches'", "back_spasms")
    cannot_work(run("chekc"), "There is no flow 'chekc'", "--help")
    cannot_work(run("check", "nowhere.yaml"), "There is no flow 'nowhere.yaml'")


def test_options_that_do_not_fit_together(yes: Path) -> None:
    cannot_work(run("--audio", yes, "--answers", "keyboard"), "--audio")
    cannot_work(run("--audio", yes, "--audio", "-"), "--audio -")
    cannot_work(run("--no-such-option"))
    cannot_work(run("--audio", yes, "--speak-to", "/no/such/folder/out.wav"), "/no/such/folder")


def test_speech_that_cannot_be_written_does_not_end_the_conversation(yes: Path) -> None:
    ran = run("--audio", yes, "--json", "--speak-to", "/dev/full")
    assert ran.said_plainly()
    if ran.code == 0:
        assert ran.events[-1]["complete"] is True
    else:
        cannot_work(ran, "/dev/full")


def test_help_has_an_example_for_every_command() -> None:
    commands = [
        "run",
        "hear",
        "interpret",
        "check",
        "schema",
        "devices",
        "doctor",
        "evaluate",
        "config",
        "kiosk",
    ]
    for words in [
        *([c] for c in commands),
        *(["models", c] for c in ("list", "verify", "install")),
    ]:
        ran = run(*words, "--help")
        assert ran.code == 0
        assert "Example: voice-triage" in ran.out


# Being cut short


@pytest.mark.parametrize("after_s", [0.15, 0.3, 0.5, 0.8, 1.2, 1.6, 2.5, 4.0])
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_being_stopped_at_any_time(tmp_path: Path, after_s: float, stop: int) -> None:
    """In the middle of loading, speaking, listening: 130, no traceback, the outcome is told."""
    no = speak("no", tmp_path / "no.wav")
    words = [w for _ in range(13) for w in ("--audio", str(no))]
    child = subprocess.Popen(
        [*PROGRAM, *words, "--json", "--speak-to", str(tmp_path / "out.wav")],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(), cwd="/",
    )  # fmt: skip
    time.sleep(after_s)
    child.send_signal(stop)
    out, err = child.communicate(timeout=30)
    ours = re.findall(rf"{ROOT}/voice_triage/(.*)\"", err)
    if out and child.returncode == -stop:
        # All was done, and Python itself was taking its leave.
        assert json.loads(out.splitlines()[-1])["complete"]
        assert "Traceback" not in err, err
        return
    if child.returncode == -stop or "Could not import runpy" in err:
        # Python itself was still starting, and says what it was at.
        assert not out
        assert not {*ours} - {"__main__.py", "interrupts.py"}, err
        return
    assert "Traceback" not in err, err
    if child.returncode == 0:
        return  # it had ended before
    assert child.returncode == 130, err
    if out:
        assert json.loads(out.splitlines()[-1])["event"] == "outcome"
        assert "Call 112 or 911" in err


def test_ctrl_c_while_waiting_for_the_keyboard() -> None:
    child = subprocess.Popen(
        [*PROGRAM, "--answers", "keyboard", "--no-voice", "--json"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=environment(), cwd="/",
    )  # fmt: skip
    assert child.stdout is not None
    child.stdout.readline()
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=30)
    assert child.returncode == 130
    assert "Traceback" not in err
    assert json.loads(out.splitlines()[-1]) == {
        "event": "outcome", "urgency": "emergency", "outcomes": ["immediate"], "complete": False,
    }  # fmt: skip


def test_nobody_reads_the_output() -> None:
    read, wrote = os.pipe()
    os.close(read)
    done = subprocess.run(
        [*PROGRAM, "schema"], stdout=wrote, stderr=subprocess.PIPE, text=True, env=environment(),
        check=False,
    )  # fmt: skip
    os.close(wrote)
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr
