"""The `record` command: a conversation at the microphone, written as a scenario."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from voice_triage import assemble
from voice_triage.config import DEFAULT_FLOW, ENDPOINTS, OVERLAP
from voice_triage.conversation.conversation import Conversation
from voice_triage.conversation.events import Event, Observer, Trouble
from voice_triage.conversation.hearing import Hearing
from voice_triage.conversation.microphone_ears import MicrophoneEars
from voice_triage.conversation.overlap import Overlap
from voice_triage.conversation.script import Script
from voice_triage.conversation.understanding import Grammars
from voice_triage.errors import UsageError
from voice_triage.listen.source import Microphone
from voice_triage.replay.load import ENDING
from voice_triage.replay.takes import Metered, OnLevel, TakingEars, file_name, write


@dataclass(frozen=True)
class Options:
    """What `voice-triage record` was asked for."""

    name: str
    """The scenario's."""
    flow: str | None = None
    folder: Path = Path()
    """Where the scenario goes."""
    aloud: bool = True
    microphone: str | None = None
    loudspeaker: str | None = None
    model: str | None = None
    region: str | None = None

    @property
    def path(self) -> Path:
        """The scenario's file."""
        return self.folder / (file_name(self.name) + ENDING)


def check(options: Options) -> None:
    """Raises UsageError when the scenario can't be written, before anybody has said anything."""
    if options.path.exists():
        raise UsageError(f"{options.path} is there already. Choose another --name.")
    try:
        options.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(options.folder, error) from error


def record(options: Options, script: Script, tell: Observer, on_level: OnLevel) -> Path:
    """Talk, and write what was said. `on_level` is called 50 times a second. Raises
    VoiceTriageError; nothing is written then, nor after Ctrl-C."""
    events: list[Event] = []

    def told(event: Event) -> None:
        events.append(event)
        tell(event)

    with ExitStack() as closing:
        vosk = assemble.vosk(options.model)
        microphone = Microphone(assemble.device(options.microphone))
        closing.callback(microphone.close)
        voice = assemble.voice(
            options.aloud, None, options.loudspeaker, True,
            lambda problem: told(Trouble(script.phrases.voice_lost.format(problem=problem))),
            lambda: told(Trouble(script.phrases.voice_back)),
        )  # fmt: skip
        closing.callback(voice.close)
        source = Metered(microphone, on_level)
        listener = assemble.listener(source, vosk)
        grammars = Grammars(script.understanding, vosk.knows)
        hearing = Hearing(grammars, script.understanding, vosk, script.limits.clarity)
        live = MicrophoneEars(source, listener, hearing, ENDPOINTS, Overlap(OVERLAP, False))
        ears = TakingEars(live, listener)
        ending = Conversation(script, ears, voice, told).run()
    flow = options.flow or DEFAULT_FLOW
    if Path(flow).is_file():
        flow = os.path.join(os.curdir, os.path.relpath(flow, options.folder))  # noqa: PTH118
    try:
        return write(ears.takes, events, ending, flow or DEFAULT_FLOW, options.name, options.folder)
    except OSError as error:
        raise _unwritable(options.folder, error) from error


def _unwritable(path: Path, error: OSError) -> UsageError:
    where = error.filename or path
    return UsageError(f"{where}: can't be written ({error.strerror}). Name another folder with -o.")
