"""Spoiled files: whatever is in them, only our own errors come out, each with a line of the file."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voice_triage.answers import load as load_lexicon
from voice_triage.assemble import find_flow, prompts
from voice_triage.errors import DocumentError, Problem
from voice_triage.flow import load as load_flow

Load = Callable[[Path], object]
FILES: dict[str, tuple[Path, Load]] = {
    "flow": (find_flow("daily_check"), load_flow),
    "group": (prompts() / "groups" / "emergencies.en.yaml", load_flow),
    "answers": (prompts() / "answers.en.yaml", load_lexicon),
}
SOME = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
words = st.sampled_from(
    [
        "yes",
        "no",
        "end",
        "immediate",
        "headache",
        "{number}",
        "{",
        "",
        "a\x00b",
        "\ud7ff",
        "../..",
        "1",
        "ü",
    ]
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), words, st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(words, inner, max_size=3)),
    max_leaves=8,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "groups").mkdir()
    for file in (FILES["flow"][0], FILES["group"][0]):
        (tmp_path / file.relative_to(prompts())).write_bytes(file.read_bytes())
    return tmp_path


def refused_or_good(folder: Path, kind: str, content: bytes) -> None:
    """Load the file, or the flow that includes it, and look at what comes out."""
    original, load = FILES[kind]
    file = folder / original.relative_to(prompts())
    file.write_bytes(content)
    loaded = folder / FILES["flow"][0].name if kind == "group" else file
    for problem in problems_of(load, loaded):
        lines = problem.path.read_bytes().count(b"\n") + 1
        assert 1 <= problem.line <= lines + 1, problem
        assert problem.message


def problems_of(load: Load, file: Path) -> list[Problem]:
    try:
        load(file)
    except DocumentError as error:
        return error.problems
    return []


@pytest.mark.parametrize("kind", FILES)
@given(data=st.data())
@SOME
def test_bytes_that_were_changed(folder: Path, kind: str, data: st.DataObject) -> None:
    content = bytearray(FILES[kind][0].read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content)))
        put = data.draw(
            st.one_of(
                st.binary(max_size=3),
                st.sampled_from(
                    [b":", b"\n", b"- ", b"{", b"]", b"&a", b"*a", b"!!int", b"\t", b"?"]
                ),
            )
        )
        content[at : at + data.draw(st.integers(0, 40))] = put
    refused_or_good(folder, kind, bytes(content))


@pytest.mark.parametrize("kind", FILES)
@given(data=st.data())
@SOME
def test_a_part_that_was_changed_for_another(folder: Path, kind: str, data: st.DataObject) -> None:
    whole = yaml.load(FILES[kind][0].read_bytes(), yaml.BaseLoader)  # noqa: S506 - makes texts only
    at: Any = whole
    while True:
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        key = data.draw(st.sampled_from(keys))
        if not (isinstance(at[key], dict | list) and at[key]) or data.draw(st.booleans()):
            break
        at = at[key]
    if data.draw(st.booleans()):
        at[key] = data.draw(values)
    elif isinstance(at, dict):
        at[data.draw(words)] = at.pop(key)
    else:
        del at[key]
    refused_or_good(folder, kind, json.dumps(whole, indent=1).encode())


@pytest.mark.parametrize("kind", FILES)
@given(made=values)
@SOME
def test_files_that_hold_something_else(folder: Path, kind: str, made: object) -> None:
    refused_or_good(folder, kind, json.dumps(made).encode())
