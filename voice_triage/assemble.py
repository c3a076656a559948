"""The parts of a conversation, found and put together as a command's words ask for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_cache_path, user_state_path

from voice_triage import models
from voice_triage.answers import Lexicon
from voice_triage.answers import load as load_lexicon
from voice_triage.config import DEFAULT_FLOW, ENDPOINTS, HELP_MS, LANGUAGE, LIMITS, PAUSE_MS
from voice_triage.conversation.phrases import load_numbers, load_phrases
from voice_triage.conversation.script import Script
from voice_triage.conversation.understanding import Understanding
from voice_triage.errors import UsageError
from voice_triage.flow import load as load_flow
from voice_triage.listen.grammar import Grammar
from voice_triage.record.report_phrases import ReportPhrases, load_report_phrases
from voice_triage.speak.manner import USUAL, Manner

if TYPE_CHECKING:
    from voice_triage.listen.listener import Listener
    from voice_triage.listen.recognizer import Vosk
    from voice_triage.listen.source import AudioSource
    from voice_triage.speak.speaker import Silent, Speaker


def prompts() -> Path:
    """The folder of the shipped flows, answers and phrases."""
    return models.data_dir() / "prompts"


def find_flow(name: str | None) -> Path:
    """A flow's file by path or by shipped name; None: the shipped one about back spasms.
    Raises UsageError when there is none."""
    path = Path(name) if name else None
    if path is not None and path.exists():
        return path
    shipped = shipped_flow(name or DEFAULT_FLOW)
    if shipped.is_file():
        return shipped
    there = ", ".join(flow_names())
    raise UsageError(
        f"There is no flow '{name}', neither as a file nor among the shipped ones ({there})."
        " Name a .yaml file or a shipped flow; `voice-triage --help` lists the commands."
    )


def shipped_flow(name: str) -> Path:
    """The file of a flow of ours, if there is one of that name."""
    return prompts() / f"{name}.{LANGUAGE}.yaml"


def flow_names() -> list[str]:
    """Names of the shipped flows."""
    others = ("answers", "kiosk", "phrases", "report")
    ending = f".{LANGUAGE}.yaml"
    names = [file.name.removesuffix(ending) for file in prompts().glob(f"*{ending}")]
    return sorted(name for name in names if name not in others)


def script(flow: str | None, region: str | None, manner: Manner = USUAL) -> Script:
    """Everything a conversation goes by. Raises DocumentError and UsageError."""
    folder = prompts()
    loaded = load_flow(find_flow(flow))
    return Script(
        loaded,
        load_phrases(folder / f"phrases.{LANGUAGE}.yaml"),
        Understanding(loaded, lexicon()),
        load_numbers(folder / "emergency_numbers.yaml").number(region),
        LIMITS,
        PAUSE_MS,
        HELP_MS,
        manner,
    )


def report_phrases() -> ReportPhrases:
    """What a report says of its own. Raises DocumentError."""
    return load_report_phrases(prompts() / f"report.{LANGUAGE}.yaml")


def lexicon() -> Lexicon:
    """How people answer, in the shipped language. Raises DocumentError."""
    return load_lexicon(prompts() / f"answers.{LANGUAGE}.yaml")


def understanding() -> Understanding:
    """How answers to the shipped flow are understood. Raises DocumentError."""
    return Understanding(load_flow(find_flow(None)), lexicon())


def own_grammar(phrases: str) -> Grammar:
    """A grammar as `--grammar yes,no` spells it. Raises UsageError."""
    words = tuple(phrase.strip() for phrase in phrases.lower().split(",") if phrase.strip())
    if not words:
        raise UsageError("--grammar needs phrases, separated by commas: --grammar yes,no")
    return Grammar(words)


def vosk(model: str | None) -> Vosk:
    """The speech model named (None: $VOICE_TRIAGE_MODEL, or ours), loaded. Raises ModelError."""
    from voice_triage.listen.recognizer import Vosk

    return Vosk(models.ready(models.find(model)))


def recording(paths: Sequence[str]) -> AudioSource:
    """Recorded answers: one file a turn, one long recording, or `-`, raw sound on stdin.
    Raises RecordingError and UsageError."""
    from voice_triage.listen.source import AudioFile, PcmStream

    if "-" in paths:
        if len(paths) > 1:
            raise UsageError("--audio - reads one stream from stdin; leave the other files out.")
        return PcmStream(sys.stdin.buffer)
    return AudioFile([Path(path) for path in paths])


def listener(source: AudioSource, vosk: Vosk) -> Listener:
    """What hears one answer at a time from that source."""
    from voice_triage.listen.listener import Listener

    return Listener(source, vosk, ENDPOINTS)


def sessions_dir(state_dir: Path | None) -> Path:
    """Where sessions are kept; None: in the user's own folder for such things."""
    return (state_dir or user_state_path("voice-triage")) / "sessions"


def device(name: str | None) -> int | str | None:
    """A sound device as sounddevice takes it: its number or a part of its name."""
    return int(name) if name is not None and name.isdecimal() else name


def voice(
    aloud: bool, speak_to: Path | None, loudspeaker: str | None, earcons: bool,
    on_failure: Callable[[str], None], on_recovery: Callable[[], None], keep: bool = True,
) -> Speaker | Silent:  # fmt: skip
    """What speaks: a loudspeaker, a WAV file, or nobody. `keep`: renderings stay on the disk, so
    it can be seen there what was said. Raises SpeechError when `speak_to` can't be written."""
    from voice_triage.speak.speaker import Silent, Speaker

    if speak_to is None and not aloud:
        return Silent()
    from voice_triage.speak.cache import CachedSynthesizer
    from voice_triage.speak.player import Loudspeaker, WavFile
    from voice_triage.speak.synthesis import Pyttsx3

    player = Loudspeaker(device(loudspeaker)) if speak_to is None else WavFile(speak_to)
    folder = user_cache_path("voice-triage") / "speech" if keep else None
    synthesizer = CachedSynthesizer(Pyttsx3(), folder)
    # A file is for listening to what was said, and has nobody to tell when to speak.
    tones = earcons and speak_to is None
    return Speaker(synthesizer, player, on_failure, on_recovery, earcons=tones)
