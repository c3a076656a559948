"""How sure must a "no" be? What the policy in conversation/clarity.py makes of real answers.

    .venv/bin/python benchmarks/clear_no.py                 # espeak-ng and flite voices
    .venv/bin/python benchmarks/clear_no.py --speech DIR    # recordings: DIR/manifest.tsv

The manifest is tab-separated with the columns path, text, speaker and split; rows of split `dev`
are taken, those without a text as noise. Every recording is heard clean, quiet (20 dB less, as
from across a room, into a device that adds no noise), in noise, and in babble: four other people
of the recordings at once, none of whom says yes or no. SNR as in ITU-T P.56.

For each it prints, for the policy and for a bare confidence of 0.8: how many plain "no" close an
emergency question at once; how many "yes" and how many other words would do so wrongly; how many
"yes" would confirm what was read back; and how much else would wrongly confirm it.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from rich.progress import track

from voice_triage import assemble
from voice_triage.answers import Answer, Meaning
from voice_triage.conversation.clarity import CLARITY
from voice_triage.conversation.understanding import Grammars
from voice_triage.evaluate import manifest, mix, room
from voice_triage.evaluate.manifest import Recording
from voice_triage.evaluate.processes import each
from voice_triage.evaluate.room import CLEAN, Condition
from voice_triage.listen.evidence import gather
from voice_triage.listen.frames import FRAME_SAMPLES, RATE, Frame, Samples
from voice_triage.listen.heard import Heard

QUESTION = "bladder-control"
ESPEAK = ("en-us", "en-gb", "en-gb-scotland", "en-us+f3", "en-gb+f5", "en-us+m7", "en-gb-x-rp+m3")
FLITE = ("slt", "rms", "awb", "kal16")
OTHERS = """banana|the telly is on|go|know|i know|so|now|hello|who|oh|though|snow|low|toe|note|nose|
knob|dough|you know|they know|door|more|nor|mum|owner|show me|piano|november|north"""
PAD_MS = (500.0, 700.0)
"""Of the room, before and after: about what a turn has."""
LEAD: Frame = np.zeros(RATE // 4, np.int16)
"""As the listener does."""
QUIETER = 0.1
TALKERS = 4


@dataclass(frozen=True)
class Sound:
    """One recording under one condition."""

    condition: str
    recording: Recording
    mixed: Condition
    setting: mix.Setting
    babble: tuple[Path, ...] = ()
    gain: float = 1.0


@dataclass(frozen=True)
class Outcome:
    """What came of it."""

    condition: str
    said: str
    meant: Meaning
    heard: Heard
    answer: Answer
    evidence_ms: float


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--speech", type=Path, help="folder with manifest.tsv")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--only", nargs="+", metavar="CONDITION", help="such as clean, 'noise 10 dB'"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sounds = recorded(options.speech) if options.speech else synthesised(Path(folder))
        sounds = [s for s in sounds if not options.only or s.condition in options.only]
        done = each(Ears, sounds, options.jobs)
        outcomes = [outcome for _, outcome in track(done, "Listening", total=len(sounds))]
    report(outcomes)


class Ears:
    """A process that listens."""

    def __init__(self) -> None:
        self._understood = assemble.understanding()
        self._vosk = assemble.vosk(None)
        self._others = assemble.lexicon().sound_alikes
        self._grammar = Grammars(self._understood, self._vosk.knows).grammar(QUESTION)

    def __call__(self, sound: Sound) -> Outcome:
        samples = in_room(sound)
        frames = [
            LEAD,
            *(samples[n : n + FRAME_SAMPLES] for n in range(0, len(samples), FRAME_SAMPLES)),
        ]
        recognizer = self._vosk.recognizer(self._grammar)
        for frame in frames:
            recognizer.feed(frame)
        text, confidence = recognizer.finish()
        began = time.process_time()
        evidence = gather(frames, text, recognizer.span, self._vosk, self._others, self._means)
        took_ms = (time.process_time() - began) * 1000
        heard = Heard(text, confidence, len(samples) / RATE, evidence=evidence)
        said = sound.recording.text
        meant = self._understood.interpret(QUESTION, said).meaning
        answer = self._understood.interpret(QUESTION, text)
        return Outcome(sound.condition, said, meant, heard, answer, took_ms)

    def _means(self, text: str) -> Meaning:
        return self._understood.interpret(QUESTION, text).meaning


def report(outcomes: Sequence[Outcome]) -> None:
    """The figures, and the words that a no was wrongly made of."""
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}")
    costs = [o.evidence_ms for o in outcomes if o.heard.evidence]
    median, most = np.percentile(costs, (50, 95))
    print(f"evidence: {median:.0f} ms of one core, 95 % within {most:.0f} ms")
    policies: dict[str, tuple[Callable[[Heard, Answer], bool], Callable[[Heard, Answer], bool]]] = {
        "policy": (CLARITY.clear, CLARITY.confirms),
        "bare 0.8": (bare(CLARITY.clear), bare(CLARITY.confirms)),
    }
    print(f"{'':26}{'closes at once':>30}{'confirms':>28}")
    print(f"{'':26}{'no':>12}{'yes':>6}{'other words':>12}{'yes':>14}{'anything else':>14}")
    for condition in dict.fromkeys(o.condition for o in outcomes):
        some = [o for o in outcomes if o.condition == condition]
        for name, (clear, confirms) in policies.items():
            closing = [
                o for o in some if o.answer.meaning is Meaning.NO and clear(o.heard, o.answer)
            ]
            agreed = [o for o in some if confirms(o.heard, o.answer)]
            wrong = sorted({(o.said, o.heard.text) for o in closing if o.meant is not Meaning.NO})
            others = [o for o in closing if o.meant not in (Meaning.YES, Meaning.NO)]
            print(
                f"{condition:16}{name:10}{of(closing, some, Meaning.NO):>12}"
                f"{sum(o.meant is Meaning.YES for o in closing):6}{len(others):12}"
                f"{of(agreed, some, Meaning.YES):>14}"
                f"{sum(o.meant is not Meaning.YES for o in agreed):14}"
                f"   {wrong[:4]}"
            )


def of(taken: Sequence[Outcome], some: Sequence[Outcome], meaning: Meaning) -> str:
    """How many of those that meant it were taken."""
    return f"{sum(o.meant is meaning for o in taken)} of {sum(o.meant is meaning for o in some)}"


def bare(policy: Callable[[Heard, Answer], bool]) -> Callable[[Heard, Answer], bool]:
    """The same without evidence: the confidence decides."""
    return lambda heard, answer: policy(replace(heard, evidence=None), answer)


def in_room(sound: Sound) -> Frame:
    """What the microphone brings."""
    clip = (mix.samples(sound.recording.path) * sound.gain).astype(np.float32)
    if not sound.babble:
        return mix.mixed(sound.recording, clip, sound.mixed, sound.setting)
    chance = np.random.default_rng(zlib.crc32(sound.recording.name.encode()))
    padded = room.padded(clip, *sound.setting.pad_ms, chance)
    talk = babble(sound.babble, len(padded), chance)
    snr_db = sound.mixed.snr_db or 0.0
    return room.to_frame(room.noisy(padded, talk, room.active_power(clip), snr_db))


def babble(paths: Sequence[Path], samples: int, chance: np.random.Generator) -> Samples:
    """People who talk at once, each as loud as the others, from a random moment on."""
    talk = np.zeros(samples, np.float32)
    for talker in range(TALKERS):
        clips = [mix.samples(path) for path in paths[talker::TALKERS]]
        talk += room.excerpt(
            np.concatenate([c / np.sqrt(room.active_power(c) or 1.0) for c in clips]),
            samples,
            chance,
        )
    return talk


def recorded(folder: Path) -> list[Sound]:
    """The `dev` rows of a manifest, in every condition."""
    rows = manifest.of_split(manifest.read(folder / "manifest.tsv"), "dev")
    setting = mix.Setting(PAD_MS, tuple(row.path for row in rows if not row.text))
    spoken = [row for row in rows if row.text]
    talk = [row for row in spoken if row.text not in ("yes", "no")]
    sounds = []
    for row in spoken:
        chance = np.random.default_rng(zlib.crc32(row.name.encode()) + 1)
        strangers = [o for o in talk if o.columns["speaker"] != row.columns["speaker"]]
        chosen = chance.choice(len(strangers), 3 * TALKERS, replace=False)
        others = tuple(strangers[n].path for n in chosen)
        sounds += [
            Sound("clean", row, CLEAN, setting),
            Sound("quiet", row, CLEAN, setting, gain=QUIETER),
            *(Sound(f"noise {n} dB", row, Condition(n), setting) for n in (20, 10, 5, 0)),
            *(Sound(f"babble {n} dB", row, Condition(n), setting, others) for n in (20, 10)),
        ]
    return sorted(
        sounds, key=lambda sound: [s.condition for s in sounds[:8]].index(sound.condition)
    )


def synthesised(folder: Path) -> list[Sound]:
    """Every utterance that the recogniser listens for, and some others, in every voice."""
    texts = {text for u in assemble.lexicon().utterances for text in u.say} | set(
        OTHERS.replace("\n", "").split("|")
    )
    setting = mix.Setting(PAD_MS)
    clips = [
        Recording(f"{text}-{voice}", path, text, None, None, {})
        for text, voice, path in track(list(speak(sorted(texts), folder)), "Speaking")
    ]
    conditions = (("clean", CLEAN), ("pink 10 dB", Condition(10.0)))
    return [Sound(name, clip, mixed, setting) for name, mixed in conditions for clip in clips]


def speak(texts: Sequence[str], folder: Path) -> Iterator[tuple[str, str, Path]]:
    """Text, voice and file of each text in each voice."""
    for number, text in enumerate(texts):
        for voice in (*ESPEAK, *FLITE):
            path = folder / f"{number}-{voice}.wav"
            command = (
                ["espeak-ng", "-v", voice, "-s", "140", "-w", str(path), text]
                if voice in ESPEAK
                else ["flite", "-voice", voice, "-t", text, "-o", str(path)]
            )
            subprocess.run(command, check=True, capture_output=True)
            yield text, voice, path


if __name__ == "__main__":
    main()
