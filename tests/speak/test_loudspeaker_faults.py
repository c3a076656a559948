"""Loudspeakers and sound servers that are missing, hang, die, or are unplugged."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from device_chain import PulseAudio
from loudspeaker_program import command, program, run
from speaker_ear import Ear

pytestmark = pytest.mark.aloud


def test_a_device_that_is_not_there(speaker_chain: PulseAudio) -> None:
    lines = run(speaker_chain, "play(Loudspeaker('kitchen radio'), tone(1))")
    assert lines[0].startswith("failed 0.")
    assert "'kitchen radio'" in lines[0]
    assert "voice-triage devices" in lines[1]


def test_a_computer_without_loudspeaker(tmp_path: Path) -> None:
    bare = os.environ | {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}
    bare["PULSE_SERVER"] = f"unix:{tmp_path}/nobody"
    done = subprocess.run(
        command("play(Loudspeaker(), tone(1))"),
        env=bare,
        check=True,
        timeout=30,
        capture_output=True,
        text=True,
    )
    assert done.stdout.startswith("failed")
    assert "No loudspeaker can be opened" in done.stdout
    assert "Plug one in" in done.stdout


def test_without_portaudio_it_says_what_to_install() -> None:
    source = (
        "import ctypes.util\n"
        "ctypes.util.find_library = lambda name: None\n"
        "play(Loudspeaker(), tone(1))"
    )
    done = subprocess.run(
        command(source), check=True, timeout=30, stdout=subprocess.PIPE, text=True
    )
    assert "sudo apt install libportaudio2" in done.stdout


@contextmanager
def troubled_server() -> Iterator[tuple[PulseAudio, int]]:
    """A sound server that a test may stop or kill, and its process id."""
    with PulseAudio() as chain:
        pid = int((Path(chain.env["PULSE_RUNTIME_PATH"]) / "pid").read_text())
        yield chain, pid


def test_a_sound_server_that_hangs_holds_nobody_up_and_may_come_back() -> None:
    source = (
        "loudspeaker = Loudspeaker(patience_s=0.5)\n"
        "for _ in range(3): play(loudspeaker, tone(2))\n"
        "while loudspeaker._current.alive: time.sleep(0.02)\n"
        "play(loudspeaker, tone(0.5))"
    )
    with (
        troubled_server() as (chain, server),
        Ear(chain) as ear,
        program(source, chain) as talk,
    ):
        ear.wait_for_sound()
        os.kill(server, signal.SIGSTOP)
        try:
            time.sleep(3.5)
        finally:
            os.kill(server, signal.SIGCONT)
        output, _ = talk.communicate(timeout=10)
    first, again, third, back = output.splitlines()
    assert first.startswith("failed 2.5")
    assert "hangs" in first
    assert again.startswith("failed 0.0")  # it doesn't wait for the same device again
    assert third.startswith("failed 0.0")
    assert back.startswith("played")
    assert talk.returncode == 0


def test_a_sound_server_that_hangs_does_not_hold_up_the_end() -> None:
    source = "play(Loudspeaker(patience_s=0.5), tone(1))"
    with (
        troubled_server() as (chain, server),
        Ear(chain) as ear,
        program(source, chain) as talk,
    ):
        ear.wait_for_sound()
        os.kill(server, signal.SIGSTOP)
        try:
            output, _ = talk.communicate(timeout=10)
        finally:
            os.kill(server, signal.SIGCONT)
    assert output.startswith("failed 1.5")
    assert talk.returncode == 0


@pytest.mark.parametrize("frozen_s", [0.5, 1.4, 2.2])
def test_a_sound_server_that_is_late_to_begin_loses_nothing(frozen_s: float) -> None:
    """PortAudio gives up after 1 s."""
    with troubled_server() as (chain, server), Ear(chain) as ear:
        source = f"""
import signal, threading, sounddevice
class Late(sounddevice.OutputStream):
    thaw = threading.Timer({frozen_s}, os.kill, ({server}, signal.SIGCONT))
    def start(self):
        if Late.thaw.ident is None:
            os.kill({server}, signal.SIGSTOP)
            Late.thaw.start()
        super().start()
sounddevice.OutputStream = Late
play(Loudspeaker(), tone(1.5))
"""
        (played,) = run(chain, source)
        audible = np.count_nonzero(np.abs(ear.sound().astype(int)) > 50) / ear.RATE
    assert played.startswith("played")
    assert audible > 1.4  # more, where the first try came to its beginning


def test_a_sound_server_that_dies_in_the_middle_is_noticed() -> None:
    with (
        troubled_server() as (chain, server),
        Ear(chain) as ear,
        program("play(Loudspeaker(), tone(5))", chain) as talk,
    ):
        ear.wait_for_sound()
        os.kill(server, signal.SIGKILL)
        output, _ = talk.communicate(timeout=10)
    assert output.startswith("failed")
    assert "in the middle of a sentence" in output


def test_a_loudspeaker_that_is_unplugged_and_plugged_in_again() -> None:
    with PulseAudio() as chain:
        source = "loudspeaker = Loudspeaker()\nfor _ in sys.stdin: play(loudspeaker, tone(1.5))"
        with Ear(chain) as ear, program(source, chain, stdin=subprocess.PIPE) as talk:
            assert talk.stdin is not None
            assert talk.stdout is not None
            print(file=talk.stdin, flush=True)
            ear.wait_for_sound()
            pactl(chain, "unload-module", "module-null-sink")
            assert "in the middle of a sentence" in talk.stdout.readline()
            print(file=talk.stdin, flush=True)
            assert "No loudspeaker can be opened" in talk.stdout.readline()
            talk.stdout.readline()
            pactl(chain, "load-module", "module-null-sink", "sink_name=speaker")
            with Ear(chain) as again:
                print(file=talk.stdin, flush=True)
                again.wait_for_sound()
                assert talk.stdout.readline().startswith("played")
            talk.stdin.close()


def pactl(chain: PulseAudio, *words: str) -> None:
    subprocess.run(["pactl", *words], env=chain.env, check=True, timeout=10, capture_output=True)
