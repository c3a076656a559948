"""The `run` and `hear` commands, from their options to their last line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from rich.console import Console

from voice_triage import assemble
from voice_triage.config import ENDPOINTS, WHOLE_RECORDING
from voice_triage.console import JsonLines, Screen
from voice_triage.conversation.conversation import Conversation
from voice_triage.conversation.ears import Ears, FallbackEars, SpokenEars, TypedEars
from voice_triage.conversation.events import Trouble
from voice_triage.conversation.understanding import Grammars
from voice_triage.errors import AudioError, RecordingError, UsageError, VoiceTriageError

if TYPE_CHECKING:
    from voice_triage.listen.frames import AudioSource


@dataclass(frozen=True)
class Options:
    """What `voice-triage run` was asked for."""

    flow: str | None
    answers: str | None
    """"mic", "keyboard", or None: the microphone if there is one, or else the keyboard."""
    audio: tuple[str, ...]
    aloud: bool
    speak_to: Path | None
    model: str | None
    region: str | None
    as_json: bool
    microphone: str | None = None
    """A device's number or a part of its name, as `voice-triage devices` lists them."""
    loudspeaker: str | None = None


def talk(options: Options, stdin: TextIO, stdout: TextIO, stderr: TextIO) -> None:
    """One conversation. Raises VoiceTriageError when it can't begin or can't go on."""
    if options.audio and options.answers:
        raise UsageError("--audio brings the answers along; leave --answers out.")
    with ExitStack() as closing:
        _Talk(options, stdin, stdout, stderr, closing).conversation().run()


class _Talk:
    """Puts one conversation together."""

    def __init__(
        self, options: Options, stdin: TextIO, stdout: TextIO, stderr: TextIO, closing: ExitStack
    ) -> None:
        self._options = options
        self._closing = closing
        self._stdin = stdin
        self._script = assemble.script(options.flow, options.region)
        self._screen = Screen(
            Console(file=stdout, highlight=False),
            self._script.flow,
            self._script.number,
            typed=options.answers == "keyboard",
        )
        self._tell = JsonLines(stdout, stderr) if options.as_json else self._screen

    def conversation(self) -> Conversation:
        options = self._options
        voice = assemble.voice(
            options.aloud, options.speak_to, options.loudspeaker, self._voice_lost
        )
        self._closing.callback(voice.close)
        return Conversation(self._script, self._ears(), voice, self._tell)

    def _ears(self) -> Ears:
        typed = TypedEars(self._stdin)
        if self._options.answers == "keyboard":
            return typed
        if self._options.audio:
            source = assemble.recording(self._options.audio)
            self._closing.callback(source.close)
            return self._spoken(source)
        from voice_triage.listen.source import Microphone

        try:
            microphone = Microphone(assemble.device(self._options.microphone))
        except AudioError as error:
            if self._options.answers == "mic" or self._options.microphone:
                raise
            self._microphone_lost(error)
            return typed
        self._closing.callback(microphone.close)
        return FallbackEars(self._spoken(microphone), typed, self._microphone_lost)

    def _spoken(self, source: AudioSource) -> Ears:
        from voice_triage.listen.listener import Listener

        understood = self._script.understanding
        vosk = assemble.vosk(self._options.model)
        grammars = Grammars(understood, vosk.knows)
        self._tell_unheard(grammars)
        return SpokenEars(Listener(source, vosk, ENDPOINTS), grammars, understood, ENDPOINTS)

    def _tell_unheard(self, grammars: Grammars) -> None:
        """Say once which words the model can't hear; raises ModelError if it can't hear yes."""
        words = sorted({w for q in self._script.flow.questions for w in grammars.unheard(q)})
        grammars.grammar(self._script.flow.start)
        if words:
            self._tell(Trouble(self._script.phrases.unheard.format(words=", ".join(words))))

    def _voice_lost(self, problem: str) -> None:
        self._tell(Trouble(self._script.phrases.voice_lost.format(problem=problem)))

    def _microphone_lost(self, problem: AudioError) -> None:
        phrases = self._script.phrases
        self._screen.typed_from_now_on()
        self._tell(Trouble(phrases.microphone_lost.format(problem=problem)))
        self._tell(Trouble(phrases.typed))


def hear_all(
    files: Sequence[Path], grammar: str | None, model: str | None
) -> Iterator[dict[str, object] | VoiceTriageError]:
    """What is heard in each file, as `hear` prints it; the error for one that can't be heard.
    Raises ModelError and UsageError."""
    from voice_triage.listen.listener import Listener
    from voice_triage.listen.source import AudioFile

    understood = assemble.understanding()
    vosk = assemble.vosk(model)
    if grammar is None:
        phrases = Grammars(understood, vosk.knows).grammar(None)
    else:
        phrases = assemble.own_grammar(grammar)
    for file in files:
        try:
            heard = Listener(AudioFile([file]), vosk, WHOLE_RECORDING).hear(phrases, _never)
        except RecordingError as error:
            yield error
            continue
        yield {
            "file": str(file),
            "text": heard.text,
            "answer": understood.interpret(None, heard.text).meaning.told,
            "confidence": round(heard.confidence, 3),
            "seconds": round(heard.seconds, 3),
        }


def _never(_text: str) -> bool:
    """No answer ends a recording early: all of it counts."""
    return False
