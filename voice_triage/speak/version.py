"""Which speech program there is: another release sounds different."""

import ctypes
from functools import cache
from importlib import metadata
from pathlib import Path

_NAMES = ("libespeak-ng.so.1", "/usr/local/lib/libespeak-ng.so.1", "libespeak.so.1")
"""Where pyttsx3 2.99 looks, in its order."""


@cache
def speech_program() -> str:
    """pyttsx3's and espeak-ng's versions, and which build of the library; never raises."""
    try:
        driver = metadata.version("pyttsx3")
    except metadata.PackageNotFoundError:
        driver = "missing"
    return f"pyttsx3 {driver}; {_espeak()}"


def _espeak() -> str:
    for name in _NAMES:
        try:
            library = ctypes.CDLL(name)
            version = library.espeak_Info  # needs no initialisation, and starts nothing
        except (OSError, AttributeError):
            continue
        version.restype, version.argtypes = ctypes.c_char_p, [ctypes.c_void_p]
        said = (version(None) or b"").decode("ascii", "replace")
        return f"espeak-ng {said} {_build()}"
    return "espeak-ng missing"


def _build() -> str:
    """Size and time of the loaded file: distributions mend a release without a new version."""
    try:
        for line in Path("/proc/self/maps").read_text().splitlines():
            path = line.partition("/")[2]
            if "libespeak" in line:
                file = Path("/" + path).stat()
                return f"{file.st_size} {file.st_mtime_ns}"
    except OSError:
        pass  # no /proc, or replaced since: the version alone must do
    return ""
