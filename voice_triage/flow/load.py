"""A flow file, read, and refused when it doesn't hold together or isn't safe."""

from pathlib import Path

from voice_triage.errors import DocumentError
from voice_triage.flow.lint import problems
from voice_triage.flow.model import Flow
from voice_triage.located_yaml import read, validate


def load(path: Path, vocabulary: frozenset[str] | None = None) -> Flow:
    """The flow in `path`. Raises DocumentError with every problem at its line.

    With `vocabulary` (the words that a speech model knows), a word in `answers` that the model
    can't hear is a problem too.
    """
    document = read(path)
    flow = validate(document, Flow)
    found = problems(document, flow, vocabulary)
    if found:
        raise DocumentError(found)
    return flow
