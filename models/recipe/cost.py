"""What hearing costs, in a process of its own: `python cost.py MODEL RECORDING…` prints JSON."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import soundfile

from voice_triage.listen.grammar import Grammar
from voice_triage.listen.recognizer import Vosk

UTTERANCE, PIECE = 48_000, 1_600
"""Samples that a recogniser is made for, and that it is fed at a time."""


def main() -> None:
    """Load the model, hear all recordings as one stretch of utterances of 3 s."""
    import vosk  # noqa: F401 - what Python needs to import it is no time of the model's

    began = time.perf_counter()
    model = Vosk(Path(sys.argv[1]))
    loaded = time.perf_counter() - began
    sound = np.concatenate([soundfile.read(file, dtype="int16")[0] for file in sys.argv[2:]])
    began = time.process_time()
    for at in range(0, len(sound), UTTERANCE):
        recognizer = model.recognizer(Grammar(("yes", "no")))
        utterance = sound[at : at + UTTERANCE]
        for piece in range(0, len(utterance), PIECE):
            recognizer.feed(utterance[piece : piece + PIECE])
        recognizer.finish()
    took = time.process_time() - began
    # Not getrusage: its figure begins with that of the process that started this one.
    status = Path("/proc/self/status").read_text().split("VmHWM:")[1]
    figures = {
        "load_s": loaded,
        "real_time_factor": took / (len(sound) / 16_000),
        "peak_mb": int(status.split()[0]) / 1024,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
