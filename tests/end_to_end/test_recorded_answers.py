"""The main job on real parts: spoken answers in, a spoken outcome out. Nothing here is a fake."""

import subprocess
from pathlib import Path

import numpy as np
import pytest
from programs import ROOT, Ran, environment, run
from voices import ESPEAK, FLITE, samples, speak, write

from voice_triage.assemble import script
from voice_triage.conversation.phrases import spoken
from voice_triage.speak.shape import trimmed
from voice_triage.speak.synthesis import Pyttsx3

NO, YES = "no", "yes"
ROADS = {
    "emergency": ([NO, YES], ["immediate"]),
    "urgent": ([NO] * 7 + [YES] + [NO] * 5, ["today"]),
    "soon": ([NO] * 9 + [YES] + [NO] * 3, ["appointment"]),
    "routine": ([NO] * 13, ["watch"]),
}


def answers(folder: Path, texts: list[str], voices: tuple[str, ...]) -> list[Path]:
    """A file an answer, the voices taking turns."""
    return [
        speak(text, folder / f"{index}.wav", voices[index % len(voices)])
        for index, text in enumerate(texts)
    ]


def audio(files: list[Path]) -> list[str]:
    return [word for file in files for word in ("--audio", str(file))]


@pytest.mark.parametrize("voices", [ESPEAK, FLITE], ids=["espeak-ng", "flite"])
@pytest.mark.parametrize("urgency", ROADS)
def test_each_urgency_level_from_spoken_answers(
    tmp_path: Path, urgency: str, voices: tuple[str, ...]
) -> None:
    texts, outcomes = ROADS[urgency]
    files = answers(tmp_path, texts, voices)
    done = subprocess.run(
        [ROOT / "script/run", *audio(files), "--json", "--speak-to", tmp_path / "out.wav",
         "--region", "GB"],
        capture_output=True, text=True, timeout=120, env=environment(), check=False,
    )  # fmt: skip
    ran = Ran(done.returncode, done.stdout, done.stderr)
    assert ran.code == 0, ran.err
    assert ran.events[-1] == {
        "event": "outcome",
        "urgency": urgency,
        "outcomes": outcomes,
        "complete": True,
    }
    replies = [event["answer"] for event in ran.events if event["event"] == "answered"]
    assert replies == texts
    assert_spoken(tmp_path / "out.wav", ran)


def assert_spoken(wav: Path, ran: Ran) -> None:
    """Every text that was shown is in the WAV, sample for sample, in the same order."""
    sound, rate = samples(wav)
    voice = Pyttsx3()
    at = 0
    questions = [event["text"] for event in ran.events if event["event"] == "asked"]
    shown = ran.err.splitlines()
    assert set(questions) <= set(shown)
    for text in shown:
        speech = trimmed(voice.render(spoken(text)), tail=True)
        assert speech.rate == rate
        found = sound.tobytes().find(speech.samples.tobytes(), at)
        assert found >= 0, f"not spoken in its place: {text}"
        at = found + speech.samples.nbytes
    assert np.abs(sound).max() > 3000, "too quiet to be heard"


def test_one_long_recording_answers_question_after_question(tmp_path: Path) -> None:
    files = answers(tmp_path, [NO, NO, "not sure"], ("en-us",))
    sounds = [samples(file) for file in files]
    rate = sounds[0][1]
    pause = np.zeros(int(1.5 * rate), np.int16)
    joined = np.concatenate([part for sound, _ in sounds for part in (pause, sound)] + [pause])
    long = write(tmp_path / "long.wav", joined, rate)
    ran = run("--audio", long, "--json", "--no-voice")
    assert [e["answer"] for e in ran.events if e["event"] == "answered"] == ["no", "no", "unsure"]
    assert ran.events[-1]["urgency"] == "emergency"


def test_raw_sound_on_a_pipe(tmp_path: Path) -> None:
    file = speak(YES, tmp_path / "yes.wav")
    raw = subprocess.run(
        ["sox", file, "-r", "16000", "-t", "s16", "-"], capture_output=True, check=True
    ).stdout
    done = subprocess.run(
        [ROOT / "script/run", "--audio", "-", "--json", "--no-voice"],
        input=raw, capture_output=True, timeout=60, env=environment(), check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert b'"urgency": "emergency", "outcomes": ["immediate"], "complete": true' in done.stdout


def test_a_spoken_symptom_counts_at_once(tmp_path: Path) -> None:
    files = answers(tmp_path, [NO, "I can't feel my legs"], ("en-us",))
    ran = run(*audio(files), "--json", "--no-voice")
    assert ran.events[-2] == {"event": "answered", "question": "leg-feeling", "answer": "yes"}
    assert ran.events[-1]["urgency"] == "emergency"


def test_spoken_commands(tmp_path: Path) -> None:
    said = ["say that again", "help", NO, "go back", "hold on", "continue", "stop", YES]
    ran = run(*audio(answers(tmp_path, said, ("en-us",))), "--json", "--no-voice")
    heard = [event["answer"] for event in ran.events if event["event"] == "heard"]
    assert heard == ["repeat", "help", "no", "back", "pause", "none", "stop", "yes"]
    assert ran.events[-1]["complete"] is False


def test_silence_is_asked_again_and_then_is_an_emergency(tmp_path: Path) -> None:
    silence = write(tmp_path / "silence.wav", np.zeros(16_000, np.int16), 16_000)
    ran = run(*audio([silence] * 3), "--json", "--no-voice")
    assert [e["kind"] for e in ran.events if e["event"] == "asked"] == [
        "question",
        "reprompt",
        "reprompt",
    ]
    assert ran.events[-1] == {
        "event": "outcome",
        "urgency": "emergency",
        "outcomes": ["immediate"],
        "complete": True,
    }


def test_hear_says_what_each_recording_holds(tmp_path: Path) -> None:
    files = answers(tmp_path, [YES, NO, "not sure"], ("slt",))
    ran = run("hear", *files)
    assert ran.code == 0
    assert [event["answer"] for event in ran.events] == ["yes", "no", "unsure"]
    for event, file in zip(ran.events, files, strict=True):
        assert list(event) == ["file", "text", "answer", "confidence", "seconds"]
        assert event["file"] == str(file)
        sound, rate = samples(file)
        assert event["seconds"] == pytest.approx(len(sound) / rate, abs=0.01)


def test_hear_with_a_grammar_of_ones_own(tmp_path: Path) -> None:
    file = speak("seven", tmp_path / "seven.wav")
    (event,) = run("hear", "--grammar", "six,seven,eight", file).events
    assert event["text"] == "seven"
    assert event["answer"] == "none"
    ran = run("hear", "--grammar", "yes,nein", file)
    assert ran.code == 2
    assert "nein" in ran.err


def test_the_region_decides_the_number(tmp_path: Path) -> None:
    file = speak(YES, tmp_path / "yes.wav")
    for region, number in (("GB", "999"), ("us", "911"), ("AU", "000"), ("DE", "112")):
        assert f"Call {number} now" in run("--audio", file, "--no-voice", "--region", region).out
    assert "Call 112 or 911 now" in run("--audio", file, "--no-voice").out
    ran = run("--audio", file, "--no-voice", "--region", "Atlantis")
    assert ran.code == 2
    assert "No emergency number is known for region 'Atlantis'" in ran.err


def test_the_script_knows_its_region() -> None:
    assert script(None, "NZ").number == "111"
