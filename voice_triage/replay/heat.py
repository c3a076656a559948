"""How often outcomes hold, as a drawing: SVG, legible without colour vision."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from voice_triage.evaluate.draw import drawn
from voice_triage.replay.stress import Run, noise_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DANGER = "#D55E00"
"""Okabe and Ito's vermilion, on a shade of blue; the frame and the word say it without colour."""
_LEAST = 6.2
"""Inches; room for the title."""
_FEW = 8
"""Rows whose noises can be read at the top alone."""
_Cells = Sequence[Sequence[Sequence[Run]]]


def heat_map(runs: Sequence[Run], path: Path) -> None:
    """Scenarios (rows) in each noise (columns): how often the outcome held, and how often it was
    lower. Raises OSError."""
    columns = list(dict.fromkeys(noise_name(run.around) for run in runs))
    rows = list(dict.fromkeys((run.path, run.name) for run in runs))
    found: dict[tuple[tuple[Path, str], str], list[Run]] = {}
    for run in runs:
        found.setdefault(((run.path, run.name), noise_name(run.around)), []).append(run)
    cells = [[found.get((row, column), []) for column in columns] for row in rows]
    with drawn(path, max(_LEAST, 3.6 + 0.82 * len(columns)), 1.7 + 0.4 * len(rows)) as figure:
        axis = figure.subplots()
        _fill(axis, cells)
        names = [name.replace(" ", "\n", 1) for name in columns]
        axis.set_xticks(range(len(columns)), names, fontsize=10)
        axis.set_yticks(range(len(rows)), [_short(path) for path, _ in rows], fontsize=10)
        axis.tick_params(length=0, labeltop=True, labelbottom=len(rows) > _FEW)
        axis.spines[:].set_visible(False)
        most = max((len(cell) for row in cells for cell in row), default=0)
        figure.suptitle(
            f"How often the outcome holds, of {most} {'try' if most == 1 else 'tries'} a cell.\n"
            "Framed, LOWER: that many ended less urgent than expected.",
            fontsize=11, x=0.01, ha="left",
        )  # fmt: skip


def _fill(axis: Axes, cells: _Cells) -> None:
    from matplotlib import colormaps
    from matplotlib.patches import Rectangle

    shade = colormaps["Blues"]
    axis.set_xlim(-0.5, len(cells[0]) - 0.5)
    axis.set_ylim(len(cells) - 0.5, -0.5)
    for y, row in enumerate(cells):
        for x, cell in enumerate(row):
            if not cell:
                continue
            rate, lower = sum(run.held for run in cell) / len(cell), sum(r.lower for r in cell)
            colour = shade(0.9 * rate)
            line, wide = (_DANGER, 2.5) if lower else ("#bbbbbb", 0.5)
            axis.add_patch(
                Rectangle(
                    (x - 0.46, y - 0.44), 0.92, 0.88, facecolor=colour, edgecolor=line,
                    linewidth=wide,
                )
            )  # fmt: skip
            text = f"{100 * rate:.0f} %" + (f"\n{lower} LOWER" if lower else "")
            axis.text(x, y, text, ha="center", va="center", fontsize=9,
                      color=_ink(colour), fontweight="bold" if lower else "normal")  # fmt: skip


def _ink(ground: tuple[float, float, float, float]) -> str:
    """Black or white, whichever stands out more from `ground` (relative luminance, WCAG 2.2)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in ground[:3]]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "black" if (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) else "white"


def _short(path: Path) -> str:
    return path.name.removesuffix(".triage.yaml").replace("_", " ")
