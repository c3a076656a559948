"""The whole recipe on minutes of sound: recordings in, a model that Vosk loads and hears with out."""

import csv
import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
import soundfile
import yaml
from programs import ROOT, environment
from recipe import corpus, voices

SAID = ("yes", "no", "left", "stop", "go", "house")
RECIPE = ROOT / "models" / "recipe"


def speech(folder: Path) -> Path:
    """A folder as the recordings of real people come in, with voices of synthesizers."""
    folder.mkdir()
    rows = []
    with tarfile.open(folder / "voices.tar", "w") as archive:
        for text in SAID:
            for seed in range(20):
                engine = "flite" if seed % 4 == 0 else "espeak"
                clip = voices.speak(voices.Job(engine, text, seed, "train"))
                rows.append(
                    (
                        add(archive, f"{text}/{seed}.wav", clip.sound),
                        text,
                        f"v{seed}",
                        "dev" if seed > 16 else "train",
                    )
                )
        noise = voices.speak(
            voices.Job("espeak", "one two three four five six seven", 1, "train")
        ).sound
        for split in ("train", "dev"):
            rows.append(
                (add(archive, f"noise/{split}.wav", (noise // 50).astype("i2")), "", "", split)
            )
    with (folder / "manifest.tsv").open("w", newline="") as file:
        table = csv.writer(file, delimiter="\t")
        table.writerow(["path", "text", "speaker", "source", "licence", "split", "seconds"])
        for path, text, speaker, split in rows:
            source = "google-speech-commands" if text else "background-noise"
            table.writerow([path, text, speaker, source, "none", split, "1"])
    return folder


def add(archive: tarfile.TarFile, name: str, sound: corpus.Sound) -> str:
    content = io.BytesIO()
    soundfile.write(content, sound, corpus.RATE, format="WAV")
    member = tarfile.TarInfo(name)
    member.size = content.tell()
    content.seek(0)
    archive.addfile(member, content)
    return name


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recipe")
    settings = yaml.safe_load((RECIPE / "recipe.yaml").read_text())
    settings |= {
        "speech": str(speech(folder / "speech")),
        "work": str(folder / "work"),
        "model": str(folder / "tiny-en"),
    }
    settings["synthesize"] |= {
        "limit": 6, "phrases": {"espeak": 2}, "answers": {"flite": 1}, "words": {"espeak": 1},
    }  # fmt: skip
    settings["evaluate"] = {"unheard": {"joe": 1}}
    settings["train"] |= {"layers": 6, "epochs": 1, "frames_epochs": 0, "speeds": [1.0],
                          "align_rounds": 3, "batch_frames": 3000}  # fmt: skip
    path = folder / "tiny.yaml"
    path.write_text(yaml.safe_dump(settings))
    return path


def run(config: Path, *steps: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", "recipe", *steps, "--config", str(config)],
        cwd=ROOT, check=True, capture_output=True, text=True,
        env=environment(PYTHONPATH=str(RECIPE.parent), PYTHONWARNINGS="default"),
    ).stdout  # fmt: skip


def test_a_tiny_model_is_made_and_hears(config: Path) -> None:
    run(config, "prepare", "synthesize", "train")
    # What is done isn't done again, and a step that was cut off goes on.
    work = Path(yaml.safe_load(config.read_text())["work"])
    made = (work / "recordings" / "audio.i16").stat().st_mtime_ns
    told = run(config, "all")
    assert (work / "recordings" / "audio.i16").stat().st_mtime_ns == made
    assert "epoch 1 batch" not in told
    figures = json.loads((work / "figures.json").read_text())
    rows = {(r["what"], r["engine"], r["condition"]): r for r in figures["rows"]}
    heard = rows["yes, no", "triage-en", "clean"]
    assert heard["answers"]["count"] == 6
    assert heard["answers"]["right"] >= 4, "even a tiny model tells these voices' yes from their no"
    assert heard["other_words"]["count"] == 12
    assert ("yes, no", "PocketSphinx", "clean") in rows


def test_a_wrong_step_is_named(config: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError) as failed:
        run(config, "bake")
    assert failed.value.returncode == 2
    assert "bake" in failed.value.stderr
