"""Raw samples through a real pipe."""

import io
import os
import threading
from collections.abc import Callable

import numpy as np
import pytest

from voice_triage.errors import RecordingError
from voice_triage.listen.endpoint_times import EndpointTimes, Patience
from voice_triage.listen.grammar import Grammar
from voice_triage.listen.listener import Listener
from voice_triage.listen.recognizer import Vosk
from voice_triage.listen.source import RATE, Frame, PcmStream


def test_answers_through_a_pipe(
    spoken: Callable[..., Frame], vosk: Vosk, times: EndpointTimes
) -> None:
    pause = np.zeros(RATE, np.int16)
    sound = np.concatenate([pause, spoken("yes"), pause, pause, spoken("no"), pause])
    reading, writing = os.pipe()

    def write() -> None:
        with os.fdopen(writing, "wb") as pipe:
            data = sound.astype("<i2").tobytes() + b"\x01"
            for start in range(0, len(data), 777):  # odd pieces, as pipes hand them over
                pipe.write(data[start : start + 777])
                pipe.flush()

    writer = threading.Thread(target=write)
    writer.start()
    with os.fdopen(reading, "rb", buffering=0) as pipe:
        listener = Listener(PcmStream(pipe), vosk, times)
        heard = [
            listener.hear(Grammar(("yes", "no")), lambda _: Patience(500, 500)) for _ in range(4)
        ]
    writer.join()
    assert [turn.text for turn in heard[:2]] == ["yes", "no"]
    assert [turn.ended for turn in heard[:2]] == [False, False]
    assert heard[3].ended


def test_every_sample_once_and_the_odd_byte_dropped() -> None:
    samples = np.arange(-2000, 2000, dtype=np.int16)
    source = PcmStream(io.BytesIO(samples.astype("<i2").tobytes() + b"!"))
    first = next(source.utterance())
    rest = list(source.utterance())
    assert [len(frame) for frame in (first, *rest)] == [1600, 1600, 800]
    assert np.array_equal(np.concatenate([first, *rest]), samples)
    assert source.exhausted
    assert not source.live


def test_an_empty_stream_is_exhausted_once_it_was_read(vosk: Vosk, times: EndpointTimes) -> None:
    source = PcmStream(io.BytesIO())
    assert Listener(source, vosk, times).hear(Grammar(("yes",)), lambda _: None).ended
    assert source.exhausted


def test_closing_leaves_the_stream_to_its_owner() -> None:
    stream = io.BytesIO(bytes(6400))
    source = PcmStream(stream)
    next(source.utterance())
    source.close()
    source.close()
    assert source.exhausted
    assert list(source.utterance()) == []
    assert not stream.closed


def test_a_stream_that_breaks_off_is_told() -> None:
    stream = io.BytesIO(bytes(6400))
    stream.close()
    with pytest.raises(RecordingError, match="broke off"):
        next(PcmStream(stream).utterance())
