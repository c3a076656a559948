"""`--speak-to FILE.wav`: a whole WAV at any moment, and errors that name the file."""

import signal
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from voice_triage.errors import SpeechError
from voice_triage.speak.player import WavFile
from voice_triage.speak.synthesis import Speech


def tone(speechs: float, rate: int) -> Speech:
    times = np.arange(round(speechs * rate)) / rate
    return Speech((8000 * np.sin(2 * np.pi * 440 * times)).astype(np.int16), rate)


def read(path: Path) -> tuple[NDArray[np.int16], int]:
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        assert len(samples) == file.getnframes()
        return samples, file.getframerate()


def test_it_is_a_whole_wav_after_every_utterance(tmp_path: Path) -> None:
    path = tmp_path / "said.wav"
    writer = WavFile(path)
    assert len(read(path)[0]) == 0
    first = tone(1.0, 22050)
    writer.play(first)
    samples, rate = read(path)
    assert rate == 22050
    assert np.array_equal(samples, first.samples)
    writer.play(tone(0.5, 16000))
    samples, rate = read(path)
    assert rate == 22050
    assert len(samples) == pytest.approx(1.9 * 22050, abs=10)
    gap = samples[22050 : 22050 + 8820]
    assert not gap.any()
    speech = samples[22050 + 8820 :].astype(float)
    crossings = np.count_nonzero(np.diff(np.signbit(speech)))
    assert crossings == pytest.approx(2 * 440 * 0.5, abs=4)  # the pitch is kept
    writer.close()
    writer.close()
    assert np.array_equal(read(path)[0], samples)
    assert path.stat().st_size == 44 + 2 * len(samples)


def test_the_first_utterance_decides_the_rate(tmp_path: Path) -> None:
    writer = WavFile(tmp_path / "said.wav")
    writer.play(Speech(np.zeros(0, np.int16), 22050))  # nothing said, nothing decided
    writer.play(tone(0.5, 16000))
    writer.close()
    samples, rate = read(tmp_path / "said.wav")
    assert (len(samples), rate) == (8000, 16000)


def test_a_killed_program_leaves_what_was_said(tmp_path: Path) -> None:
    path = tmp_path / "said.wav"
    source = (
        "import os, signal, numpy as np\n"
        "from pathlib import Path\n"
        "from voice_triage.speak.player import WavFile\n"
        "from voice_triage.speak.synthesis import Speech\n"
        f"writer = WavFile(Path({str(path)!r}))\n"
        "writer.play(Speech(np.ones(1000, np.int16), 22050))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", source], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert len(read(path)[0]) == 1000


def test_a_longer_file_from_before_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "said.wav"
    path.write_bytes(b"x" * 100_000)
    WavFile(path).close()
    assert len(read(path)[0]) == 0


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/nonexistent/said.wav", "No such file or directory"),
        ("/proc/said.wav", "No such file or directory"),
        ("/sys/said.wav", "Permission denied"),  # even for root
        ("/tmp", "Is a directory"),  # noqa: S108 - any folder would do
        ("/dev/full", "No space left on device"),
    ],
)
def test_a_place_that_cannot_be_written_is_known_at_once(path: str, reason: str) -> None:
    with pytest.raises(SpeechError, match=rf"^{path}: .*{reason}.*--speak-to"):
        WavFile(Path(path))


def test_a_disk_that_fills_up_keeps_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "said.wav"
    # A limit on the file's size is the only full disk that needs no root.
    source = (
        "import resource, numpy as np\n"
        "from pathlib import Path\n"
        "from voice_triage.errors import SpeechError\n"
        "from voice_triage.speak.player import WavFile\n"
        "from voice_triage.speak.synthesis import Speech\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))\n"
        f"writer = WavFile(Path({str(path)!r}))\n"
        "speech = Speech(np.ones(10_000, np.int16), 22050)\n"
        "writer.play(speech)\n"
        "for _ in range(2):\n"
        "    try:\n"
        "        writer.play(speech)\n"
        "    except SpeechError as error:\n"
        "        print(error)\n"
        "writer.close()\n"
    )
    run = subprocess.run([sys.executable, "-c", source], check=True, capture_output=True, text=True)
    assert run.stdout.count("File too large") == 2
    assert run.stderr == ""
    assert len(read(path)[0]) == 10_000


def test_after_close_it_refuses(tmp_path: Path) -> None:
    writer = WavFile(tmp_path / "said.wav")
    writer.close()
    with pytest.raises(SpeechError, match="closed"):
        writer.play(tone(0.1, 22050))
