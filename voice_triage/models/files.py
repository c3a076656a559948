"""What lies in the folder of a Vosk model: which files, which words, and what is wrong with them.

Nothing here loads Vosk. The layout is the one of Vosk 0.3.15 and later (`model.cc`).
"""

import hashlib
import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from voice_triage.errors import ModelError
from voice_triage.models import fst
from voice_triage.models.wholes import is_whole

SUMS = "SHA256SUMS"
"""Name of the file of checksums, in the format of `sha256sum`, in the model's folder."""

ACOUSTIC = "am/final.mdl"
SETTINGS = "conf/model.conf"
FEATURES = ("conf/mfcc.conf", "conf/fbank.conf")
LEXICON, GRAMMAR, DISAMBIGUATION = "graph/HCLr.fst", "graph/Gr.fst", "graph/disambig_tid.int"
STATIC = "graph/HCLG.fst"
WORDS = "graph/words.txt"
BOUNDARIES = "graph/phones/word_boundary.int"

_PARTS = ("am", "conf", "graph", "ivector", "rescore", "rnnlm")
"""The folders that Vosk looks into."""
_NOT_WORDS = frozenset({"<eps>", "<epsilon>", "<s>", "</s>", "[unk]", "<unk>", "<UNK>"})
_SUM_LINE = re.compile(r"([0-9a-fA-F]{64}) [ *](.+)")
_TOPOLOGY = b"\0B<TransitionModel> <Topology> \x04"
_LOG_PROBS = b"<LogProbs> FV \x04"
_TRANSITIONS_WITHIN = 4 * 2**20
"""Bytes at the start of final.mdl; the network, which is the rest, is never read."""


@contextmanager
def in_plain_words(where: Path) -> Iterator[None]:
    """Turns what the operating system says about files into ModelError."""
    try:
        yield
    except OSError as error:
        what = error.strerror or str(error)
        raise ModelError(
            f"{str(error.filename or where)[:300]}: can't be used as a speech model ({what})."
        ) from None


def is_model(folder: Path) -> bool:
    """Whether `folder` looks like a Vosk model, whole or broken."""
    return folder.is_dir() and (
        (folder / ACOUSTIC).is_file()
        or (folder / "final.mdl").is_file()
        or ((folder / "graph").is_dir() and (folder / "conf").is_dir())
    )


def parts(model_dir: Path) -> list[str]:
    """The files that Vosk may read, relative to `model_dir`, with `/`, sorted."""
    return sorted(
        path.relative_to(model_dir).as_posix()
        for part in _PARTS
        for path in (model_dir / part).rglob("*")
        if path.is_file()
    )


def vocabulary(model_dir: Path) -> frozenset[str]:
    """The words that the model knows, as it spells them; without marks such as `<eps>`, `[unk]`,
    and without phrases that are one word (see `wholes`), whose words are in it.

    Like Vosk, takes the table inside the graph, and `graph/words.txt` only where there is none.
    Raises ModelError when neither can be read.
    """
    with in_plain_words(model_dir):
        graph = next((name for name in (STATIC, GRAMMAR) if (model_dir / name).is_file()), None)
    found = fst.words(model_dir / graph) if graph else None
    if found is None:
        found = _words_txt(model_dir / WORDS)
    words = {w for w in found if w and w not in _NOT_WORDS and not w.startswith("#")}
    return frozenset(word for word in words if not is_whole(word, words.__contains__))


def structure(model_dir: Path) -> list[str]:
    """What is missing or visibly broken, in plain words, each with its file; [] when nothing is."""
    if (model_dir / "final.mdl").is_file() and not (model_dir / "am").is_dir():
        return [f"{model_dir}: has the old flat layout (final.mdl at the top); not supported"]
    problems = missing(model_dir)
    if not problems:
        for name in (LEXICON, GRAMMAR):
            if reason := fst.damage(model_dir / name):
                problems.append(f"{model_dir / name}: {reason}")
        problems += _bad_disambiguation(model_dir)
        problems += _bad_boundaries(model_dir)
    if not problems:
        try:
            if not vocabulary(model_dir):
                problems.append(f"{model_dir / GRAMMAR}: holds no words")
        except ModelError as error:
            problems.append(str(error))
    return problems


def checked_sums(model_dir: Path) -> tuple[list[str], bool]:
    """Compares the files with SHA256SUMS: what is wrong, and whether every part is listed.

    Without that file: nothing is wrong and nothing is listed.
    """
    path = model_dir / SUMS
    if not path.exists():
        return [], False
    problems: list[str] = []
    listed: set[str] = set()
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        return [f"{path}: can't be read ({error})"], False
    for count, line in enumerate(lines, start=1):
        match = _SUM_LINE.fullmatch(line)
        if not match or Path(match[2]).is_absolute() or ".." in Path(match[2]).parts:
            problems.append(f"{path}:{count}: not a line of sha256sum for a file of this folder")
            continue
        name = match[2].removeprefix("./")
        listed.add(name)
        if reason := _differs(model_dir / name, match[1].lower()):
            problems.append(reason)
    present = parts(model_dir)
    return problems, bool(present) and listed.issuperset(present)


def write_sums(model_dir: Path) -> None:
    """Writes SHA256SUMS for the files that Vosk may read. Raises OSError."""
    lines = [f"{_digest(model_dir / name)}  {name}\n" for name in parts(model_dir)]
    (model_dir / SUMS).write_text("".join(lines), encoding="utf-8")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _differs(path: Path, expected: str) -> str | None:
    if not path.is_file():
        return f"{path}: missing, though {SUMS} lists it"
    try:
        same = _digest(path) == expected
    except OSError as error:
        return f"{path}: can't be read ({error.strerror or error})"
    return None if same else f"{path}: isn't the file that {SUMS} describes (changed or damaged)"


def _words_txt(path: Path) -> list[str]:
    """First column of a table of `word number` lines."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise ModelError(
            f"{path.parent}: no table of words, neither inside Gr.fst nor as words.txt. "
            "Get the model anew."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"{path}: can't be read ({error}). Get the model anew.") from None
    words = []
    for count, line in enumerate(lines, start=1):
        match line.split():
            case [word, number] if number.isdecimal():
                words.append(word)
            case []:
                continue
            case _:
                raise ModelError(f"{path}:{count}: not a word and its number. Get the model anew.")
    return words


def missing(model_dir: Path) -> list[str]:
    def there(name: str) -> bool:
        return (model_dir / name).is_file()

    if there(STATIC) and not there(LEXICON):
        why = "a static graph, which can't take the grammar of a question"
        instead = "choose a model with HCLr.fst and Gr.fst (the small ones, the -lgraph ones)"
        return [f"{model_dir / STATIC}: {why}; {instead}"]
    # Vosk goes without BOUNDARIES, but then tells wrong times for its words.
    needed = [ACOUSTIC, SETTINGS, LEXICON, GRAMMAR, DISAMBIGUATION, BOUNDARIES]
    features = [name for name in FEATURES if there(name)]
    problems = [f"{model_dir / name}: missing" for name in needed if not there(name)]
    if not features:
        problems.append(f"{model_dir / FEATURES[0]}: missing (fbank.conf would do as well)")
    for name in parts(model_dir):
        # Vosk's own models keep comments-only or even empty settings beside the i-vectors.
        if not name.startswith("ivector/") and not (model_dir / name).stat().st_size:
            problems.append(f"{model_dir / name}: the file is empty")
    return problems


def _bad_disambiguation(model_dir: Path) -> list[str]:
    """Vosk takes whatever numbers stand here; those of disambiguation follow the model's own."""
    path = model_dir / DISAMBIGUATION
    fields = path.read_bytes().split()
    if not fields or not all(field.isdigit() for field in fields):
        return [f"{path}: should hold whole numbers and nothing else"]
    transitions = _transitions(model_dir / ACOUSTIC)
    if min(map(int, fields)) <= transitions:
        return [f"{path}: has a number that isn't above the {transitions} of the model's own"]
    return []


def _transitions(acoustic: Path) -> int:
    """Number of transition ids of a binary final.mdl; 0 if it can't be told."""
    with acoustic.open("rb") as file:
        start = file.read(_TRANSITIONS_WITHIN)
    at = start.find(_LOG_PROBS)
    if at < 0 or at + len(_LOG_PROBS) + 4 > len(start):
        return 0
    (dimension,) = struct.unpack_from("<i", start, at + len(_LOG_PROBS))
    return int(dimension) - 1  # ids count from 1, and the vector has an unused entry for 0


def _bad_boundaries(model_dir: Path) -> list[str]:
    """With a partial list Vosk loads well and dies at the first word that it hears."""
    path = model_dir / BOUNDARIES
    known = set()
    for count, line in enumerate(path.read_bytes().splitlines(), start=1):
        match line.split():
            case [phone, b"nonword" | b"begin" | b"end" | b"internal" | b"singleton"] if (
                phone.isdigit()
            ):
                known.add(int(phone))
            case _:
                return [f"{path}:{count}: not a phone's number and its place in a word"]
    lacking = sorted(_phones(model_dir / ACOUSTIC) - known)
    return [f"{path}: lacks {len(lacking)} phones of the model ({lacking[0]} …)"] if lacking else []


def _phones(acoustic: Path) -> set[int]:
    """Numbers of the phones in the topology of a binary final.mdl; empty if it can't be told."""
    with acoustic.open("rb") as file:
        start = file.read(len(_TOPOLOGY) + 4)
        if len(start) < len(_TOPOLOGY) + 4 or not start.startswith(_TOPOLOGY):
            return set()
        (count,) = struct.unpack_from("<i", start, len(_TOPOLOGY))
        body = file.read(4 * max(0, min(count, 100_000)))
    return {phone for (phone,) in struct.iter_unpack("<i", body[: len(body) // 4 * 4])}
