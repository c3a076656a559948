"""A Ctrl-C while processes are begun waits until each is begun whole."""

import os
import signal
import threading
import time
from collections.abc import Callable

import pytest

from voice_triage.evaluate.processes import each

BEGUN: list[int] = []
GO, SENT = threading.Event(), threading.Event()


def double(number: int) -> int:
    return 2 * number


def begin() -> Callable[[int], int]:
    return double


class Begins:
    """Is interrupted while it is handed to the first process."""

    def __reduce__(self) -> tuple[Callable[[], Callable[[int], int]], tuple[()]]:
        if not BEGUN:
            GO.set()
            assert SENT.wait(5)
            time.sleep(0.05)
        BEGUN.append(1)
        return Begins, ()

    def __call__(self) -> Callable[[int], int]:
        return begin()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_no_process_is_left_half_begun(number: int) -> None:
    """As in a program with other threads, which take the signals that its main thread blocks."""
    BEGUN.clear()
    GO.clear()
    SENT.clear()

    def sends() -> None:
        GO.wait(30)
        os.kill(os.getpid(), number)
        SENT.set()

    before = signal.signal(number, signal.default_int_handler)
    thread = threading.Thread(target=sends)
    thread.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            list(each(Begins(), [1, 2, 3], 2))
        assert signal.getsignal(number) is signal.default_int_handler
    finally:
        signal.signal(number, before)
        thread.join()
    assert len(BEGUN) == 2
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
