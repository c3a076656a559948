"""Flows of several files, and questions that are asked only after certain answers."""

import json
from pathlib import Path
from typing import Any

import pytest
from flows import flow_data, outcome, question
from programs import run

from voice_triage.assemble import find_flow, flow_names, prompts
from voice_triage.errors import DocumentError
from voice_triage.flow import Flow, Reply, State, Triage, load
from voice_triage.flow.model import Condition

Data = dict[str, Any]
DOUBT = {"unsure": "emergency", "unanswered": "emergency"}
GROUP: Data = {
    "facts": {"E1": "An emergency."},
    "emergencies": {"E1": ["bad"]},
    "questions": {
        "bad": {
            **question("emergency", {"yes": "emergency", "no": "end", **DOUBT}),
            "facts": ["E1"],
        }
    },
    "outcomes": {"emergency": outcome("emergency") | {"facts": ["E1"]}},
}


def including(**more: Any) -> Data:
    """A flow that includes GROUP and asks one question of its own."""
    edges = {"yes": "soon", "no": "end", "unsure": "soon", "unanswered": "soon"}
    data = flow_data({"own": question("soon", edges)}, start="bad")
    data["outcomes"] = {name: outcome(name) for name in ("soon", "routine")}
    return {**data, "include": [{"file": "parts/group.yaml", "then": "own"}], **more}


def written(folder: Path, flow: Data, group: Data | None = None) -> Path:
    (folder / "parts").mkdir()
    (folder / "parts" / "group.yaml").write_text(json.dumps(group or GROUP, indent=1))
    file = folder / "flow.yaml"
    file.write_text(json.dumps(flow, indent=1))
    return file


def problems(file: Path) -> list[str]:
    with pytest.raises(DocumentError) as raised:
        load(file)
    return [str(problem).replace(f"{file.parent}/", "") for problem in raised.value.problems]


def line(file: Path, part: str) -> int:
    [found] = [at for at, text in enumerate(file.read_text().splitlines(), 1) if part in text]
    return found


def test_the_end_of_a_group_leads_on(tmp_path: Path) -> None:
    triage = Triage(load(written(tmp_path, including())))
    asked = triage.answer(State(), Reply.NO)
    assert triage.current(asked) == "own"
    assert triage.ending(triage.answer(asked, Reply.YES)).outcomes == ("soon",)
    assert triage.ending(triage.answer(State(), Reply.YES)).outcomes == ("emergency",)


def test_a_problem_of_a_group_is_told_in_its_own_file(tmp_path: Path) -> None:
    group = json.loads(json.dumps(GROUP))
    group["questions"]["bad"]["next"]["unsure"] = "end"
    file = written(tmp_path, including(), group)
    at = line(tmp_path / "parts" / "group.yaml", '"unsure": "end"')
    [found] = problems(file)
    assert found.startswith(f"parts/group.yaml:{at}: may end below 'emergency'")
    group["questions"]["bad"]["halp"] = "x"
    (tmp_path / "parts" / "group.yaml").write_text(json.dumps(group, indent=1))
    at = line(tmp_path / "parts" / "group.yaml", "halp")
    assert problems(file)[0].startswith(f"parts/group.yaml:{at}: unknown key 'halp'")


@pytest.mark.parametrize(
    ("include", "said"),
    [
        ({"file": "parts/none.yaml", "then": "own"}, "there is no file"),
        ({"file": "parts/group.yaml", "then": "none"}, "no question 'none' here"),
        ({"file": "parts/group.yaml"}, "'then' is missing in include.0"),
    ],
)
def test_an_include_that_leads_nowhere(tmp_path: Path, include: Data, said: str) -> None:
    file = written(tmp_path, including(include=[include]))
    [found] = problems(file)
    assert found.startswith("flow.yaml:")
    assert said in found


def test_a_part_that_stands_in_both_files(tmp_path: Path) -> None:
    flow = including()
    flow["outcomes"]["emergency"] = outcome("emergency")
    file = written(tmp_path, flow)
    [found] = problems(file)
    group = tmp_path / "parts" / "group.yaml"
    at = group.read_text()[: group.read_text().index('"outcomes"')].count("\n") + 2
    assert found.startswith(f"parts/group.yaml:{at}: 'emergency' stands in flow.yaml:")


@pytest.mark.parametrize(
    ("operator", "answer", "holds"),
    [
        ("=", "yes", [Reply.YES]),
        ("=", "unsure", [Reply.UNSURE]),
        ("!=", "no", [Reply.YES, Reply.UNSURE, Reply.UNANSWERED, None]),
        ("exists", "true", [Reply.YES, Reply.NO, Reply.UNSURE]),
        ("exists", "false", [Reply.UNANSWERED, None]),
    ],
)
def test_a_condition_holds_as_fhir_has_it(
    operator: str, answer: str, holds: list[Reply | None]
) -> None:
    read = {"question": "q", "operator": operator, "answer": answer}
    condition = Condition.model_validate(read)
    assert [reply for reply in (*Reply, None) if condition.holds(reply)] == holds


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ({"question": "none", "operator": "=", "answer": "yes"}, "no question 'none'; add it"),
        ({"question": "own", "operator": "=", "answer": "yes"}, "'own' is not asked before 'own'"),
        (
            {"question": "bad", "operator": "=", "answer": "true"},
            "'exists' goes with true or false",
        ),
        ({"question": "bad", "operator": "<", "answer": "yes"}, "'operator' in questions.own.when"),
        # What is asked in a flow without an emergency was answered no: it is never asked.
        ({"question": "bad", "operator": "=", "answer": "yes"}, "nothing leads to question 'own'"),
    ],
)
def test_a_condition_that_cannot_be_meant(tmp_path: Path, when: Data, said: str) -> None:
    flow = including()
    flow["questions"]["own"]["when"] = {"enableWhen": [when], "otherwise": "end"}
    found = problems(written(tmp_path, flow))
    assert any(said in problem and problem.startswith("flow.yaml:") for problem in found), found


def test_otherwise_leads_somewhere(tmp_path: Path) -> None:
    flow = including()
    read = {"question": "bad", "operator": "=", "answer": "no"}
    flow["questions"]["own"]["when"] = {"enableWhen": [read], "otherwise": "none"}
    file = written(tmp_path, flow)
    at = line(file, '"otherwise": "none"')
    [found] = problems(file)
    assert found.startswith(f"flow.yaml:{at}: no question 'none'; add it")


def test_any_condition_or_all_of_them() -> None:
    end = dict.fromkeys(Reply, "end")
    reads = [{"question": q, "operator": "=", "answer": "yes"} for q in ("q0", "q1")]
    asked = {}
    for behaviour in ("all", "any"):
        when = {"enableWhen": reads, "enableBehavior": behaviour, "otherwise": "end"}
        questions = {
            "q0": question("soon", dict.fromkeys(Reply, "q1")),
            "q1": question("soon", dict.fromkeys(Reply, "q2")),
            "q2": question("soon", end, when=when),
        }
        triage = Triage(Flow.model_validate(flow_data(questions)))
        asked[behaviour] = [
            triage.current(State((("q0", first), ("q1", second)))) == "q2"
            for first, second in (("yes", "yes"), ("yes", "no"), ("no", "yes"), ("no", "no"))
        ]
    assert asked == {"all": [True, False, False, False], "any": [True, True, True, False]}


def test_the_daily_check_shares_the_emergencies_and_asks_for_headaches_only_with_spasms() -> None:
    assert flow_names() == ["back_spasms", "daily_check"]
    daily, full = (load(find_flow(name)) for name in ("daily_check", "back_spasms"))
    group = [q for q, part in daily.questions.items() if part.urgency == "emergency"]
    assert len(group) == 7
    assert all(daily.questions[q].ask == full.questions[q].ask for q in group)
    assert "bladder-control:" not in find_flow("daily_check").read_text()
    assert "bladder-control:" in (prompts() / "groups" / "emergencies.en.yaml").read_text()
    triage, state = Triage(daily), State()
    for _ in range(8):
        state = triage.answer(state, Reply.NO)
    assert triage.current(state) == "recurring"
    assert triage.current(triage.answer(state, Reply.NO)) is None
    for reply in (Reply.YES, Reply.UNSURE, Reply.UNANSWERED):
        assert triage.current(triage.answer(state, reply)) == "headache"


def test_a_conversation_of_the_daily_check() -> None:
    done = run("daily_check", "--answers", "keyboard", "--no-voice", "--json", typed="no\n" * 9)
    assert done.code == 0, done.err
    assert done.events[-1] == {
        "event": "outcome", "urgency": "routine", "outcomes": ["watch"], "complete": True,
    }  # fmt: skip
