"""The child process of `synthesis.Pyttsx3`: text on stdin, a WAV on stdout, complaints on stderr.

It is run as a file and imports nothing of ours, so it starts in tens of milliseconds. Arguments:
voice, words a minute, after how many seconds to die if the parent no longer can kill it, and the
parent's process number.
"""

import contextlib
import ctypes
import os
import signal
import sys
from typing import Any, NoReturn

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Renders stdin once. Exits with 0, or with 1 and one line on stderr."""
    voice, words_per_minute, seconds, parent = sys.argv[1:]
    # Nobody waits for the sound when the parent has been killed (Linux; elsewhere the alarm does).
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != int(parent):  # it was killed before that
        _leave(1)
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
    engine.connect("error", lambda exception, **_: errors.append(exception))
    engine.setProperty("voice", voice)
    engine.setProperty("rate", words_per_minute)
    with os.fdopen(os.memfd_create("speech"), "rb") as file:  # in memory: nothing to clean up
        engine.save_to_file(text, f"/proc/self/fd/{file.fileno()}")
        # Not runAndWait(): 2.99 doesn't wait (what espeak-ng hasn't rendered when this process ends
        # is lost), and it cancels what espeak-ng has still to do, which can be our pace.
        engine.startLoop()  # returns when the file has been written
        if errors:
            _fail(f"{errors[0]} (`espeak-ng --voices` lists the voices)")
        return file.read()


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
    sys.stdout.flush()  # what pyttsx3 printed; the parent tells the last line
    sys.stderr.write(message + "\n")
    _leave(1)


def _leave(status: int) -> NoReturn:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # espeak-ng's thread can crash a regular end


if __name__ == "__main__":
    main()
