"""A stream that only a busy machine kept from starting."""

import pytest

from voice_triage.speak.starting import TIMED_OUT, started


class FakeStream:
    """Fails to start with an error, or starts."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error, self.running, self.open = error, False, True

    def start(self) -> None:
        if self.error:
            raise self.error
        self.running = True

    def close(self, ignore_errors: bool = True) -> None:
        assert ignore_errors
        self.open = self.running = False


LATE = RuntimeError("Wait timed out", TIMED_OUT)


def test_it_is_tried_again_until_it_runs() -> None:
    streams = [FakeStream(LATE), FakeStream(LATE), FakeStream(), FakeStream()]
    fresh = iter(streams)
    stream = started(lambda: next(fresh), lambda: True)
    assert stream is streams[2]
    assert stream.running
    assert [s.open for s in streams[:2]] == [False, False]


def test_not_for_longer_than_it_is_wanted() -> None:
    streams, left = [FakeStream(LATE) for _ in range(5)], iter([True, True, False])
    fresh = iter(streams)
    with pytest.raises(RuntimeError, match="Wait timed out"):
        started(lambda: next(fresh), lambda: next(left))
    assert [s.open for s in streams] == [False, False, False, True, True]


def test_what_would_not_work_the_next_time_either_is_told_at_once() -> None:
    streams = [FakeStream(RuntimeError("Device unavailable", -9985)), FakeStream()]
    fresh = iter(streams)
    with pytest.raises(RuntimeError, match="Device unavailable"):
        started(lambda: next(fresh), lambda: True)
    assert [s.open for s in streams] == [False, True]
