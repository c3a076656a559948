"""Talk that repeats itself: hearing it must not cost a small computer all its memory."""

import re
import subprocess
import sys
from pathlib import Path

from programs import environment
from voices import speak

# What the kernel tells a parent of its child counts the parent's own memory before exec, too.
HEARS = """
import sys
from pathlib import Path
from voice_triage.__main__ import main
sys.argv = ["voice-triage", "hear", sys.argv[1]]
try:
    main()
finally:
    Path("status").write_text(Path("/proc/self/status").read_text())
"""


def test_talk_that_repeats_itself_takes_little_memory(tmp_path: Path) -> None:
    """Without a bound on Vosk's lattices this takes more than 900 MB, and minutes."""
    talk = speak("blah blah blah. " * 22, tmp_path / "talk.wav", "slt")
    ran = subprocess.run(
        [sys.executable, "-c", HEARS, str(talk)],
        capture_output=True, text=True, env=environment(), cwd=tmp_path, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert '"seconds"' in ran.stdout
    assert ran.stderr == ""
    most = re.search(r"^VmHWM:\s*(\d+) kB$", (tmp_path / "status").read_text(), re.MULTILINE)
    assert most is not None
    assert int(most[1]) < 250 * 1024
