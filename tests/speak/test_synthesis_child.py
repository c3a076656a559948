"""Children that misbehave in every way we could think of."""

import os
import signal
import subprocess
import sys
import time
import wave
from collections.abc import Callable
from pathlib import Path

import pytest

from voice_triage.errors import SpeechError
from voice_triage.speak import child
from voice_triage.speak.patience import Patience
from voice_triage.speak.synthesis import Pyttsx3

pytestmark = pytest.mark.usefixtures("leaves_nothing")
ROOT = Path(__file__).parents[2]
QUESTION = "Have you lost control of your bladder?"


Program = Callable[[str], list[str]]


def test_a_child_whose_parent_was_killed_ends_by_itself() -> None:
    with subprocess.Popen(
        [sys.executable, child.__file__, "en", "150", "1", str(os.getpid())], stdin=subprocess.PIPE
    ) as orphan:
        assert orphan.wait(30) == -signal.SIGALRM


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Makes a command of Python source, in which `wav` is a whole WAV of 0.1 s."""
    good = tmp_path / "good.wav"
    with wave.open(str(good), "wb") as file:
        file.setparams((1, 2, 22050, 0, "NONE", ""))
        file.writeframes(b"\1\0" * 2205)

    def write(source: str) -> list[str]:
        path = tmp_path / "program.py"
        path.write_text(
            "import os, signal, subprocess, sys, time\n"
            f"wav = open({str(good)!r}, 'rb').read()\nout = sys.stdout.buffer\n{source}\n"
        )
        return [sys.executable, "-S", str(path)]

    return write


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("os.kill(os.getpid(), signal.SIGKILL)", "killed by SIGKILL"),
        ("signal.raise_signal(signal.SIGSEGV)", "killed by SIGSEGV"),
        ("os.kill(os.getpid(), signal.SIGRTMIN + 1)", "killed by signal 35"),
        ("print('a\\nno phonemes \\n', file=sys.stderr); sys.exit(3)", "status 3: no phonemes\n"),
        ("out.write(wav); sys.exit(3)", "exit status 3"),
        ("", "gave no sound"),
        ("print('mumble', file=sys.stderr)", "gave no sound: mumble"),
        ("print('Audio saved to x.wav')", "isn't a whole WAV"),
        ("out.write(wav[:20])", "isn't a whole WAV"),
        ("out.write(wav[:44])", "half a WAV"),
        ("out.write(wav[:-1000])", "half a WAV"),
        ("out.write(wav[:22] + b'\\2\\0' + wav[24:])", "isn't 16-bit mono"),
        ("out.write(wav[:40] + bytes(4))", "WAV without sound"),
    ],
)
def test_a_child_that_fails(program: Program, source: str, message: str) -> None:
    with pytest.raises(SpeechError) as raised:
        Pyttsx3(command=program(source)).render(QUESTION)
    assert message in str(raised.value)
    assert "voice-triage doctor" in str(raised.value)


def test_the_text_arrives_as_utf_8(program: Program) -> None:
    text = "Ça va < 5?"
    fake = program(f"if sys.stdin.buffer.read() == {text.encode()!r}: out.write(wav)")
    assert Pyttsx3(command=fake).render(text).seconds == pytest.approx(0.1)


def test_a_command_that_is_not_there() -> None:
    with pytest.raises(SpeechError, match=r"/nonexistent.*No such file"):
        Pyttsx3(command=["/nonexistent"]).render(QUESTION)


def test_a_child_that_hangs_is_killed_with_its_children(program: Program, tmp_path: Path) -> None:
    fake = program(
        "print('stuck in a loop', file=sys.stderr, flush=True)\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "grandchild = subprocess.Popen(['sleep', '60'])\n"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(grandchild.pid))\n"
        "time.sleep(60)"
    )
    with pytest.raises(SpeechError, match=r"longer than 2 s and was stopped: stuck in a loop"):
        Pyttsx3(deadline_s=2, command=fake).render(QUESTION)
    assert ends(int((tmp_path / "pid").read_text()))


def test_a_grandchild_with_our_files_open_holds_nobody_up(program: Program, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    fake = program(
        "out.write(wav); out.flush()\n"
        f"open({str(pid)!r}, 'w').write(str(subprocess.Popen(['sleep', '600']).pid))"
    )
    assert len(Pyttsx3(command=fake).render(QUESTION).samples) == 2205
    os.kill(int(pid.read_text()), signal.SIGKILL)  # it is still there


def test_ctrl_c_takes_the_child_with_it(program: Program, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    fake = program(f"open({str(pid)!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)")
    source = (
        "from voice_triage.speak.synthesis import Pyttsx3\n"
        f"Pyttsx3(deadline_s=30, command={fake!r}).render('hello')"
    )
    with subprocess.Popen([sys.executable, "-c", source], stderr=subprocess.PIPE) as parent:
        deadline = time.monotonic() + 30
        while not (pid.exists() and pid.read_text()):
            assert time.monotonic() < deadline, "the child doesn't start"
            time.sleep(0.01)
        parent.send_signal(signal.SIGINT)
        _, complaint = parent.communicate(timeout=30)
    assert b"KeyboardInterrupt" in complaint
    assert ends(int(pid.read_text()))


def ends(pid: int) -> bool:
    """Whether a process that isn't our child ends within 20 s; a zombie has ended."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.02)
    return False


def test_a_program_that_goes_on_hanging_costs_a_deadline_only_now_and_then(
    program: Program, tmp_path: Path
) -> None:
    fake = program(
        f"if not os.path.exists({str(tmp_path / 'well')!r}): time.sleep(60)\nout.write(wav)"
    )
    clock = [0.0]
    pyttsx3 = Pyttsx3(command=fake, patience=Patience(1.5, lambda: clock[0]))
    told = []
    for _ in range(8):
        with pytest.raises(SpeechError) as failure:
            pyttsx3.render(QUESTION)
        told.append("longer than 1.5 s" in str(failure.value))
    assert told == [True, True] + [False] * 6
    (tmp_path / "well").touch()
    with pytest.raises(SpeechError, match="tried again"):
        pyttsx3.render(QUESTION)
    clock[0] = 31.0
    for _ in range(3):
        assert pyttsx3.render(QUESTION).seconds == pytest.approx(0.1)


def test_patience() -> None:
    clock = [0.0]
    patience = Patience(10.0, lambda: clock[0])
    assert patience.deadline_s() == 10
    patience.hung()
    assert patience.deadline_s() == 2
    patience.hung()
    waits = []
    for _ in range(4):
        since = clock[0]
        while not patience.deadline_s():
            clock[0] += 1
        assert not patience.deadline_s()  # one at a time
        patience.hung()
        waits.append(clock[0] - since)
    assert waits == [30, 60, 120, 120]
    patience.ended()
    assert patience.deadline_s() == 10


@pytest.mark.parametrize("then_s", [0.0, 0.05, 0.5])  # before it runs, as it starts, while it waits
def test_killing_the_program_kills_what_renders(then_s: float) -> None:
    # The child waits for a text that we hold back.
    theirs, ours = os.pipe()
    source = (
        "import os, subprocess, sys, time\n"
        f"words = [sys.executable, {child.__file__!r}, 'en', '150', '60', str(os.getpid())]\n"
        f"subprocess.Popen(words, stdin={theirs})\n"
        "time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", source], pass_fds=[theirs]) as parent:
        deadline = time.monotonic() + 30
        while not (found := children_of(parent.pid)):
            assert time.monotonic() < deadline, "the child doesn't start"
            time.sleep(0.01)
        os.kill(found[0], 0)
        time.sleep(then_s)
        parent.kill()
    try:
        assert ends(found[0])
    finally:
        os.close(theirs)
        os.close(ours)


def children_of(pid: int) -> list[int]:
    return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
