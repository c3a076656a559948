"""A real device chain: what is played into a PulseAudio sink is heard through PortAudio."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from device_chain import PulseAudio

pytestmark = pytest.mark.aloud

Child = subprocess.Popen[str]
Say = Callable[..., Path]

# Opens the microphone, says "open", listens at every line that it reads, says what it heard.
LISTEN = """
import json, sys
from dataclasses import asdict
from pathlib import Path
from voice_triage.errors import MicrophoneError
from voice_triage.listen.endpoint_times import EndpointTimes, Patience
from voice_triage.listen.listener import Listener
from voice_triage.listen.grammar import Grammar
from voice_triage.listen.recognizer import Vosk
from voice_triage.listen.source import Microphone

def tell(**what):
    print(json.dumps(what), flush=True)

YES_NO = Grammar(("yes", "no"))
vosk = Vosk(Path(sys.argv[1]))
with Microphone() as microphone:
    listener = Listener(microphone, vosk, EndpointTimes(8000, 500, 200, 2200, 2500, 1200, 20000))
    tell(open=True)
    for _ in sys.stdin:
        levels = []
        def on_level(level):
            levels.append(level)
            if len(levels) == 1:
                tell(listening=True)
        try:
            heard = listener.hear(YES_NO, lambda _: Patience(500, 500), on_level=on_level)
        except MicrophoneError as error:
            tell(error=str(error))
        else:
            tell(**asdict(heard))
microphone.close()
tell(closed=microphone.exhausted)
"""
MODEL = Path(__file__).parents[2] / "models" / "triage-en"


@contextmanager
def child(code: str, env: dict[str, str]) -> Iterator[Child]:
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", code, str(MODEL)],
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def told(process: Child) -> dict[str, Any]:
    assert process.stdout is not None
    told: dict[str, Any] = json.loads(process.stdout.readline())
    return told


def listen(process: Child) -> None:
    """Begin a listening turn and wait until the first sound arrives."""
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()
    assert told(process) == {"listening": True}


def run(code: str, env: dict[str, str]) -> str:
    words = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


TRY = """
from voice_triage.errors import MicrophoneError
from voice_triage.listen.source import Microphone
for device in {devices}:
    try:
        Microphone(device)
    except MicrophoneError as error:
        print(error)
"""


def test_an_answer_into_the_microphone(pulse: PulseAudio, say: Say) -> None:
    with child(LISTEN, pulse.env) as process:
        assert told(process) == {"open": True}
        for word in ("yes", "no"):
            listen(process)
            pulse.speak(say(word, "slt"))
            heard = told(process)
            assert (heard["text"], heard["lost"], heard["ended"]) == (word, 0, False)
        assert process.stdin is not None
        process.stdin.close()
        assert told(process) == {"closed": True}


def test_what_is_said_between_turns_is_thrown_away(pulse: PulseAudio, say: Say) -> None:
    with child(LISTEN, pulse.env) as process:
        assert told(process) == {"open": True}
        for _ in range(2):
            pulse.speak(say("no", "slt"))
            listen(process)
            pulse.speak(say("yes", "slt"))
            assert told(process)["text"] == "yes"


HOLD_OFF = """
import time
from voice_triage.listen.source import Microphone
for hold_off_ms in (0, 1500):
    with Microphone(None, hold_off_ms) as microphone:
        begun = time.monotonic()
        first = next(microphone.utterance())
        print(time.monotonic() - begun)
"""


def test_the_beginning_of_a_turn_is_thrown_away(pulse: PulseAudio) -> None:
    at_once, held_off = map(float, run(HOLD_OFF, pulse.env).split())
    assert held_off - at_once == pytest.approx(1.5, abs=0.4)


# A device that does nothing but stereo at 44.1 kHz, as bare ALSA devices often do.
OWN_RATE = """
import sounddevice
check = sounddevice.check_input_settings
def picky(**wanted):
    if (wanted["samplerate"], wanted["channels"]) != (44100, 2):
        raise sounddevice.PortAudioError("Invalid sample rate")
    check(**wanted)
sounddevice.check_input_settings = picky
"""


def test_a_device_with_a_rate_of_its_own(pulse: PulseAudio, say: Say) -> None:
    with child(OWN_RATE + LISTEN, pulse.env) as process:
        assert told(process) == {"open": True}
        listen(process)
        pulse.speak(say("no", "slt"))
        assert told(process)["text"] == "no"


# PulseAudio keeps what a busy program doesn't fetch; so the device tells of an overflow by itself.
LOSES = """
import sounddevice
class Losing(sounddevice.RawInputStream):
    def __init__(self, *, callback, **wanted):
        count = 0
        def losing(data, frames, time, status):
            nonlocal count
            count += 1
            callback(data, frames, time, sounddevice.CallbackFlags(2 if count % 10 == 0 else 0))
        super().__init__(callback=losing, **wanted)
sounddevice.RawInputStream = Losing
"""


def test_sound_that_was_lost_is_counted(pulse: PulseAudio, say: Say) -> None:
    with child(LOSES + LISTEN, pulse.env) as process:
        assert told(process) == {"open": True}
        listen(process)
        pulse.speak(say("yes", "slt"))
        heard = told(process)
        # 50 blocks a second, of which five are flagged.
        assert heard["lost"] == pytest.approx(5 * heard["seconds"], abs=2)


def test_a_microphone_that_is_unplugged() -> None:
    with PulseAudio() as own, child(LISTEN, own.env) as process:
        assert told(process) == {"open": True}
        listen(process)
        own.stop()
        error = told(process)["error"]
        assert "sent nothing for 3 seconds. Plug it in again" in error
        assert process.stdin is not None
        process.stdin.close()
        assert told(process) == {"closed": True}


def test_devices_that_are_not_there(pulse: PulseAudio) -> None:
    told = run(TRY.format(devices=["none such", 99]), pulse.env).splitlines()
    assert [line.split(" (")[0] for line in told] == [
        "There is no microphone 'none such'",
        "There is no microphone 99",
    ]
    assert all("voice-triage devices" in line for line in told)


def test_no_microphone_at_all(tmp_path: Path) -> None:
    # Hides this machine's devices. An empty file wouldn't do: PortAudio aborts without any names.
    config = tmp_path / "alsa.conf"
    names = ("default", "dmix", "other")
    config.write_text("".join(f"pcm.{name} {{ type hw card 99 }}\n" for name in names))
    bare = {"HOME": str(tmp_path), "ALSA_CONFIG_PATH": str(config)}
    told = run(TRY.format(devices=[None]), bare)
    assert told.startswith("There is no microphone (")
    assert "Plug one in" in told
    assert "--answers keyboard" in told


def test_no_portaudio() -> None:
    absent = "import ctypes.util\nctypes.util.find_library = lambda name: None\n"
    told = run(absent + TRY.format(devices=[None]), dict(os.environ))
    assert "PortAudio library not found" in told
    assert "sudo apt install libportaudio2" in told


def test_a_missing_sound_server_program_is_no_reason_to_skip(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RuntimeError, match="sudo apt install pulseaudio"):
        PulseAudio().start()


def test_listening_starts_without_sound_libraries() -> None:
    code = """
import sys
from voice_triage.listen import listener, source
print([name for name in ("vosk", "sounddevice", "soundfile", "soxr") if name in sys.modules])
"""
    assert run(code, dict(os.environ)).strip() == "[]"
