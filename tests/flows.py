"""Flows made for a test, as plain data: what their files would hold."""

from typing import Any

from hypothesis import reject
from hypothesis import strategies as st

from voice_triage.flow.model import Flow, Urgency
from voice_triage.flow.survey import UnprovableError, survey

Data = dict[str, Any]
REPLIES = ("yes", "no", "unsure", "unanswered")


def question(urgency: str, edges: Data, **more: Any) -> Data:
    """A question with these edges, and otherwise whatever a question needs."""
    return {
        "urgency": urgency, "facts": ["F1"], "ask": "Is it so?", "help": "Say yes if it is so.",
        "readback": {"yes": "it is so", "no": "it is not so"}, "next": edges, **more,
    }  # fmt: skip


def outcome(urgency: str) -> Data:
    """An outcome of that urgency."""
    return {
        "urgency": urgency, "facts": ["F1"], "now": "Call {number}.", "advice": ["Rest."],
        "safety_net": ["Call {number} if it gets worse."],
    }  # fmt: skip


def flow_data(questions: dict[str, Data], start: str = "q0", **more: Any) -> Data:
    """A flow of these questions, with an outcome for each urgency, called as it is."""
    return {
        "id": "made", "version": "1", "language": "en", "title": "Made", "source": "A test.",
        "review": {"status": "unreviewed"}, "facts": {"F1": "A fact."}, "start": start,
        "otherwise": "routine", "questions": questions,
        "outcomes": {urgency.value: outcome(urgency.value) for urgency in Urgency}, **more,
    }  # fmt: skip


def chain(count: int, urgency: str = "soon") -> Data:
    """`count` questions one after the other: 4^count paths, and no rule is broken."""
    made: dict[str, Data] = {}
    for index in range(count):
        then = f"q{index + 1}" if index + 1 < count else "end"
        edges = {reply: {"reach": urgency, "then": then} for reply in REPLIES} | {"no": then}
        made[f"q{index}"] = question(urgency, edges)
    data = flow_data(made)
    data["outcomes"] = {name: data["outcomes"][name] for name in (urgency, "routine")}
    return data


@st.composite
def any_flow(draw: st.DrawFn, most: int = 4) -> Flow:
    """A small flow whose edges lead somewhere and never back, good or bad, with conditions."""
    count = draw(st.integers(1, most))
    made: dict[str, Data] = {}
    for index in range(count):
        later = [f"q{i}" for i in range(index + 1, count)]
        then = st.sampled_from([*later, "end"])
        reach = st.fixed_dictionaries({"reach": st.sampled_from(list(Urgency)), "then": then})
        edge = st.one_of(then, st.sampled_from(list(Urgency)), reach)
        edges = {reply: draw(edge) for reply in REPLIES}
        more: Data = {"sign": draw(st.sampled_from(["yes", "yes", "no"]))}
        if index and draw(st.booleans()):
            more["when"] = draw(_when(index, later))
        made[f"q{index}"] = question(draw(st.sampled_from(list(Urgency))), edges, **more)
    flow = Flow.model_validate(flow_data(made))
    try:
        survey(flow)
    except UnprovableError:  # a condition on what is never asked before
        reject()
    return flow


def _when(index: int, later: list[str]) -> st.SearchStrategy[Data]:
    earlier = st.sampled_from([f"q{i}" for i in range(index)])
    compared = st.fixed_dictionaries(
        {
            "question": earlier,
            "operator": st.sampled_from(["=", "!="]),
            "answer": st.sampled_from(["yes", "no", "unsure"]),
        }
    )
    exists = st.fixed_dictionaries(
        {
            "question": earlier,
            "operator": st.just("exists"),
            "answer": st.sampled_from(["true", "false"]),
        }
    )
    return st.fixed_dictionaries(
        {
            "enableWhen": st.lists(st.one_of(compared, exists), min_size=1, max_size=2),
            "enableBehavior": st.sampled_from(["all", "any"]),
            "otherwise": st.sampled_from([*later, "end"]),
        }
    )
