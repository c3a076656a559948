"""A Ctrl-C that comes while Python can't tell anybody of it is neither lost nor shown."""

import subprocess
import sys

import pytest

LOSES_IT = """
import os, signal, sys, time
from voice_triage import interrupts

class Freed:
    losses = int(sys.argv[1])

    def __del__(self):
        Freed.losses -= 1
        if Freed.losses:
            self.again = Freed()
        os.kill(os.getpid(), getattr(signal, sys.argv[2]))
        time.sleep(30)

interrupts.interrupt()
try:
    freed = Freed()
    del freed
    time.sleep(30)
except KeyboardInterrupt:
    print("told")
"""

TOLD_OTHERWISE = """
import os, signal, sys, time
from voice_triage import interrupts

class Freed:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(30)

interrupts.interrupt()
try:
    freed = Freed()
    del freed
    if sys.argv[1] == "asked":
        interrupts.raise_what_was_lost()
    else:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(30)
except KeyboardInterrupt:
    time.sleep(0.2)
    print("farewell")
"""

FAILS_OTHERWISE = """
from voice_triage import interrupts

class Freed:
    def __del__(self):
        raise ValueError("something else")

interrupts.interrupt()
freed = Freed()
del freed
"""


def python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=20
    )


@pytest.mark.parametrize("losses", ["1", "3"])
@pytest.mark.parametrize("asked", ["SIGINT", "SIGTERM"])
def test_an_interruption_lost_in_a_finalizer_is_raised_again(losses: str, asked: str) -> None:
    ran = python(LOSES_IT, losses, asked)
    assert (ran.stdout, ran.stderr, ran.returncode) == ("told\n", "", 0)


@pytest.mark.parametrize("how", ["asked", "again"])
def test_it_is_raised_once_and_leaves_time_for_the_farewell(how: str) -> None:
    """What is lost as a turn ends is asked for at once, before it is raised again by itself."""
    ran = python(TOLD_OTHERWISE, how)
    assert (ran.stdout, ran.stderr, ran.returncode) == ("farewell\n", "", 0)


def test_what_else_is_lost_is_shown_as_ever() -> None:
    ran = python(FAILS_OTHERWISE)
    assert "ValueError: something else" in ran.stderr
