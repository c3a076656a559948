"""The kiosk's page at every size: nothing overflows, every button can be hit, everybody can read it."""

from __future__ import annotations

from io import BytesIO
from itertools import combinations
from typing import Any

import pytest
import zxingcpp
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page, expect
from program import Open, ScriptedProgram
from views import ANSWERS, LABELS, MESSAGE, PHASES, SIZES, asking, code, ending, waiting

from voice_triage.record.report_qr import MOST_BYTES

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

SMALLEST_PX = 48
"""A button's least side: 9 mm on the display of 800 by 480 pixels that is 154 mm wide. WCAG 2.5.5
wants 44."""
LARGE_PX = 96
LONG_QUESTION = (
    "Zum Beispiel Rückenmarksverletzungsfolgeerscheinungen: haben Sie plötzlich angefangen zu "
    "stolpern, zu stürzen oder das Gleichgewicht zu verlieren, seit die Beschwerden begannen?"
)
LONG_LABELS = {
    "yes": "Yes, it is so", "no": "No, it is not", "unsure": "I really don't know that",
    "repeat": "Nocheinmalwiederholen", "stop": "Abbrechen und beenden",
}  # fmt: skip

MEASURE = """() => {
  const shown = (element) => element.checkVisibility() && element.getClientRects().length > 0;
  const box = (element) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    return { name: element.innerText || element.id, left, top, right, bottom };
  };
  const all = [...document.querySelectorAll("body *")].filter((e) => shown(e) && !e.closest(".unseen, svg"));
  const scrolled = (e) => e.closest("#ending") && e.id !== "ending";
  return {
    width: innerWidth, height: innerHeight,
    document: [document.documentElement.scrollWidth, document.documentElement.scrollHeight],
    wide: all.filter((e) => e.scrollWidth > e.clientWidth + 1 && e.clientWidth).map(box),
    high: all.filter((e) => e.scrollHeight > e.clientHeight + 1 && e.clientHeight && e.id !== "ending"
      && getComputedStyle(e).overflowY !== "visible").map(box),
    outside: all.filter((e) => !scrolled(e)).map(box)
      .filter((b) => b.left < -1 || b.top < -1 || b.right > innerWidth + 1 || b.bottom > innerHeight + 1),
    buttons: [...document.querySelectorAll("button")].filter(shown).map(box),
    question: parseFloat(getComputedStyle(document.querySelector("#question h1")).fontSize),
    words: parseFloat(getComputedStyle(document.querySelector("#buttons button")).fontSize),
  };
}"""


def measured(page: Page) -> dict[str, Any]:
    """What stands where, once the type has been fitted."""
    page.evaluate("document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
    found: dict[str, Any] = page.evaluate(MEASURE)
    return found


def assert_it_fits(found: dict[str, Any], where: str) -> None:
    width, height = found["width"], found["height"]
    assert found["document"] == [width, height], where
    assert found["wide"] == [], where
    assert found["high"] == [], where
    assert found["outside"] == [], where
    for box in found["buttons"]:
        sides = box["right"] - box["left"], box["bottom"] - box["top"]
        assert min(sides) >= SMALLEST_PX, (where, box)
    for one, other in combinations(found["buttons"], 2):
        apart = (
            one["right"] <= other["left"]
            or other["right"] <= one["left"]
            or one["bottom"] <= other["top"]
            or other["bottom"] <= one["top"]
        )
        assert apart, (where, one, other)


def show(page: Page, program: ScriptedProgram, view: dict[str, Any], number: int) -> None:
    """Another view, and until it is there. Always of one turn: the buttons needn't settle anew, and
    axe passes over those that can't be pressed."""
    page.wait_for_function("() => !document.querySelector('[data-answer][aria-disabled=true]')")
    program.show({**view, "turn": 1, "notices": [*view["notices"], f"Number {number}."]})
    there = """text => [...document.querySelectorAll(".notices")].some(e => e.textContent.includes(text))"""
    page.wait_for_function(there, arg=f"Number {number}.")


@pytest.mark.parametrize("size", SIZES)
def test_every_phase_fits_the_screen(program: ScriptedProgram, open_page: Open, size: str) -> None:
    page = open_page(waiting(), size)
    for number, (name, view) in enumerate(PHASES.items()):
        show(page, program, view, number)
        found = measured(page)
        assert_it_fits(found, name)
        if view["phase"] not in ("waiting", "ending"):
            assert len(found["buttons"]) == len(ANSWERS)
            heights = [box["bottom"] - box["top"] for box in found["buttons"]]
            assert min(heights) >= LARGE_PX, name
            # Two metres away from a small display: letters nearly a centimetre high.
            assert found["question"] >= min(SIZES[size]) * 0.08, name
            assert found["words"] >= min(SIZES[size]) * 0.045, name


@pytest.mark.parametrize("size", SIZES)
def test_long_words_of_another_language_fit_too(
    program: ScriptedProgram, open_page: Open, size: str
) -> None:
    program.labels = {**MESSAGE, "buttons": {**MESSAGE["buttons"], **LONG_LABELS}}
    page = open_page(asking(text=LONG_QUESTION, phase="listening"), size)
    assert_it_fits(measured(page), "long")


def test_a_text_without_end_scrolls_and_the_buttons_stay(open_page: Open) -> None:
    page = open_page(asking(text="Is it so? " * 100))
    found = measured(page)
    assert found["document"] == [found["width"], found["height"]]
    assert found["wide"] == found["outside"] == []
    page.keyboard.press("Tab")
    expect(page.locator("#question")).to_be_focused()


def test_it_fits_when_it_is_turned_or_zoomed(open_page: Open) -> None:
    page = open_page(asking(phase="listening"))
    for width, height in [(480, 800), (1920, 1080), (800, 480), (320, 640)]:
        page.set_viewport_size({"width": width, "height": height})
        assert_it_fits(measured(page), f"{width}x{height}")


@pytest.mark.parametrize("size", SIZES)
def test_a_phone_can_read_the_largest_code(open_page: Open, size: str) -> None:
    text = "Call 112 or 911 now. " * 60
    told = ending(urgency="emergency")
    told["ending"]["qr"] = code(text[:MOST_BYTES])
    page = open_page(told, size, reduced_motion="reduce", frozen=True)
    more = page.locator("#more")
    for _ in range(20):
        with Image.open(BytesIO(page.screenshot())) as picture:
            found = [read.text for read in zxingcpp.read_barcodes(picture)]
        if found or more.is_hidden() or more.inner_text() == LABELS.buttons.top:
            break
        more.click()
        page.clock.run_for(1000)
    assert found == [text[:MOST_BYTES]]


@pytest.mark.parametrize("size", SIZES)
def test_the_lost_program_fits_the_screen(
    program: ScriptedProgram, open_page: Open, size: str
) -> None:
    pages = [open_page(asking(), size), open_page(ending(urgency="soon"), size)]
    pages[0].reload()
    program.stop()
    for page in pages:
        page.locator("#gone").wait_for()
        assert_it_fits(measured(page), size)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_any_phase(
    program: ScriptedProgram, open_page: Open, scheme: str
) -> None:
    page = open_page(waiting(), color_scheme=scheme, reduced_motion="reduce")
    # Contrast as level AAA wants it, beside all that axe looks at by itself (A, AA, good practice).
    options = {"rules": {"color-contrast-enhanced": {"enabled": True}}}

    def look(where: str) -> None:
        found = Axe().run(page, options=options)
        assert found.violations_count == 0, (where, found.generate_report())
        passed = {rule["id"] for rule in found.response["passes"]}
        assert {"color-contrast", "color-contrast-enhanced"} <= passed, where

    for number, (name, view) in enumerate(PHASES.items()):
        show(page, program, view, number)
        look(name)
    program.stop()
    page.locator("#gone").wait_for()
    look("gone")


def test_nothing_moves_for_who_asked_for_that(open_page: Open) -> None:
    moving = "document.getAnimations().filter(a => a.playState === 'running').length"
    assert open_page(waiting()).evaluate(moving) == 1
    assert open_page(waiting(), reduced_motion="reduce").evaluate(moving) == 0


def test_the_focus_can_be_seen(open_page: Open) -> None:
    for view, steps in [(waiting(), 1), (asking(), 5), (ending(), 4)]:
        page = open_page(view)
        for _ in range(steps):
            page.keyboard.press("Tab")
            ring = page.evaluate(
                "(({outlineStyle, outlineWidth}) => [outlineStyle, parseFloat(outlineWidth)])(getComputedStyle(document.activeElement))"
            )
            assert ring[0] == "solid"
            assert ring[1] >= 4


def test_with_forced_colours_buttons_and_marks_still_stand_out(
    program: ScriptedProgram, open_page: Open
) -> None:
    page = open_page(asking(), forced_colors="active")
    style = "e => { const s = getComputedStyle(e); return [s.borderTopColor, s.backgroundColor]; }"
    for button in page.locator("#buttons button:visible").all():
        border, ground = button.evaluate(style)
        assert border != ground
    program.show(ending(turn=9))
    fills = "all => all.map(part => getComputedStyle(part).fill)"
    page.locator(".picture .marked").first.wait_for()
    marked = set(page.locator(".picture .marked").evaluate_all(fills))
    plain = set(page.locator(".picture [id^=front-]:not(.marked)").evaluate_all(fills))
    assert not marked & plain


def test_its_language_and_title_are_those_of_the_labels(
    program: ScriptedProgram, open_page: Open
) -> None:
    program.labels = {**MESSAGE, "language": "de", "title": "Rücken"}
    page = open_page(waiting())
    expect(page).to_have_title("Rücken")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    assert LABELS.language == "en"
