"""How long a flow of ten thousand questions takes to prove, and how fast questions are spoken.

    .venv/bin/python benchmarks/proofs.py

The first figures are seconds of processor time of whole commands; the target is 5 s. The last one
is what voice_triage.flow.paths counts spoken seconds with.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from voice_triage.assemble import find_flow
from voice_triage.conversation.phrases import spoken
from voice_triage.flow import load
from voice_triage.flow.paths import CHARACTERS_PER_S
from voice_triage.speak.synthesis import Pyttsx3

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from flows import chain, outcome, question  # the tests' own flows

QUESTIONS = 10_000
RUNS = 1


def plain() -> dict[str, Any]:
    """4^10,000 paths."""
    return chain(QUESTIONS)


def emergencies() -> dict[str, Any]:
    """Half of them ask about emergencies, and each of those lies on every path."""
    data = chain(QUESTIONS)
    data["outcomes"]["emergency"] = outcome("emergency")
    for index in range(QUESTIONS // 2):
        at_once = dict.fromkeys(("yes", "unsure", "unanswered"), "emergency")
        data["questions"][f"q{index}"] = question("emergency", {**at_once, "no": f"q{index + 1}"})
    return data


def conditions() -> dict[str, Any]:
    """Every third is asked only after a yes two questions earlier."""
    data = chain(QUESTIONS)
    for index in range(3, QUESTIONS - 1, 3):
        read = {"question": f"q{index - 2}", "operator": "=", "answer": "yes"}
        when = {"enableWhen": [read], "otherwise": f"q{index + 1}"}
        data["questions"][f"q{index}"]["when"] = when
    return data


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for made in (plain, emergencies, conditions):
            file = Path(folder) / "flow.yaml"
            file.write_text(json.dumps(made(), indent=1))
            for command in ("check", "paths"):
                taken = min(seconds(command, file) for _ in range(RUNS))
                print(f"{command} of {QUESTIONS:,} questions, {made.__name__}: {taken:.1f} s")
    flow = load(find_flow(None))
    texts = [asked.ask for asked in flow.questions.values()]
    for part in flow.outcomes.values():
        texts += [part.now, *part.advice, *part.safety_net]
    said = [spoken(text.replace("{number}", "112")) for text in texts]
    lasts = sum(Pyttsx3().render(text).seconds for text in said)
    pace = sum(map(len, said)) / lasts
    print(f"{len(said)} texts, {lasts:.0f} s: {pace:.1f} characters/s; counted {CHARACTERS_PER_S}")


def seconds(command: str, file: Path) -> float:
    """Processor time of the whole command, which uses one core: what it takes on an idle one."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    words = [sys.executable, "-m", "voice_triage", command, str(file)]
    subprocess.run(words, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
