"""The pytest plugin: `*.triage.yaml` files are tests, and `triage` drives a conversation in Python.

```python
def test_numb_legs(triage):
    triage.says("no")
    triage.hears("recordings/yes.wav")
    assert triage.urgency == "emergency"
```

It loads nothing heavy until a scenario or a test asks for it. `--triage-model` names the speech
model; the paths that `hears` takes count from the test's own file.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from voice_triage.replay.by_hand import ByHand
    from voice_triage.replaying import Theatre

_ENDING = ".triage.yaml"
_THEATRE = pytest.StashKey["Theatre"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--triage-model NAME|PATH`."""
    group = parser.getgroup("voice-triage")
    group.addoption(
        "--triage-model", default=None, metavar="NAME|PATH",
        help="Speech model that *.triage.yaml files are played through. Default: ours.",
    )  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    """Say what the marker means."""
    config.addinivalue_line(
        "markers", "triage_flow(name): the flow that the `triage` fixture talks through"
    )


def pytest_collect_file(parent: pytest.Collector, file_path: Path) -> ScenarioFile | None:
    """A scenario file holds one test."""
    if not file_path.name.endswith(_ENDING):
        return None
    return ScenarioFile.from_parent(parent, path=file_path)


class ScenarioFile(pytest.File):
    """A `*.triage.yaml` file."""

    def collect(self) -> Iterable[ScenarioTest]:
        """Its one scenario, named as the file is."""
        yield ScenarioTest.from_parent(self, name=self.path.name.removesuffix(_ENDING))


class _NotAsExpectedError(Exception):
    """Its text is the conversation, with what was expected."""


class ScenarioTest(pytest.Item):
    """One scenario, played."""

    def runtest(self) -> None:
        """Play it; what isn't as expected is shown as a conversation."""
        from voice_triage.replay.compare import mismatches
        from voice_triage.replay.load import load
        from voice_triage.replay.transcript import transcript

        theatre = _theatre(self.config)
        loaded = load(self.path, theatre.scripts.flow)
        played = theatre.play(loaded)
        found = mismatches(played)
        lines = [str(line) for line in transcript(played, theatre.scripts.flow(loaded.flow))]
        self.add_report_section("call", "conversation", "\n".join(lines))
        if found:
            raise _NotAsExpectedError("\n".join([loaded.scenario.name, *lines, *map(str, found)]))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The conversation, or our own error, without Python's insides."""
        from voice_triage.errors import VoiceTriageError

        if isinstance(excinfo.value, _NotAsExpectedError | VoiceTriageError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where it is."""
        return self.path, 0, self.name


@pytest.fixture
def triage(request: pytest.FixtureRequest) -> ByHand:
    """A conversation that the test drives: `says("yes")`, `hears("yes.wav")`, `is_silent()`.

    On the shipped flow, or the one that the marker `triage_flow` names.
    """
    marker = request.node.get_closest_marker("triage_flow")
    flow = marker.args[0] if marker else "back_spasms"
    from voice_triage.replay.by_hand import ByHand

    return ByHand(_theatre(request.config).stage(flow), request.path.parent, flow)


def _theatre(config: pytest.Config) -> Theatre:
    """The loaded speech model, one a test run."""
    from voice_triage.replaying import Theatre

    if _THEATRE not in config.stash:
        config.stash[_THEATRE] = Theatre(config.getoption("--triage-model"))
    return config.stash[_THEATRE]
