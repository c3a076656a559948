"""A scenario file, read, and refused with file and line when something is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from voice_triage.errors import DocumentError, UsageError
from voice_triage.flow import Flow
from voice_triage.located_yaml import Document, read, validate
from voice_triage.replay.scenario import Scenario, files, inside, is_file_name, unknown_ids

ENDING = ".triage.yaml"
"""What the names of scenario files end in."""


@dataclass(frozen=True)
class Loaded:
    """A scenario and where it comes from."""

    path: Path
    scenario: Scenario

    @property
    def folder(self) -> Path:
        """What its paths count from."""
        return self.path.parent

    @property
    def flow(self) -> str:
        """Its flow's file, or a shipped flow's name."""
        name = self.scenario.flow
        return str(inside(self.folder, name)) if is_file_name(name) else name


def load(path: Path, flow_of: Callable[[str], Flow]) -> Loaded:
    """The scenario in `path`. `flow_of` loads a flow by name or path.

    Raises DocumentError with every problem at its line; a problem of the flow's own file is told
    as that file's.
    """
    document = read(path)
    loaded = Loaded(path, validate(document, Scenario))
    problems = [
        document.problem(loc, f"there is no such file: {loaded.folder / name}; check the name")
        for loc, name in files(loaded.scenario)
        if not inside(loaded.folder, name).is_file()
    ]
    flow = _flow(document, loaded, flow_of)
    problems += [document.problem(loc, said) for loc, said in unknown_ids(loaded.scenario, flow)]
    if problems:
        raise DocumentError(problems)
    return loaded


def _flow(document: Document, loaded: Loaded, flow_of: Callable[[str], Flow]) -> Flow:
    try:
        return flow_of(loaded.flow)
    except UsageError as error:
        raise DocumentError([document.problem(("flow",), str(error))]) from error


def find(paths: list[Path]) -> list[Path]:
    """Scenario files: those named, and all in the folders named. Raises UsageError."""
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            inside_it = sorted(path.rglob(f"*{ENDING}"))
            if not inside_it:
                raise UsageError(f"{path}: no scenario in this folder; their names end in {ENDING}")
            found.update(dict.fromkeys(inside_it))
        elif path.exists():
            found[path] = None
        else:
            raise UsageError(f"{path}: there is no such scenario. Name a file or a folder of them.")
    return list(found)
