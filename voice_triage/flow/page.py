"""A flow's picture as one HTML page: it zooms, and each box opens what stands behind it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html import escape
from string import Template

from voice_triage.flow.draw import COLOURS, NOTHING, Picture, filled, said
from voice_triage.flow.model import Flow, Question, Urgency
from voice_triage.flow.survey import survey
from voice_triage.flow.ways import Way, ways

_Part = list[str | list[str]]
"""A heading, and the lines below it."""


def page(flow: Flow, drawn: Picture, svg: str) -> str:
    """The page, whole: it fetches nothing, and runs no script but its own, whatever stands in the
    flow. `svg` is Graphviz's drawing of `drawn`, whose flow must have no circles."""
    drawing = svg[svg.index("<svg") :]
    # The drawing fills the page, whatever size it was laid out for.
    drawing = re.sub(r'<svg width="[^"]*" height="[^"]*"', "<svg", drawing, count=1)
    turns = _Turns()
    data = {"boxes": _boxes(flow, drawn, turns), "turns": turns.all}
    # "<" as a code: a text that has "</script>" in it would end the script otherwise.
    literal = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
    script = f"\nconst data = {literal};\n{_SCRIPT}"
    return Template(_PAGE).substitute(
        language=escape(flow.language),
        title=escape(flow.title),
        policy=f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(_STYLE)}",
        style=_STYLE,
        legend="".join(f"<li>{_sample(urgency)}{urgency}</li>" for urgency in reversed(Urgency)),
        drawing=drawing,
        script=script,
    )


def _hash(text: str) -> str:
    """What a content security policy names an inline script or style by."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _sample(urgency: Urgency) -> str:
    fill, line = COLOURS[urgency]
    box = f'<rect x="1" y="1" width="18" height="12" rx="3" fill="{fill}" stroke="{line}"/>'
    return f'<svg width="20" height="14" aria-hidden="true">{box}</svg>'


class _Turns:
    """Turns of conversations, each once: its question, what was answered, and the number of the
    turn before it."""

    def __init__(self) -> None:
        self.all: list[tuple[str, str, int | None]] = []
        self._numbers: dict[Way, int] = {}

    def number(self, way: Way) -> int:
        """That of its last turn."""
        new: list[Way] = []
        at: Way | None = way
        while at is not None and at not in self._numbers:
            new.append(at)
            at = at.before
        for turn in reversed(new):
            before = None if turn.before is None else self._numbers[turn.before]
            self._numbers[turn] = len(self.all)
            answer = said(turn.replies) + (f"; {NOTHING}" if turn.found_nothing else "")
            self.all.append((turn.question, answer, before))
        return self._numbers[way]


def _boxes(flow: Flow, drawn: Picture, turns: _Turns) -> dict[str, dict[str, object]]:
    surveyed = survey(flow)
    led = ways(surveyed)
    first = surveyed.start and surveyed.start.question
    found: dict[str, dict[str, object]] = {}
    for box in drawn.boxes:
        numbers = [turns.number(way) for way in led[box.name]]
        none = "It is asked first." if box.name == first else "Nothing leads here."
        found[box.name] = {
            "title": box.text,
            "name": f"{box.text} {box.urgency}",
            "parts": _parts(flow, box.name),
            "ways": numbers,
            "none": "" if numbers else none,
        }
    return found


def _parts(flow: Flow, name: str) -> list[_Part]:
    part = flow.questions.get(name) or flow.outcomes[name]
    facts: _Part = ["Rests on", [f"{fact}: {flow.facts[fact]}" for fact in part.facts]]
    if isinstance(part, Question):
        reads = [f"{part.readback.yes} (yes)", f"{part.readback.no} (no)"]
        found: list[_Part] = [
            ["Question", [f"{name}, {part.urgency}"]],
            ["Help", [part.help]],
            ["Read back as", reads],
            ["Counts when said at any time", list(part.answers.symptom)],
        ]
        if part.when is not None:
            conditions = [f"{c.question} {c.operator} {c.answer}" for c in part.when.enableWhen]
            found.append([f"Asked only when {part.when.enableBehavior} of these hold", conditions])
        return [*found, facts]
    return [
        ["Outcome", [f"{name}, {part.urgency}"]],
        ["Advice", [filled(text) for text in part.advice]],
        ["Safety net", [filled(text) for text in part.safety_net]],
        facts,
    ]


_PAGE = """<!doctype html>
<html lang="$language">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="$policy">
<meta name="viewport" content="width=device-width">
<title>$title</title>
<style>$style</style>
<main>
<header><h1>$title</h1>
<div id="zoom"><button id="in" aria-label="closer">+</button><button id="out" aria-label="farther">&minus;</button><button id="all">all</button></div>
<ul id="legend">$legend<li><svg width="26" height="14" aria-hidden="true"><path d="M1 7H25"/></svg>reached while the questions go on</li></ul>
</header>
<div id="drawing">$drawing</div>
</main>
<aside id="about" tabindex="0" aria-label="What stands behind a box"><h2 aria-live="polite">Choose a question or an outcome</h2>
<div><p>Click it, or go there with Tab and press Enter.</p>
<p>The wheel, two fingers, or the keys + and &minus; zoom; dragging or the arrow keys move; 0 shows all.</p></div></aside>
<script>$script</script>
</html>
"""

_STYLE = """
  html { font: clamp(16px, .7vw, 32px)/1.4 Helvetica, Arial, sans-serif; } /* larger on a wall */
  html, body { margin: 0; height: 100%; color: #111; background: #fff; }
  body { display: flex; }
  main { flex: 1; min-width: 0; display: flex; flex-direction: column; }
  header { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 20px; padding: 6px 12px; border-bottom: 1px solid #bbb; }
  h1 { font-size: 1.2em; margin: 0; }
  #zoom { display: flex; gap: 4px; }
  #zoom button { font: inherit; font-size: 1.1em; min-width: 44px; min-height: 44px; }
  #legend { display: flex; flex-wrap: wrap; gap: 2px 14px; list-style: none; margin: 0; padding: 0; font-size: .85em; }
  #legend svg { vertical-align: -2px; margin-right: 5px; }
  #legend path { stroke: #707070; stroke-dasharray: 5 3; }
  #drawing { flex: 1; min-height: 0; overflow: hidden; touch-action: none; cursor: grab; }
  #drawing > svg { width: 100%; height: 100%; display: block; }
  #drawing #a_graph0 { display: none; } /* the heading says it */
  #drawing g.edge text { paint-order: stroke; stroke: #fff; stroke-width: 4px; }
  #drawing g.node { cursor: pointer; }
  #drawing g.open path, #drawing g.open polygon { stroke-width: 4; }
  #drawing g.node:focus { outline: none; }
  #drawing g.node:focus-visible { outline: 3px solid #000; outline-offset: 3px; }
  aside { width: 24em; max-width: 45%; overflow: auto; padding: 0 1.2em 1em; border-left: 1px solid #bbb; box-sizing: border-box; overflow-wrap: break-word; }
  aside h2 { font-size: 1.2em; } aside h3 { font-size: .95em; margin: 1em 0 .2em; color: #444; }
  aside ul { margin: 0; padding-left: 1.2em; } aside ol { margin: 0 0 .4em; padding-left: 2em; }
  aside p { margin: .2em 0; } aside summary { cursor: pointer; padding: .2em 0; }
  @media (max-width: 700px) {
    body { flex-direction: column; } aside { width: 100%; max-width: none; height: 42%; border: 0; border-top: 1px solid #bbb; }
    h1 { font-size: 1em; } #legend { gap: 0 10px; }
  }
  @media print { aside, #zoom { display: none; } }
"""

_SCRIPT = """const { boxes, turns } = data;
const drawing = document.getElementById("drawing"), svg = drawing.querySelector("svg");
const about = document.getElementById("about"), [heading, told] = about.children;
const whole = svg.viewBox.baseVal, first = [whole.x, whole.y, whole.width, whole.height];
const fingers = new Map();
let view = [...first], moved = 0;
function show() {
  for (const i of [0, 1]) {  // the middle stays on the drawing
    const half = view[i + 2] / 2;
    view[i] = Math.min(Math.max(view[i], first[i] - half), first[i] + first[i + 2] - half);
  }
  svg.setAttribute("viewBox", view.join(" "));
}
function zoom(by, x, y) {
  by = Math.min(Math.max(by, first[2] / 50 / view[2]), first[2] * 2 / view[2]);
  const box = svg.getBoundingClientRect();
  const at = new DOMPoint(x ?? box.x + box.width / 2, y ?? box.y + box.height / 2)
    .matrixTransform(svg.getScreenCTM().inverse());
  view = [at.x - (at.x - view[0]) * by, at.y - (at.y - view[1]) * by, view[2] * by, view[3] * by];
  show();
}
function move(x, y) {
  const scale = svg.getScreenCTM().a;
  view[0] -= x / scale; view[1] -= y / scale;
  show();
}
const all = () => { view = [...first]; show(); };
document.getElementById("in").onclick = () => zoom(.7);
document.getElementById("out").onclick = () => zoom(1 / .7);
document.getElementById("all").onclick = all;
drawing.addEventListener("wheel", e => { e.preventDefault(); zoom(1.0016 ** e.deltaY, e.clientX, e.clientY); }, { passive: false });
drawing.addEventListener("pointerdown", e => { if (!fingers.size) moved = 0; fingers.set(e.pointerId, [e.clientX, e.clientY]); });
addEventListener("pointermove", e => {
  const was = fingers.get(e.pointerId), now = [e.clientX, e.clientY];
  if (!was) return;
  if (!e.buttons) return fingers.delete(e.pointerId);  // let go outside the window
  fingers.set(e.pointerId, now);
  const other = [...fingers].find(([id]) => id !== e.pointerId)?.[1], share = other ? .5 : 1;
  if (other) {
    const apart = point => Math.hypot(point[0] - other[0], point[1] - other[1]) || 1;
    zoom(apart(was) / apart(now), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
  }
  moved += Math.hypot(now[0] - was[0], now[1] - was[1]);
  move((now[0] - was[0]) * share, (now[1] - was[1]) * share);
});
for (const end of ["pointerup", "pointercancel"]) addEventListener(end, e => fingers.delete(e.pointerId));
const keys = { "+": () => zoom(.7), "=": () => zoom(.7), "-": () => zoom(1 / .7), "0": all,
  ArrowLeft: () => move(80, 0), ArrowRight: () => move(-80, 0), ArrowUp: () => move(0, 80), ArrowDown: () => move(0, -80) };
addEventListener("keydown", e => {
  const plain = !e.ctrlKey && !e.metaKey && !e.altKey && Object.hasOwn(keys, e.key);
  if (plain && !about.contains(e.target)) { e.preventDefault(); keys[e.key](); }
});
function put(tag, text, into) { const made = document.createElement(tag); made.textContent = text; into.append(made); return made; }
function way(number, open) {
  const steps = [];
  for (let at = number; at !== null; at = turns[at][2]) steps.unshift(turns[at]);
  const shown = put("details", "", told), [question, answer] = steps.at(-1);
  shown.open = open;
  put("b", answer, put("summary", boxes[question].title + " ", shown));
  const list = put("ol", "", shown);
  for (const [asked, said] of steps) put("b", said, put("li", boxes[asked].title + " ", list));
}
function open(name) {
  for (const old of svg.querySelectorAll("g.open")) { old.classList.remove("open"); old.removeAttribute("aria-current"); }
  const node = document.getElementById("box-" + name), box = boxes[name];
  node.classList.add("open"); node.setAttribute("aria-current", "true");
  heading.textContent = box.title;
  told.replaceChildren();
  for (const [heading, lines] of box.parts) {
    if (!lines.length) continue;
    put("h3", heading, told);
    const list = put("ul", "", told);
    for (const line of lines) put("li", line, list);
  }
  put("h3", "Ways here", told);
  if (box.none) put("p", box.none, told);
  else put("p", "After each answer that leads here, the shortest conversation:", told);
  box.ways.forEach((number, index) => way(number, index === 0));
  about.scrollTop = 0;
}
for (const name of Object.keys(boxes)) {
  const node = document.getElementById("box-" + name);
  node.setAttribute("tabindex", "0"); node.setAttribute("role", "button");
  node.setAttribute("aria-label", boxes[name].name);
  node.addEventListener("click", () => { if (moved < 5) open(name); });
  node.addEventListener("keydown", e => { if (e.key === "Enter" || e.key === " ") { e.preventDefault(); open(name); } });
  node.addEventListener("focus", () => {  // bring into view what Tab has reached
    const at = node.getBoundingClientRect(), frame = drawing.getBoundingClientRect();
    const inside = at.left >= frame.left && at.right <= frame.right && at.top >= frame.top && at.bottom <= frame.bottom;
    if (!inside && node.matches(":focus-visible"))
      move(frame.x + frame.width / 2 - at.x - at.width / 2, frame.y + frame.height / 2 - at.y - at.height / 2);
  });
}
function openNamed() { const name = location.hash.slice(1); if (Object.hasOwn(boxes, name)) open(name); }
addEventListener("hashchange", openNamed);  // page.html#headache opens that one
openNamed();
"""
