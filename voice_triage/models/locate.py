"""Finds speech models, says which words they know, and proves that they work before a talk."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from voice_triage.errors import ModelError
from voice_triage.models import files

DEFAULT = "triage-en"
VARIABLE = "VOICE_TRIAGE_MODEL"
TRIAL_SECONDS = 120.0
"""A Raspberry Pi loads a model of 200 MB in about a minute."""


@dataclass(frozen=True, order=True)
class Installed:
    """A model that `find` finds by its name."""

    name: str
    path: Path
    size: int
    """Bytes of all its files."""
    embedded: bool
    """It came with the program, so it isn't the user's to remove."""


def data_dir() -> Path:
    """The folder with `prompts/` and `models/`: inside the wheel, or the root of a checkout."""
    package = Path(__file__).resolve().parents[1]
    packaged = package / "data"
    return packaged if (packaged / "prompts").is_dir() else package.parent


def user_models() -> Path:
    """Where `voice-triage models install` puts models; it may not exist yet."""
    from platformdirs import user_data_path

    return user_data_path("voice-triage") / "models"


def search_folders() -> Iterator[Path]:
    """Where names are looked up, first match wins: the embedded models, then the user's."""
    yield data_dir() / "models"
    yield user_models()  # costs an import, so only those pay who look that far


def find(name_or_path: str | None = None) -> Path:
    """The folder of a model: the argument, else $VOICE_TRIAGE_MODEL, else the embedded one.

    An existing folder, or anything spelled like a path, is a path; the rest is a name.
    Raises ModelError when there is no model; a broken model is found (see `ready`).
    """
    wanted = name_or_path or os.environ.get(VARIABLE) or None
    if wanted is None:
        return _by_name(DEFAULT)
    origin = "" if name_or_path else f" (from ${VARIABLE})"
    with files.in_plain_words(Path(wanted)):
        if _spelled_like_path(wanted) or Path(wanted).is_dir():
            return _by_path(Path(wanted).expanduser(), origin)
        return _by_name(wanted, origin)


def installed() -> list[Installed]:
    """The models that names find, by name; the embedded one hides a user's of the same name.

    Raises ModelError when a folder can't be read.
    """
    found: dict[str, Installed] = {}
    for folder in search_folders():
        with files.in_plain_words(folder):
            for entry in sorted(folder.iterdir()) if folder.is_dir() else []:
                path = None if entry.name.startswith(".") else _model_in(entry)
                if path and entry.name not in found:
                    size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
                    embedded = folder == data_dir() / "models"
                    found[entry.name] = Installed(entry.name, path, size, embedded)
    return sorted(found.values())


def verify(model_dir: Path) -> list[str]:
    """Every problem of a model in plain words, each with its file; [] when it works.

    Looks at the files, compares them with SHA256SUMS where there is one, and if all is well so
    far decodes a second of silence in a child process (seconds; up to 120 s for a huge model).
    """
    try:
        problems = files.structure(model_dir) + files.checked_sums(model_dir)[0]
    except OSError as error:
        return [f"{error.filename or model_dir}: can't be read ({error.strerror or error})"]
    return problems or trial(model_dir)


def ready(model_dir: Path) -> Path:
    """`model_dir`, once it is sure that Vosk can load it without taking this process down.

    Takes about 10 ms where SHA256SUMS covers every file, a trial in a child process elsewhere.
    Raises ModelError that names the file and says what to do.
    """
    try:
        problems, complete = files.checked_sums(model_dir)
        problems = problems or files.missing(model_dir)
    except OSError as error:
        problems, complete = [f"{error.filename or model_dir}: {error.strerror or error}"], False
    if not problems and not complete:
        problems = verify(model_dir)
    if problems:
        raise ModelError(
            "The speech model can't be used.\n"
            + "\n".join(f"  {problem}" for problem in problems)
            + f"\n{_remedy(model_dir)}"
        )
    return model_dir


def trial(model_dir: Path, seconds: float = TRIAL_SECONDS) -> list[str]:
    """Loads the model and decodes silence in a child process that has `seconds` to do it.

    Returns the problem, in plain words, or [].
    """
    command = [sys.executable, "-m", "voice_triage.models.decode", str(model_dir.resolve())]
    try:
        child = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
            cwd=Path(__file__).resolve().parents[2],  # so that -m finds this package, and no other
        )
    except subprocess.TimeoutExpired:
        return [f"{model_dir}: Vosk wasn't done loading it after {seconds:g} s"]
    except OSError as error:
        return [f"{model_dir}: the trial can't be started ({error.strerror or error})"]
    if child.returncode == 0:
        return []
    ending = f"ended with signal {-child.returncode}" if child.returncode < 0 else "gave up"
    return [f"{model_dir}: Vosk {ending} when it loaded it{_reason(child.stderr)}"]


def _reason(stderr: bytes) -> str:
    """Vosk's own first complaint, cleaned of bytes that are no text, or nothing."""
    for line in stderr.decode("utf-8", errors="replace").splitlines():
        if line.startswith(("ERROR", "ASSERTION_FAILED")):
            said = line.partition(") ")[2] if "(VoskAPI:" in line else line.partition(" ")[2]
            clean = "".join(sign if sign.isprintable() else "?" for sign in said.strip())
            return f": “{clean[:200]}”"
    return ""


def _remedy(model_dir: Path) -> str:
    if model_dir.resolve().is_relative_to(data_dir().resolve()):
        return "It came with voice-triage: install voice-triage again, or choose another: --model."
    return (
        "Remove that folder and get the model anew (`voice-triage models install`), "
        "or leave out --model to use the one that came with voice-triage."
    )


def _spelled_like_path(text: str) -> bool:
    return "/" in text or os.sep in text or text.startswith("~") or text in (".", "..")


def _model_in(folder: Path) -> Path | None:
    """`folder`, or its only sub-folder that is a model: people unzip like that."""
    if files.is_model(folder):
        return folder
    if not folder.is_dir():
        return None
    inner = [entry for entry in folder.iterdir() if files.is_model(entry)]
    return inner[0] if len(inner) == 1 else None


def _by_path(path: Path, origin: str) -> Path:
    if found := _model_in(path):
        return found
    if not path.exists():
        what = "there is no such folder"
    elif not path.is_dir():
        what = "that is a file; unpack and install it with `voice-triage models install`"
    else:
        what = "holds no Vosk model (a folder with am/, conf/ and graph/), or more than one"
    raise ModelError(
        f"{path}{origin}: {what}. `voice-triage models list` shows the models that are there."
    )


def _by_name(name: str, origin: str = "") -> Path:
    for folder in search_folders():
        if found := _model_in(folder / name):
            return found
    looked = "\n".join(f"  {folder}" for folder in search_folders())
    raise ModelError(
        f"No speech model is called “{name}”{origin}. Looked in\n{looked}\n"
        "`voice-triage models list` shows the models that are there, "
        "`voice-triage models install` gets one; a path works as well."
    )
