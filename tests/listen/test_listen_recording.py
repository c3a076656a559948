"""Sound files of every kind give the right word or say clearly what is wrong with them."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from voice_triage.errors import RecordingError
from voice_triage.listen.endpoint_times import EndpointTimes, Patience
from voice_triage.listen.grammar import Grammar
from voice_triage.listen.listener import Listener
from voice_triage.listen.recognizer import Vosk
from voice_triage.listen.source import FRAME_SAMPLES, RATE, AudioFile, Frame

Say = Callable[..., Path]
Hear = Callable[..., str]


@pytest.fixture
def hear(vosk: Vosk, times: EndpointTimes) -> Hear:
    def text(*paths: Path) -> str:
        listener = Listener(AudioFile(paths), vosk, times)
        return listener.hear(Grammar(("yes", "no")), lambda _: Patience(500, 500)).text

    return text


def samples(path: Path) -> Frame:
    return np.concatenate([np.empty(0, np.int16), *AudioFile([path]).utterance()])


FORMATS = {
    "flac": ("FLAC", "PCM_16", RATE, 1),
    "ogg": ("OGG", "VORBIS", 44_100, 1),
    "opus": ("OGG", "OPUS", 48_000, 1),
    "mp3": ("MP3", "MPEG_LAYER_III", 44_100, 2),
    "24 bit": ("WAV", "PCM_24", 48_000, 1),
    "8 bit unsigned": ("WAV", "PCM_U8", RATE, 1),
    "8 kHz": ("WAV", "PCM_16", 8000, 1),
    "96 kHz": ("WAV", "PCM_16", 96_000, 1),
    "stereo": ("WAV", "PCM_16", 44_100, 2),
    "five channels": ("WAV", "FLOAT", RATE, 5),
    "double": ("WAV", "DOUBLE", 22_050, 1),
}


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_is_heard(kind: str, tmp_path: Path, say: Say, hear: Hear) -> None:
    container, subtype, rate, channels = FORMATS[kind]
    for word in ("yes", "no"):
        sound, own = soundfile.read(say(word), dtype="float32")
        resampled = np.repeat(soxr.resample(sound, own, rate)[:, None], channels, axis=1)
        path = tmp_path / f"{word}.{container.lower()}"
        soundfile.write(path, resampled.clip(-1, 1), rate, subtype, format=container)
        assert hear(path) == word


def test_samples_at_our_own_rate_come_through_unchanged(tmp_path: Path) -> None:
    original = np.random.default_rng(1).integers(-32768, 32767, 4000, dtype=np.int16)
    soundfile.write(tmp_path / "a.wav", original, RATE)
    frames = list(AudioFile([tmp_path / "a.wav"]).utterance())
    assert [len(frame) for frame in frames] == [FRAME_SAMPLES, FRAME_SAMPLES, 800]
    assert np.array_equal(np.concatenate(frames), original)


def test_resampling_in_blocks_leaves_no_seams(tmp_path: Path) -> None:
    seconds = np.arange(44_100 * 3) / 44_100
    soundfile.write(tmp_path / "tone.wav", 0.5 * np.sin(2 * np.pi * 440 * seconds), 44_100)
    got = samples(tmp_path / "tone.wav")
    assert len(got) == pytest.approx(RATE * 3, abs=2)
    spectrum = np.abs(np.fft.rfft(got[RATE : 2 * RATE] / 32768 * np.hanning(RATE)))
    assert spectrum[:430].max() < spectrum.max() / 3000
    assert spectrum[450:].max() < spectrum.max() / 3000


def test_too_loud_is_clipped_and_not_wrapped(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.full(1600, 3.0), RATE, "FLOAT")
    soundfile.write(tmp_path / "b.wav", np.full(1600, -1e30), RATE, "DOUBLE")
    assert set(samples(tmp_path / "a.wav").tolist()) == {32767}
    assert set(samples(tmp_path / "b.wav").tolist()) == {-32768}


def test_float_samples_that_are_no_numbers_count_as_silence(
    tmp_path: Path, say: Say, hear: Hear
) -> None:
    sound, rate = soundfile.read(say("yes"), dtype="float32")
    broken = np.concatenate((np.full(500, np.nan), sound, [np.inf, -np.inf])).astype(np.float32)
    soundfile.write(tmp_path / "nan.wav", broken, rate, "FLOAT")
    assert hear(tmp_path / "nan.wav") == "yes"


def test_a_recording_cut_short_is_heard_for_what_it_holds(
    tmp_path: Path, say: Say, hear: Hear
) -> None:
    sound, rate = soundfile.read(say("yes"), dtype="int16")
    long = np.concatenate((sound, np.zeros(5 * rate, np.int16)))
    soundfile.write(tmp_path / "a.wav", long, rate)
    soundfile.write(tmp_path / "a.flac", long, rate)
    whole = (tmp_path / "a.wav").read_bytes()
    (tmp_path / "cut.wav").write_bytes(whole[: 44 + 2 * len(sound) + 1])
    assert hear(tmp_path / "cut.wav") == "yes"
    whole = (tmp_path / "a.flac").read_bytes()
    (tmp_path / "cut.flac").write_bytes(whole[:-30])
    assert hear(tmp_path / "cut.flac") == "yes"


def test_a_recorder_that_was_killed_leaves_a_header_that_promises_more(
    tmp_path: Path, say: Say, hear: Hear
) -> None:
    whole = bytearray(say("no").read_bytes())
    at = whole.index(b"data") + 4
    for length in (b"\xff\xff\xff\xff", b"\x00\xf0\xff\x7f"):
        whole[at : at + 4] = length
        (tmp_path / "a.wav").write_bytes(whole)
        assert hear(tmp_path / "a.wav") == "no"


def _missing(path: Path) -> None:
    assert not path.exists()


def _header_only(path: Path) -> None:
    soundfile.write(path, np.zeros(0), RATE)


def _slow(path: Path) -> None:
    soundfile.write(path, np.zeros(100), 50)


UNUSABLE: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "missing": ("a.wav", _missing, "no such file"),
    "directory": ("a.wav", Path.mkdir, "is not a file"),
    "pipe": ("a.wav", os.mkfifo, "is not a file"),
    "nothing": ("a.wav", Path.touch, "is empty"),
    "header only": ("a.wav", _header_only, "holds no sound"),
    "text": ("a.wav", lambda path: path.write_text("hello"), "Format not recognised"),
    "text called mp3": ("a.mp3", lambda path: path.write_text("hello"), "Format not recognised"),
    "random bytes": (
        "my file.wav",
        lambda path: path.write_bytes(np.random.default_rng(0).bytes(5000)),
        "Format not recognised",
    ),
    "raw samples": ("a.raw", lambda path: path.write_bytes(bytes(3200)), "has no header"),
    "50 Hz": ("a.wav", _slow, "too few for speech"),
}


@pytest.mark.parametrize("kind", UNUSABLE)
def test_what_is_no_recording_is_named_at_once(kind: str, tmp_path: Path, say: Say) -> None:
    name, make, reason = UNUSABLE[kind]
    path = tmp_path / name
    make(path)
    with pytest.raises(RecordingError) as caught:
        AudioFile([say("yes"), path])
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert reason in message
    assert "Check the name" in message or "Record it again, or convert it with: sox " in message


def test_no_recording_at_all() -> None:
    with pytest.raises(RecordingError, match="at least one"):
        AudioFile([])


def test_a_file_that_goes_away_after_it_was_looked_at(tmp_path: Path, say: Say) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(say("yes").read_bytes())
    source = AudioFile([path])
    path.unlink()
    with pytest.raises(RecordingError, match="No such file"):
        list(source.utterance())


@pytest.fixture
def counted(tmp_path: Path) -> Callable[[str, int], Path]:
    """A file of frames whose samples are all 1, all 2, and so on: plain to tell apart."""

    def make(name: str, frames: int) -> Path:
        numbers = np.repeat(np.arange(1, frames + 1, dtype=np.int16), FRAME_SAMPLES)
        soundfile.write(tmp_path / name, numbers, RATE)
        return tmp_path / name

    return make


Counted = Callable[[str, int], Path]


def test_one_recording_goes_on_where_the_last_turn_stopped(counted: Counted) -> None:
    source = AudioFile([counted("a.wav", 5)])
    assert source.seconds == (0.5,)
    heard = []
    for turn in (2, 2, 1):
        assert not source.exhausted
        for frame in source.utterance():
            heard.append(int(frame[0]))
            turn -= 1
            if not turn:
                break
    assert heard == [1, 2, 3, 4, 5]
    assert source.exhausted
    assert list(source.utterance()) == []


def test_of_several_files_each_turn_takes_the_next(counted: Counted) -> None:
    source = AudioFile([counted("a.wav", 4), counted("b.wav", 2), counted("c.wav", 3)])
    assert [frame[0] for frame, _ in zip(source.utterance(), range(2), strict=False)] == [1, 2]
    assert [frame[0] for frame in source.utterance()] == [1, 2]
    assert not source.exhausted
    last = source.utterance()
    assert next(last)[0] == 1
    assert not source.exhausted
    del last
    assert source.exhausted
    assert list(source.utterance()) == []


def test_a_turn_that_was_not_ended_ends_with_the_next(counted: Counted) -> None:
    source = AudioFile([counted("a.wav", 4), counted("b.wav", 2)])
    first, second = source.utterance(), source.utterance()
    next(first)
    assert next(second)[0] == 1
    assert list(first) == []
    assert next(second)[0] == 2


def test_closing_twice_ends_the_recording(counted: Counted) -> None:
    source = AudioFile([counted("a.wav", 4)])
    next(source.utterance())
    source.close()
    source.close()
    assert source.exhausted
    assert list(source.utterance()) == []
