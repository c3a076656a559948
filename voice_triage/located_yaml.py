"""YAML files for people: yes and no stay words, every complaint has its line."""

from __future__ import annotations

from collections.abc import Iterable
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


@dataclass(slots=True)
class _Part:
    """A part of a file: its plain data, and the lines of what is in it."""

    line: int
    data: Any
    lines: dict[int | str, int] = field(default_factory=dict)
    """By key or index: where it begins; in a mapping, where its key stands."""
    parts: dict[int | str, _Part] = field(default_factory=dict)
    """Those that have parts themselves; plain values, which are most of a file, need no object."""


@dataclass(frozen=True)
class Document:
    """A parsed file: its data, and where each part of it stands."""

    path: Path
    _root: _Part = field(repr=False)

    @property
    def data(self) -> Any:
        """str, None, list and dict with str keys: a plain `yes`, `12:30` or `2026` stays a word."""
        return self._root.data

    def line(self, loc: Iterable[int | str]) -> int:
        """The line (from 1) of the deepest part of `loc` that the file has."""
        line, part = self._root.line, self._root
        for step in loc:
            if step not in part.lines:
                break
            line = part.lines[step]
            if step not in part.parts:
                break
            part = part.parts[step]
        return line

    def problem(self, loc: Iterable[int | str], message: str) -> Problem:
        """A complaint about the part at `loc`."""
        return Problem(self.path, self.line(loc), message)


def read(path: Path, empty: Any = None) -> Document:
    """Parse `path`. Raises DocumentError, with file and line, for whatever is wrong with it; one
    without any content is wrong too, unless `empty` says what that stands for."""
    text = _text(path)
    builder = _Builder(path)
    try:
        _parse(text, builder)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = error.problem or error.context or "something is not in its place"
        line = mark.line + 1 if mark else 1
        raise _fail(path, line, f"not valid YAML: {said}; mend it here or just above") from None
    except yaml.YAMLError as error:
        raise _fail(path, 1, f"not valid YAML: {error}; write it as plain UTF-8 text") from None
    if builder.root is None and empty is not None:
        return Document(path, _Part(1, empty))
    if builder.root is None:
        raise _fail(path, 1, "the file is empty; write its content, or name another file")
    if builder.problems:
        raise DocumentError(builder.problems)
    return Document(path, builder.root)


def _parse(text: str, builder: _Builder) -> None:
    loader = _Loader(text)  # not yaml.parse: asking whether there is one more costs as much as it
    try:
        while type(event := loader.get_event()) is not yaml.StreamEndEvent:
            builder.take(event)
    finally:
        loader.dispose()


def validate(document: Document, model: type[M], kind: str = "") -> M:
    """The document as a `model`. Raises DocumentError with every mismatch at its line; `kind` is
    what `voice-triage schema` calls the format."""
    from pydantic import ValidationError

    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        raise DocumentError(list(_problems(document, model, error, kind))) from None


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
    """Parser events to data. Not recursive: PyYAML's own composer dies of deep nesting."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.root: _Part | None = None
        self.problems: list[Problem] = []
        self._open: list[_Part] = []
        self._key: str | None = None
        """The key that waits for its value; None: the open part is a list, or a key is next."""
        self._key_line = 0

    def take(self, event: Any) -> None:
        line = event.start_mark.line + 1
        kind = type(event)
        if kind is yaml.ScalarEvent:
            # The style of plain words: None from Python's parser, "" from libyaml.
            empty = not event.style and event.value in ("", "~", "null")
            self._scalar(line, None if empty else event.value)
        elif kind is yaml.MappingStartEvent:
            self._start(_Part(line, {}))
        elif kind is yaml.SequenceStartEvent:
            self._start(_Part(line, []))
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self._open.pop()
        elif kind is yaml.AliasEvent:
            self._note(line, "aliases (*name) can't be used; write the text out again")
            self._scalar(line, None)
        elif kind is yaml.DocumentStartEvent and self.root is not None:
            raise _fail(self.path, line, "a second document begins here; put it in its own file")

    def _scalar(self, line: int, value: str | None) -> None:
        if self._is_key():
            self._key, self._key_line = value or "", line
        elif self._open:
            self._put(line, value)
        else:
            self.root = _Part(line, value)

    def _start(self, part: _Part) -> None:
        if len(self._open) > MAX_DEPTH:
            raise _fail(self.path, part.line, f"nested more than {MAX_DEPTH} deep; flatten it")
        if self._is_key():
            raise _fail(self.path, part.line, "a key must be a word; use `name: value`")
        if self._open:
            parent = self._open[-1]
            at = self._put(part.line, part.data)
            if at is not None:
                parent.parts[at] = part
        else:
            self.root = part
        self._open.append(part)

    def _is_key(self) -> bool:
        return self._key is None and bool(self._open) and type(self._open[-1].data) is dict

    def _put(self, line: int, data: Any) -> int | str | None:
        """Into the open part; its key or index there, None if that is taken."""
        parent = self._open[-1]
        if self._key is None:
            at = len(parent.data)
            parent.lines[at] = line
            parent.data.append(data)
            return at
        key, self._key = self._key, None
        if key in parent.data:
            first = parent.lines[key]
            self._note(
                self._key_line, f"'{key}' stands at line {first} already; rename or remove one"
            )
            return None
        parent.lines[key] = self._key_line
        parent.data[key] = data
        return key

    def _note(self, line: int, message: str) -> None:
        self.problems.append(Problem(self.path, line, message))


def _problems(
    document: Document, model: type[BaseModel], error: ValidationError, kind: str
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
                command = f"voice-triage schema {kind}".strip()
                hint = f"`{command}` says what belongs here"
                message = f"'{name}'{_place(loc[:-1])}: {said}; {hint}"
        yield document.problem(loc, message)


def _place(loc: Loc) -> str:
    return f" in {'.'.join(map(str, loc))}" if loc else ""


def _keys_at(model: type[BaseModel], loc: Loc) -> list[str]:
    """The keys that `model` allows at `loc`, read from its JSON Schema; [] where it can't tell."""
    schema = model.model_json_schema()
    at: Any = schema
    for step in loc:
        at = _resolve(schema, at)
        named = {**at.get("properties", {})}
        others = [*at.get("patternProperties", {}).values(), at.get("additionalProperties")]
        inside = named.get(step) or next(filter(None, others), None) or at.get("items")
        # A single item may stand where a list of them may: then the list's index leads nowhere.
        at = at if inside is None and isinstance(step, int) else inside
        if not isinstance(at, dict):
            return []
    return sorted(_resolve(schema, at).get("properties", {}))


def _resolve(schema: Any, at: Any) -> Any:
    for choice in at.get("anyOf", []):
        if "$ref" in choice:
            at = choice
    return schema["$defs"][at["$ref"].rsplit("/", 1)[-1]] if "$ref" in at else at
