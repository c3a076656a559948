"""Does everything work that talking needs? And if not, what to install."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.live import Live
from rich.text import Text

from voice_triage import assemble, models
from voice_triage.conversation.understanding import Grammars
from voice_triage.errors import AudioError, MicrophoneError, VoiceTriageError
from voice_triage.listen.activity import level_dbfs
from voice_triage.listen.frames import RATE, Frame

if TYPE_CHECKING:
    from voice_triage.listen.recognizer import Vosk
    from voice_triage.speak.synthesis import Speech

_QUIET_DBFS = -60.0  # a microphone that is on hears at least the room
_LISTEN_FRAMES = 30  # of 100 ms
_TONE_HZ, _TONE_S = 1_000, 1.0


@dataclass(frozen=True)
class Finding:
    """What one test found."""

    good: bool
    text: str


class Doctor:
    """Runs the tests one after the other; a later one may need what an earlier one found."""

    def __init__(
        self, model: str | None, microphone: str | None, loudspeaker: str | None, console: Console
    ) -> None:
        """Devices are told as `voice-triage devices` lists them; None: the default one."""
        self._model = model
        self._mic, self._speaker = assemble.device(microphone), assemble.device(loudspeaker)
        self._console = console
        self._vosk: Vosk | None = None
        self._speech: Speech | None = None
        self._microphone = False

    def examine(self) -> bool:
        """Show every finding. True: all is good."""
        tests: list[tuple[str, Callable[[], Finding]]] = [
            ("Python", self._python),
            ("Questions", self._prompts),
            ("Speech model", self._speech_model),
            ("Voice", self._voice),
            ("Recogniser", self._recogniser),
            ("Loudspeaker", self._loudspeaker),
            ("Microphone", self._hears),
            ("Loopback", self._loopback),
        ]
        found = [self._show(name, test) for name, test in tests]  # all of them, good or not
        return all(found)

    def _show(self, name: str, test: Callable[[], Finding]) -> bool:
        try:
            finding = test()
        except VoiceTriageError as error:
            finding = Finding(False, str(error))
        mark = Text("good ", "bold green") if finding.good else Text("BAD  ", "bold red")
        self._console.print(Text.assemble(mark, (f"{name}: ", "bold"), finding.text))
        return finding.good

    def _python(self) -> Finding:
        version = ".".join(map(str, sys.version_info[:3]))
        return Finding(True, f"{version} on {sys.platform}")

    def _prompts(self) -> Finding:
        script = assemble.script(None, None)
        review = script.flow.review.status
        count = len(script.flow.questions)
        return Finding(True, f"{count} about '{script.flow.title}', {review} by a clinician")

    def _speech_model(self) -> Finding:
        folder = models.find(self._model)
        problems = models.verify(folder)
        if problems:
            return Finding(False, "; ".join(problems))
        self._vosk = assemble.vosk(self._model)
        grammars = Grammars(assemble.understanding(), self._vosk.knows)
        grammars.grammar(None)
        unheard = grammars.unheard(None)
        lacking = f"; it lacks: {', '.join(unheard)}" if unheard else ", all of the answers'"
        return Finding(True, f"{folder}, {len(models.vocabulary(folder))} words{lacking}")

    def _voice(self) -> Finding:
        from voice_triage.speak.synthesis import Pyttsx3

        self._speech = Pyttsx3().render("yes")
        return Finding(True, f"renders ({self._speech.seconds:.1f} s of sound for 'yes')")

    def _recogniser(self) -> Finding:
        """The voice's own yes, straight into the recogniser: both work, without any device."""
        if self._vosk is None or self._speech is None:
            return Finding(False, "not tested: it needs the speech model and the voice")
        import soxr

        from voice_triage.listen.grammar import Grammar

        utterance = self._vosk.recognizer(Grammar(("yes", "no")))
        silence = np.zeros(RATE // 2, np.int16)
        sound = soxr.resample(self._speech.samples, self._speech.rate, RATE)
        utterance.feed(np.concatenate([silence, sound, silence]).astype(np.int16))
        text, _ = utterance.finish()
        if text != "yes":
            return Finding(False, f"heard '{text}' when the voice said 'yes'; try another --model")
        return Finding(True, "hears the voice say 'yes'")

    def _loudspeaker(self) -> Finding:
        from voice_triage.speak.player import Loudspeaker

        if self._speech is None:
            return Finding(False, "not tested: there is no voice to play")
        player = Loudspeaker(self._speaker)
        try:
            player.play(self._speech)
        finally:
            player.close()
        return Finding(True, "played a spoken 'yes'; did you hear it?")

    def _hears(self) -> Finding:
        peak = -120.0
        self._console.print("     Say something for three seconds…")
        with Live(console=self._console, transient=True, refresh_per_second=10) as live:
            for frame in _heard(self._mic, _LISTEN_FRAMES):
                level = level_dbfs(frame)
                peak = max(peak, level)
                live.update(
                    Text(f"     {'█' * max(0, int((level + 70) / 2)):36} {level:4.0f} dBFS")
                )
        self._microphone = True
        if peak < _QUIET_DBFS:
            return Finding(
                False,
                f"only silence (loudest {peak:.0f} dBFS); is it muted? Set its level with"
                " `alsamixer` (F4) or in the desktop's sound settings",
            )
        return Finding(True, f"hears (loudest {peak:.0f} dBFS)")

    def _loopback(self) -> Finding:
        """Whether the microphone hears the loudspeaker, as on a table; neither is bad."""
        if not self._microphone:
            return Finding(True, "not tested: there is no microphone")
        hears = _tone_arrives(self._mic, self._speaker)
        said = "hears the loudspeaker" if hears else "doesn't hear the loudspeaker (headphones?)"
        return Finding(True, f"the microphone {said}")


def examine(
    model: str | None, microphone: str | None = None, loudspeaker: str | None = None
) -> bool:
    """Test everything, showing each finding on the terminal. True: all is good."""
    return Doctor(model, microphone, loudspeaker, Console(highlight=False)).examine()


def devices() -> Iterator[str]:
    """A line for every device that takes or gives sound. Raises AudioError without PortAudio."""
    try:
        import sounddevice
    except OSError as error:
        raise AudioError(
            f"Sound devices can't be listed: {error}. Install PortAudio:"
            " sudo apt install libportaudio2"
        ) from None
    found = list(sounddevice.query_devices())
    if not found:
        raise AudioError(
            "There is no sound device. Plug in a microphone or headset, then look again with"
            " `voice-triage devices`."
        )
    for index, device in enumerate(found):
        takes, gives = device["max_input_channels"], device["max_output_channels"]
        kinds = [k for k, n in (("microphone", takes), ("loudspeaker", gives)) if n]
        rate = int(device["default_samplerate"])
        yield f"{index:3}  {' and '.join(kinds):26} {rate:6} Hz  {device['name']}"


def _heard(device: int | str | None, frames: int) -> Iterator[Frame]:
    from voice_triage.listen.source import Microphone

    with Microphone(device) as microphone:
        for frame, _ in zip(microphone.utterance(), range(frames), strict=False):
            yield frame


def _tone_arrives(microphone: int | str | None, loudspeaker: int | str | None) -> bool:
    """Play a tone and look for it in what the microphone hears meanwhile."""
    from voice_triage.speak.player import Loudspeaker
    from voice_triage.speak.synthesis import Speech

    time = np.arange(int(RATE * _TONE_S)) / RATE
    tone = Speech((6_000 * np.sin(2 * np.pi * _TONE_HZ * time)).astype(np.int16), RATE)
    player = Loudspeaker(loudspeaker)
    playing = Thread(target=player.play, args=(tone,), daemon=True)
    playing.start()
    try:
        sound = np.concatenate(list(_heard(microphone, int(_TONE_S * 15))))
    except MicrophoneError:
        return False
    finally:
        playing.join()
        player.close()
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    at = int(_TONE_HZ * len(sound) / RATE)
    around = float(np.median(spectrum[at // 2 : at * 2])) + 1.0
    return bool(spectrum[at - 3 : at + 4].max() > 100 * around)
