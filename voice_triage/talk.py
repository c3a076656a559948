"""The `run` and `hear` commands, from their options to their last line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from rich.console import Console

from voice_triage import assemble, interrupts, session
from voice_triage.config import ENDPOINTS, MICROPHONE_BACK_S, WHOLE_RECORDING
from voice_triage.console import JsonLines, Screen
from voice_triage.conversation.conversation import Conversation
from voice_triage.conversation.ears import Ears, FallbackEars, RecordedEars, TypedEars
from voice_triage.conversation.events import Trouble
from voice_triage.conversation.hearing import Hearing
from voice_triage.conversation.phrases import spoken
from voice_triage.conversation.reviving_ears import RevivingEars
from voice_triage.conversation.turn import Turn
from voice_triage.conversation.understanding import Grammars
from voice_triage.errors import (
    AudioError,
    JournalError,
    RecordingError,
    UsageError,
    VoiceTriageError,
)
from voice_triage.record import KeptAudio
from voice_triage.speak.manner import USUAL, Manner

if TYPE_CHECKING:
    from voice_triage.listen.frames import AudioSource
    from voice_triage.listen.heard import Heard
    from voice_triage.listen.listener import Listener
    from voice_triage.listen.recognizer import Vosk
    from voice_triage.speak.speaker import Silent, Speaker


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
    barge_in: bool = False
    earcons: bool = True
    wait_for: str | None = None
    """A phrase that must be said before anything happens."""
    resume: bool = False
    private: bool = False
    """Nothing of the conversation is written down."""
    keep_audio: Path | None = None
    state_dir: Path | None = None
    manner: Manner = USUAL
    """How the program speaks until somebody asks for another pace or volume."""


def talk(options: Options, stdin: TextIO, stdout: TextIO, stderr: TextIO) -> None:
    """One conversation. Raises VoiceTriageError when it can't begin or can't go on."""
    _check(options)
    with ExitStack() as closing:
        _Talk(options, stdin, stdout, stderr, closing).run()


def _check(options: Options) -> None:
    spoken_live = not options.audio and options.answers != "keyboard"
    if options.audio and options.answers:
        raise UsageError("--audio brings the answers along; leave --answers out.")
    if options.resume and options.private:
        raise UsageError(
            "A private session keeps nothing to resume. Leave --resume out, or if you didn't say"
            " --private, say --no-private: your settings say it."
        )
    if options.barge_in and not spoken_live:
        raise UsageError("--barge-in is for the microphone; leave it out.")
    if options.wait_for is not None and options.answers == "keyboard":
        raise UsageError("--wait-for listens for a word; leave it or --answers keyboard out.")


class _Talk:
    """Puts one conversation together."""

    def __init__(
        self, options: Options, stdin: TextIO, stdout: TextIO, stderr: TextIO, closing: ExitStack
    ) -> None:
        self._options = options
        self._closing = closing
        self._stdin = stdin
        self._script = assemble.script(options.flow, options.region, options.manner)
        self._screen = Screen(
            Console(file=stdout, highlight=False),
            self._script.flow,
            self._script.number,
            typed=options.answers == "keyboard",
        )
        self._tell = JsonLines(stdout, stderr) if options.as_json else self._screen
        self._listener: Listener | None = None
        self._audio_lost = False
        self._voice = self._open_voice()
        closing.callback(self._voice.close)

    def run(self) -> None:
        ears = self._ears()
        # Only now: what can't begin leaves no session behind.
        self._session = self._begin_session()
        self._closing.callback(self._session.close)
        conversation = Conversation(
            self._script, ears, self._voice, self._tell, self._keep, self._session.resume
        )
        try:
            interrupts.interrupt()
            ending = conversation.run()
        except KeyboardInterrupt:
            self._session.interrupted()
            raise
        self._session.ended(ending.urgency.value, ending.outcomes, ending.complete)

    def _begin_session(self) -> session.Session:
        options = self._options
        folder = None if options.private else assemble.sessions_dir(options.state_dir)
        if options.resume and folder is not None:
            return session.resume(folder, self._script, options.region, self._journal_lost)
        return session.begin(folder, self._script, options.region, self._journal_lost)

    def _open_voice(self) -> Speaker | Silent:
        options = self._options
        return assemble.voice(
            options.aloud, options.speak_to, options.loudspeaker, options.earcons,
            self._voice_lost, self._voice_back,
        )  # fmt: skip

    def _keep(self, question: str, turn: Turn) -> None:
        self._session.keep(question, turn)
        interrupts.raise_what_was_lost()
        if self._options.keep_audio is None or self._listener is None:
            return
        try:
            KeptAudio(self._options.keep_audio).keep(
                self._session.name, self._session.turns, question, self._listener.frames
            )
        except JournalError as error:
            if not self._audio_lost:
                self._audio_lost = True
                self._tell(Trouble(str(error)))

    def _ears(self) -> Ears:
        typed = TypedEars(self._stdin)
        if self._options.answers == "keyboard":
            return typed
        vosk = assemble.vosk(self._options.model)
        grammars = Grammars(self._script.understanding, vosk.knows)
        self._tell_unheard(grammars)
        hearing = Hearing(grammars, self._script.understanding, vosk, self._script.limits.clarity)
        if self._options.audio:
            source = assemble.recording(self._options.audio)
            self._closing.callback(source.close)
            self._wait(source, vosk)
            self._listener = assemble.listener(source, vosk)
            one_each = len(self._options.audio) > 1
            return RecordedEars(self._listener, hearing, ENDPOINTS, one_each)
        try:
            live = self._live(vosk, hearing)
        except AudioError as error:
            if self._options.answers == "mic" or self._options.microphone:
                raise
            self._microphone_lost(error)
            return typed
        return FallbackEars(live, typed, self._microphone_lost)

    def _live(self, vosk: Vosk, hearing: Hearing) -> Ears:
        """Ears with a microphone. Raises MicrophoneError when there is none."""
        from voice_triage.live import LiveEars

        live = LiveEars(self._options.microphone, vosk, hearing, self._options.barge_in)
        self._closing.callback(live.close)
        waiting = True

        def open_ears() -> Ears:
            nonlocal waiting
            source = live.open()
            if waiting:
                self._wait(source, vosk)
                waiting = False
            ears = live.ears()
            self._listener = live.listener
            return ears

        return RevivingEars(open_ears, self._microphone_away, MICROPHONE_BACK_S)

    def _wait(self, source: AudioSource, vosk: Vosk) -> None:
        """Idle until the start word is said. Raises UsageError when the sound ends before."""
        phrase = self._options.wait_for
        if phrase is None:
            return
        from voice_triage.listen.start_word import wait_for

        self._tell(Trouble(self._script.phrases.waiting.format(phrase=phrase)))
        if not wait_for(phrase.lower(), source, vosk):
            raise UsageError(f"Nobody said '{phrase}' until the sound ended.")

    def _tell_unheard(self, grammars: Grammars) -> None:
        """Say once which words the model can't hear; raises ModelError if it can't hear yes."""
        words = sorted({w for q in self._script.flow.questions for w in grammars.unheard(q)})
        grammars.grammar(self._script.flow.start)
        if words:
            self._tell(Trouble(self._script.phrases.unheard.format(words=", ".join(words))))

    def _journal_lost(self, problem: str) -> None:
        self._tell(Trouble(self._script.phrases.journal_lost.format(problem=problem)))

    def _voice_lost(self, problem: str) -> None:
        self._tell(Trouble(self._script.phrases.voice_lost.format(problem=problem)))

    def _voice_back(self) -> None:
        self._tell(Trouble(self._script.phrases.voice_back))

    def _microphone_away(self, problem: AudioError) -> None:
        away = self._script.phrases.microphone_away
        self._tell(Trouble(f"{away} {problem}"))
        self._voice.say(spoken(away))

    def _microphone_lost(self, problem: AudioError) -> None:
        phrases = self._script.phrases
        self._screen.typed_from_now_on()
        self._tell(Trouble(phrases.microphone_lost.format(problem=problem)))
        self._tell(Trouble(phrases.typed))
        deaf = phrases.deaf.format(number=self._script.number)
        self._tell(Trouble(deaf))
        self._voice.say(spoken(deaf))


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


def _never(_heard: Heard) -> None:
    """No answer ends a recording early: all of it counts."""
