"""Talk that repeats itself: hearing it must not cost a small computer all its memory."""

import os
import subprocess
from pathlib import Path

from programs import PROGRAM, environment
from voices import speak

KIB = 1024


def test_talk_that_repeats_itself_takes_little_memory(tmp_path: Path) -> None:
    """Without a bound on Vosk's lattices this takes more than 900 MB, and minutes."""
    talk = speak("blah blah blah. " * 22, tmp_path / "talk.wav", "slt")
    heard, complaints = tmp_path / "heard", tmp_path / "complaints"
    with heard.open("w") as out, complaints.open("w") as err:
        child = subprocess.Popen(
            [*PROGRAM, "hear", str(talk)], stdout=out, stderr=err, env=environment(), cwd="/"
        )
        _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0
    assert '"seconds"' in heard.read_text()
    assert complaints.read_text() == ""
    assert used.ru_maxrss < 250 * KIB
