"""YAML files for people: yes and no stay words, every complaint has its line."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import yaml

from voice_triage.errors import DocumentError, Problem

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

    M = TypeVar("M", bound=BaseModel)

MAX_BYTES = 32 * 1024 * 1024
MAX_DEPTH = 40  # far deeper than any file of ours; far shallower than Python's stack
Loc = tuple[int | str, ...]

# libyaml where PyYAML has it (all its wheels do): ten thousand questions in a second, not twenty.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Document:
    """A parsed file: its data, and where each part of it stands."""

    path: Path
    data: Any
    """str, None, list and dict with str keys: a plain `yes`, `12:30` or `2026` stays a word."""
    _root: yaml.Node = field(repr=False)
    _keys: dict[int, dict[str, tuple[yaml.Node, yaml.Node]]] = field(
        default_factory=dict, repr=False
    )

    def line(self, loc: Iterable[int | str]) -> int:
        """The line (from 1) of the deepest part of `loc` that the file has."""
        node, line = self._root, self._root.start_mark.line
        for step in loc:
            if isinstance(node, yaml.MappingNode):
                pair = self._pairs(node).get(str(step))
                if pair is None:
                    break
                line, node = pair[0].start_mark.line, pair[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
                if step >= len(node.value):
                    break
                node = node.value[step]
                line = node.start_mark.line
            else:
                break
        return line + 1

    def _pairs(self, node: yaml.MappingNode) -> dict[str, tuple[yaml.Node, yaml.Node]]:
        if id(node) not in self._keys:
            self._keys[id(node)] = {key.value: (key, value) for key, value in node.value}
        return self._keys[id(node)]

    def problem(self, loc: Iterable[int | str], message: str) -> Problem:
        """A complaint about the part at `loc`."""
        return Problem(self.path, self.line(loc), message)


def read(path: Path) -> Document:
    """Parse `path`. Raises DocumentError, with file and line, for whatever is wrong with it."""
    text = _text(path)
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = error.problem or error.context or "something is not in its place"
        raise _fail(
            path,
            mark.line + 1 if mark else 1,
            f"not valid YAML: {said}; mend it here or just above",
        ) from None
    except yaml.YAMLError as error:
        raise _fail(path, 1, f"not valid YAML: {error}; write it as plain UTF-8 text") from None
    if root is None:
        raise _fail(path, 1, "the file is empty; write its content, or name another file")
    builder = _Builder(path)
    data = builder.build(root, depth=0)
    if builder.problems:
        raise DocumentError(builder.problems)
    return Document(path, data, root)


def validate(document: Document, model: type[M]) -> M:
    """The document as a `model`. Raises DocumentError with every mismatch at its line."""
    from pydantic import ValidationError

    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        raise DocumentError(list(_problems(document, model, error))) from None


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _fail(path, 1, f"larger than {MAX_BYTES >> 20} MiB; this is no file of ours")
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise _fail(path, 1, "there is no such file; check the name") from None
    except IsADirectoryError:
        raise _fail(path, 1, "this is a folder; name a file in it") from None
    except OSError as error:
        raise _fail(path, 1, f"can't be read ({error.strerror}); check its permissions") from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise _fail(path, line, "not UTF-8 text; save the file as UTF-8") from None


def _fail(path: Path, line: int, message: str) -> DocumentError:
    return DocumentError([Problem(path, line, message)])


class _Builder:
    """Nodes to plain data, noting what must not be there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self._seen: set[int] = set()

    def build(self, node: yaml.Node, depth: int) -> Any:
        if isinstance(node, yaml.ScalarNode):
            plain = node.style is None
            return None if plain and node.value in ("", "~", "null") else node.value
        if id(node) in self._seen:
            return self._note(node, "aliases (*name) can't be used; write the text out again")
        self._seen.add(id(node))
        if depth > MAX_DEPTH:
            return self._note(node, f"nested more than {MAX_DEPTH} deep; flatten it")
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, depth + 1) for item in node.value]
        return self._mapping(node, depth)

    def _mapping(self, node: yaml.Node, depth: int) -> dict[str, Any]:
        data: dict[str, Any] = {}
        first: dict[Hashable, int] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._note(key, "a key must be a word; use `name: value`")
                continue
            line = key.start_mark.line + 1
            if key.value in data:
                self._note(
                    key,
                    f"'{key.value}' stands at line {first[key.value]} already; rename or remove one",
                )
                continue
            first[key.value] = line
            data[key.value] = self.build(value, depth + 1)
        return data

    def _note(self, node: yaml.Node, message: str) -> None:
        self.problems.append(Problem(self.path, node.start_mark.line + 1, message))


def _problems(
    document: Document, model: type[BaseModel], error: ValidationError
) -> Iterable[Problem]:
    for detail in error.errors(include_url=False, include_context=True):
        loc: Loc = detail["loc"]
        name = str(loc[-1]) if loc else "the file"
        match detail["type"]:
            case "missing":
                message = f"'{name}' is missing{_place(loc[:-1])}; add it"
                loc = loc[:-1]
            case "extra_forbidden":
                keys = _keys_at(model, loc[:-1])
                close = get_close_matches(name, keys, n=1)
                hint = (
                    f"did you mean '{close[0]}'?"
                    if close
                    else f"the keys here are: {', '.join(keys)}"
                )
                message = f"unknown key '{name}'{_place(loc[:-1])}; {hint}"
            case "value_error":
                message = str(detail["ctx"]["error"])
            case _:
                said = detail["msg"][0].lower() + detail["msg"][1:]
                message = f"'{name}'{_place(loc[:-1])}: {said}; `voice-triage schema` says what belongs here"
        yield document.problem(loc, message)


def _place(loc: Loc) -> str:
    return f" in {'.'.join(map(str, loc))}" if loc else ""


def _keys_at(model: type[BaseModel], loc: Loc) -> list[str]:
    """The keys that `model` allows at `loc`, read from its JSON Schema; [] where it can't tell."""
    schema = model.model_json_schema()
    at: Any = schema
    for step in loc:
        at = _resolve(schema, at)
        properties = at.get("properties", {})
        at = properties.get(step) or at.get("additionalProperties") or at.get("items")
        if not isinstance(at, dict):
            return []
    return sorted(_resolve(schema, at).get("properties", {}))


def _resolve(schema: Any, at: Any) -> Any:
    for choice in at.get("anyOf", []):
        if "$ref" in choice:
            at = choice
    return schema["$defs"][at["$ref"].rsplit("/", 1)[-1]] if "$ref" in at else at
