"""Unpacks a zip file that a stranger may have made: plain files below one folder, or nothing."""

import errno
import re
import shutil
import stat
import zipfile
import zlib
from pathlib import Path

from voice_triage.errors import ModelError

LARGEST = 8 * 2**30
"""Bytes, unpacked; Vosk's largest model has about 3 GB."""
MOST_ENTRIES = 10_000
_MEBIBYTE = 2**20


def unpack(archive: Path, to: Path) -> None:
    """Unpacks `archive` into the folder `to`, which is there and empty.

    Raises ModelError for a zip that is broken or not meant well, and OSError when there is no room
    or no permission; `to` may then hold a part.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = [
                entry for entry in opened.infolist() if not entry.filename.startswith("__MACOSX/")
            ]
            _check_entries(entries, archive, to)
            for entry in entries:
                _unpack_entry(opened, entry, to)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise ModelError(
            f"{archive}: not a whole zip file ({error or type(error).__name__}). Get it anew."
        ) from None


def _check_entries(entries: list[zipfile.ZipInfo], archive: Path, to: Path) -> None:
    if len(entries) > MOST_ENTRIES:
        raise ModelError(f"{archive}: {len(entries)} files in it; that is no speech model.")
    seen: set[str] = set()
    for entry in entries:
        path = entry.filename.removesuffix("/")
        if reason := _refusal(entry, path) or ("twice in the zip" if path in seen else None):
            raise ModelError(f"{archive}: refused, because of “{path[:200]}”: {reason}.")
        seen.add(path)
    size = sum(entry.file_size for entry in entries)
    free = shutil.disk_usage(to).free
    if size > LARGEST:
        raise ModelError(f"{archive}: {size // _MEBIBYTE} MB unpacked; that is no speech model.")
    if size > free:
        why = f"needs {size // _MEBIBYTE} MB, and {free // _MEBIBYTE} MB are free"
        raise OSError(errno.ENOSPC, f"{why}; make room and run it again", str(to.parent))


def _refusal(entry: zipfile.ZipInfo, path: str) -> str | None:
    """Why an entry can't be meant well."""
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "a link or a device, not a file"
    if entry.flag_bits & 1:
        return "encrypted"
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "packed in an unusual way"
    if path.startswith("/") or re.match("[A-Za-z]:", path) or "\\" in path:
        return "an absolute or foreign path"
    if not path.isprintable() or any(part in ("", ".", "..") for part in path.split("/")):
        return "a path that leads elsewhere"
    return None


def _unpack_entry(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, to: Path) -> None:
    target = to / entry.filename
    if entry.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    # zipfile stops at the declared size and then finds the checksum wrong; so no entry can write
    # more than `_check_entries` has counted. "x": an entry must not hide another.
    with opened.open(entry) as source, target.open("xb") as copy:
        shutil.copyfileobj(source, copy, _MEBIBYTE)
    if target.stat().st_size != entry.file_size:
        raise zipfile.BadZipFile(f"{entry.filename} is shorter than declared")
