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

_WIDTH, _HEIGHT = 640, 96
_MIDDLE, _HALF = 46.0, 26.0
_LONGEST_S = 60
"""Longer sound is drawn, but not embedded."""
_STYLE = """
:root { color-scheme: light dark; --good: #0063a0; --bad: #b04600; --dim: #666; }
html { background: #fff; color: #111; }
@media (prefers-color-scheme: dark) { :root { --good: #6cb8f0; --bad: #ff9a5c; --dim: #aaa; } }
@media (prefers-color-scheme: dark) { html { background: #121212; color: #eee; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
body { overflow-wrap: break-word; }
summary { cursor: pointer; padding: .4rem 0; } h2 { display: inline; font-size: 1em; }
.good { color: var(--good); } .bad { color: var(--bad); }
ol { list-style: none; padding: 0; }
li { display: grid; grid-template-columns: 1.2rem 4.2rem minmax(0, 1fr); padding: .15rem .5rem; }
li { border-left: 4px solid transparent; }
li.plus { border-color: var(--bad); } li.minus { border-color: var(--good); }
.who { color: var(--dim); } .mark { font-weight: 700; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
svg { display: block; width: 100%; max-width: 40rem; margin: .3rem 0; }
svg .speech { fill: var(--good); opacity: .18; } svg .wave { fill: currentColor; }
svg .rest { stroke: var(--dim); stroke-width: .5; }
svg text { font: 11px system-ui, sans-serif; fill: var(--dim); }
svg text.heard { fill: currentColor; font-size: 13px; }
audio { height: 2.4rem; width: 100%; max-width: 20rem; }
@media (max-width: 40rem) { svg text { font-size: 20px; } svg text.heard { font-size: 22px; } }
pre { white-space: pre-wrap; }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; media-src data:"
_MEANS = {"+": "came instead: ", "-": "expected: "}
"""What the marks say to who can't see them."""


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
        f'\n<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '\n<meta name="viewport" content="width=device-width">'
        f"\n<style>{_STYLE}</style>\n<main>\n<h1>{escape(title)}</h1>"
        f"\n<p>{good} of {len(chapters)} as expected. In a conversation, &minus; is what was"
        " expected and didn't come, + what came instead; the shaded part of a waveform is where"
        f" somebody was heard.</p>\n{body}\n</main>\n</html>\n"
    )


def _chapter(chapter: Chapter) -> Iterator[str]:
    state = ("good", "as expected") if chapter.is_good else ("bad", "not as expected")
    is_open = "" if chapter.is_good else " open"
    yield f"<details{is_open}><summary><h2>{escape(chapter.name)} "
    yield f'<span class="{state[0]}">{state[1]}</span></h2></summary>'
    yield f"<p>{escape(chapter.path)}<br>{escape(chapter.summary)}</p>"
    if chapter.error:
        yield f'<pre class="bad">{escape(chapter.error)}</pre>'
    for mismatch in chapter.mismatches:
        yield f'<p class="bad">{escape(mismatch)}</p>'
    yield '<ol role="list">'  # said, since some browsers drop a list without marks
    turns = iter(chapter.turns)
    for line in chapter.lines:
        kind = {"+": ' class="plus"', "-": ' class="minus"'}.get(line.mark, "")
        mark = line.mark.replace("-", "\N{MINUS SIGN}")
        means = f'<span class="unseen">{_MEANS[line.mark]}</span>' if line.mark in _MEANS else ""
        yield f'<li{kind}><span class="mark" aria-hidden="true">{mark}</span>'
        yield f'<span class="who">{means}{line.who} </span><div>{escape(line.text)}'
        turn = next(turns, None) if line.who == "hears" else None
        if turn is not None:
            yield from _heard(turn)
        yield "</div></li>"
    yield "</ol></details>"


def _heard(turn: Turn) -> Iterator[str]:
    seconds = len(turn.sound) / RATE
    if not seconds:
        return
    heard = turn.heard.text.replace("[unk]", "…") or "nothing"
    told = f"Waveform of {seconds:.1f} s, heard: {heard}"
    if turn.speech_s is not None:
        told += f", somebody spoke from {turn.speech_s[0]:.1f} s to {turn.speech_s[1]:.1f} s"
    yield f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(told)}">'
    yield f'<path class="rest" d="M0 {_MIDDLE}H{_WIDTH}"/>'
    if turn.speech_s is not None:
        left, right = (_WIDTH * at / seconds for at in turn.speech_s)
        wide = max(1.0, right - left)
        yield f'<rect class="speech" x="{left:.1f}" y="0" width="{wide:.1f}" height="74"/>'
        # To the left of its end where it would run out of the drawing.
        at, anchor = (left + 3, "start") if left < _WIDTH * 0.6 else (right - 3, "end")
        beside = f'x="{at:.1f}" y="18" text-anchor="{anchor}"'
        yield f'<text class="heard" {beside}>{escape(heard)}</text>'
    yield f'<path class="wave" d="{_outline(turn.sound)}"/>'
    for second in range(0, int(seconds) + 1, max(1, round(seconds / 10))):
        at = _WIDTH * second / seconds
        yield f'<text x="{at:.1f}" y="{_HEIGHT - 3}"{_anchored(at)}>{second} s</text>'
    yield "</svg>"
    if seconds <= _LONGEST_S:
        # Loaded when it is played: browsers refuse a page that loads hundreds.
        yield f'<audio controls preload="none" aria-label="The sound of: {escape(heard)}"'
        yield f' src="{_embedded(turn.sound)}"></audio>'


def _anchored(at: float) -> str:
    """A label's side: the first stands right of its place, the last left of it."""
    side = "start" if at < 12 else "end" if at > _WIDTH - 12 else "middle"
    return f' text-anchor="{side}"'


def _outline(sound: Frame) -> str:
    """The loudest and the lowest sample in each of 320 columns, as an SVG path."""
    columns = np.array_split(sound / 32768.0, min(_WIDTH // 2, len(sound)))
    step = _WIDTH / len(columns)
    top = [f"{n * step:.1f},{_MIDDLE - _HALF * float(c.max()):.1f}" for n, c in enumerate(columns)]
    low = [f"{n * step:.1f},{_MIDDLE - _HALF * float(c.min()):.1f}" for n, c in enumerate(columns)]
    return "M" + "L".join([*top, *reversed(low)]) + "Z"


def _embedded(sound: Frame) -> str:
    import soundfile

    file = io.BytesIO()
    soundfile.write(file, sound, RATE, format="FLAC")
    return "data:audio/flac;base64," + base64.b64encode(file.getvalue()).decode("ascii")
