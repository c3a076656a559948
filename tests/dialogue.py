"""The program, started as its users start it, in a conversation with somebody in a room."""

import json
import os
import re
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Self

from programs import PROGRAM, environment
from room import Playing, Room, find, read_sound
from sounds import trimmed
from tape import RATE, Samples, stretches
from voices import speak

Event = dict[str, Any]
"""A line of `--json`, and `at`: when it came, in s by time.monotonic()."""


@dataclass(frozen=True)
class Says:
    """What somebody does when asked: plays a sound, some time after the question has ended."""

    sound: Path
    after_s: float = 0.4
    """People seldom answer sooner than 0.2 s after a question."""
    gain_db: float = 0.0


Person = Callable[[Event], Says | None]
"""What is said to an `asked` event; None: nothing."""


class Dialogue:
    """One run of the program in a room. Use it with `with`, which ends it whatever happens.

    Never waits for ever: what doesn't happen in time is an AssertionError that tells all that
    did happen.
    """

    def __init__(self, room: Room, *options: str | Path, **variables: str) -> None:
        """`voice-triage --json --answers mic OPTIONS`, with environment `variables`."""
        self.room = room
        self.events: list[Event] = []
        """All that has been read so far."""
        self.played: list[Playing] = []
        self._options = ["--json", "--answers", "mic", *map(str, options)]
        self._variables = variables
        self._queue: SimpleQueue[Event | None] = SimpleQueue()
        self._shown: list[tuple[float, str]] = []
        self._all_shown = False
        self._more_shown = threading.Condition()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(
            [*PROGRAM, *self._options],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=environment(**self.room.chain.variables, **self._variables), cwd="/",
            start_new_session=True,
        )  # fmt: skip
        for reader in (self._read_events, self._read_shown):
            self._threads.append(threading.Thread(target=reader, daemon=True))
            self._threads[-1].start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for thread in self._threads:
            thread.join(5)
        for pipe in (self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()
        for playing in self.played:
            playing.stop()
        if error is not None:
            error.add_note(self.story())

    # What happens

    def next(self, seconds: float = 30) -> Event | None:
        """The next event; None when there will be none. `seconds`: the longest wait."""
        try:
            event = self._queue.get(timeout=seconds)
        except Empty:
            raise AssertionError(f"no event in {seconds:g} s") from None
        if event is not None:
            self.events.append(event)
        return event

    def until(self, seconds: float = 30, **wanted: Any) -> Event:
        """Read on to an event with these values, for instance `event="asked", kind="confirm"`."""
        return self.converse(lambda _: None, seconds, **wanted)

    def converse(self, person: Person, seconds: float = 60, **until: Any) -> Event:
        """Let `person` answer, up to and with the event that has the values of `until`.

        An `asked` that ends it isn't answered. Without `until`: up to the outcome.
        """
        wanted = until or {"event": "outcome"}
        deadline = time.monotonic() + seconds
        while (event := self.next(max(deadline - time.monotonic(), 0.01))) is not None:
            if all(event.get(name) == value for name, value in wanted.items()):
                return event
            if event["event"] == "asked":
                self.answer(event, person)
        raise AssertionError(f"the program ended before {wanted}")

    def answer(self, asked: Event, person: Person) -> None:
        """Let `person` answer an `asked` event; an old one at once."""
        reply = person(asked)
        if reply is not None:
            time.sleep(max(0.0, asked["at"] + reply.after_s - time.monotonic()))
            self.say(reply.sound, reply.gain_db)

    def say(self, sound: Path, gain_db: float = 0.0) -> Playing:
        """Begin to play a sound into the microphone."""
        self.played.append(self.room.say(sound, gain_db))
        return self.played[-1]

    def stop(self, sign: int = signal.SIGINT, seconds: float = 10) -> int:
        """Ctrl-C, or another signal; the exit status."""
        self.process.send_signal(sign)
        return self.end(seconds)

    def end(self, seconds: float = 30) -> int:
        """Wait for the program's own end, reading what still comes; the exit status."""
        deadline = time.monotonic() + seconds
        while self.next(max(deadline - time.monotonic(), 0.01)) is not None:
            pass
        try:
            return self.process.wait(max(deadline - time.monotonic(), 1.0))
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the program doesn't end in {seconds:g} s") from None

    # What was said

    @property
    def answered(self) -> list[tuple[str, str]]:
        """What counted: question and answer, in order."""
        return [(e["question"], e["answer"]) for e in self.events if e["event"] == "answered"]

    @property
    def asked(self) -> list[tuple[str, str]]:
        """Question and kind of every prompt."""
        return [(e["question"], e["kind"]) for e in self.events if e["event"] == "asked"]

    @property
    def outcome(self) -> Event:
        """The last event."""
        assert self.events, "no event at all"
        assert self.events[-1]["event"] == "outcome", f"the last event is {self.events[-1]}"
        return self.events[-1]

    @property
    def outcome_known(self) -> bool:
        """Whether the last event has come."""
        return bool(self.events) and self.events[-1]["event"] == "outcome"

    @property
    def shown(self) -> str:
        """All of stderr so far: what was said, and what went wrong."""
        return "\n".join(line for _, line in self._shown)

    def wait_for_shown(self, pattern: str, seconds: float = 30) -> float:
        """When a line with this regular expression in it appeared on stderr; waits for it."""

        def found() -> float | None:
            return next((at for at, line in self._shown if re.search(pattern, line)), None)

        with self._more_shown:
            self._more_shown.wait_for(lambda: found() is not None or self._all_shown, seconds)
            at = found()
        assert at is not None, f"{pattern!r} isn't shown in {seconds:g} s or to the program's end"
        return at

    def begun_saying(self, asked: Event) -> float:
        """When it began to say what an `asked` event asks, as shown on stderr."""
        return max(
            at for at, line in self._shown if at < asked["at"] and line.endswith(asked["text"])
        )

    def assert_heard_by_person(self, text: str, since: float | None = None) -> float:
        """`text` was really audible in the room after `since`; when it began, by time.monotonic().

        Compares the loudspeaker's tape with espeak-ng's own rendering of a sentence or more, at
        the program's usual voice and pace.
        """
        start = self.started_at if since is None else since
        tape = self.room.loudspeaker.between(start, time.monotonic())
        with tempfile.TemporaryDirectory() as folder:
            spoken = trimmed(read_sound(speak(text, Path(folder) / "said.wav", "en", pace=150)))
        at = find(spoken, tape)
        assert at is not None, f"{text!r} was not audible in the room"
        return start + at

    def story(self) -> str:
        """All that happened, in order of time, for somebody who looks for what went wrong."""
        while not self._queue.empty():
            if (event := self._queue.get()) is not None:
                self.events.append(event)
        lines = [
            (e["at"], json.dumps({k: v for k, v in e.items() if k != "at"})) for e in self.events
        ]
        lines += [(at, f"stderr: {line}") for at, line in self._shown]
        lines += [(p.asked_at, f"the person plays {p.sound.name}") for p in self.played]
        told = [f"{at - self.started_at:7.2f} {line}" for at, line in sorted(lines)]
        ends = ("microphone", self.room.microphone), ("loudspeaker", self.room.loudspeaker)
        now = time.monotonic()
        strips = [f"{name:>12} {_strip(tape.between(self.started_at, now))}" for name, tape in ends]
        return "\n".join(
            [f"{' '.join(self._options)}: exit status {self.process.poll()}", *told,
             "audible, a mark a second:", *strips]
        )  # fmt: skip

    def _read_events(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._queue.put({**json.loads(line), "at": time.monotonic()})
        self._queue.put(None)

    def _read_shown(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._more_shown:
                self._shown.append((time.monotonic(), line.rstrip("\n")))
                self._more_shown.notify_all()
        with self._more_shown:
            self._all_shown = True
            self._more_shown.notify_all()


def _strip(sound: Samples) -> str:
    """`#` for each second with sound in it, `.` for one without."""
    loud = {second for a, b in stretches(sound) for second in range(int(a), int(b) + 1)}
    return "".join("#" if second in loud else "." for second in range(len(sound) // RATE + 1))
