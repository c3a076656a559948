"""`paths`: what is proved without walking agrees with walking, on any flow and on the shipped ones."""

import json
import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from flows import any_flow, chain, flow_data, question
from hypothesis import given, settings
from programs import run

from voice_triage.assemble import find_flow, flow_names
from voice_triage.flow import Flow, Reply, State, Triage, Urgency, load
from voice_triage.flow.paths import advice_s, figures, seconds, walked
from voice_triage.flow.report import number
from voice_triage.flow.safety import Levels, Rule
from voice_triage.flow.survey import UnprovableError, survey
from voice_triage.flow.verdict import verdicts

DOUBTS = (Reply.UNSURE, Reply.UNANSWERED)


def ends(triage: Triage, state: State = State()) -> Iterator[State]:
    """Every end of a flow, by the engine that holds conversations."""
    if triage.current(state) is None:
        yield state
        return
    for reply in Reply:
        yield from ends(triage, triage.answer(state, reply))


def verdict(flow: Flow, rule: Rule) -> bool:
    return next(v.holds for v in verdicts(survey(flow)) if v.rule is rule)


@given(any_flow())
@settings(deadline=None, max_examples=40)
def test_counts_are_those_of_walking_every_path(flow: Flow) -> None:
    triage = Triage(flow)
    walks = list(ends(triage))
    found = figures(survey(flow))
    levels = Counter(triage.ending(end).urgency for end in walks)
    assert found.paths == len(walks)
    assert {level: count for level, count in found.endings.items() if count} == dict(levels)
    assert len(found.questions.replies) == max(len(end.answered) for end in walks)
    assert found.spoken_s == pytest.approx(max(said(flow, triage, end) for end in walks))


def said(flow: Flow, triage: Triage, end: State) -> float:
    asked = sum(seconds(flow.questions[name].ask) for name, _ in end.answered)
    return asked + advice_s(flow, triage.reached(end))


@given(any_flow())
@settings(deadline=None, max_examples=40)
def test_a_verdict_is_that_of_walking_every_path(flow: Flow) -> None:
    triage = Triage(flow)
    walks = list(ends(triage))
    levels = [triage.ending(end).urgency.rank for end in walks]
    must = [q for q, part in flow.questions.items() if part.urgency in ("emergency", "urgent")]
    lowered = any(
        reply in DOUBTS and name in must and level < flow.questions[name].urgency.rank
        for end, level in zip(walks, levels, strict=True)
        for name, reply in end.answered
    )
    if lowered:
        assert not verdict(flow, Rule.UNSETTLED)
    unasked = {
        name
        for name, part in flow.questions.items()
        if part.urgency == "emergency"
        for end, level in zip(walks, levels, strict=True)
        if level < Urgency.EMERGENCY.rank and name not in dict(end.answered)
    }
    asked = {name for end in walks for name, _ in end.answered}
    if (unasked & asked) - Levels(survey(flow)).follow_ups:
        assert not verdict(flow, Rule.EMERGENCY_SIGNS)
    assert verdict(flow, Rule.REACHED) == (
        asked == set(flow.questions)
        and {o for end in walks for o in triage.reached(end)} | {"routine"} == set(flow.outcomes)
    )


@given(any_flow())
@settings(deadline=None, max_examples=40)
def test_a_counterexample_is_a_real_conversation_that_ends_too_low(flow: Flow) -> None:
    for broken in verdicts(survey(flow)):
        for shown in broken.found:
            if shown.path is None:
                continue
            state = State()
            for name, reply in shown.path.replies:
                assert Triage(flow).current(state) == name
                state = Triage(flow).answer(state, reply)
            assert Triage(flow).current(state) is None
            if shown.breach.avoids:
                assert shown.breach.avoids not in dict(state.answered)
                assert shown.path.ending.urgency is not Urgency.EMERGENCY
            elif broken.rule in (Rule.EMERGENCY_SIGNS, Rule.URGENT_SIGNS):
                assert shown.breach.at is not None
                must = flow.questions[shown.breach.at.question].urgency
                assert shown.path.ending.urgency.rank < must.rank


def test_two_to_the_forty_paths_and_many_more_are_counted_exactly() -> None:
    found = figures(survey(Flow.model_validate(chain(40))))
    assert found.paths == 4**40
    assert found.endings == {
        Urgency.EMERGENCY: 0,
        Urgency.URGENT: 0,
        Urgency.SOON: 4**40 - 1,
        Urgency.ROUTINE: 1,
    }


@pytest.mark.parametrize("name", flow_names())
def test_every_shipped_flow_keeps_every_rule(name: str) -> None:
    flow = load(find_flow(name))
    assert all(verdict.holds for verdict in verdicts(survey(flow)))


def test_an_emergency_question_that_answers_lead_past() -> None:
    ask = {"yes": "emergency", "unsure": "emergency", "unanswered": "emergency"}
    data = flow_data(
        {
            "q0": question("emergency", {**ask, "no": "q1"}),
            "q1": question("emergency", {**ask, "no": "q3", "unsure": "q2"}),
            "q2": question("emergency", {**ask, "no": "q3"}),
            "q3": question(
                "soon", {"yes": "soon", "no": "end", "unsure": "urgent", "unanswered": "soon"}
            ),
        }
    )
    flow = Flow.model_validate(data)
    found = [s for v in verdicts(survey(flow)) if v.rule is Rule.EMERGENCY_SIGNS for s in v.found]
    assert [shown.breach.avoids for shown in found] == ["q2"]
    assert found[0].path is not None
    assert dict(found[0].path.replies) == {"q0": "no", "q1": "no", "q3": "no"}


def test_conditions_that_remember_too_much_are_refused_with_the_question() -> None:
    count = 20
    data = chain(count)
    reads = [{"question": f"q{i}", "operator": "=", "answer": "yes"} for i in range(count)]
    when = {"enableWhen": reads, "otherwise": "end"}
    edges = {"yes": "soon", "no": "end", "unsure": "soon", "unanswered": "soon"}
    data["questions"]["last"] = question("soon", edges, when=when)
    data["questions"][f"q{count - 1}"]["next"]["no"] = "last"
    with pytest.raises(UnprovableError, match="too many earlier answers count here"):
        survey(Flow.model_validate(data))


def test_a_path_that_the_engine_would_not_walk_is_refused() -> None:
    flow = Flow.model_validate(chain(2))
    with pytest.raises(ValueError, match="the engine asks"):
        walked(flow, [("q1", Reply.NO)])


def test_numbers_of_any_size_can_be_read() -> None:
    assert [number(n) for n in (1, 7189, 10**15)] == ["1", "7,189", "1.00 x 10^15"]
    assert number(999 * 10**30 - 1) == "9.98 x 10^32"
    assert number(4**10_000) == f"3.98 x 10^{int(math.log10(4) * 10_000)}"


def test_the_command_on_the_shipped_flow() -> None:
    done = run("paths")
    assert done.code == 0, done.err
    assert "14 questions, 7,189 paths" in done.out
    assert "BROKEN" not in done.out


def test_the_command_on_a_flow_that_lowers(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    data = chain(3, "urgent")
    data["questions"]["q1"]["next"]["unsure"] = "q2"
    file.write_text(json.dumps(data, indent=1))
    done = run("paths", file, "--json")
    assert done.code == 1
    assert done.said_plainly()
    [found] = [json.loads(line) for line in done.out.splitlines()]
    [rule] = [r for r in found["rules"] if r["rule"] == "unsettled"]
    [problem] = rule["problems"]
    assert problem["line"] == next(
        at for at, line in enumerate(file.read_text().splitlines(), 1) if '"unsure": "q2"' in line
    )
    assert problem["example"]["answers"][1] == {"question": "q1", "answer": "unsure"}
    assert problem["example"]["urgency"] == "routine"
    told = run("paths", file).out
    assert "BROKEN not sure, silence" in told
    assert "Is it so?  not sure" in told
    assert "> routine: Call {number}." in told


def test_the_command_on_what_has_no_paths(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    data = chain(3)
    data["questions"]["q2"]["next"]["no"] = "q0"
    file.write_text(json.dumps(data))
    done = run("paths", file)
    assert (done.code, done.out) == (1, "")
    assert "goes round in a circle (q0 > q1 > q2 > q0)" in done.err
    assert run("paths", tmp_path / "none.yaml").code == 2
