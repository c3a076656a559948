"""Copies of the embedded model to break, and a home folder that is nobody's."""

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from voice_triage import models
from voice_triage.models import files


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's folder of models, empty."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.delenv("VOICE_TRIAGE_MODEL", raising=False)
    return tmp_path / "share" / "voice-triage" / "models"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A whole copy of the embedded model, without its SHA256SUMS."""
    folder = tmp_path / "model"
    shutil.copytree(models.find(), folder)
    (folder / files.SUMS).unlink(missing_ok=True)
    return folder


Zipper = Callable[..., Path]


@pytest.fixture
def zipped(tmp_path: Path, model: Path) -> Zipper:
    """Zips `model` below `prefix`, without the files in `leave_out`; `extra` adds entries."""

    def make(
        prefix: str = "little-en/",
        *,
        leave_out: tuple[str, ...] = (),
        extra: tuple[zipfile.ZipInfo | str, ...] = (),
        name: str = "download.zip",
    ) -> Path:
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for part in files.parts(model):
                if part not in leave_out:
                    archive.write(model / part, prefix + part)
            for entry in extra:
                archive.writestr(entry, "hello")
        return path

    return make
