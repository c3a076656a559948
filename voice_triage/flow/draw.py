"""A flow as a picture: boxes and arrows for Graphviz to lay out, or as Mermaid text."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from textwrap import wrap

from voice_triage.flow.engine import State, Triage
from voice_triage.flow.model import Flow, Reply, Urgency

COLOURS: Mapping[Urgency, tuple[str, str]] = {
    Urgency.EMERGENCY: ("#f9d0d0", "#a01010"),
    Urgency.URGENT: ("#fbe3c0", "#9a5b00"),
    Urgency.SOON: ("#d6e6fa", "#1c4f91"),
    Urgency.ROUTINE: ("#d9efd9", "#226622"),
}
"""Fill and line. The line is dark enough to be told by on a black-and-white print, and the level is
written out too."""
_PATH = "#000000"
_REST = "#707070"
_SAID = {
    Reply.YES: "yes",
    Reply.NO: "no",
    Reply.UNSURE: "not sure",
    Reply.UNANSWERED: "silence",
}
_PASSED = "if not asked"
NOTHING = "nothing was found"
"""Why a conversation ends in `otherwise`."""
_WIDTH = 26  # characters a line in a box: three or four lines, as wide as high


@dataclass(frozen=True)
class Box:
    """A question or an outcome."""

    name: str
    text: str
    urgency: Urgency
    asks: bool
    on_path: bool = False


@dataclass(frozen=True)
class Arrow:
    """Answers that lead from one box to another."""

    source: str
    target: str
    label: str
    on_path: bool = False
    aside: bool = False
    """It reaches an outcome while the questions go on."""


@dataclass(frozen=True)
class Picture:
    """All boxes and arrows of a flow."""

    title: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def picture(flow: Flow, state: State | None = None) -> Picture:
    """`flow`; with `state`, the path of that conversation stands out."""
    walked, reached = ({}, ()) if state is None else _path(flow, state)
    boxes = [
        Box(name, part.ask, part.urgency, True, name in walked)
        for name, part in flow.questions.items()
    ]
    boxes += [
        Box(name, filled(part.now), part.urgency, False, name in reached)
        for name, part in flow.outcomes.items()
    ]
    return Picture(flow.title, tuple(boxes), tuple(_arrows(flow, walked, reached)))


def _path(flow: Flow, state: State) -> tuple[dict[str, Reply], tuple[str, ...]]:
    """What was answered on the way that the conversation took in the end, and what it came to."""
    walked: dict[str, Reply] = {}
    known = Triage(flow).known(state)
    at: str | None = flow.start
    while at is not None:
        if flow.skipped(at, walked):
            at = flow.instead(at)
        elif at in known:
            walked[at] = known[at]
            at = flow.steps[at, known[at]].then
        else:
            break
    return walked, Triage(flow).ending(state).outcomes


def _arrows(flow: Flow, walked: Mapping[str, Reply], reached: Collection[str]) -> Iterator[Arrow]:
    for name, question in flow.questions.items():
        ahead: dict[str, list[Reply]] = {}
        aside: dict[str, list[Reply]] = {}
        found_nothing: list[Reply] = []
        for reply in Reply:
            step = flow.steps[name, reply]
            if step.reach is not None:
                (ahead if step.then is None else aside).setdefault(step.reach, []).append(reply)
            if step.then is not None:
                ahead.setdefault(step.then, []).append(reply)
            elif step.reach is None:
                found_nothing.append(reply)
        if found_nothing:
            label = f"{said(found_nothing)}; {NOTHING}"
            on_path = walked.get(name) in found_nothing and flow.otherwise in reached
            yield Arrow(name, flow.otherwise, label, on_path)
        for led, is_aside in ((ahead, False), (aside, True)):
            for target, replies in led.items():
                on_path = walked.get(name) in replies
                yield Arrow(name, target, said(replies), on_path, is_aside)
        if question.when is not None:
            instead = flow.instead(name)
            label = _PASSED if instead else f"{_PASSED}; {NOTHING}"
            yield Arrow(name, instead or flow.otherwise, label)


def said(replies: Sequence[Reply]) -> str:
    """Replies that lead the same way, as an arrow has them."""
    return "any answer" if len(replies) == len(Reply) else ", ".join(_SAID[r] for r in replies)


def filled(text: str) -> str:
    """`text` for people of any region."""
    return text.replace("{number}", "the emergency number")


def dot(drawn: Picture) -> str:
    """The picture in Graphviz's language."""
    title = f'label={_quoted(drawn.title)} labelloc=t fontname="Helvetica" fontsize=20'
    lines = [
        "digraph flow {",
        f'graph [{title} rankdir=TB nodesep=0.35 ranksep=0.45 bgcolor=white tooltip=" "]',
        'node [fontname="Helvetica" fontsize=12 margin="0.14,0.08"]',
        'edge [fontname="Helvetica" fontsize=10 arrowsize=0.7]',
    ]
    for box in drawn.boxes:
        fill, line = COLOURS[box.urgency]
        # One group: the questions stand in a column where the layout can do it.
        shape = (
            'shape=box style="rounded,filled" group=asked' if box.asks else "shape=box style=filled"
        )
        label = "\n".join(wrap(box.text, _WIDTH)) + ("" if box.asks else f"\n{box.urgency}".upper())
        pen = 3.5 if box.on_path else 1.2
        lines.append(
            f"{_quoted(box.name)} [id={_quoted('box-' + box.name)} label={_quoted(label)} {shape}"
            f' fillcolor="{fill}" color="{_PATH if box.on_path else line}" penwidth={pen}'
            f" tooltip={_quoted(box.name)}]"
        )
    for arrow in drawn.arrows:
        colour, pen = (_PATH, 3.5) if arrow.on_path else (_REST, 1.0)
        label = _quoted(f"  {arrow.label}")  # a little away from its arrow
        style = "dashed" if arrow.aside or arrow.label.startswith(_PASSED) else "solid"
        lines.append(
            f"{_quoted(arrow.source)} -> {_quoted(arrow.target)} [label={label}"
            f' color="{colour}" fontcolor="#303030" penwidth={pen} style={style}'
            f" weight={1 if arrow.aside else 4} tooltip={_quoted(arrow.label)}]"
        )
    return "\n".join([*lines, "}"])


def mermaid(drawn: Picture) -> str:
    """The picture as a Mermaid flowchart, which many editors and code hosts show."""
    ids = {box.name: f"n{index}" for index, box in enumerate(drawn.boxes)}
    lines = ["flowchart TD"]
    for box in drawn.boxes:
        opened, closed = ("([", "])") if box.asks else ("[", "]")
        lines.append(f'    {ids[box.name]}{opened}"{_plain(box.text)}"{closed}:::{box.urgency}')
    for arrow in drawn.arrows:
        line = "==>" if arrow.on_path else "-.->" if arrow.aside else "-->"
        lines.append(f'    {ids[arrow.source]} {line}|"{arrow.label}"| {ids[arrow.target]}')
    for urgency, (fill, line) in COLOURS.items():
        lines.append(f"    classDef {urgency} fill:{fill},stroke:{line},color:#000")
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    return escape(text).replace("&#x27;", "'").replace("{", "#123;").replace("}", "#125;")


def _quoted(text: str) -> str:
    # "&" as a code: Graphviz reads codes of HTML even in plain texts.
    escaped = text.replace("&", "&amp;").replace("\\", "\\\\")
    escaped = escaped.replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
