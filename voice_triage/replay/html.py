"""Played scenarios as one HTML file: the conversation, and the sound of each answer. Offline."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from voice_triage.listen.frames import RATE, Frame
from voice_triage.replay.ears import Turn
from voice_triage.replay.transcript import Line

_WIDTH, _HEIGHT = 640, 72
_LONGEST_S = 60
"""Longer sound is drawn, but not embedded."""
_STYLE = """
:root { color-scheme: light dark; --good: #0072b2; --bad: #d55e00; --dim: #767676; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
summary { cursor: pointer; font-weight: 600; padding: .4rem 0; }
.good { color: var(--good); } .bad { color: var(--bad); }
ol { list-style: none; padding: 0; }
li { padding: .15rem .5rem; border-left: 4px solid transparent; }
li.plus { border-color: var(--bad); } li.minus { border-color: var(--good); }
.who { display: inline-block; width: 4.5rem; color: var(--dim); }
.mark { display: inline-block; width: 1rem; font-weight: 700; }
svg { display: block; max-width: 100%; margin: .3rem 0 0 5.5rem; }
svg .speech { fill: var(--good); opacity: .18; } svg .wave { fill: currentColor; }
svg text { font: 11px system-ui, sans-serif; fill: var(--dim); }
audio { height: 2rem; margin-left: 5.5rem; }
pre { white-space: pre-wrap; }
"""


@dataclass(frozen=True, eq=False)
class Chapter:
    """One scenario, told and heard."""

    path: str
    name: str
    lines: Sequence[Line]
    turns: Sequence[Turn]
    """In the order of the lines that begin with "hears"."""
    summary: str
    """How long it took, and the like."""
    mismatches: tuple[str, ...] = ()
    error: str = ""

    @property
    def is_good(self) -> bool:
        """Nothing came out otherwise than expected."""
        return not self.mismatches and not self.error


def page(chapters: Sequence[Chapter], title: str) -> str:
    """The whole file."""
    body = "\n".join(part for chapter in chapters for part in _chapter(chapter))
    good = sum(chapter.is_good for chapter in chapters)
    return (
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{escape(title)}</title>'
        '\n<meta name="viewport" content="width=device-width">'
        f"\n<style>{_STYLE}</style>\n<h1>{escape(title)}</h1>"
        f"\n<p>{good} of {len(chapters)} as expected. In a conversation, &minus; is what was"
        " expected and didn't come, + what came instead; the shaded part of a waveform is where"
        f" somebody was heard.</p>\n{body}\n</html>\n"
    )


def _chapter(chapter: Chapter) -> Iterator[str]:
    state = ("good", "as expected") if chapter.is_good else ("bad", "not as expected")
    is_open = "" if chapter.is_good else " open"
    yield f"<details{is_open}><summary>{escape(chapter.name)} "
    yield f'<span class="{state[0]}">{state[1]}</span></summary>'
    yield f"<p>{escape(chapter.path)}<br>{escape(chapter.summary)}</p>"
    if chapter.error:
        yield f'<pre class="bad">{escape(chapter.error)}</pre>'
    for mismatch in chapter.mismatches:
        yield f'<p class="bad">{escape(mismatch)}</p>'
    yield "<ol>"
    turns = iter(chapter.turns)
    for line in chapter.lines:
        kind = {"+": ' class="plus"', "-": ' class="minus"'}.get(line.mark, "")
        mark = line.mark.replace("-", "\N{MINUS SIGN}")
        yield f'<li{kind}><span class="mark">{mark}</span><span class="who">{line.who}</span>'
        yield escape(line.text)
        turn = next(turns, None) if line.who == "hears" else None
        if turn is not None:
            yield from _heard(turn)
        yield "</li>"
    yield "</ol></details>"


def _heard(turn: Turn) -> Iterator[str]:
    seconds = len(turn.sound) / RATE
    if not seconds:
        return
    told = f"Waveform of {seconds:.1f} s, heard: {turn.heard.text or 'nothing'}"
    yield f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" role="img"'
    yield f' aria-label="{escape(told)}">'
    if turn.speech_s is not None:
        left, right = (_WIDTH * at / seconds for at in turn.speech_s)
        wide = max(1.0, right - left)
        yield f'<rect class="speech" x="{left:.1f}" y="0" width="{wide:.1f}" height="58"/>'
        yield f'<text x="{left + 3:.1f}" y="11">{escape(turn.heard.text)}</text>'
    yield f'<path class="wave" d="{_outline(turn.sound)}"/>'
    for second in range(0, int(seconds) + 1, max(1, round(seconds / 10))):
        at = _WIDTH * second / seconds
        yield f'<text x="{at:.1f}" y="70">{second} s</text>'
    yield "</svg>"
    if seconds <= _LONGEST_S:
        yield f'<audio controls preload="none" src="{_embedded(turn.sound)}"></audio>'


def _outline(sound: Frame) -> str:
    """The loudest and the lowest sample in each of 320 columns, as an SVG path."""
    columns = np.array_split(sound / 32768.0, min(_WIDTH // 2, len(sound)))
    step = _WIDTH / len(columns)
    middle, half = 34.0, 22.0
    top = [f"{n * step:.1f},{middle - half * float(c.max()):.1f}" for n, c in enumerate(columns)]
    low = [f"{n * step:.1f},{middle - half * float(c.min()):.1f}" for n, c in enumerate(columns)]
    return "M" + "L".join([*top, *reversed(low)]) + "Z"


def _embedded(sound: Frame) -> str:
    import soundfile

    file = io.BytesIO()
    soundfile.write(file, sound, RATE, format="FLAC")
    return "data:audio/flac;base64," + base64.b64encode(file.getvalue()).decode("ascii")
