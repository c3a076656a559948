"""Zip files become models, or nothing at all."""

import hashlib
import os
import signal
import stat
import struct
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from voice_triage import models
from voice_triage.errors import ModelError
from voice_triage.models import files
from voice_triage.models.install import KNOWN, install


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock")


def test_good_zip_is_found_by_name_afterwards(zipped, home: Path) -> None:
    assert install(str(zipped())) == home / "little-en"
    assert models.find("little-en") == home / "little-en"
    assert files.checked_sums(home / "little-en") == ([], True)
    assert left_in(home) == ["little-en"]
    with pytest.raises(ModelError, match=r"is already there.*rm -r"):
        install(str(zipped()))
    assert install(str(zipped()), name="second") == home / "second"


@pytest.mark.parametrize(("prefix", "name"), [("", "download"), ("a/", "a"), ("outer/a/", "a")])
def test_flat_and_nested(zipped, tmp_path: Path, prefix: str, name: str) -> None:
    into = tmp_path / "into"
    assert install(str(zipped(prefix)), into) == into / name
    assert models.ready(into / name)
    assert left_in(into) == [name]
    assert stat.S_IMODE((into / name).stat().st_mode) & 0o500 == 0o500


def test_rubbish_from_a_mac_is_left_out(zipped, tmp_path: Path) -> None:
    into = tmp_path / "into"
    install(str(zipped(extra=("__MACOSX/little-en/._x",))), into)
    assert left_in(into) == ["little-en"]


def link() -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo("little-en/link")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("../evil", "leads elsewhere"),
        ("little-en/../../evil", "leads elsewhere"),
        ("/tmp/evil", "absolute"),  # noqa: S108 - never written
        ("C:/evil", "absolute"),
        ("..\\evil", "foreign"),
        ("little-en/\x1b[2Jx", "leads elsewhere"),
        ("little-en//x", "leads elsewhere"),
        ("little-en/./x", "leads elsewhere"),
        (link(), "a link"),
    ],
)
def test_entries_that_arent_meant_well(
    zipped, tmp_path: Path, entry: zipfile.ZipInfo | str, reason: str
) -> None:
    into = tmp_path / "into"
    with pytest.raises(ModelError, match=reason):
        install(str(zipped(extra=(entry,))), into)
    assert left_in(into) == []
    assert not (tmp_path / "evil").exists()


def test_same_entry_twice(zipped, tmp_path: Path) -> None:
    with (
        pytest.warns(UserWarning, match="Duplicate name"),
        pytest.raises(ModelError, match="twice in the zip"),
    ):
        install(str(zipped(extra=("little-en/am/final.mdl",))), tmp_path / "into")


def test_file_where_a_folder_is(zipped, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="Nothing was installed"):
        install(str(zipped(extra=("little-en/am",))), tmp_path / "into")
    assert left_in(tmp_path / "into") == []


def patch_directory(path: Path, offset: int, form: str, value: int) -> None:
    """Changes a field of every entry in the zip's directory."""
    data = bytearray(path.read_bytes())
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        struct.pack_into(form, data, at + offset, value)
        at = data.find(b"PK\x01\x02", at + 4)
    path.write_bytes(data)


def test_bomb_is_refused_before_it_unpacks(zipped, tmp_path: Path) -> None:
    bomb = zipped()
    patch_directory(bomb, 24, "<I", 0xFFFF_FFF0)
    with pytest.raises(ModelError, match="MB unpacked"):
        install(str(bomb), tmp_path / "into")
    assert left_in(tmp_path / "into") == []


def test_more_bytes_than_declared(zipped, tmp_path: Path) -> None:
    liar = zipped()
    patch_directory(liar, 24, "<I", 1)
    with pytest.raises(ModelError, match="not a whole zip"):
        install(str(liar), tmp_path / "into")
    assert left_in(tmp_path / "into") == []


@pytest.mark.parametrize(
    ("offset", "form", "value", "said"),
    [(8, "<H", 1, "encrypted"), (10, "<H", 99, "packed in an unusual way")],
)
def test_zips_that_need_more(
    zipped, tmp_path: Path, offset: int, form: str, value: int, said: str
) -> None:
    archive = zipped()
    patch_directory(archive, offset, form, value)
    with pytest.raises(ModelError, match=said):
        install(str(archive), tmp_path / "into")


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.95, 0.999])
def test_cut_zip(zipped, tmp_path: Path, share: float) -> None:
    archive = zipped()
    data = archive.read_bytes()
    archive.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(ModelError, match="not a whole zip file"):
        install(str(archive), tmp_path / "into")
    assert left_in(tmp_path / "into") == []
    assert archive.exists()


def test_flipped_bit_in_a_zip(zipped, tmp_path: Path) -> None:
    archive = zipped()
    data = bytearray(archive.read_bytes())
    data[len(data) // 2] ^= 0x10
    archive.write_bytes(data)
    with pytest.raises(ModelError, match="not a whole zip file"):
        install(str(archive), tmp_path / "into")


def test_web_page_instead_of_a_zip(tmp_path: Path) -> None:
    page = tmp_path / "model.zip"
    page.write_text("<html>Please log in</html>")
    with pytest.raises(ModelError, match="not a whole zip file"):
        install(str(page), tmp_path / "into")


def test_zip_without_a_model(tmp_path: Path) -> None:
    archive = tmp_path / "holiday.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("photos/1.txt", "beach")
    with pytest.raises(ModelError, match="holds no Vosk model"):
        install(str(archive), tmp_path / "into")
    assert left_in(tmp_path / "into") == []


def test_model_that_doesnt_work(zipped, tmp_path: Path, model: Path) -> None:
    into = tmp_path / "into"
    with pytest.raises(ModelError, match=r"\n  graph/HCLr\.fst: missing"):
        install(str(zipped(leave_out=("graph/HCLr.fst",))), into)
    (model / "am/final.mdl").write_bytes(b"\0B<TransitionModel> nonsense")
    with pytest.raises(ModelError, match=r"the model: Vosk"):
        install(str(zipped()), into)
    assert left_in(into) == []


def test_sum_of_a_zip(zipped, tmp_path: Path) -> None:
    archive = zipped()
    right = hashlib.sha256(archive.read_bytes()).hexdigest()
    with pytest.raises(ModelError, match="SHA-256") as raised:
        install(str(archive), tmp_path / "into", sha256="0" * 64)
    assert right in str(raised.value)
    assert "0" * 64 in str(raised.value)
    assert archive.exists()
    with pytest.raises(ModelError, match="64 hexadecimal digits"):
        install(str(archive), tmp_path / "into", sha256="abc")
    assert install(str(archive), tmp_path / "into", sha256=right.upper())


@pytest.mark.parametrize("name", ["", ".hidden", "-x", "a/b", "..", "a b", "é", "a\n", "x" * 101])
def test_names_that_cant_be(zipped, tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelError, match="can't be a model's name"):
        install(str(zipped()), tmp_path / "into", name=name)


def test_name_of_the_embedded_model_is_taken(zipped) -> None:
    with pytest.raises(ModelError, match="came with voice-triage"):
        install(str(zipped("triage-en/")))


def test_what_is_nothing_names_the_known_models(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"vosk-model-small-en-us-0\.15"):
        install("gibberish")
    with pytest.raises(ModelError, match="a folder needs no installing"):
        install(str(tmp_path))


def test_known_models_are_spelled_right() -> None:
    for name, known in KNOWN.items():
        assert known.url == f"https://alphacephei.com/vosk/models/{name}.zip"
        assert known.sha256 is None or len(bytes.fromhex(known.sha256)) == 32
        assert "0.22.zip" not in known.url, "its graph is static"


def test_folder_that_cant_be_written(zipped, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ModelError, match="can't be written"):
        install(str(zipped()), tmp_path / "file")


def start_install(archive: Path, into: Path) -> subprocess.Popen[bytes]:
    """An installation in another process, once it has begun to unpack."""
    code = (
        "import sys; from pathlib import Path; from voice_triage.models.install import install;"
        "install(sys.argv[1], Path(sys.argv[2]))"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(archive), str(into)], stderr=subprocess.PIPE
    )
    deadline = time.monotonic() + 20
    while not (into / ".unpacking").exists() and time.monotonic() < deadline:
        time.sleep(0.001)
    return child


def test_ctrl_c_leaves_nothing(zipped, tmp_path: Path) -> None:
    into = tmp_path / "into"
    child = start_install(zipped(), into)
    os.kill(child.pid, signal.SIGINT)
    _, said = child.communicate(timeout=30)
    assert b"KeyboardInterrupt" in said
    assert left_in(into) == []


def test_power_cut_is_cleaned_up_by_the_next(zipped, tmp_path: Path) -> None:
    into = tmp_path / "into"
    archive = zipped()
    child = start_install(archive, into)
    child.kill()
    child.communicate(timeout=30)
    assert left_in(into) == [".unpacking"]
    install(str(archive), into)
    assert left_in(into) == ["little-en"]


def test_two_at_a_time(zipped, tmp_path: Path) -> None:
    into = tmp_path / "into"
    archive = zipped()
    child = start_install(archive, into)
    child.send_signal(signal.SIGSTOP)
    try:
        with pytest.raises(ModelError, match="another installation is at work"):
            install(str(archive), into)
    finally:
        child.send_signal(signal.SIGCONT)
        child.communicate(timeout=30)
    assert left_in(into) == ["little-en"]
