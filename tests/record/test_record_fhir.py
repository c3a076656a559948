"""Flows and conversations as FHIR resources: valid, and asking what the flow asks.

The library has R4B, which left these two resources as R4 has them.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.questionnaire import Questionnaire
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse
from flows import flow_data, question
from programs import run

from voice_triage.assemble import find_flow, flow_names
from voice_triage.errors import UsageError
from voice_triage.flow import Flow, Reply, State, Triage, load
from voice_triage.record.fhir import OUTCOME, questionnaire, response

WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture(params=flow_names())
def flow(request: pytest.FixtureRequest) -> Flow:
    return load(find_flow(request.param))


def ends(triage: Triage, state: State = State()) -> Iterator[State]:
    if triage.current(state) is None:
        yield state
        return
    for reply in Reply:
        yield from ends(triage, triage.answer(state, reply))


@cache
def sample(name: str, of: int) -> list[State]:
    """One in `of` of all ends of a flow; 11 and 97 share no factor with the four replies."""
    return list(ends(Triage(load(find_flow(name)))))[::of]


def enabled(item: dict[str, Any], answers: dict[str, str]) -> bool:
    """As R4 defines it for "=" alone: any of them, or the only one."""
    conditions = item.get("enableWhen", [])
    assert all(c["operator"] == "=" for c in conditions)
    assert item.get("enableBehavior") == ("any" if len(conditions) > 1 else None)
    found = [answers.get(c["question"]) == c["answerCoding"]["code"] for c in conditions]
    return not conditions or any(found)


def test_a_questionnaire_is_valid(flow: Flow) -> None:
    made = questionnaire(flow)
    read = Questionnaire.model_validate(made)
    assert json.loads(read.model_dump_json()) == json.loads(json.dumps(made))
    assert (made["status"], made["experimental"]) == ("draft", True)


def test_its_conditions_ask_exactly_what_the_flow_asks(flow: Flow) -> None:
    made: Any = questionnaire(flow)
    for end in sample(flow.id, 11):
        answers: dict[str, str] = {name: reply.value for name, reply in end.answered}
        asked = [i["linkId"] for i in made["item"] if enabled(i, answers)]
        assert set(asked) == {*answers, OUTCOME}, end


def test_a_response_is_valid_and_answers_its_questionnaire(flow: Flow) -> None:
    made: Any = questionnaire(flow)
    options = {i["linkId"]: [o["valueCoding"] for o in i["answerOption"]] for i in made["item"]}
    for end in sample(flow.id, 97):
        answered: Any = response(flow, end, WHEN)
        QuestionnaireResponse.model_validate(answered)
        assert answered["questionnaire"] == f"{made['url']}|{made['version']}"
        assert answered["status"] == "completed"
        for item in answered["item"]:
            assert all(a["valueCoding"] in options[item["linkId"]] for a in item["answer"])
        came_to = [a["valueCoding"]["code"] for a in answered["item"][-1]["answer"]]
        assert tuple(came_to) == Triage(flow).ending(end).outcomes


def test_a_conversation_that_stopped_and_a_symptom_that_was_volunteered() -> None:
    shipped = load(find_flow(None))
    state = Triage(shipped).volunteer(State((("bladder-control", Reply.NO),)), ["balance"])
    made: Any = response(shipped, state, WHEN)
    assert made["status"] == "stopped"
    assert made["authored"] == "2026-01-02T03:04:05+00:00"
    said = {i["linkId"]: i["answer"][0]["valueCoding"]["code"] for i in made["item"]}
    assert said == {"bladder-control": "no", "balance": "yes", OUTCOME: "immediate"}


def test_a_reviewed_flow_says_by_whom() -> None:
    shipped = load(find_flow(None))
    review = shipped.review.model_copy(
        update={"status": "reviewed", "by": "Dr A, 123", "date": "2026-01-02"}
    )
    made = questionnaire(shipped.model_copy(update={"review": review}))
    Questionnaire.model_validate(made)
    assert (made["status"], made["approvalDate"]) == ("active", "2026-01-02")
    assert made["contact"] == [{"name": "Dr A, 123"}]


def test_what_fhir_cannot_say_is_refused() -> None:
    read = {"question": "q0", "operator": "=", "answer": "yes"}
    when = {"enableWhen": [read], "otherwise": "end"}
    made = flow_data(
        {
            "q0": question("soon", dict.fromkeys(Reply, "q1")),
            "q1": question("soon", dict.fromkeys(Reply, "q2")),
            "q2": question("soon", dict.fromkeys(Reply, "end"), when=when),
        }
    )
    with pytest.raises(UsageError, match=r"can't say what is asked after '.*' to 'q1'"):
        questionnaire(Flow.model_validate(made))


def test_the_command_writes_both(tmp_path: Path) -> None:
    done = run("export", "daily_check", "--fhir")
    assert done.code == 0, done.err
    Questionnaire.model_validate_json(done.out)
    talked = run("--answers", "keyboard", "--no-voice", "--state-dir", tmp_path, typed="no\nyes\n")
    assert talked.code == 0, talked.err
    [session] = (tmp_path / "sessions").iterdir()
    done = run("export", "--fhir", "--session", session)
    assert done.code == 0, done.err
    made = QuestionnaireResponse.model_validate_json(done.out)
    assert [item.linkId for item in made.item] == ["bladder-control", "leg-feeling", OUTCOME]
    assert run("export").code == 2
    assert "Name the format: --fhir." in run("export").err
    wrong = run("export", "daily_check", "--fhir", "--session", session)
    assert (wrong.code, wrong.out) == (2, "")
    assert "is a session about other questions" in wrong.err
