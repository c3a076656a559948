"""What the screen says, and which parts of the body a question is about."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from program import PAGE

from voice_triage.assemble import find_flow, flow_names, prompts
from voice_triage.errors import DocumentError
from voice_triage.flow import Urgency, load
from voice_triage.flow.model import Question
from voice_triage.kiosk.labels import load_labels

FILE = prompts() / "kiosk.en.yaml"
LABELS = load_labels(FILE)
QUESTIONS: dict[str, Question] = {
    id_: question
    for name in flow_names()
    for id_, question in load(find_flow(name)).questions.items()
}
BODY = {
    "head", "face", "neck", "chest", "belly", "bladder", "bowels", "bottom", "back", "hips", "ribs",
    "arm", "arms", "hand", "hands", "leg", "legs", "foot", "feet",
}  # fmt: skip
"""Words that name a part of the body."""


def drawn() -> set[str]:
    """Ids of the regions in the picture."""
    picture = ElementTree.parse(PAGE / "body.svg")  # noqa: S314 - our own file
    ids = {element.get("id", "") for element in picture.iter()}
    return {id_ for id_ in ids if re.match("(front|back)-", id_)}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_that_names_a_part_of_the_body_marks_it(question: str) -> None:
    named = BODY & set(re.findall("[a-z]+", QUESTIONS[question].ask.lower()))
    assert bool(named) == bool(LABELS.marks.get(question)), named


def test_what_is_marked_is_asked_and_drawn() -> None:
    assert set(LABELS.marks) <= set(QUESTIONS)
    parts = {re.sub("^(front|back)-", "", region) for region in drawn()}
    assert parts == set(LABELS.parts)


def test_every_emergency_about_the_body_is_marked() -> None:
    emergencies = [id_ for id_, q in QUESTIONS.items() if q.urgency is Urgency.EMERGENCY]
    assert set(emergencies) <= set(LABELS.marks)


def test_both_sides_are_marked_because_no_question_asks_which() -> None:
    for parts in LABELS.marks.values():
        sides = {part.partition("-")[2] for part in parts if part.startswith(("left-", "right-"))}
        assert {f"{side}-{part}" for side in ("left", "right") for part in sides} <= set(parts)


def test_marks_of_several_questions_come_once_and_unknown_ones_not_at_all() -> None:
    assert LABELS.marked(["heaviness", "leg-control", "no-such"]) == [
        "left-arm", "right-arm", "left-leg", "right-leg",
    ]  # fmt: skip
    assert LABELS.marked([]) == []


def test_the_page_is_told_the_number_and_every_label() -> None:
    message = LABELS.message("999")
    assert message["type"] == "labels"
    assert message["gone"]["call"] == "In an emergency, call 999."
    assert message["waiting"]["say"] == "Say “{phrase}”, or touch here"
    assert "{number}" not in str(message)
    asked = set(re.findall(r'data-label="([\w.]+)"', (PAGE / "index.html").read_text()))
    for path in asked:
        at = message
        for key in path.split("."):
            at = at[key]
        assert isinstance(at, str)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("call: In an emergency, call {number}.", "call: Call for help.", "must stand {number}"),
        ("say: Say “{phrase}”", "say: Say “{word}”", "must stand {phrase}"),
        ("progress: Question {now} of", "progress: Question of", "{now} and {most}"),
        ("stop: Stop\n", "stop: Stop {now}\n", "in braces may stand: nothing"),
        ("stop: Stop\n", "stop: Stop {\n", "in braces may stand: nothing"),
        ("  headache: [back-of-head]", "  headache: [back-of-haed]", "'back-of-haed' is no part"),
        ("  repeat: r\n", '  repeat: "y"\n', "two buttons have the same key"),
        ("  repeat: r\n", "  repeat: rr\n", "'repeat'"),
        ("  unsure: Not sure\n", "  unsrue: Not sure\n", "unknown key 'unsrue'"),
    ],
)
def test_a_broken_label_is_told_at_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = FILE.read_text()
    assert text.count(old) == 1
    file = tmp_path / "kiosk.yaml"
    file.write_text(text.replace(old, new))
    with pytest.raises(DocumentError) as raised:
        load_labels(file)
    line = text[: text.index(old)].count("\n") + 1
    found = [problem for problem in raised.value.problems if said in problem.message]
    assert found, raised.value.problems
    # A complaint about a whole part of the file stands where the part begins.
    assert found[0].line <= line <= found[0].line + 4
