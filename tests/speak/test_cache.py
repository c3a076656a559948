"""Renderings are kept, and no fault of the keeping reaches the conversation."""

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from voice_triage.errors import SpeechError
from voice_triage.speak.cache import CachedSynthesizer
from voice_triage.speak.shelf import Shelf
from voice_triage.speak.synthesis import Pyttsx3, Speech, Synthesizer


class Reader(Synthesizer):
    """Counts; its sound tells text and pace. Waits for `gate` when there is one."""

    def __init__(self, identity: str = "reader 1") -> None:
        self.read: list[tuple[str, int | None]] = []
        self.gate: threading.Event | None = None
        self.faults: list[BaseException] = []
        self._identity = identity

    @property
    def identity(self) -> str:
        return self._identity

    def render(self, text: str, words_per_minute: int | None = None) -> Speech:
        self.read.append((text, words_per_minute))
        if self.gate:
            assert self.gate.wait(5)
        if self.faults:
            raise self.faults.pop(0)
        sound = np.frombuffer(text.encode().ljust(2000, b"\0"), np.uint8).astype(np.int16)
        return Speech(sound + (words_per_minute or 0), 22050)


def texts(reader: Reader) -> list[str]:
    return [text for text, _ in reader.read]


def test_each_text_and_pace_is_rendered_once(tmp_path: Path) -> None:
    reader = Reader()
    cached = CachedSynthesizer(reader, tmp_path / "speech")
    for _ in range(2):
        for pace in (None, 120, 150):
            for text in ("Yes.", "No."):
                speech = cached.render(text, pace)
                assert np.array_equal(speech.samples, Reader().render(text, pace).samples)
                assert speech.rate == 22050
    assert len(reader.read) == 6
    assert cached.identity == "reader 1"


def test_the_next_session_finds_it_on_disk(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "speech"
    first = CachedSynthesizer(Reader(), folder).render("Yes.")
    reader = Reader()
    again = CachedSynthesizer(reader, folder).render("Yes.")
    assert reader.read == []
    assert np.array_equal(first.samples, again.samples)
    assert (folder.stat().st_mode & 0o777, first.rate) == (0o700, again.rate)
    assert [file.stat().st_mode & 0o777 for file in folder.iterdir()] == [0o600]


def test_another_release_of_the_program_renders_anew(tmp_path: Path) -> None:
    CachedSynthesizer(Reader(), tmp_path).render("Yes.")
    reader = Reader("reader 2")
    CachedSynthesizer(reader, tmp_path).render("Yes.")
    assert texts(reader) == ["Yes."]


def test_real_speech_is_the_same_from_disk(tmp_path: Path) -> None:
    fresh = CachedSynthesizer(Pyttsx3(), tmp_path).render("Can you move your feet?", 120)
    cached = CachedSynthesizer(Pyttsx3(command=["/nonexistent"]), tmp_path)
    again = cached.render("Can you move your feet?", 120)
    assert np.array_equal(fresh.samples, again.samples)
    with pytest.raises(SpeechError):
        cached.render("Can you move your feet?", 150)


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda data: data[:10],
        lambda data: data[:-2],
        lambda data: data + b"xx",
        lambda data: data[:50] + bytes([data[50] ^ 1]) + data[51:],
        lambda data: data[:24] + b"\0\0\0\0" + data[28:],
        lambda data: bytes(len(data)),
    ],
)
def test_a_damaged_file_is_rendered_again_and_mended(tmp_path: Path, damage) -> None:  # type: ignore[no-untyped-def]
    good = CachedSynthesizer(Reader(), tmp_path).render("Yes.")
    (file,) = tmp_path.iterdir()
    file.write_bytes(damage(file.read_bytes()))
    for expected in (["Yes."], []):
        reader = Reader()
        again = CachedSynthesizer(reader, tmp_path).render("Yes.")
        assert texts(reader) == expected
        assert np.array_equal(good.samples, again.samples)


def unusable(kind: str, folder: Path) -> Path:
    """A place where nothing can be kept, even for root."""
    if kind == "a file":
        folder.write_text("not a folder")
    elif kind == "beneath a file":
        folder.write_text("not a folder")
        return folder / "speech"
    elif kind == "everybody's":
        folder.mkdir()
        folder.chmod(0o777)
    elif kind == "not writable":
        return Path("/proc/speech")
    elif kind == "read-only":
        return Path("/sys/kernel")
    elif kind == "a name too long":
        return folder / ("x" * 300)
    elif kind == "a NUL":
        return folder / "a\0b"
    return folder


@pytest.mark.parametrize(
    "kind",
    [
        "a file",
        "beneath a file",
        "everybody's",
        "not writable",
        "read-only",
        "a name too long",
        "a NUL",
    ],
)
def test_an_unusable_folder_only_means_no_cache(tmp_path: Path, kind: str) -> None:
    reader = Reader()
    cached = CachedSynthesizer(reader, unusable(kind, tmp_path / "speech"))
    for _ in range(2):
        assert len(cached.render("Yes.").samples) == 2000
    assert texts(reader) == ["Yes."]  # memory still serves


def test_what_others_may_have_planted_is_not_played(tmp_path: Path) -> None:
    CachedSynthesizer(Reader(), tmp_path).render("Yes.")
    tmp_path.chmod(0o777)
    reader = Reader()
    CachedSynthesizer(reader, tmp_path).render("Yes.")
    assert texts(reader) == ["Yes."]


def test_a_full_disk_leaves_no_rubbish(tmp_path: Path) -> None:
    # A limit on the file's size is the only full disk that needs no root.
    source = f"""
import resource, sys
sys.path[:0] = {[str(Path(__file__).parent)]!r}
from pathlib import Path
from test_cache import CachedSynthesizer, Reader
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
reader = Reader()
cached = CachedSynthesizer(reader, Path({str(tmp_path)!r}))
print(len(cached.render("Yes.").samples), len(cached.render("Yes.").samples), len(reader.read))
"""
    done = subprocess.run(
        [sys.executable, "-c", source], check=True, capture_output=True, text=True
    )
    assert done.stdout == "2000 2000 1\n"
    assert list(tmp_path.iterdir()) == []


def test_the_folder_stays_small_and_keeps_what_is_used(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, most_bytes=10_000)  # each file has 2028 bytes
    speech = Speech(np.ones(1000, np.int16), 22050)
    for index in range(4):
        shelf.put(f"k{index}", speech)
        os.utime(tmp_path / f"k{index}.speech", (index + 1, index + 1))
    assert shelf.take("k0") is not None  # used, so now the newest
    (tmp_path / "dead.part").write_bytes(b"x")
    os.utime(tmp_path / "dead.part", (1, 1))
    (tmp_path / "busy.part").write_bytes(b"x")
    (tmp_path / "somebody's.txt").write_bytes(b"x" * 20_000)
    shelf.put("k4", speech)
    shelf.put("k5", speech)
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "busy.part", "k0.speech", "k3.speech", "k4.speech", "k5.speech", "somebody's.txt",
    ]  # fmt: skip


def test_memory_stays_small_and_keeps_what_is_used() -> None:
    reader = Reader()
    cached = CachedSynthesizer(reader, None, memory_bytes=10_000)  # two of 4000 bytes
    for text in ("a", "b", "a", "c", "a", "b"):
        cached.render(text)
    assert texts(reader) == ["a", "b", "c", "b"]
    assert cached.knows("a")
    assert not cached.knows("c")


def test_a_speech_larger_than_memory_is_not_kept() -> None:
    reader = Reader()
    cached = CachedSynthesizer(reader, None, memory_bytes=1000)
    cached.render("a")
    assert not cached.knows("a")


def test_the_samples_are_safe_from_their_readers(tmp_path: Path) -> None:
    for _ in range(2):
        speech = CachedSynthesizer(Reader(), tmp_path).render("Yes.")
        with pytest.raises(ValueError, match="read-only"):
            speech.samples[0] = 1


def test_two_threads_that_want_the_same_text_share_one_rendering() -> None:
    reader = Reader()
    reader.gate = threading.Event()
    cached = CachedSynthesizer(reader, None)
    with ThreadPoolExecutor(4) as crowd:
        wanted = [crowd.submit(cached.render, "Yes.") for _ in range(4)]
        time.sleep(0.1)
        reader.gate.set()
        assert len({id(each.result(5)) for each in wanted}) == 1
    assert texts(reader) == ["Yes."]


def test_whoever_waits_gets_the_failure_too_and_the_next_tries_again() -> None:
    reader = Reader()
    reader.gate = threading.Event()
    reader.faults = [SpeechError("no espeak-ng")]
    cached = CachedSynthesizer(reader, None)
    with ThreadPoolExecutor(2) as crowd:
        wanted = [crowd.submit(cached.render, "Yes.") for _ in range(2)]
        time.sleep(0.1)
        reader.gate.set()
        for each in wanted:
            with pytest.raises(SpeechError, match="no espeak-ng"):
                each.result(5)
    assert len(cached.render("Yes.").samples) == 2000


def test_somebody_elses_ctrl_c_is_not_passed_on() -> None:
    reader = Reader()
    reader.gate = threading.Event()
    reader.faults = [KeyboardInterrupt()]
    cached = CachedSynthesizer(reader, None)
    outcomes: list[object] = []

    def ask() -> None:
        try:
            outcomes.append(len(cached.render("Yes.").samples))
        except KeyboardInterrupt:
            outcomes.append("interrupted")

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
        time.sleep(0.1)
    reader.gate.set()
    for thread in threads:
        thread.join(5)
    assert sorted(map(str, outcomes)) == ["2000", "interrupted"]


def test_several_processes_share_a_folder(tmp_path: Path) -> None:
    source = f"""
import sys
sys.path[:0] = {[str(Path(__file__).parent)]!r}
from pathlib import Path
from test_cache import Reader, Shelf, CachedSynthesizer
import numpy as np
cached = CachedSynthesizer(Reader(), None)
cached._shelf = Shelf(Path({str(tmp_path)!r}), 40_000)
for round in range(20):
    for n in range(30):
        cached._kept.clear()
        text = f"text {{n}}"
        assert np.array_equal(cached.render(text).samples, Reader().render(text).samples)
"""
    crowd = [subprocess.Popen([sys.executable, "-c", source]) for _ in range(3)]
    assert [each.wait(60) for each in crowd] == [0, 0, 0]
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) <= 40_000
    assert not list(tmp_path.glob("*.part"))
