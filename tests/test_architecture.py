"""The rooms stay as DESIGN lays them out: who may import whom, how large, what may print."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from programs import FENCED, ROOT, environment

PACKAGE = ROOT / "voice_triage"
MODULES = sorted(PACKAGE.rglob("*.py"))

FOUNDATIONS = {"__version__", "errors", "fill_ins", "located_yaml"}
"""What any room may use, all of it pure: the program's version, the error tree, texts with names in
braces, and YAML with line numbers."""

MAY_IMPORT = {
    "flow": set(),
    "answers": set(),
    "models": set(),
    "listen": {"models"},
    "speak": set(),
    "conversation": {"flow", "answers", "listen", "speak", "models"},
    "record": {"flow", "answers"},
    "evaluate": {"answers", "listen"},
    # Scenarios are whole conversations; their noise and echo are those that `evaluate` measures in,
    # and the fakes are those that users have.
    "replay": {
        "answers",
        "conversation",
        "evaluate",
        "flow",
        "listen",
        "speak",
        "testing",
    },
    "testing": {"conversation", "listen", "speak"},
    # `settings` and `in_force`: what the owner of the appliance has set.
    "kiosk": {
        "answers",
        "conversation",
        "flow",
        "in_force",
        "listen",
        "models",
        "record",
        "settings",
        "speak",
    },
    "config": {"conversation", "listen"},
    "settings": set(),
    "in_force": {"settings"},
}
PURE = {"flow", "answers"}
IMPURE = {"os", "time", "datetime", "logging", "random", "socket", "subprocess", "threading", "sys"}
HEAVY = {
    "vosk",
    "pyttsx3",
    "sounddevice",
    "soundfile",
    "soxr",
    "scipy",
    "matplotlib",
    "kaldialign",
    "graphviz",
    "prometheus_client",
    "aiomqtt",
    "paho",
    "weasyprint",
    "segno",
    "distributed",
    "dask",
}
WEB = {"starlette", "uvicorn", "websockets"}
SERVES = {"kiosk/browsers", "kiosk/guard", "kiosk/server"}
"""What is made of a web library's classes; imported by the command that serves, and only then."""


def name_of(path: Path) -> str:
    return str(path.relative_to(PACKAGE).with_suffix(""))


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imports(path: Path, *, only_at_import: bool) -> set[str]:
    """Dotted names that a module imports; those inside functions or for types alone left out if
    `only_at_import`."""
    found: set[str] = set()

    def visit(node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            later = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) or (
                isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test)
            )
            if only_at_import and later:
                continue
            if isinstance(child, ast.Import):
                found.update(alias.name for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                assert child.level == 0, f"{path}: imports are absolute here"
                found.add(child.module or "")
                found.update(f"{child.module}.{alias.name}" for alias in child.names)
            visit(child)

    visit(ast.parse(path.read_text()))
    return found


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_room_imports_only_what_it_may(path: Path) -> None:
    if room(path) not in MAY_IMPORT:
        return  # the modules that put the rooms together
    allowed = MAY_IMPORT[room(path)] | FOUNDATIONS | {room(path)}
    ours = {
        n.split(".")[1]
        for n in imports(path, only_at_import=False)
        if n.startswith("voice_triage.")
    }
    assert ours <= allowed, f"{path} may not import {ours - allowed}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_is_small(path: Path) -> None:
    assert len(path.read_text().splitlines()) < 300


def test_so_is_every_other_one() -> None:
    folders = ("tests", "benchmarks", "models/recipe", "script")
    others = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    assert len(others) > 100
    assert not [p for p in others if len(p.read_text().splitlines()) >= 300]


@pytest.mark.parametrize("path", [p for p in MODULES if room(p) in PURE], ids=name_of)
def test_the_middle_is_pure(path: Path) -> None:
    roots = {name.split(".")[0] for name in imports(path, only_at_import=False)}
    assert not roots & IMPURE


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_sound_libraries_are_imported_where_they_are_used(path: Path) -> None:
    roots = {name.split(".")[0] for name in imports(path, only_at_import=True)}
    assert not roots & HEAVY
    assert not roots & WEB or name_of(path) in SERVES


def test_who_serves_is_imported_where_it_is_used() -> None:
    for path in MODULES:
        if name_of(path) not in SERVES:
            named = {n.replace(".", "/") for n in imports(path, only_at_import=True)}
            assert not named & {f"voice_triage/{name}" for name in SERVES}, path


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_only_commands_print_and_exit(path: Path) -> None:
    if room(path).startswith("cli") or room(path) == "__main__":
        return
    tree = ast.parse(path.read_text())
    main = next(
        (n for n in tree.body if isinstance(n, ast.If) and "__main__" in ast.dump(n.test)), None
    )
    of_child = {id(n) for n in ast.walk(main)} if main else set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and id(node) not in of_child:
            called = ast.unparse(node.func)
            assert called not in ("print", "sys.exit", "exit", "quit"), f"{path}:{node.lineno}"


def test_no_room_is_a_lumber_room() -> None:
    assert not {"utils", "util", "helpers", "common", "manager", "misc"} & {p.stem for p in MODULES}


@pytest.mark.parametrize(
    "words",
    [
        ["interpret", "yes"],
        ["check"],
        ["paths"],
        ["schema"],
        ["config"],
        ["report", "last", "-o", "last.html"],
        ["run", "--answers", "keyboard", "--no-voice"],
        ["evaluate", "--help"],
        ["replay", "--help"],
        ["kiosk", "--help"],
    ],
    ids=lambda words: words[0],
)
def test_who_uses_no_sound_waits_for_no_sound_library(words: list[str], tmp_path: Path) -> None:
    code = (
        "import sys; from voice_triage.__main__ import main\n"
        f"sys.argv = ['voice-triage', *{words!r}]\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "sys.stderr.write('LOADED ' + ' '.join(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input="yes\n", capture_output=True, text=True,
        env=environment(), check=True, cwd=tmp_path,
    )  # fmt: skip
    loaded = {name.split(".")[0] for name in done.stderr.split("LOADED ")[1].split()}
    assert not loaded & (HEAVY | WEB | {"numpy"})


def test_the_fence_keeps_children_off_the_network() -> None:
    code = "import socket; socket.create_connection(('127.0.0.1', 9), timeout=1)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, env=environment(), check=False
    )
    assert done.returncode == 99, FENCED
    assert b"NETWORK TOUCHED" in done.stderr
