"""Many scenarios played: what `voice-triage replay` and the pytest plugin are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from platformdirs import user_cache_path

from voice_triage import assemble
from voice_triage.config import ENDPOINTS, OVERLAP
from voice_triage.conversation.script import Script
from voice_triage.conversation.understanding import Grammars
from voice_triage.errors import DocumentError, ModelError, Problem, VoiceTriageError
from voice_triage.evaluate.workers import Workers
from voice_triage.flow import Flow
from voice_triage.listen.recognizer import Vosk
from voice_triage.replay.load import Loaded, find, load
from voice_triage.replay.play import Played, Stage, play
from voice_triage.replay.surroundings import AS_IT_IS, Noises, Surroundings
from voice_triage.replay.voices import Mouths

Task = tuple[Loaded, Surroundings]


class Scripts:
    """Flows and all that goes with them, each read once."""

    def __init__(self) -> None:
        self._scripts: dict[str, Script] = {}

    def script(self, flow: str) -> Script:
        """For a flow by name or path. Raises DocumentError and UsageError."""
        if flow not in self._scripts:
            self._scripts[flow] = assemble.script(flow, None)
        return self._scripts[flow]

    def flow(self, name: str) -> Flow:
        """The flow by that name or path. Raises DocumentError and UsageError."""
        return self.script(name).flow


class Theatre:
    """Everything that playing scenarios needs, with the speech model loaded."""

    def __init__(self, model: str | None) -> None:
        """Raises ModelError."""
        self.scripts = Scripts()
        self._vosk: Vosk = assemble.vosk(model)
        self._mouths = Mouths(user_cache_path("voice-triage") / "answers")
        self._stages: dict[str, Stage] = {}

    def stage(self, flow: str) -> Stage:
        """For conversations on that flow. Raises DocumentError, ModelError and UsageError."""
        if flow not in self._stages:
            script = self.scripts.script(flow)
            grammars = Grammars(script.understanding, self._vosk.knows)
            noises = Noises(lambda text, voice: self._mouths.say(text, voice, None), _talk(script))
            self._stages[flow] = Stage(
                script, self._vosk, grammars, self._mouths, noises, ENDPOINTS, OVERLAP
            )
        return self._stages[flow]

    def play(self, loaded: Loaded, around: Surroundings = AS_IT_IS) -> Played:
        """One scenario. Raises VoiceTriageError."""
        return play(loaded, self.stage(loaded.flow), around)


@dataclass(frozen=True)
class Failed:
    """A scenario that can't be played."""

    loaded: Loaded
    error: VoiceTriageError


@dataclass(frozen=True)
class Work:
    """What every worker does. Picklable."""

    model: str | None
    keep_sound: bool = field(default=True)

    def __call__(self) -> Callable[[Task], Played | Failed]:
        """Load the model; what this returns plays one scenario."""
        theatre = Theatre(self.model)

        def work(task: Task) -> Played | Failed:
            loaded, around = task
            try:
                played = theatre.play(loaded, around)
            except ModelError:
                raise
            except VoiceTriageError as error:
                return Failed(loaded, error)
            return played if self.keep_sound else played.without_sound()

        return work


def load_all(paths: Sequence[Path], scripts: Scripts) -> list[Loaded]:
    """Every scenario that is named or lies in a folder that is. Raises DocumentError with the
    problems of all of them, and UsageError."""
    loaded: list[Loaded] = []
    problems: list[Problem] = []
    for path in find(list(paths)):
        try:
            loaded.append(load(path, scripts.flow))
        except DocumentError as error:
            problems += error.problems
    if problems:
        raise DocumentError(list(dict.fromkeys(problems)))
    return loaded


def play_all(
    tasks: Sequence[Task], work: Work, workers: Workers, on_progress: Callable[[int], None]
) -> list[Played | Failed]:
    """Let `workers` play all; results in the order of the tasks.

    `on_progress` gets the number of those done. Raises ClusterError and ModelError.
    """
    done: dict[int, Played | Failed] = {}
    with closing(workers.each(work, tasks)) as results:
        for index, played in results:
            done[index] = played
            on_progress(len(done))
    return [done[index] for index in sorted(done)]


def _talk(script: Script) -> list[str]:
    """What the people in the background talk about: what the flow itself says."""
    flow = script.flow
    texts = [q.help for q in flow.questions.values()]
    return texts + [text for outcome in flow.outcomes.values() for text in outcome.advice]
