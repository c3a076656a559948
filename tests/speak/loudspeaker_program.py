"""Programs that play through a loudspeaker, each in a process of its own."""

import subprocess
import sys

from device_chain import PulseAudio

PRELUDE = """
import os, sys, time
import numpy as np
from voice_triage.errors import SpeechError
from voice_triage.speak.player import Loudspeaker
from voice_triage.speak.synthesis import Pyttsx3, Speech

def tone(seconds, rate=22050):
    times = np.arange(round(seconds * rate)) / rate
    return Speech((8000 * np.sin(2 * np.pi * 440 * times)).astype(np.int16), rate)

def play(loudspeaker, speech):
    began = time.monotonic()
    try:
        loudspeaker.play(speech)
    except SpeechError as error:
        print("failed", round(time.monotonic() - began, 3), error, flush=True)
    else:
        print("played", time.monotonic(), flush=True)
"""


def command(source: str) -> list[str]:
    return [sys.executable, "-c", PRELUDE + source]


def run(chain: PulseAudio, source: str) -> list[str]:
    """The lines that the program printed."""
    done = subprocess.run(
        command(source), env=chain.env, check=True, timeout=30, stdout=subprocess.PIPE, text=True
    )
    return done.stdout.splitlines()


def program(source: str, chain: PulseAudio, stdin: int | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command(source), env=chain.env, stdin=stdin, stdout=subprocess.PIPE, text=True
    )
