"""Rendering ahead: in the background, never in the way, and nothing left behind."""

import os
import threading
import time
from pathlib import Path

from fake_player import Reader, Room, until

from voice_triage.speak.cache import CachedSynthesizer
from voice_triage.speak.earcons import Earcon
from voice_triage.speak.manner import Manner
from voice_triage.speak.speaker import Speaker
from voice_triage.speak.synthesis import Pyttsx3


def test_preparing_renders_ahead_in_order() -> None:
    reader = Reader()
    speaker = Speaker(CachedSynthesizer(reader, None), Room(), print)
    speaker.prepare(["a", "b", "Keep still. " + "x" * 300], Manner(120))
    until(lambda: len(reader.read) == 4)
    assert reader.read == ["a", "b", "Keep still.", "x" * 300]
    assert set(reader.paces) == {120}
    assert speaker.say("b", Manner(120))
    assert len(reader.read) == 4
    speaker.close()
    assert not any(thread.name == "ahead" for thread in threading.enumerate())
    speaker.prepare(["too late"])
    speaker.close()


def test_a_newer_wish_replaces_what_was_not_begun() -> None:
    reader = Reader()
    reader.gates["a"] = threading.Event()
    speaker = Speaker(CachedSynthesizer(reader, None), Room(), print)
    speaker.prepare(["a", "b"])
    until(lambda: reader.read == ["a"])
    speaker.prepare(["c"])
    speaker.prepare(["d", "e"])
    reader.gates["a"].set()
    until(lambda: len(reader.read) == 3)
    assert reader.read == ["a", "d", "e"]
    speaker.close()


def test_preparing_never_delays_what_is_said_now() -> None:
    reader = Reader()
    reader.gates = {"a": threading.Event(), "now": threading.Event()}
    speaker = Speaker(CachedSynthesizer(reader, None), Room(), print)
    speaker.prepare(["a", "b"])
    until(lambda: reader.read == ["a"])
    speaking = speaker.begin("now")
    until(lambda: reader.read == ["a", "now"])
    reader.gates["a"].set()
    time.sleep(0.1)
    assert reader.read == ["a", "now"]  # "b" gives way
    reader.gates["now"].set()
    assert speaking.wait() is True
    until(lambda: reader.read == ["a", "now", "b"])
    speaker.close()


def test_what_is_being_prepared_is_not_rendered_twice() -> None:
    reader = Reader()
    reader.gates["a"] = threading.Event()
    speaker = Speaker(CachedSynthesizer(reader, None), Room(), print)
    speaker.prepare(["a"])
    until(lambda: reader.read == ["a"])
    speaking = speaker.begin("a")
    time.sleep(0.05)
    reader.gates["a"].set()
    assert speaking.wait() is True
    assert reader.read == ["a"]
    speaker.close()


def test_preparing_in_vain_is_told_only_when_the_text_is_said() -> None:
    told: list[str] = []
    reader = Reader(["no espeak-ng"] * 2)
    speaker = Speaker(CachedSynthesizer(reader, None), Room(), told.append)
    speaker.prepare(["a", "b"])
    until(lambda: reader.read == ["a"])
    time.sleep(0.05)
    assert (told, reader.read) == ([], ["a"])
    assert speaker.say("a") is False
    assert told == ["no espeak-ng"]
    speaker.prepare(["b"])
    until(lambda: reader.read == ["a", "a", "b"])
    speaker.close()


def test_five_hundred_utterances_leave_nothing_behind() -> None:
    speaker = Speaker(CachedSynthesizer(Reader(), None), Room(), print)
    speaker.prepare(["x"])
    speaker.say("Hello.")
    before = left()
    for index in range(500):
        speaker.prepare([f"next {index}"])
        speaking = speaker.begin(f"number {index}", after=Earcon.HEARD)
        if index % 2:
            speaking.stop()
        else:
            speaking.wait()
    # Fewer is well: what earlier tests had begun may have ended meanwhile.
    until(lambda: all(now <= was for now, was in zip(left(), before, strict=True)))
    speaker.close()


def left() -> tuple[int, int]:
    """Threads and open files."""
    return threading.active_count(), len(os.listdir("/proc/self/fd"))  # noqa: PTH208


def test_a_cached_text_is_spoken_while_the_program_hangs(tmp_path: Path) -> None:
    fake = ["/bin/sh", "-c", "sleep 60"]
    CachedSynthesizer(Pyttsx3(), tmp_path).render("Yes.", 150)
    told: list[str] = []
    room = Room()
    hung = Pyttsx3(deadline_s=0.3, command=fake)
    speaker = Speaker(CachedSynthesizer(hung, tmp_path), room, told.append)
    assert [speaker.say(text) for text in ("a", "b", "c", "d", "Yes.")] == [False] * 4 + [True]
    assert len(told) == 2
    assert "longer than 0.3 s" in told[0]
    assert "tried again" in told[1]
