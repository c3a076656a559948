"""What README.md shows is what the commands print: every console block is run and compared.

`script/readme` rewrites the blocks from what the commands print now.
"""

import re
import subprocess
import sys
from pathlib import Path

from programs import ROOT, environment

README = ROOT / "README.md"
HOME = "/home/you/voice_triage"
"""What the README calls the folder of the checkout."""


def rewritten(text: str, folder: Path) -> str:
    """README's text with the output of every `$ command` in its console blocks made anew."""
    lines: list[str] = []
    in_block = False
    for line in text.splitlines():
        if line.startswith("```"):
            in_block = line == "```console"
            lines.append(line)
        elif not in_block:
            lines.append(line)
        elif line.startswith("$ "):
            lines += [line, *printed(line[2:], folder)]
    return "\n".join(lines) + "\n"


def printed(command: str, folder: Path) -> list[str]:
    """What a shell shows for `command`, stdout and stderr together."""
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    done = subprocess.run(
        ["bash", "-c", command.replace(HOME, str(ROOT))], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        cwd=folder, env=environment(PATH=path, HOME=str(folder), COLUMNS="88"), check=False,
    )  # fmt: skip
    shown = done.stdout.replace(str(ROOT), HOME)
    return [line.rstrip() for line in shown.splitlines()]


def test_the_readme_shows_what_the_commands_print(tmp_path: Path) -> None:
    text = README.read_text()
    shown, now = without_figures(text), without_figures(rewritten(text, tmp_path))
    assert shown == now, "run script/readme and read what changed"


def without_figures(text: str) -> str:
    """Another release of espeak-ng speaks a little differently; that changes these alone.
    And every machine evaluates at its own speed."""
    text = re.sub(r'("confidence"|"seconds"): [\d.]+', r"\1: …", text)
    text = re.sub(r"\((\w+, )?[\d.]+, [\d.]+ s\)|\(silence, [\d.]+ s\)", "(…)", text)
    text = re.sub(r"\d+ s of conversation took one core [\d.]+ s", "… took one core …", text)
    return re.sub(r"^(Heard \d+ recordings in|With \d+ process).*$", r"\1 …", text, flags=re.M)


def test_the_readme_gets_to_the_point() -> None:
    lines = README.read_text().splitlines()
    assert any("script/run" in line for line in lines[:15])
    assert any("Have you lost control of your bladder?" in line for line in lines[:30])


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as made:
        README.write_text(rewritten(README.read_text(), Path(made)))
