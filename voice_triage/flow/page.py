"""A flow's picture as one HTML page: it zooms, and each box opens what stands behind it."""

from __future__ import annotations

import json
import re
from html import escape

from voice_triage.flow.draw import Picture, filled
from voice_triage.flow.model import Flow, Question

_Part = list[str | list[str]]
"""A heading, and the lines below it."""


def page(flow: Flow, drawn: Picture, svg: str) -> str:
    """The page, whole: it fetches nothing. `svg` is Graphviz's drawing of `drawn`."""
    drawing = svg[svg.index("<svg") :]
    # The drawing fills the page, whatever size it was laid out for.
    drawing = re.sub(r'<svg width="[^"]*" height="[^"]*"', "<svg", drawing, count=1)
    # "<" as a code: a text that has "</script>" in it would end the script otherwise.
    boxes = json.dumps(_boxes(flow, drawn), ensure_ascii=False).replace("<", "\\u003c")
    return (
        _PAGE.replace("LANGUAGE", escape(flow.language))
        .replace("TITLE", escape(flow.title))
        .replace("DRAWING", drawing)
        .replace("BOXES", boxes)
    )


def _boxes(flow: Flow, drawn: Picture) -> dict[str, dict[str, object]]:
    texts = {box.name: box.text for box in drawn.boxes}
    incoming: dict[str, list[str]] = {name: [] for name in texts}
    for arrow in drawn.arrows:
        incoming[arrow.target].append(f"{texts[arrow.source]} {arrow.label}")
    return {
        name: {"title": texts[name], "parts": [*_parts(flow, name), ["Led to by", incoming[name]]]}
        for name in texts
    }


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
<html lang="LANGUAGE">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>TITLE</title>
<style>
  html, body { margin: 0; height: 100%; font: 16px/1.4 Helvetica, Arial, sans-serif; }
  body { display: flex; }
  #drawing { flex: 1; min-width: 0; position: relative; overflow: hidden; touch-action: none; cursor: grab; }
  #drawing svg { width: 100%; height: 100%; display: block; }
  #drawing g.node { cursor: pointer; }
  #drawing g.node:focus { outline: none; }
  #drawing g.node:focus path, #drawing g.node:focus polygon,
  #drawing g.open path, #drawing g.open polygon { stroke-width: 4; }
  #zoom { position: absolute; left: 12px; top: 12px; }
  #zoom button { font-size: 20px; min-width: 44px; min-height: 44px; }
  aside { width: 24em; max-width: 45%; overflow: auto; padding: 0 1.2em; border-left: 1px solid #bbb; box-sizing: border-box; }
  aside h2 { font-size: 1.2em; } aside h3 { font-size: .95em; margin: 1em 0 .2em; color: #444; }
  aside ul { margin: 0; padding-left: 1.2em; }
  @media (max-width: 700px) { body { flex-direction: column; } aside { width: 100%; max-width: none; height: 45%; border: 0; border-top: 1px solid #bbb; } }
  @media print { aside, #zoom { display: none; } }
</style>
<div id="drawing">DRAWING<div id="zoom"><button id="in" aria-label="closer">+</button>
<button id="out" aria-label="farther">&minus;</button> <button id="all">all</button></div></div>
<aside id="about" aria-live="polite"><h2>TITLE</h2>
<p>Choose a question or an outcome. The wheel zooms, dragging moves.</p></aside>
<script>
const boxes = BOXES;
const drawing = document.getElementById("drawing"), svg = drawing.querySelector("svg");
const about = document.getElementById("about"), whole = svg.viewBox.baseVal;
const first = [whole.x, whole.y, whole.width, whole.height];
let view = [...first], held = null;
function show() { svg.setAttribute("viewBox", view.join(" ")); }
function zoom(by, x, y) {
  const box = svg.getBoundingClientRect();
  const at = new DOMPoint(x ?? box.x + box.width / 2, y ?? box.y + box.height / 2)
    .matrixTransform(svg.getScreenCTM().inverse());
  view = [at.x - (at.x - view[0]) * by, at.y - (at.y - view[1]) * by, view[2] * by, view[3] * by];
  show();
}
drawing.addEventListener("wheel", e => { e.preventDefault(); zoom(e.deltaY < 0 ? .85 : 1 / .85, e.clientX, e.clientY); }, { passive: false });
drawing.addEventListener("pointerdown", e => { held = [e.clientX, e.clientY]; });
window.addEventListener("pointermove", e => {
  if (!held) return;
  const scale = svg.getScreenCTM().a;
  view[0] -= (e.clientX - held[0]) / scale; view[1] -= (e.clientY - held[1]) / scale;
  held = [e.clientX, e.clientY]; show();
});
for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, () => { held = null; });
document.getElementById("in").onclick = () => zoom(.7);
document.getElementById("out").onclick = () => zoom(1 / .7);
document.getElementById("all").onclick = () => { view = [...first]; show(); };
function put(tag, text, into) { const made = document.createElement(tag); made.textContent = text; into.append(made); return made; }
function open(node, name) {
  document.querySelectorAll("g.open").forEach(old => old.classList.remove("open"));
  node.classList.add("open");
  about.replaceChildren();
  put("h2", boxes[name].title, about);
  for (const [heading, lines] of boxes[name].parts) {
    if (!lines.length) continue;
    put("h3", heading, about);
    const list = put("ul", "", about);
    for (const line of lines) put("li", line, list);
  }
}
for (const name of Object.keys(boxes)) {
  const node = document.getElementById("box-" + name);
  node.setAttribute("tabindex", "0"); node.setAttribute("role", "button");
  node.addEventListener("click", () => open(node, name));
  node.addEventListener("keydown", e => { if (e.key === "Enter" || e.key === " ") { e.preventDefault(); open(node, name); } });
}
const named = decodeURIComponent(location.hash.slice(1));  // page.html#headache opens that one
if (Object.hasOwn(boxes, named)) open(document.getElementById("box-" + named), named);
</script>
</html>
"""
