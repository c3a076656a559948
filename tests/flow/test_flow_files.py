"""Flow files: every problem found, at its line, with what to do."""

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from voice_triage.errors import DocumentError, Problem
from voice_triage.flow import load

GOOD = """\
id: test
version: "1"
language: en
title: A test
source: Made up for this test.
review: {status: unreviewed}
facts:
  E1: Something bad.
  S1: Something else.
start: bad
otherwise: watch
questions:
  bad:
    urgency: emergency
    facts: [E1]
    ask: Is it bad?
    help: Say yes if it is bad.
    readback: {yes: it is bad, no: it is not bad}
    answers: {symptom: [it is bad]}
    next: {yes: call, no: other, unsure: call, unanswered: call}
  other:
    urgency: routine
    facts: [S1]
    ask: Is there anything else?
    help: Say yes if there is anything else.
    readback: {yes: there is, no: there is not}
    next: {yes: watch, no: end, unsure: end, unanswered: end}
outcomes:
  call:
    urgency: emergency
    facts: [E1]
    now: Call {number}.
    advice: [Do not wait.]
    safety_net: [Call again.]
  watch:
    urgency: routine
    facts: [S1]
    now: Watch it.
    advice: [Rest.]
    safety_net: ["Call {number} if it gets bad."]
"""


def problems_of(tmp_path: Path, text: str | bytes, **kwargs: frozenset[str]) -> list[str]:
    file = tmp_path / "flow.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return [str(p).replace(f"{file}:", "") for p in problems_in(file, **kwargs)]


def problems_in(file: Path, **kwargs: frozenset[str]) -> list[Problem]:
    try:
        load(file, **kwargs)
    except DocumentError as error:
        return error.problems
    return []


def changed(old: str, new: str) -> str:
    assert GOOD.count(old) == 1, "the change must hit one place"
    return GOOD.replace(old, new)


def test_a_good_flow_has_no_problems(tmp_path: Path) -> None:
    assert problems_of(tmp_path, GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    help: Say yes if it is bad.\n", "    help: Yes if bad.\n    halp: x\n", ["18: unknown key 'halp' in questions.bad; did you mean 'help'?"]),
        ("title: A test\n", "title: A test\ncolour: red\n", ["5: unknown key 'colour'; the keys here are: emergencies, facts, id, include,"]),
        ("    help: Say yes if it is bad.\n", "", ["13: 'help' is missing in questions.bad; add it"]),
        ("unsure: call, ", "", ["20: 'unsure' is missing in questions.bad.next; add it"]),
        (", unanswered: call}", "}", ["20: 'unanswered' is missing in questions.bad.next; add it"]),
        ("no: other, ", "no: third, ", ["20: no question and no outcome 'third'; add it or name another"]),
        ("unsure: call, ", "unsure: {reach: nowhere, then: end}, ", ["20: no outcome 'nowhere'; add it or name another"]),
        ("unsure: call, ", "unsure: {reach: call, then: nowhere}, ", ["20: no question 'nowhere'; add it, name another, or write 'end'"]),
        ("start: bad", "start: worse", ["10: no question 'worse'; name one to start with"]),
        ("otherwise: watch", "otherwise: call", ["11: is for when nothing was found; name an outcome of the lowest urgency"]),
        ("otherwise: watch", "otherwise: nap", ["11: no outcome 'nap'; name one"]),
        ("no: other, ", "no: end, ", ["21: nothing leads to question 'other'"]),
        ("yes: watch, no: end", "yes: bad, no: end", ["27: goes round in a circle (bad > other > bad)", ]),
        ("unsure: call, ", "unsure: other, ", ["20: may end below 'emergency', but 'not sure' can't rule it out"]),
        ("unanswered: call}", "unanswered: other}", ["20: may end below 'emergency', but silence can't rule it out"]),
        ("next: {yes: call", "next: {yes: other", ["20: 'yes' reports the symptom but may end below 'emergency'"]),
        ("  watch:\n    urgency: routine\n", "  other:\n    urgency: routine\n", ["11: no outcome 'watch'", "27: no question and no outcome 'watch'", "35: 'other' is the id of a question too"]),
        ("  other:\n", "  bad:\n", ["21: 'bad' stands at line 13 already; rename or remove one"]),
        ("facts: [S1]\n    ask", "facts: [S9]\n    ask", ["23: no fact 'S9'; add it to 'facts' or mend the id"]),
        ("  S1: Something else.\n", "  S1: Something else.\n  S2: More.\n", ["10: fact 'S2' is used nowhere"]),
        ("ask: Is it bad?", "ask: " + "very " * 20 + "bad?", ["16: 21 words are too many to hear; use at most 20"]),
        ("now: Watch it.", "now: Watch {nummer}.", ["38: only {number} may stand in braces"]),
        ("now: Call {number}.", "now: Call.", ["32: an emergency's one sentence says whom to call"]),
        ("next: {yes: call, no: other", "next: {yes: {reach: call, then: other}, no: other", ["20: is an emergency, but asks 'other' before it says so; end there"]),
        ("[Do not wait.]", "[\"Do not wait {\"]", ["33: only {number} may stand in braces"]),
        ("    urgency: emergency\n    facts: [E1]\n    ask", "    urgency: dire\n    facts: [E1]\n    ask", ["14: 'urgency' in questions.bad: input should be 'routine', 'soon', 'urgent' or 'emergency'"]),
        ("{status: unreviewed}", "{status: reviewed}", ["6: a reviewed flow names its reviewer; add 'by' and 'date' to 'review'"]),
        ("outcomes:\n", "outcomes: {}\nrest:\n", ["28: 'outcomes': dictionary should have at least 1 item", "29: unknown key 'rest'"]),
        ("title: A test", "title: *name", ["4: aliases (*name) can't be used; write the text out again"]),
        ("title: A test", "title: [a", ["5: not valid YAML:"]),
        ("  E1: Something bad.", "  E1: &a Something bad.\n  E2: [*a]", ["9: aliases (*name) can't be used; write the text out again"]),
    ],
)  # fmt: skip
def test_a_problem_is_told_at_its_line(tmp_path: Path, old: str, new: str, said: list[str]) -> None:
    found = problems_of(tmp_path, changed(old, new))
    assert len(found) == len(said), found
    for one, expected in zip(found, said, strict=True):
        assert one.startswith(expected), found


def test_an_emergency_after_something_lesser_is_a_problem(tmp_path: Path) -> None:
    text = changed("start: bad", "start: other").replace(
        "next: {yes: watch, no: end", "next: {yes: watch, no: bad"
    )
    found = problems_of(tmp_path, text.replace("no: other, ", "no: end, "))
    first, second = found
    assert first.startswith("13: 'bad' asks about an emergency, but some answers lead past it")
    assert second == "27: 'bad' asks about an emergency after 'other'; ask emergencies first"


def test_words_that_the_model_lacks(tmp_path: Path) -> None:
    assert problems_of(tmp_path, GOOD, vocabulary=frozenset({"it", "is"})) == [
        "19: the speech model doesn't know 'bad'; use another word, or another model"
    ]


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    text = changed("start: bad", "start: worse").replace("no: other", "no: third")
    assert len(problems_of(tmp_path, text)) == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "1: the file is empty"),
        (b"# only a comment\n", "1: the file is empty"),
        (b"\x00\x01\x02\x03", "1: not valid YAML"),
        (b"RIFF\x24\x08\x00\x00WAVEfmt \x10\xff\xfe", "1: not UTF-8 text"),
        (b"id: a\ntitle: \xff\n", "2: not UTF-8 text"),
        (b"just words", "1: 'the file': input should be"),
        (b"[1, 2]", "1: 'the file': input should be"),
        (b"? [a, b]\n: c\n", "1: a key must be a word"),
        (b"a: &x [b]\nc: *x\n", "2: aliases (*name) can't be used"),
        (b"[" * 300 + b"]" * 300, "1: nested more than 40 deep"),
        (b"[" * 200_000, "1: "),
    ],
)
def test_what_is_no_flow_at_all(tmp_path: Path, content: bytes, said: str) -> None:
    found = problems_of(tmp_path, content)
    assert found
    assert found[0].startswith(said), found


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="there is no such file"):
        load(tmp_path / "nowhere.yaml")
    with pytest.raises(DocumentError, match="this is a folder"):
        load(tmp_path)


def test_ten_thousand_questions(tmp_path: Path) -> None:
    """A chain of them: deeper than Python's stack, with more paths than atoms in the universe."""
    data = yaml.safe_load(GOOD.replace("yes:", '"yes":').replace("no:", '"no":'))
    template = data["questions"].pop("other")
    for index in range(10_000):
        following = f"q{index + 1}" if index < 9_999 else "end"
        edges = {"yes": {"reach": "watch", "then": following}, "no": following}
        edges |= {"unsure": following, "unanswered": following}
        data["questions"][f"q{index}"] = {**template, "next": edges}
    data["questions"]["bad"]["next"]["no"] = "q0"
    file = tmp_path / "flow.yaml"
    file.write_text(json.dumps(data, indent=1))  # JSON is YAML
    assert len(load(file).questions) == 10_001
    data["questions"]["q9999"]["next"]["no"] = "q5"
    file.write_text(json.dumps(data, indent=1))
    with pytest.raises(DocumentError, match="goes round in a circle"):
        load(file)


@given(cut=st.integers(0, len(GOOD)), noise=st.binary(max_size=6))
def test_a_damaged_file_gives_our_own_error_with_a_line(
    tmp_path_factory: pytest.TempPathFactory, cut: int, noise: bytes
) -> None:
    file = tmp_path_factory.mktemp("damaged") / "flow.yaml"
    file.write_bytes(GOOD.encode()[:cut] + noise + GOOD.encode()[cut + len(noise) :])
    assert all(1 <= problem.line <= GOOD.count("\n") + 7 for problem in problems_in(file))
