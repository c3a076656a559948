"""Pictures of flows: everything is in them, they open nothing, and a session's path stands out."""

import json
import re
import shutil
import xml.etree.ElementTree as ET
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from programs import Ran, run

from voice_triage.assemble import find_flow, flow_names
from voice_triage.flow import Flow, Reply, State, load
from voice_triage.flow.draw import dot, mermaid, picture
from voice_triage.flow.page import page

NO = Reply.NO


@pytest.fixture(params=flow_names())
def flow(request: pytest.FixtureRequest) -> Flow:
    return load(find_flow(request.param))


def labels(flow: Flow, source: str, state: State | None = None) -> dict[str, str]:
    return {a.target: a.label for a in picture(flow, state).arrows if a.source == source}


def test_every_answer_of_every_question_is_drawn(flow: Flow) -> None:
    drawn: dict[tuple[str, str], str] = {}
    for arrow in picture(flow).arrows:
        both = drawn.get((arrow.source, arrow.target), arrow.label)
        drawn[arrow.source, arrow.target] = f"{both}, {arrow.label}"
    said = {Reply.YES: "yes", Reply.NO: "no", Reply.UNSURE: "not sure", Reply.UNANSWERED: "silence"}
    for (name, reply), step in flow.steps.items():
        for target in {step.reach, step.then} - {None} or {flow.otherwise}:
            labels = re.split("[,;] ", drawn[name, str(target)])
            assert "any answer" in labels or said[reply] in labels


def test_arrows_of_the_shipped_flow() -> None:
    shipped = load(find_flow(None))
    assert labels(shipped, "bladder-control") == {
        "immediate": "yes, not sure, silence",
        "leg-feeling": "no",
    }
    assert labels(shipped, "balance") == {
        "one-sided": "any answer",
        "today": "yes, not sure, silence",
    }
    assert labels(shipped, "headache")["watch"] == "no; nothing was found"
    daily = load(find_flow("daily_check"))
    passed = [a for a in picture(daily).arrows if a.label == "if not asked; nothing was found"]
    assert [(arrow.source, arrow.target) for arrow in passed] == [("headache", "watch")]


def test_the_path_of_a_conversation_stands_out_up_to_where_it_stopped() -> None:
    shipped = load(find_flow(None))
    names = list(shipped.questions)
    drawn = picture(shipped, State(tuple((name, NO) for name in names[:2])))
    assert [box.name for box in drawn.boxes if box.on_path and box.asks] == names[:2]
    whole = State((*((name, NO) for name in names[:7]), ("balance", Reply.YES)))
    drawn = picture(shipped, whole)
    assert {(a.source, a.target) for a in drawn.arrows if a.on_path} >= {
        ("balance", "today"),
        ("balance", "one-sided"),
    }
    told = picture(shipped, State(volunteered=("leg-feeling",)))
    assert [box.name for box in told.boxes if box.on_path] == ["immediate"]


def test_mermaid_has_every_box_and_arrow(flow: Flow) -> None:
    drawn = picture(flow)
    lines = mermaid(drawn).splitlines()
    assert lines[0] == "flowchart TD"
    assert sum(":::" in line for line in lines) == len(drawn.boxes)
    assert sum("--" in line or "-.->" in line for line in lines) == len(drawn.arrows)


def test_texts_that_would_break_a_picture_do_not() -> None:
    shipped = load(find_flow(None))
    nasty = 'Is "it" <b> \\ </script> {so} & ü?'
    question = shipped.questions["headache"].model_copy(update={"ask": nasty, "help": nasty})
    spoilt = shipped.model_copy(update={"questions": {**shipped.questions, "headache": question}})
    drawn = picture(spoilt)
    assert '\\"it\\"' in dot(drawn)
    assert "&amp;" in dot(drawn)
    assert "&quot;it&quot;" in mermaid(drawn)
    made = page(spoilt, drawn, "<?xml?><svg width='1pt'></svg>")
    assert made.count("</script>") == 1
    assert boxes_of(made)["headache"]["title"] == nasty


def boxes_of(made: str) -> dict[str, dict[str, Any]]:
    [data] = re.findall(r"^const data = (.*);$", made, re.M)
    boxes: dict[str, dict[str, Any]] = json.loads(data)["boxes"]
    return boxes


needs_graphviz = pytest.mark.skipif(
    shutil.which("dot") is None,
    reason="NO DRAWING TESTED: Graphviz is not there, which script/setup test installs",
)


@needs_graphviz
def test_the_command_draws_every_kind(tmp_path: Path) -> None:
    shipped = load(find_flow(None))
    for kind in ("svg", "png", "mmd", "html"):
        done = run("graph", "-o", tmp_path / f"flow.{kind}")
        assert (done.code, done.out) == (0, f"{tmp_path}/flow.{kind}\n"), done.err
    assert (tmp_path / "flow.png").read_bytes().startswith(b"\x89PNG")
    drawing = ET.fromstring((tmp_path / "flow.svg").read_text())  # noqa: S314 - we made it
    boxes = [g for g in drawing.iter("{http://www.w3.org/2000/svg}g") if g.get("class") == "node"]
    assert {g.get("id") for g in boxes} == {
        f"box-{name}" for name in (*shipped.questions, *shipped.outcomes)
    }


@needs_graphviz
def test_the_page_is_whole_and_each_box_opens_what_stands_behind_it(tmp_path: Path) -> None:
    shipped = load(find_flow(None))
    run("graph", "-o", tmp_path / "flow.html")
    made = (tmp_path / "flow.html").read_text()
    assert not re.search(r"\b(src|href)=|url\(|@import|fetch\(", made)
    opened = {name: dict(box["parts"]) for name, box in boxes_of(made).items()}
    assert opened.keys() == {*shipped.questions, *shipped.outcomes}
    for name, question in shipped.questions.items():
        assert opened[name]["Help"] == [question.help]
        assert opened[name]["Rests on"] == [f"{f}: {shipped.facts[f]}" for f in question.facts]
        assert f'id="box-{name}"' in unescape(made)


@needs_graphviz
def test_a_session_stands_out_in_the_drawing(tmp_path: Path) -> None:
    talked = run(
        "--answers", "keyboard", "--no-voice", "--state-dir", tmp_path, typed="no\nnot sure\n"
    )
    assert talked.code == 0, talked.err
    [session] = (tmp_path / "sessions").iterdir()
    plain, shown = tmp_path / "plain.mmd", tmp_path / "shown.mmd"
    assert run("graph", "-o", plain).code == 0
    assert run("graph", "-o", shown, "--session", session).code == 0
    assert "==>" not in plain.read_text()
    thick = [line.split("==>")[1] for line in shown.read_text().splitlines() if "==>" in line]
    assert [line.split("|")[1] for line in thick] == ['"no"', '"yes, not sure, silence"']
    other = run("graph", "daily_check", "-o", shown, "--session", session)
    cannot(other, "is a session about other questions")
    session.write_text("{}\n")
    cannot(run("graph", "-o", shown, "--session", session), ":1: is damaged")


def cannot(done: Ran, said: str) -> None:
    assert done.code == 2
    assert said in done.err
    assert done.said_plainly()


def test_what_cannot_be_drawn_is_told(tmp_path: Path) -> None:
    cannot(run("graph", "-o", tmp_path / "flow.gif"), "ends in one of .svg, .png, .mmd, .html")
    cannot(run("graph", "-o", tmp_path / "none" / "flow.mmd"), "can't be written: No such file")
    cannot(run("graph", "-o", tmp_path / "flow.svg", PATH="/nowhere"), "apt-get install graphviz")
    assert run("graph", "-o", tmp_path / "flow.mmd", PATH="/nowhere").code == 0
