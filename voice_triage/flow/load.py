"""A flow file, read, and refused when it doesn't hold together or isn't safe."""

from pathlib import Path

from voice_triage.errors import DocumentError
from voice_triage.flow.lint import problems
from voice_triage.flow.model import Flow
from voice_triage.flow.sources import read_flow


def load(path: Path, vocabulary: frozenset[str] | None = None) -> Flow:
    """The flow in `path` with what it includes. Raises DocumentError with every problem at its
    file and line.

    With `vocabulary` (the words that a speech model knows), a word in `answers` that the model
    can't hear is a problem too.
    """
    sources, flow = read_flow(path)
    found = problems(sources, flow, vocabulary)
    if found:
        raise DocumentError(found)
    return flow
