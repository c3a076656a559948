"""The files of one flow: its own and those that it includes, so that every problem has its line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from voice_triage.errors import DocumentError, Problem
from voice_triage.flow.model import END, Edges, Flow, Group, Question, Reach, Reply
from voice_triage.located_yaml import Document, read, validate

_PARTS = ("facts", "emergencies", "questions", "outcomes")


@dataclass(frozen=True)
class Sources:
    """A flow's own file and, in their order, the groups that it includes."""

    own: Document
    groups: tuple[Document, ...] = ()

    def problem(self, loc: tuple[int | str, ...], message: str) -> Problem:
        """A complaint about the part at `loc` of the whole flow, in the file that has it."""
        for document in (self.own, *self.groups):
            if len(loc) < 2 or loc[0] not in _PARTS or loc[1] in (document.data.get(loc[0]) or ()):
                return document.problem(loc, message)
        return self.own.problem(loc, message)


def read_flow(path: Path) -> tuple[Sources, Flow]:
    """The flow in `path` with all that it includes, and where its parts stand.

    Raises DocumentError, with file and line, for what is no flow; whether it is a good one is
    `lint.problems`' business.
    """
    own = read(path)
    flow = validate(own, Flow)
    groups: list[Document] = []
    for index, include in enumerate(flow.include):
        loc = ("include", index)
        file = path.parent / include.file
        if not file.is_file():
            message = f"there is no file {file}; its path counts from this file's folder"
            raise DocumentError([own.problem((*loc, "file"), message)])
        document = read(file)
        group = validate(document, Group)
        if include.then != END and include.then not in flow.questions:
            message = f"no question '{include.then}' here; add it, name another, or write '{END}'"
            raise DocumentError([own.problem((*loc, "then"), message)])
        _refuse_twice(own, flow, document, group)
        groups.append(document)
        flow = _joined(flow, group, include.then)
    return Sources(own, tuple(groups)), flow


def _refuse_twice(own: Document, flow: Flow, document: Document, group: Group) -> None:
    found = []
    for part in _PARTS:
        for name in getattr(flow, part).keys() & getattr(group, part).keys():
            # In the group's file, wherever the other stands: there are flows that it breaks.
            here = own.problem((part, name), "")
            where = f"{here.path}:{here.line}" if name in (own.data.get(part) or ()) else "a group"
            message = f"'{name}' stands in {where} too; rename or remove one"
            found.append(document.problem((part, name), message))
    if found:
        raise DocumentError(found)


def _joined(flow: Flow, group: Group, then: str) -> Flow:
    """`flow` with the questions of `group` before its own; the group's `end` leads on to `then`."""
    questions = {name: _led_on(question, then) for name, question in group.questions.items()}
    return flow.model_copy(
        update={
            "facts": {**group.facts, **flow.facts},
            "emergencies": {**group.emergencies, **flow.emergencies},
            "questions": {**questions, **flow.questions},
            "outcomes": {**group.outcomes, **flow.outcomes},
        }
    )


def _led_on(question: Question, then: str) -> Question:
    edges = {reply.value: _edge(getattr(question.next, reply), then) for reply in Reply}
    led = question.model_copy(update={"next": Edges(**edges)})
    if question.when is not None and question.when.otherwise == END:
        when = question.when.model_copy(update={"otherwise": then})
        led = led.model_copy(update={"when": when})
    return led


def _edge(edge: str | Reach, then: str) -> str | Reach:
    if isinstance(edge, Reach):
        return Reach(reach=edge.reach, then=then if edge.then == END else edge.then)
    return then if edge == END else edge
