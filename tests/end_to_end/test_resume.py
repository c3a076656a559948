"""kill -9 while somebody answers: the session is resumed, and what was heard counts, once."""

import os
import random
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from programs import PROGRAM, Ran, environment, run
from voices import speak

from voice_triage.record import ENDED, TURN, entries

SAID = [
    "no", "say that again", "no", "not really", "yes", "no", "no", "no", "no", "yes", "no", "no",
    "not sure", "no", "no",
]  # fmt: skip
"""Every answer has one place: counted twice, or lost, it moves "yes" and "not sure" elsewhere."""
KILLS = 50
AT_ONCE = max(2, os.cpu_count() or 2)


@dataclass(frozen=True)
class Kept:
    """What the one session in a folder holds; nothing, if there is none."""

    turns: list[dict[str, Any]]
    """Each listening turn, as it was kept, without its time."""
    ended: bool


def kept(state: Path) -> Kept:
    # A file without entries was killed as it was made: no session, and never resumed.
    sessions = [found for path in (state / "sessions").glob("*.jsonl") if (found := entries(path))]
    assert len(sessions) <= 1
    found = sessions[0] if sessions else ()
    turns = [entry.data for entry in found if entry.kind == TURN]
    return Kept(turns, bool(found) and found[-1].kind == ENDED)


def texts(value: Any) -> Iterator[str]:
    """What was heard in a turn: the only text that a turn holds under that name."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "text":
                yield inner
            else:
                yield from texts(inner)


def told(ran: Ran, event: str, field: str) -> list[str]:
    return [e[field] for e in ran.events if e["event"] == event]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("answers")
    spoken = {text: speak(text, folder / f"{text}.wav") for text in dict.fromkeys(SAID)}
    return [spoken[text] for text in SAID]


def words(files: list[Path], state: Path, *more: str) -> list[str]:
    audio = [word for file in files for word in ("--audio", str(file))]
    return ["run", *audio, "--json", "--no-voice", "--state-dir", str(state), *more]


@dataclass(frozen=True)
class Whole:
    """A session that nobody killed."""

    ran: Ran
    turns: list[dict[str, Any]]


@pytest.fixture(scope="module")
def whole(files: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Whole:
    states = [tmp_path_factory.mktemp("whole") for _ in range(2)]
    runs = [run(*words(files, state)) for state in states]
    assert runs[0].code == 0, runs[0].err
    assert runs[0].out == runs[1].out, "the same each time, or there is nothing to compare with"
    assert kept(states[0]) == kept(states[1])
    return Whole(runs[0], kept(states[0]).turns)


def test_a_whole_session_is_kept_turn_by_turn(whole: Whole) -> None:
    heard = told(whole.ran, "heard", "text")
    assert heard == SAID
    assert [list(texts(turn)) for turn in whole.turns] == [[text] for text in heard]
    assert whole.ran.events[-1]["urgency"] == "urgent"
    assert whole.ran.events[-1]["complete"] is True


def test_a_session_that_ended_is_not_resumed(files: list[Path], tmp_path: Path) -> None:
    nothing_there = run(*words(files, tmp_path, "--resume"))
    assert nothing_there.code == 2
    assert nothing_there.said_plainly()
    assert "cut off" in nothing_there.err
    assert kept(tmp_path) == Kept([], ended=False)
    assert run(*words(files, tmp_path)).code == 0
    before = kept(tmp_path)
    assert before.ended
    ended = run(*words(files, tmp_path, "--resume"))
    assert ended.code == 2
    assert "cut off" in ended.err
    assert ended.out == ""
    assert kept(tmp_path) == before


def test_a_private_session_leaves_no_file(files: list[Path], tmp_path: Path) -> None:
    home, state = tmp_path / "home", tmp_path / "state"
    home.mkdir()
    ran = run(*words(files, state, "--private"), HOME=str(home), TMPDIR=str(home))
    assert ran.code == 0
    assert ran.events[-1]["complete"] is True
    assert list(home.iterdir()) == []
    assert not state.exists()
    assert run(*words(files, state, "--private", "--resume")).code == 2


def test_only_the_owner_can_read_a_session(files: list[Path], tmp_path: Path) -> None:
    run(*words(files[:1], tmp_path / "state"))
    for path in (tmp_path / "state").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


@dataclass(frozen=True)
class Killed:
    """What one killed session came to."""

    turns: int
    """Kept when it was killed."""
    resumed: bool


@dataclass(frozen=True)
class Moment:
    """When to kill: by what the program has told, so that a busy machine spreads them as well."""

    lines: int
    """Of stdout."""
    then_s: float


def moments(events: list[dict[str, Any]]) -> list[Moment]:
    """At random: one in ten while the program starts, which takes as long as some turns do, the
    others from the first question to the very end, alike over what it tells in between."""
    chance = random.Random(50)  # noqa: S311 - the same moments each time
    first = next(number for number, event in enumerate(events, 1) if event["event"] == "asked")
    starting = KILLS // 10
    found = [Moment(0, chance.uniform(0.0, 1.0)) for _ in range(starting)]
    share = (len(events) - first) / (KILLS - starting)
    for number in range(KILLS - starting):
        line = first + int(share * (number + chance.random()))
        found.append(Moment(line, chance.uniform(0.0, 0.2)))
    return found


def test_fifty_kills(files: list[Path], whole: Whole, tmp_path: Path) -> None:
    def kill(number: int, moment: Moment) -> Killed:
        return killed_and_resumed(files, whole, tmp_path / str(number), moment)

    with ThreadPoolExecutor(AT_ONCE) as together:
        came_to = list(together.map(kill, range(KILLS), moments(whole.ran.events)))
    turns = Counter(killed.turns for killed in came_to)
    assert len(turns) >= 10, f"the moments are not spread: {turns}"
    assert sum(killed.resumed for killed in came_to) >= KILLS * 2 // 3, turns


def killed_and_resumed(files: list[Path], whole: Whole, state: Path, moment: Moment) -> Killed:
    first = killed(words(files, state), moment)
    before = kept(state)
    heard = told(first, "heard", "text")
    assert [t for turn in before.turns for t in texts(turn)][: len(heard)] == heard
    assert len(heard) <= len(before.turns) <= len(heard) + 1, "kept, then told, one by one"
    if before.ended:
        assert first.events[-1] == whole.ran.events[-1], (
            "it counts as ended before the person knows what to do"
        )
        assert run(*words(files, state, "--resume")).code == 2
        return Killed(len(before.turns), resumed=False)

    # Who has said everything says nothing more; the last file is there for the option's sake.
    rest = files[len(before.turns) :] or files[-1:]
    second = run(*words(rest, state, "--resume"))
    resumed = second.code == 0
    if not resumed:
        assert second.code == 2, second.err
        assert "cut off" in second.err
        assert before.turns == [], "there was something to resume"
        second = run(*words(rest, state))
    assert second.code == 0, second.err
    assert second.said_plainly()
    assert second.events[-1] == whole.ran.events[-1]
    heard_then = told(second, "heard", "text")
    assert heard_then == SAID[len(before.turns) :], "what was kept is not asked for again"
    assert_counted_once(counted(first) + counted(second), counted(whole.ran))
    after = kept(state)
    assert after.ended
    assert after.turns == whole.turns, "the same turns as in a session that nobody killed"
    return Killed(len(before.turns), resumed)


def counted(ran: Ran) -> list[tuple[str, str]]:
    return list(
        zip(told(ran, "answered", "question"), told(ran, "answered", "answer"), strict=True)
    )


def assert_counted_once(found: list[tuple[str, str]], expected: list[tuple[str, str]]) -> None:
    """As in a session that nobody killed. The kill may have come when one answer counted already,
    and nobody had been told."""
    assert len({question for question, _ in found}) == len(found)
    assert len(found) in (len(expected), len(expected) - 1)
    assert found == [pair for pair in expected if pair in found]


def killed(command: list[str], moment: Moment) -> Ran:
    """What it had told; a last line that the kill cut short is left out."""
    child = subprocess.Popen(
        [*PROGRAM, *command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env=environment(), cwd="/",
    )  # fmt: skip
    assert child.stdout is not None
    out = "".join(child.stdout.readline() for _ in range(moment.lines))
    time.sleep(moment.then_s)
    child.kill()
    out += child.communicate()[0]
    return Ran(child.returncode, out[: out.rfind("\n") + 1], "")
