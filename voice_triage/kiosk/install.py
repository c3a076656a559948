"""Makes this computer a kiosk: writes the units, and has systemd start them."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from voice_triage.errors import UsageError
from voice_triage.in_force import InForce
from voice_triage.kiosk.units import PROGRAM, SCREEN, USERS, File, Place, files

_PACKAGES = "sudo apt install cage xwayland chromium"
_CHROMIUMS = ("chromium", "chromium-browser")  # Debian's name, and Raspberry Pi OS 12's

_HIDDEN = ("/home", "/root", "/run/user", "/tmp", "/var/tmp")  # noqa: S108 - not used, refused
"""What the program's unit doesn't see."""


def plan(found: InForce) -> tuple[list[File], list[list[str]]]:
    """What to write, and the commands to run after it. Raises UsageError when a program or the
    settings can't be used."""
    config = found.file.absolute() if found.file else None
    cage, browser = _program("cage"), _program(*_CHROMIUMS)
    # As it was called: a virtual environment's interpreter is a link, and is told by its own place.
    place = Place(Path(sys.executable), config, cage, browser)
    settings = found.settings
    for path in (place.python, config, settings.state_dir, settings.kiosk.keep_reports):
        _must_be_seen(path)
    return files(settings, place), commands(Path("/"))


def commands(root: Path) -> list[list[str]]:
    """What systemd is told once the files are below `root`; "/" is this computer as it runs."""
    if root != Path("/"):
        below = f"--root={root}"
        return [["systemd-sysusers", below], ["systemctl", below, "enable", PROGRAM, SCREEN]]
    return [
        ["systemd-sysusers", str(USERS)],
        ["systemctl", "daemon-reload"],
        ["systemctl", "enable", PROGRAM, SCREEN],
        ["systemctl", "restart", PROGRAM, SCREEN],
    ]


def shown(found: InForce) -> Iterator[str]:
    """A dry run: every file with its path, then the commands, as lines for a person."""
    written, told = plan(found)
    for file in written:
        yield f"# ---- {file.path}"
        yield file.text
    yield "# ---- and then"
    yield from map(shlex.join, told)


def install(found: InForce) -> Iterator[str]:
    """Write and start everything; yields a line for each thing that was done. Raises UsageError
    when it may not, or when systemd refuses."""
    written, told = plan(found)
    yield from write(written, Path("/"))
    yield from tell(told)


def write(written: list[File], root: Path) -> Iterator[str]:
    """Put the files below `root`. Raises UsageError."""
    for file in written:
        path = root / file.path.relative_to("/")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(file.text, encoding="utf-8")
            path.chmod(0o644)
        except OSError as error:
            raise UsageError(
                f"{path}: can't be written ({error.strerror}). Run it as root:"
                " sudo voice-triage kiosk --install; --dry-run only shows what it would write."
            ) from error
        yield f"{path} is written"


def tell(told: list[list[str]]) -> Iterator[str]:
    """Run the commands. Raises UsageError with what the first one that fails said."""
    for words in told:
        try:
            done = subprocess.run(words, capture_output=True, text=True, check=False)
        except OSError as error:
            raise UsageError(
                f"{words[0]} can't be run ({error.strerror}). A kiosk needs systemd, as Raspberry"
                " Pi OS has it."
            ) from error
        if done.returncode:
            said = done.stderr.strip() or done.stdout.strip()
            raise UsageError(f"{shlex.join(words)} failed: {said}")
        yield f"{shlex.join(words)}: done"


def _must_be_seen(path: Path | None) -> None:
    """The path itself, and where it leads: a virtual environment's interpreter is a link."""
    if path is None:
        return
    for real in (path, path.resolve()):
        for hidden in _HIDDEN:
            if real.is_relative_to(hidden):
                raise UsageError(
                    f"{real} lies in {hidden}, where a kiosk's program can't look. Install"
                    " voice-triage in /opt, keep its settings in /etc/voice-triage/config.yaml,"
                    " and what it keeps in /srv or /var/lib."
                )


def _program(*names: str) -> Path:
    for name in names:
        path = shutil.which(name)
        if path is not None:
            return Path(path)
    raise UsageError(f"There is no {' or '.join(names)} for the screen. Install it: {_PACKAGES}")
