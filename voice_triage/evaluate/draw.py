"""The scores as drawings: SVG, legible without colour vision, and the same for the same scores."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voice_triage.answers import Meaning
from voice_triage.evaluate.score import SILENCE, Score, interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_STYLE: dict[Any, Any] = {
    "svg.hashsalt": "voice-triage",  # ids in the file are random otherwise
    "svg.fonttype": "none",  # text stays text: it can be searched and read aloud
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
_ROW_NAMES = {Meaning.NONE.value: "other words", SILENCE: "no speech"}
_COLUMN_NAMES = {Meaning.NONE.value: "nothing"}

_Counts = Callable[[Score], tuple[int, int]]
_LINES: tuple[tuple[str, str, str, str, _Counts], ...] = (
    ("an answer: heard right", "#0072B2", "o", "-", lambda s: (s.answers.right, s.answers.count)),
    ("an answer: not understood", "#595959", "s", "--",
     lambda s: (s.answers.none, s.answers.count)),
    ("other words: taken for yes or no", "#CC79A7", "D", "-.",
     lambda s: (s.other_words.yes_or_no, s.other_words.count)),
    ("an answer: heard as the opposite", "#D55E00", "^", ":",
     lambda s: (s.answers.opposite, s.answers.count)),
)  # fmt: skip
"""What is drawn: label, colour (Okabe and Ito's), marker, dashes, count and total."""


def confusion(scores: Sequence[Score], path: Path) -> None:
    """A matrix a condition: what was said (rows) as what was heard (columns). Raises OSError."""
    rows = _named([name for score in scores for name in score.confusion], SILENCE)
    heard = [n for score in scores for row in score.confusion.values() for n in row]
    columns = _named([*(row for row in rows if row != SILENCE), *heard, Meaning.NONE])
    across = min(3, len(scores))
    down = -(-len(scores) // across)
    size = (1.6 + 0.62 * len(columns), 1.5 + 0.5 * len(rows))
    with drawn(path, across * size[0], down * size[1]) as figure:
        axes = figure.subplots(down, across, squeeze=False).ravel()
        for axis, score in zip(axes, scores, strict=False):
            _matrix(axis, score, rows, columns)
        for axis in axes[len(scores) :]:
            axis.set_axis_off()


def noise(scores: Sequence[Score], path: Path) -> None:
    """Rates against noise, and against echo where there is any, with 95 % intervals shaded.
    Raises OSError."""
    clean = [s for s in scores if s.condition.snr_db is None and s.condition.rt60_s is None]
    noisy = [s for s in scores if s.condition.snr_db is not None]
    echoing = [s for s in scores if s.condition.rt60_s is not None]
    noisy.sort(key=lambda s: -(s.condition.snr_db or 0))
    echoing.sort(key=lambda s: s.condition.rt60_s or 0)
    panels = [(noisy, "signal to noise ratio in dB (more noise to the right)", _snr)]
    if echoing:
        panels.append((echoing, "reverberation time in s (more echo to the right)", _rt60))
    with drawn(path, 1.6 + 5.2 * len(panels), 4.6) as figure:
        axes = figure.subplots(1, len(panels), sharey=True, squeeze=False).ravel()
        for axis, (worse, label, tick) in zip(axes, panels, strict=True):
            _lines(axis, [*clean, *worse], [*["clean"] * len(clean), *map(tick, worse)])
            axis.set_xlabel(label)
        axes[0].set_ylabel("recordings in %, with 95 % intervals")
        named = axes[0].get_legend_handles_labels()
        figure.legend(*named, loc="outside upper center", ncols=2, frameon=False)


def _snr(score: Score) -> str:
    return f"{score.condition.snr_db:g}"


def _rt60(score: Score) -> str:
    return f"{score.condition.rt60_s:g}"


def _lines(axis: Axes, scores: Sequence[Score], ticks: Sequence[str]) -> None:
    at = list(range(len(scores)))
    for label, colour, marker, dashes, counts in _LINES:
        each = [counts(score) for score in scores]
        bounds = [interval(*pair) for pair in each]
        if None in bounds:
            continue  # no such recordings
        low, high = ([100 * b[side] for b in bounds if b] for side in (0, 1))
        rates = [100 * count / total for count, total in each]
        axis.plot(at, rates, color=colour, marker=marker, linestyle=dashes, label=label)
        if len(at) > 1:
            axis.fill_between(at, low, high, color=colour, alpha=0.18, linewidth=0)
        else:
            axis.vlines(at, low, high, color=colour)
    axis.set_xticks(at, ticks)
    axis.set_xlim(-0.4, len(at) - 0.6)
    axis.set_ylim(-2, 102)
    axis.grid(axis="y", color="#dddddd", linewidth=0.8)
    axis.set_axisbelow(True)


def _matrix(axis: Axes, score: Score, rows: Sequence[str], columns: Sequence[str]) -> None:
    counts = [[score.confusion.get(r, {}).get(c, 0) for c in columns] for r in rows]
    rates = [[count / max(1, sum(row)) for count in row] for row in counts]
    axis.imshow(rates, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for y, row in enumerate(counts):
        for x, count in enumerate(row):
            if count:
                axis.text(x, y, _share(count, sum(row)), ha="center", va="center", fontsize=8,
                          color="white" if rates[y][x] > 0.55 else "black")  # fmt: skip
    axis.set_title(score.condition.name, fontsize=11, fontweight="bold")
    axis.set_xlabel("heard as")
    axis.set_ylabel("said")
    names = [_COLUMN_NAMES.get(column, column) for column in columns]
    axis.set_xticks(range(len(columns)), names, rotation=35, ha="right", rotation_mode="anchor")
    totals = [f"{_ROW_NAMES.get(r, r)} ({sum(row)})" for r, row in zip(rows, counts, strict=True)]
    axis.set_yticks(range(len(rows)), totals)
    axis.set_xticks([x + 0.5 for x in range(len(columns) - 1)], minor=True)
    axis.set_yticks([y + 0.5 for y in range(len(rows) - 1)], minor=True)
    axis.grid(which="minor", color="#cccccc", linewidth=0.6)
    axis.tick_params(which="both", length=0)
    axis.spines[:].set_visible(False)


def _share(count: int, total: int) -> str:
    rate = 100 * count / total
    return f"{rate:.0f} %\n{count}" if rate >= 0.5 else f"<1 %\n{count}"


def _named(names: Sequence[str], last: str | None = None) -> list[str]:
    """Each once, in the order of Meaning."""
    return [name for name in (*(m.value for m in Meaning), last) if name and name in names]


@contextmanager
def drawn(path: Path, width: float, height: float) -> Iterator[Figure]:
    """A figure of that size in inches, saved in the end. No window system."""
    # Looking for fonts takes long on a slow machine's first day, and would say so to the user.
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    import matplotlib
    from matplotlib.figure import Figure

    without_date: dict[str, Any] = {"Date": None}
    with matplotlib.rc_context(_STYLE):
        figure = Figure((width, height), layout="constrained")
        yield figure
        figure.savefig(path, format="svg", metadata=without_date)
