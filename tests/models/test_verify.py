"""Broken models are told from good ones, in words, and without harm to this process."""

import subprocess
import sys
from pathlib import Path

import pytest

from voice_triage import models
from voice_triage.errors import ModelError
from voice_triage.models import files

PARTS = files.parts(models.find())
CUTS = {"missing": None, "empty": 0.0, "10 %": 0.1, "50 %": 0.5, "95 %": 0.95}
HARMLESS = {("graph/disambig_tid.int", "95 %")}
"""What is cut off there is the line end after the only number."""


def damage(path: Path, how: str) -> None:
    share = CUTS[how]
    if share is None:
        path.unlink()
    else:
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * share)])


def test_good_model(model: Path) -> None:
    assert models.verify(model) == []
    assert models.ready(model) == model
    files.write_sums(model)
    assert models.verify(model) == []
    assert files.checked_sums(model) == ([], True)


def test_embedded_model_is_ready_by_its_sums_alone() -> None:
    """So no conversation waits for a trial. Failing here: write SHA256SUMS anew, see models/."""
    assert files.checked_sums(models.find()) == ([], True)
    assert models.verify(models.find()) == []


@pytest.mark.parametrize("how", CUTS)
@pytest.mark.parametrize("part", PARTS)
def test_broken_file_without_sums(model: Path, part: str, how: str) -> None:
    damage(model / part, how)
    if (part, how) in HARMLESS:
        assert models.ready(model) == model
        return
    problems = models.verify(model)
    assert problems
    assert all(str(model) in problem and "Traceback" not in problem for problem in problems)
    with pytest.raises(ModelError, match="models install") as raised:
        models.ready(model)
    assert problems[0] in str(raised.value)


@pytest.mark.parametrize("how", CUTS)
@pytest.mark.parametrize("part", PARTS)
def test_broken_file_with_sums(model: Path, part: str, how: str) -> None:
    files.write_sums(model)
    damage(model / part, how)
    assert any(part in problem for problem in models.verify(model))
    with pytest.raises(ModelError, match=part):
        models.ready(model)


def test_one_flipped_bit_is_seen_by_the_sums(model: Path) -> None:
    files.write_sums(model)
    data = bytearray((model / "am/final.mdl").read_bytes())
    data[-100] ^= 1
    (model / "am/final.mdl").write_bytes(data)
    with pytest.raises(ModelError, match=r"am/final\.mdl: isn't the file that SHA256SUMS"):
        models.ready(model)


def test_file_that_nobody_listed_is_tried(model: Path) -> None:
    files.write_sums(model)
    (model / "rescore").mkdir()
    (model / "rescore/G.fst").write_text("nonsense")
    (model / "rescore/G.carpa").write_text("nonsense")
    with pytest.raises(ModelError, match=r"rescore|Vosk"):
        models.ready(model)


@pytest.mark.parametrize(
    "line",
    ["gibberish", "0" * 64 + "  ../../etc/passwd", "0" * 64 + "  /etc/passwd", "0" * 63 + "  am/x"],
)
def test_strange_sums(model: Path, line: str) -> None:
    files.write_sums(model)
    with (model / "SHA256SUMS").open("a") as file:
        file.write(line + "\n")
    with pytest.raises(ModelError, match=r"SHA256SUMS:8: not a line of sha256sum"):
        models.ready(model)


def test_sums_that_are_no_text(model: Path) -> None:
    (model / "SHA256SUMS").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ModelError, match="can't be read"):
        models.ready(model)


def test_sums_agree_with_the_tool_of_that_name(model: Path) -> None:
    files.write_sums(model)
    subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=model, check=True)


def test_crash_of_the_child_becomes_words(model: Path) -> None:
    """Vosk takes its process down on both: an abort, and an access to no memory."""
    settings = (model / "conf/model.conf").read_bytes()
    (model / "conf/model.conf").write_bytes(b"")
    assert "ended with signal 6" in models.trial(model)[0]
    (model / "conf/model.conf").write_bytes(settings)
    (model / "graph/HCLr.fst").unlink()
    assert "ended with signal 11" in models.trial(model)[0]


def test_noise_on_the_error_stream_is_cleaned(model: Path) -> None:
    (model / "conf/model.conf").write_bytes(b"--\xff\xfe\x1b[2J=1\n")
    (problem,) = models.verify(model)
    assert problem.isprintable()


def test_deadline(model: Path) -> None:
    assert models.trial(model, seconds=0.01) == [
        f"{model}: Vosk wasn't done loading it after 0.01 s"
    ]


def test_features_that_dont_fit_the_network(model: Path) -> None:
    path = model / "conf/fbank.conf"
    path.write_text(path.read_text().replace("--num-mel-bins=40", "--num-mel-bins=23"))
    assert "dimension" in models.verify(model)[0]


def test_static_graph_cant_take_grammars(model: Path) -> None:
    (model / "graph/HCLr.fst").rename(model / "graph/HCLG.fst")
    (problem,) = models.verify(model)
    assert "static graph" in problem
    assert "-lgraph" in problem


def test_old_flat_layout_is_named(model: Path) -> None:
    for part in PARTS:
        (model / part).rename(model / Path(part).name)
    for folder in ("graph/phones", "graph", "conf", "am"):
        (model / folder).rmdir()
    assert models.find(str(model)) == model
    (problem,) = models.verify(model)
    assert "flat layout" in problem


def test_phone_without_a_place_in_words(model: Path) -> None:
    """Vosk loads this and aborts at the first word that it hears."""
    path = model / "graph/phones/word_boundary.int"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:60]))
    assert "lacks" in models.verify(model)[0]


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"am/final\.mdl: missing"):
        models.ready(tmp_path)
    with pytest.raises(ModelError, match=r"am/final\.mdl: missing"):
        models.ready(tmp_path / "nowhere")


def test_path_with_spaces_and_accents(model: Path) -> None:
    moved = model.rename(model.parent / "modèle d'été 안녕")
    assert models.ready(moved) == moved


def test_child_by_hand(model: Path) -> None:
    command = [sys.executable, "-m", "voice_triage.models.decode"]
    good = subprocess.run([*command, str(model)], capture_output=True, check=True)
    assert good.stdout == b""
    bad = subprocess.run([*command, str(model / "am")], capture_output=True, check=False)
    assert bad.returncode == 1
    assert b"Traceback" not in bad.stderr
