"""Installs a speech model from a known name, a web address or a zip file: whole, or not at all."""

import fcntl
import hashlib
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from voice_triage import models
from voice_triage.errors import ModelError
from voice_triage.models import files
from voice_triage.models.archive import unpack
from voice_triage.models.download import Progress, check_address, download

_PAGE = "https://alphacephei.com/vosk/models"
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
_UNPACKING = ".unpacking"


@dataclass(frozen=True)
class Published:
    """A model that somebody offers for download."""

    url: str
    sha256: str | None
    """Of the zip, in lower case; None where no source for it was found."""
    mebibytes: int
    """Of the zip, rounded."""
    language: str
    note: str


KNOWN = {
    "vosk-model-small-en-us-0.15": Published(
        f"{_PAGE}/vosk-model-small-en-us-0.15.zip",
        "30f26242c4eb449f948e42cb302dd7a686cb29a3423a8367f99ff41780942498",
        39,
        "English (US)",
        "small, for phones and Raspberry Pi",
    ),
    "vosk-model-en-us-0.22-lgraph": Published(
        f"{_PAGE}/vosk-model-en-us-0.22-lgraph.zip",
        "d9838b4aaa82a75c4a17f5aca300eaca129aaab2a7cbf951bafbb500eb9c4334",
        125,
        "English (US)",
        "hears better, needs more memory",
    ),
    "vosk-model-small-en-in-0.4": Published(
        f"{_PAGE}/vosk-model-small-en-in-0.4.zip",
        None,
        36,
        "English (India)",
        "small, for phones and Raspberry Pi",
    ),
}
"""Models by Alpha Cephei (Apache-2.0) whose graphs take a grammar; all models: the page `_PAGE`.

The sums are those that several distributions and projects pin.
"""


def install(
    what: str,
    into: Path | None = None,
    sha256: str | None = None,
    name: str | None = None,
    progress: Progress | None = None,
) -> Path:
    """Installs `what` (a name of KNOWN, an http(s) address, or a zip file); returns its folder.

    `into` is the user's folder of models unless given. `sha256` is what the zip must have, `name`
    what the model is to be called instead of its folder in the zip. `progress` hears of the
    download. The model is tried before it gets its name: what is there under a name works.
    Raises ModelError; then nothing is left behind but, after a broken download, the part that
    has arrived (`NAME.zip.part`), from which the next call goes on.
    """
    place = _Place(into or models.user_models(), name, reserved=into is None)
    wanted = _checked_sum(sha256)
    if name is not None:
        place.check_free(name)
    if what in KNOWN:
        return _install_url(KNOWN[what].url, place, wanted or KNOWN[what].sha256, progress)
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", what):
        return _install_url(what, place, wanted, progress)
    path = _existing_zip(what)
    with _alone_in(place.folder):
        _check_sum(path, str(path), wanted)
        try:
            return _unpack_and_name(path, place, _stem(path.name))
        except OSError as error:
            raise _not_installed(place, error) from None


@dataclass(frozen=True)
class _Place:
    folder: Path
    name: str | None
    """What the user wants to call the model."""
    reserved: bool
    """The names of the embedded models are taken: they would hide the new one."""

    def check_free(self, name: str) -> None:
        """Raises ModelError unless a model can be called `name` here."""
        if not _NAME.fullmatch(name):
            raise ModelError(
                f"“{name}” can't be a model's name: letters, digits, - _ and . only, no . or - in "
                "front. Choose one with --name."
            )
        if self.reserved and (models.data_dir() / "models" / name).exists():
            raise ModelError(
                f"{name} is the model that came with voice-triage. Choose another with --name."
            )
        if (self.folder / name).exists():
            raise ModelError(
                f"{name} is already there; remove it first: rm -r {self.folder / name}"
            )


def _install_url(url: str, place: _Place, wanted: str | None, progress: Progress | None) -> Path:
    check_address(url, wanted is not None)
    stem = place.name or _stem(unquote(urlsplit(url).path))
    place.check_free(stem)
    with _alone_in(place.folder):
        part = place.folder / f"{stem}.zip.part"
        download(url, part, wanted is not None, progress or (lambda _done, _whole: None))
        try:
            _check_sum(part, url, wanted)
            done = _unpack_and_name(part, place, stem)
        except ModelError:
            part.unlink(missing_ok=True)  # complete and yet no good: the next call starts over
            raise
        except OSError as error:  # no room, say: the download can be used later
            raise _not_installed(place, error) from None
        part.unlink()
    return done


def _not_installed(place: _Place, error: OSError) -> ModelError:
    where, why = error.filename or place.folder, error.strerror or error
    return ModelError(f"{where}: {why}. Nothing was installed.")


def _existing_zip(what: str) -> Path:
    path = Path(what).expanduser()
    if path.is_dir():
        raise ModelError(f"{path}: a folder needs no installing; use it with --model {path}")
    if not path.is_file():
        raise ModelError(
            f"{what}: neither a zip file that is there, nor an https:// address, nor one of the "
            f"known models: {', '.join(KNOWN)}. More: {_PAGE}"
        )
    return path


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """One installation at a time, or two would write into the same files."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / ".lock").open("ab")
    except OSError as error:
        raise ModelError(f"{folder}: can't be written ({error.strerror or error}).") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ModelError(
                f"{folder}: another installation is at work here. Wait until it is done."
            ) from None
        yield


def _checked_sum(sha256: str | None) -> str | None:
    if sha256 is not None and not re.fullmatch(r"[0-9a-fA-F]{64}", sha256):
        raise ModelError(f"“{sha256}” is no SHA-256 sum: that has 64 hexadecimal digits.")
    return sha256.lower() if sha256 else None


def _check_sum(path: Path, origin: str, wanted: str | None) -> None:
    if wanted is None:
        return
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"{path}: can't be read ({error.strerror or error}).") from None
    if found != wanted:
        raise ModelError(
            f"{origin}: not the expected file. Its SHA-256 sum is\n  {found}\nand should be\n"
            f"  {wanted}\nNothing was installed. Get the file from somebody you trust."
        )


def _stem(path: str) -> str:
    return PurePosixPath(path).name.removesuffix(".zip")


def _unpack_and_name(archive: Path, place: _Place, stem: str) -> Path:
    """Raises ModelError for a zip that is no good, OSError when this machine is at fault."""
    unpacking = place.folder / _UNPACKING
    try:
        shutil.rmtree(unpacking, ignore_errors=True)  # of an installation that was killed
        unpacking.mkdir()
        unpack(archive, unpacking)
        root = _model_root(unpacking, archive)
        final = place.name or (stem if root == unpacking else root.name)
        place.check_free(final)
        if problems := models.verify(root):
            said = "\n".join(f"  {problem}" for problem in problems)
            said = said.replace(f"{root}/", "").replace(str(root), "the model")
            raise ModelError(f"{archive}: doesn't work, so nothing was installed.\n{said}")
        if not (root / files.SUMS).exists():
            files.write_sums(root)
        return root.rename(place.folder / final)
    finally:
        shutil.rmtree(unpacking, ignore_errors=True)


def _model_root(unpacked: Path, archive: Path) -> Path:
    """The model's folder: people zip it flat, in its folder, or in a folder around that."""
    folder = unpacked
    for _ in range(3):
        if files.is_model(folder):
            return folder
        inner = [entry for entry in folder.iterdir() if entry.is_dir()]
        if len(inner) != 1:
            break
        folder = inner[0]
    raise ModelError(
        f"{archive}: holds no Vosk model (a folder with am/, conf/ and graph/). Nothing installed."
    )
