"""The sound of answers, kept as it was heard, for its owner alone."""

import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from programs import environment
from test_record_faults import largest_file

from voice_triage.errors import JournalError
from voice_triage.record import KeptAudio

SOUND = np.random.default_rng(1).integers(-32768, 32767, 5000, dtype=np.int16)
FRAMES = np.split(SOUND, [1600, 3200, 4800])


def test_every_sample_is_kept(tmp_path: Path) -> None:
    kept = KeptAudio(tmp_path / "answers" / "kept")
    path = kept.keep("20260102T215959.998Z-01234567", 7, "leg-feeling", FRAMES)
    assert path is not None
    assert path == kept.folder / "20260102T215959.998Z-01234567-007-leg-feeling.flac"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.folder.stat().st_mode) == 0o700
    found, rate = soundfile.read(path, dtype="int16")
    assert rate == 16_000
    assert np.array_equal(found, SOUND)
    assert list(kept.folder.iterdir()) == [path]


def test_a_turn_heard_again_replaces_the_first(tmp_path: Path) -> None:
    kept = KeptAudio(tmp_path)
    kept.keep("s", 1, "balance", FRAMES)
    path = kept.keep("s", 1, "balance", FRAMES[:1])
    assert path is not None
    assert len(soundfile.read(path)[0]) == 1600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("frames", [[], [SOUND[:0]]])
def test_a_turn_without_sound_leaves_no_file(tmp_path: Path, frames: list[np.ndarray]) -> None:
    assert KeptAudio(tmp_path / "kept").keep("s", 1, "balance", frames) is None
    assert not (tmp_path / "kept").exists()


def test_no_room(tmp_path: Path) -> None:
    with (
        largest_file(3000),
        pytest.raises(JournalError, match=r"s-001-balance.flac: .* can't be kept: File too large"),
    ):
        KeptAudio(tmp_path).keep("s", 1, "balance", FRAMES)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "kept"):
        with pytest.raises(JournalError, match="--keep-audio"):
            KeptAudio(folder).keep("s", 1, "balance", FRAMES)


def test_who_keeps_no_sound_loads_no_sound_library() -> None:
    code = "import sys, voice_triage.record; sys.exit('numpy' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], env=environment(), check=True)
