"""Downloads one big file over HTTP so that a broken line costs only what hadn't arrived yet."""

import http.client
import ipaddress
import re
import shutil
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO

from voice_triage.errors import ModelError

Progress = Callable[[int, int | None], None]
"""Called with the bytes that are there and the bytes of the whole, or None while unknown."""

TIMEOUT_SECONDS = 30.0
LARGEST = 8 * 2**30
"""Bytes; Vosk's largest model has 2.3 GB."""
_CHUNK = 2**18
_MEBIBYTE = 2**20


def check_address(url: str, has_sum: bool) -> None:
    """Raises ModelError unless `url` is https, or http where nobody can change what arrives."""
    try:
        parts = urllib.parse.urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise ModelError(f"{url}: not a web address.") from None
    if not host or parts.scheme not in ("http", "https"):
        raise ModelError(f"{url}: not a web address that begins with https://.")
    if parts.scheme == "http" and not has_sum and not _is_loopback(host):
        raise ModelError(
            f"{url}: over plain http anybody on the way can change the file. "
            "Use the https:// address, or say the SHA-256 sum that the file must have (--sha256)."
        )


def download(url: str, part: Path, has_sum: bool, progress: Progress) -> None:
    """Completes `part` from `url`: goes on where it ends, or starts over if the server can't.

    Raises ModelError; what has arrived by then, if anything, stays in `part`.
    """
    check_address(url, has_sum)
    try:
        with part.open("ab") as file:
            if not _fetch(url, file, has_sum, progress):
                file.truncate(0)
                if not _fetch(url, file, has_sum, progress):
                    raise http.client.HTTPException("the server's answer makes no sense")
    except (OSError, http.client.HTTPException) as error:  # URLError is an OSError too
        raise ModelError(_failure(url, part, error)) from None
    finally:
        if part.exists() and not part.stat().st_size:
            part.unlink()


def _fetch(url: str, file: IO[bytes], has_sum: bool, progress: Progress) -> bool:
    """One request. False when the server can't go on from what is in `file`."""
    start = file.seek(0, 2)
    headers = {"User-Agent": "voice-triage"}
    if start:
        headers["Range"] = f"bytes={start}-"
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - check_address saw it
    opener = urllib.request.build_opener(_CheckedRedirects(has_sum))
    try:
        response = opener.open(request, timeout=TIMEOUT_SECONDS)
    except urllib.error.HTTPError as error:
        with error:
            if error.code != http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE or not start:
                raise
            # Nothing follows what is there: either that is all, or it is of another file.
            return error.headers.get("Content-Range", "") == f"bytes */{start}"
    with response:
        whole = response.length
        if response.status == http.HTTPStatus.PARTIAL_CONTENT:
            said = response.headers.get("Content-Range", "").strip()
            match = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", said)
            if not match or int(match[1]) != start:
                return False
            whole = int(match[2]) if match[2] != "*" else None
        else:
            file.truncate(0)
            start = 0
        _check_room(file, start, whole)
        _copy(response, file, start, whole, progress)
    return True


def _check_room(file: IO[bytes], start: int, whole: int | None) -> None:
    free = shutil.disk_usage(Path(file.name).parent).free
    if whole is not None and whole > LARGEST:
        raise ModelError(f"The file has {whole // _MEBIBYTE} MB: too big to be a speech model.")
    if whole is not None and whole - start > free:
        raise ModelError(
            f"{file.name}: the file has {whole // _MEBIBYTE} MB, and only "
            f"{free // _MEBIBYTE} MB are free here. Make room and run it again."
        )


def _copy(
    response: http.client.HTTPResponse,
    file: IO[bytes],
    done: int,
    whole: int | None,
    progress: Progress,
) -> None:
    progress(done, whole)
    while block := response.read(_CHUNK):
        done += len(block)
        if done > (LARGEST if whole is None else whole):
            raise ModelError("The server sent more than it had announced. Run it again.")
        file.write(block)
        progress(done, whole)
    if whole is not None and done < whole:
        # read() with a size ends quietly when the line breaks.
        raise http.client.IncompleteRead(b"", whole - done)


def _failure(url: str, part: Path, error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"{url}: the server says {error.code} {error.reason}. Check the address."
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, http.client.IncompleteRead):
        reason = f"the line broke, {(reason.expected or 0) // _MEBIBYTE} MB were still to come"
    arrived = part.stat().st_size if part.exists() else 0
    what_now = (
        f"Run it again: it goes on from {arrived / _MEBIBYTE:.1f} MB."
        if arrived
        else "Check the network and run it again; or fetch the file with another machine, bring it "
        "here, and install that: voice-triage models install FILE.zip"
    )
    return f"{url}: can't be downloaded ({reason or type(error).__name__}). {what_now}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _CheckedRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect must not lead from https to an address that we would refuse."""

    def __init__(self, has_sum: bool) -> None:
        self.has_sum = has_sum

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        check_address(newurl, self.has_sum)
        return super().redirect_request(req, fp, code, msg, headers, newurl)
