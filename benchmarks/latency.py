"""How soon the program replies, through a real device chain, and whether it lets people finish.

    .venv/bin/python benchmarks/latency.py               # one-word answers, start, processor time
    .venv/bin/python benchmarks/latency.py --slow        # and halting answers: "no … well … yes"
    .venv/bin/python benchmarks/latency.py --number 100

Each reply takes from the last audible sample of the answer, at the microphone, to the first
audible sample of the question or readback that follows, at the loudspeaker; a tone before it is
reported apart. Audible: less than 45 dB below the answer's peak, above -50 dBFS at the loudspeaker.
Both ends are taped with one clock, to about 10 ms. Needs what script/setup installs for the tests.
"""

from __future__ import annotations

import argparse
import itertools
import os
import platform
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]

from dialogue import Dialogue, Event
from halting_answers import HaltingPerson, flow_of_plain_questions
from people import Mouth, Patient
from processes import processor_seconds
from room import Playing, Room
from tones import split_tone

VOICES = ("en-us", "slt", "en-gb", "rms", "en-us+f3", "awb")
DELAYS_S = (0.3, 0.35, 0.4, 0.45, 0.5)
LAST = "headache"
"""The shipped flow's last question: after it comes advice, and no event for a minute."""
AFTER_TONE_S = 1.5
STARTS = 5
WAITING_S = 5.0


@dataclass(frozen=True)
class Reply:
    """What came after one answer. Times in s from the answer's last audible sample."""

    answer: str
    tone_s: float | None
    speech_s: float


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--number", type=int, default=40, help="one-word answers (default: 40)")
    parser.add_argument("--slow", action="store_true", help="halting answers too")
    parser.add_argument("options", nargs="*", help="more options for voice-triage, after --")
    given = parser.parse_args()
    print(
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()},"
        f" load {os.getloadavg()[0]:.1f} before"
    )
    with Room() as room, tempfile.TemporaryDirectory() as folder:
        print_starts(room, given.options)
        print_waiting(room, given.options)
        print_replies(replies(room, Path(folder), given.number, given.options))
        if given.slow:
            print_halting(room, Path(folder), given.options)


def print_starts(room: Room, options: list[str]) -> None:
    """From the start of the process to its first audible sample. The first time warms up."""
    taken = []
    for _ in range(STARTS + 1):
        with Dialogue(room, *options) as talk:
            heard = room.loudspeaker.first_sound(talk.started_at, 30)
            assert heard is not None, "not a sound in 30 s"
            taken.append(heard - talk.started_at)
    warm = taken[1:]
    print(f"start to first sample: {milliseconds(warm)}, first time {taken[0] * 1000:.0f} ms")


def print_waiting(room: Room, options: list[str]) -> None:
    """What all of the program's processes use while it waits for an answer."""
    with Dialogue(room, *options) as talk:
        talk.until(event="asked", seconds=60)
        time.sleep(1.0)
        before = processor_seconds(talk.process.pid)
        time.sleep(WAITING_S)
        used = processor_seconds(talk.process.pid) - before
        assert len(talk.asked) == 1, "it didn't wait"
    print(f"processor while waiting {WAITING_S:g} s: {used / WAITING_S:.1%} of one core")


def replies(room: Room, folder: Path, number: int, options: list[str]) -> list[Reply]:
    """As many replies as were asked for, over as many conversations as that takes."""
    found: list[Reply] = []
    for round_number, voice in enumerate(itertools.cycle(VOICES)):
        found += conversation(room, Mouth(folder, voice), options, number - len(found))
        print(f"  {voice}: {len(found)} of {number}", file=sys.stderr, flush=True)
        if len(found) >= number:
            break
        assert found or round_number < len(VOICES), "no voice is understood"
    return found


def conversation(room: Room, mouth: Mouth, options: list[str], number: int) -> list[Reply]:
    """Up to `number` replies to one voice, from the first question on."""
    truth = {"balance": "yes", "one-sided-moving": "yes", "recurring": "yes", "heaviness": "yes"}
    patient = Patient(mouth, truth)
    delays = itertools.cycle(DELAYS_S)
    said: list[tuple[Event, Playing]] = []
    with Dialogue(room, *options) as talk:
        while len(said) < number and (event := talk.next()) is not None:
            if event["event"] == "answered" and event["question"] == LAST:
                break
            if event["event"] == "asked" and (reply := patient(event)) is not None:
                time.sleep(max(0.0, event["at"] + next(delays) - time.monotonic()))
                said.append((event, talk.say(reply.sound)))
        said[-1][1].wait()
        room.loudspeaker.first_sound(said[-1][1].end, 15)
        following = [e["at"] for e, _ in said[1:]] + [time.monotonic() + AFTER_TONE_S]
        return [
            measured(room, playing, until)
            for (_, playing), until in zip(said, following, strict=True)
        ]


def measured(room: Room, playing: Playing, until: float) -> Reply:
    """The reply to one answer; the next question had been asked by `until`."""
    end = playing.end
    tape = room.loudspeaker.between(playing.onset, until)
    tone, speech = split_tone(tape)
    assert speech is not None, "nothing was said after an answer"
    answer = playing.sound.stem
    offset = playing.onset - end
    return Reply(answer, None if tone is None else tone + offset, speech + offset)


def print_replies(found: list[Reply]) -> None:
    """Median, 95th percentile and each."""
    print(f"answer to next question: {milliseconds([r.speech_s for r in found])}")
    tones = [r.tone_s for r in found if r.tone_s is not None]
    if tones:
        print(f"answer to tone: {milliseconds(tones)}")
    by_answer: dict[str, list[str]] = {}
    for reply in found:
        by_answer.setdefault(reply.answer, []).append(f"{reply.speech_s * 1000:.0f}")
    for answer, values in by_answer.items():
        print(f"  {answer:14} {' '.join(values)}")


def print_halting(room: Room, folder: Path, options: list[str]) -> None:
    """What counted of each halting answer."""
    person = HaltingPerson(folder)
    flow = flow_of_plain_questions(folder, len(person.answers))
    with Dialogue(room, flow, *options) as talk:
        talk.converse(person, 120 + 20 * len(person.answers), event="outcome")
    judged = person.judge(talk.events)
    cut = sum(answer.cut_off for answer in judged)
    print(f"halting answers: {len(judged)}, cut off: {cut}")
    for answer in judged:
        print(f"  {answer}")


def milliseconds(taken: list[float]) -> str:
    """Median, 95th percentile and range of times in s."""
    high = float(np.percentile(taken, 95, method="higher"))
    return (
        f"median {statistics.median(taken) * 1000:.0f} ms, 95th percentile {high * 1000:.0f} ms,"
        f" {min(taken) * 1000:.0f} to {max(taken) * 1000:.0f} ms, n = {len(taken)}"
    )


if __name__ == "__main__":
    main()
