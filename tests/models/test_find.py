"""Which model a name, a path, the environment or nothing leads to."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from voice_triage import models
from voice_triage.errors import ModelError


def test_nothing_said_is_the_embedded_model() -> None:
    assert models.find() == models.data_dir() / "models" / "triage-en"
    assert (models.data_dir() / "prompts").is_dir()


def test_installed_wheel_keeps_its_data_inside(tmp_path: Path) -> None:
    package = tmp_path / "voice_triage"
    shutil.copytree(
        Path(models.__file__).parents[1], package, ignore=shutil.ignore_patterns("__pycache__")
    )
    (package / "data" / "prompts").mkdir(parents=True)
    shutil.copytree(models.find(), package / "data" / "models" / "triage-en")
    code = "from voice_triage import models; print(models.ready(models.find()))"
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == str(package / "data" / "models" / "triage-en")


def test_name_in_the_users_folder(home: Path, model: Path) -> None:
    home.mkdir(parents=True)
    model.rename(home / "mine")
    assert models.find("mine") == home / "mine"


def test_path_and_the_one_folder_inside(model: Path, tmp_path: Path) -> None:
    assert models.find(str(model)) == model
    wrapped = tmp_path / "unzipped"
    wrapped.mkdir()
    model.rename(wrapped / "inner")
    (wrapped / "notes").mkdir()
    assert models.find(str(wrapped)) == wrapped / "inner"
    shutil.copytree(wrapped / "inner", wrapped / "second")
    with pytest.raises(ModelError, match=r"holds no Vosk model .* or more than one"):
        models.find(str(wrapped))


def test_bare_folder_name_is_a_path(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(model.parent)
    assert models.find("model") == Path("model")
    assert models.ready(models.find("model")) == Path("model")


def test_tilde(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(model.parent))
    assert models.find("~/model") == model


def test_environment_gives_way_to_the_argument(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOICE_TRIAGE_MODEL", str(model))
    assert models.find() == model
    assert models.find("triage-en") == models.data_dir() / "models" / "triage-en"
    monkeypatch.setenv("VOICE_TRIAGE_MODEL", "")
    assert models.find() == models.data_dir() / "models" / "triage-en"


def test_unknown_name_says_where_it_looked_and_what_to_do(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ModelError) as raised:
        models.find("gibberish")
    said = str(raised.value)
    for part in ("gibberish", str(home), "voice-triage models list", "voice-triage models install"):
        assert part in said
    monkeypatch.setenv("VOICE_TRIAGE_MODEL", "gibberish")
    with pytest.raises(ModelError, match=r"from \$VOICE_TRIAGE_MODEL"):
        models.find()


@pytest.mark.parametrize("name", ["..", "./nothing", "/no/where", "a\nb", "x" * 5000, "\0"])
def test_nonsense_is_refused_in_words(name: str, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(ModelError, match="model"):
        models.find(str(empty / name) if name == ".." else name)


def test_zip_is_pointed_to_install(tmp_path: Path) -> None:
    archive = tmp_path / "model.zip"
    archive.touch()
    with pytest.raises(ModelError, match="voice-triage models install"):
        models.find(str(archive))


def test_installed_lists_both_folders(home: Path, model: Path) -> None:
    home.mkdir(parents=True)
    shutil.copytree(model, home / "aaa" / "inner")
    shutil.copytree(model, home / "triage-en")  # hidden by the embedded one
    (home / ".unpacking").mkdir()
    (home / "x.zip.part").touch()
    found = models.installed()
    assert [(entry.name, entry.embedded) for entry in found] == [
        ("aaa", False),
        ("triage-en", True),
    ]
    assert found[0].path == home / "aaa" / "inner"
    assert found[0].size > 3_000_000
    assert models.find("aaa") == found[0].path


def test_starts_fast_and_loads_nothing_heavy() -> None:
    code = (
        "import sys; from voice_triage import models; models.find();"
        "print([name for name in ('vosk', 'rich', 'platformdirs', 'numpy') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
