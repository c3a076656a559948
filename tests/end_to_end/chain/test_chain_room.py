"""The room itself: what the other tests rely on."""

import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from people import Mouth
from room import Room, find, read_sound
from sounds import SPEECH, cough, groan, halting, television, trimmed
from tape import RATE

pytestmark = pytest.mark.aloud


def test_both_ends_are_taped_with_one_clock(room: Room, mouth: Mouth) -> None:
    """One sound played to both ends at once is on both tapes at the same time, within 10 ms."""
    both = room.chain.load(
        "module-combine-sink sink_name=both slaves=speaker,virtmic adjust_time=0"
    )
    try:
        began = time.monotonic()
        subprocess.run(
            ["paplay", "--device=both", str(mouth("no"))],
            env=room.chain.env, check=True, timeout=20,
        )  # fmt: skip
    finally:
        room.chain.unload(both)
    ends = room.microphone, room.loudspeaker
    (said,), (heard,) = (tape.sounds(began, time.monotonic(), gap_s=0.2) for tape in ends)
    assert abs(said[0] - heard[0]) < 0.01
    assert abs(said[1] - heard[1]) < 0.01


def test_a_sound_is_found_under_another(tmp_path: Path, room: Room, mouth: Mouth) -> None:
    noise = room.say(television(tmp_path / "television.wav", 6, real=False))
    time.sleep(1.0)
    began = time.monotonic()
    word = room.say(mouth("no"))
    word.wait()
    assert began <= word.onset + 0.02, "a tape is early by up to 20 ms"
    assert word.onset < began + 1.0
    assert noise.onset < word.onset
    noise.stop()


def test_the_microphone_hears_the_loudspeaker_when_wired_back(room: Room, mouth: Mouth) -> None:
    word = trimmed(read_sound(mouth("no")))
    levels = []
    for gain_db in (0.0, -20.0):
        with room.wired_back(gain_db):
            began = time.monotonic()
            subprocess.run(
                ["paplay", "--device=speaker", str(mouth("no"))],
                env=room.chain.env, check=True, timeout=20,
            )  # fmt: skip
            heard = room.microphone.between(began, time.monotonic() + 0.1)
        assert find(word, heard) is not None
        levels.append(int(np.abs(heard.astype(int)).max()))
    assert 0.8 < levels[0] / np.abs(word.astype(int)).max() < 1.25, "full volume"
    assert 7 < levels[0] / levels[1] < 13, "20 dB are a factor of 10"


def test_plugs_can_be_pulled(own_room: Room, mouth: Mouth) -> None:
    own_room.unplug_microphone()
    assert "mic" not in own_room.chain.control("list", "short", "sources").split()
    own_room.plug_microphone()
    assert own_room.chain.control("get-default-source").strip() == "mic"
    word = own_room.say(mouth("no"))
    word.wait()
    assert word.end - word.onset > 0.3
    own_room.unplug_loudspeaker()
    assert "speaker" not in own_room.chain.control("list", "short", "sinks").split()
    own_room.plug_loudspeaker()
    assert own_room.chain.control("get-default-sink").strip() == "speaker"


def test_what_else_there_is_to_hear(tmp_path: Path) -> None:
    spoken = read_sound(halting(["no", 1.5, "well", 1.2, "yes"], tmp_path / "halting.wav"))
    assert 3.5 < len(spoken) / RATE < 5.5
    kinds = [real for real in (True, False) if SPEECH.is_dir() or not real]
    for real in kinds:
        sound = read_sound(television(tmp_path / "television.wav", 30, real=real))
        assert len(sound) == 30 * RATE
        level = 20 * np.log10(np.sqrt(np.mean((sound / 32768) ** 2)))
        assert -29 < level < -24
    assert 0.3 < len(read_sound(cough(tmp_path / "cough.wav"))) / RATE < 0.6
    assert len(read_sound(groan(tmp_path / "groan.wav"))) / RATE > 1
