"""The heat map of `replay --stress`, as a browser draws it: everything on it can be read."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from voice_triage.replay.heat import heat_map
from voice_triage.replay.stress import Grid, Run

MEASURE = """() => {
  const box = (e) => { const { left, top, right, bottom } = e.getBoundingClientRect(); return { left, top, right, bottom }; };
  const fill = (e) => getComputedStyle(e).fill.match(/[\\d.]+/g).map(Number);
  const cells = [...document.querySelectorAll("[id^=patch_] path")].map(e => ({ ...box(e), fill: fill(e),
    framed: parseFloat(getComputedStyle(e).strokeWidth) > 2 })).filter(c => c.right - c.left < 300);
  const texts = [...document.querySelectorAll("text")].map(e => ({ ...box(e), text: e.textContent, fill: fill(e) }));
  return { whole: box(document.documentElement), cells, texts };
}"""
Box = dict[str, Any]


def runs(scenarios: int, grid: Grid) -> list[Run]:
    """The worse the noise the fewer hold; of each fifth that doesn't, the ending is lower."""
    made: list[Run] = []
    for number in range(scenarios):
        path = Path(f"scenarios/a_rather_long_name_of_one_{number}.triage.yaml")
        for around in grid.drawn(3, path.name):
            held = (len(made) * 7) % 20 < (around.snr_db or 20)
            lower = not held and len(made) % 5 == 0
            actual = "urgent" if held else "soon" if lower else "emergency"
            made.append(Run(path, path.name, around, "urgent", actual, held, lower, 0, 0))
    return made


def within(inner: Box, outer: Box) -> bool:
    low = all(inner[side] >= outer[side] - 1 for side in ("left", "top"))
    return low and all(inner[side] <= outer[side] + 1 for side in ("right", "bottom"))


def luminance(colour: list[float]) -> float:
    linear = [((c / 255 + 0.055) / 1.055) ** 2.4 if c > 10 else c / 255 / 12.92 for c in colour[:3]]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    ("scenarios", "grid"), [(9, Grid()), (1, Grid(noises=("hum",), snrs_db=(0,)))]
)
def test_every_number_can_be_read(
    scenarios: int, grid: Grid, browser: Browser, tmp_path: Path
) -> None:
    made = runs(scenarios, grid)
    heat_map(made, tmp_path / "stress.svg")
    page = browser.new_page()
    page.goto(f"file://{tmp_path}/stress.svg")
    found = page.evaluate(MEASURE)
    page.close()
    cells, texts = found["cells"], found["texts"]
    assert len(cells) == scenarios * len(grid.rooms())
    for one, other in combinations(texts, 2):
        apart = (
            one["right"] <= other["left"] + 1
            or other["right"] <= one["left"] + 1
            or one["bottom"] <= other["top"] + 3  # lines of one text touch
            or other["bottom"] <= one["top"] + 3
        )
        assert apart, (one, other)
    for text in texts:
        assert within(text, found["whole"]), text
    lower = 0
    for cell in cells:
        inside = [text for text in texts if within(text, cell)]
        [rate] = [text for text in inside if text["text"].endswith("%")]
        warned = [int(t["text"].split()[0]) for t in inside if t["text"].endswith("LOWER")]
        assert bool(warned) == cell["framed"]
        lower += sum(warned)
        light, dark = sorted((luminance(rate["fill"]), luminance(cell["fill"])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (rate, cell)
    assert lower == sum(run.lower for run in made)
    shown = " ".join(text["text"] for text in texts)
    assert "Framed, LOWER: that many ended less urgent than expected." in shown
