"""How often outcomes hold, as a drawing: SVG, legible without colour vision."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from voice_triage.evaluate.draw import drawn
from voice_triage.replay.stress import Run, noise_name


def heat_map(runs: Sequence[Run], path: Path) -> None:
    """Scenarios (rows) in each noise (columns): how often the outcome held, and how often it was
    lower. Raises OSError."""
    columns = list(dict.fromkeys(noise_name(run.around) for run in runs))
    rows = list(dict.fromkeys((run.path, run.name) for run in runs))
    cells = {
        (row, column): [
            r for r in runs if (r.path, r.name) == row and noise_name(r.around) == column
        ]
        for row in rows
        for column in columns
    }
    rates = [
        [sum(r.held for r in cells[row, c]) / max(1, len(cells[row, c])) for c in columns]
        for row in rows
    ]
    with drawn(path, 3.6 + 0.75 * len(columns), 1.4 + 0.32 * len(rows)) as figure:
        axis = figure.subplots()
        axis.imshow(rates, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        for y, row in enumerate(rows):
            for x, column in enumerate(columns):
                lower = sum(run.lower for run in cells[row, column])
                text = f"{100 * rates[y][x]:.0f} %" + (f"\n{lower} LOWER" if lower else "")
                axis.text(x, y, text, ha="center", va="center", fontsize=7,
                          color="white" if rates[y][x] > 0.55 else "black",
                          fontweight="bold" if lower else "normal")  # fmt: skip
        names = [name.replace(" ", "\n", 1) for name in columns]
        axis.set_xticks(range(len(columns)), names, fontsize=8)
        axis.set_yticks(range(len(rows)), [_short(path) for path, _ in rows], fontsize=8)
        axis.tick_params(length=0)
        axis.spines[:].set_visible(False)
        axis.set_title("how often the outcome holds; LOWER: less urgent than expected", fontsize=10)


def _short(path: Path) -> str:
    return path.name.removesuffix(".triage.yaml").replace("_", " ")
