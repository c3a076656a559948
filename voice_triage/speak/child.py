"""The child process of `synthesis.Pyttsx3`: text on stdin, a WAV on stdout, complaints on stderr.

It is run as a file and imports nothing of ours, so it starts in tens of milliseconds. Arguments:
voice, words a minute, and after how many seconds to die if the parent no longer can kill it.
"""

import os
import signal
import sys
import threading
from typing import Any, NoReturn


def main() -> None:
    """Renders stdin once. Exits with 0, or with 1 and one line on stderr."""
    voice, words_per_minute, seconds = sys.argv[1:]
    # SIGALRM's default action ends even a process that loops inside a C callback.
    signal.alarm(int(seconds))
    output = os.dup(1)
    os.dup2(2, 1)  # pyttsx3 prints to stdout, which belongs to the WAV
    text = sys.stdin.buffer.read().decode("utf-8")
    wav = _render(text, voice, int(words_per_minute))
    with os.fdopen(output, "wb") as stream:
        stream.write(wav)
    _leave(0)


def _render(text: str, voice: str, words_per_minute: int) -> bytes:
    engine = _engine()
    errors: list[object] = []
    finished = threading.Event()
    engine.connect("error", lambda exception, **_: errors.append(exception))
    # runAndWait() returns some 10 ms after the start, however long the text: espeak-ng works on
    # in its own thread, and what it hasn't written by the end of the process is lost.
    engine.connect("finished-utterance", lambda **_: finished.set())
    _settle(engine)
    engine.setProperty("voice", voice)
    _settle(engine)
    engine.setProperty("rate", words_per_minute)
    _settle(engine)
    with os.fdopen(os.memfd_create("speech"), "rb") as file:  # in memory: nothing to clean up
        engine.save_to_file(text, f"/proc/self/fd/{file.fileno()}")
        engine.runAndWait()
        if errors:
            _fail(f"{errors[0]} (`espeak-ng --voices` lists the voices)")
        finished.wait()
        return file.read()


def _settle(engine: Any) -> None:
    """Puts the settings so far into force. pyttsx3 keeps them back until it runs, and espeak-ng
    sets the voice at once but the rate in its own thread: one utterance in thirty came out at
    pyttsx3's 200 words a minute, whatever was asked for."""
    from pyttsx3.drivers import _espeak

    engine.proxy.setBusy(False)
    _espeak.Synchronize()


def _engine() -> Any:
    import pyttsx3

    try:
        return pyttsx3.init("espeak")
    except (RuntimeError, OSError):
        _fail(
            "espeak-ng, which makes the voice, is missing or broken. "
            "Install it: sudo apt install espeak-ng libespeak-ng1"
        )


def _fail(message: str) -> NoReturn:
    sys.stderr.write(message + "\n")
    _leave(1)


def _leave(status: int) -> NoReturn:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # espeak-ng's thread can crash a regular end


if __name__ == "__main__":
    main()
