"""The page that `graph` writes, in a real browser: it opens every box, zooms, and fetches nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from chromium import Watch
from flows import chain
from playwright.sync_api import Browser, Locator, Page

from voice_triage.assemble import find_flow, flow_names
from voice_triage.drawing import graph
from voice_triage.flow import Flow, load
from voice_triage.flow.draw import filled
from voice_triage.flow.survey import survey
from voice_triage.flow.ways import Way, ways

SIZES = {"desk": (1366, 768), "wall": (3840, 2160), "phone": (390, 844)}
NASTY = (
    """</script><script>window.hurt = 1</script><img src="http://127.0.0.1/" onerror="hurt = 2">"""
    """ & &lt;b&gt; $title ' \\" <!-- TITLE"""
)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The page of each shipped flow."""
    folder = tmp_path_factory.mktemp("pages")
    made = {name: folder / f"{name}.html" for name in flow_names()}
    for name, path in made.items():
        graph(name, path, None)
    return made


class Opener:
    """Opens pages, each on a screen of its own."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.watches: list[Watch] = []
        self.urls: list[str] = []

    def __call__(self, path: Path, size: str = "desk", hash_: str = "") -> Page:
        width, height = SIZES[size]
        context = self._browser.new_context(viewport={"width": width, "height": height})
        page = context.new_page()
        self.watches.append(Watch(context))
        self.urls.append(f"file://{path}")
        page.goto(self.urls[-1] + hash_)
        return page


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opener]:
    """In the end no page has complained of anything, or asked for anything but itself."""
    opener = Opener(browser)
    yield opener
    for watch, url in zip(opener.watches, opener.urls, strict=True):
        assert watch.complaints == []
        assert {asked.split("#")[0] for asked in watch.requests} == {url}
    for context in browser.contexts:
        context.close()


def box(page: Page, name: str) -> Locator:
    return page.locator(f"[id='box-{name}']")


def told(page: Page) -> dict[str, list[str]]:
    """What the side of the page tells, by heading; its title is "", and each way is a list."""
    found: dict[str, list[str]] = page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll("aside :is(h2, h3)")].map(h => {
          if (h.tagName === "H2") return ["", [h.innerText]];
          const lines = [];
          for (let e = h.nextElementSibling; e && e.tagName !== "H3"; e = e.nextElementSibling)
            if (e.tagName === "DETAILS") lines.push([...e.querySelectorAll("li")].map(li => li.firstChild.data.trim()));
            else lines.push(...(e.tagName === "UL" ? [...e.children] : [e]).map(e => e.textContent));
          return [h.textContent, lines];
        }))"""
    )
    return found


def assert_it_tells(page: Page, flow: Flow, name: str, led: list[Way]) -> None:
    part = flow.questions.get(name) or flow.outcomes[name]
    lines = told(page)
    assert lines["Rests on"] == [f"{fact}: {flow.facts[fact]}" for fact in part.facts]
    if name in flow.questions:
        question = flow.questions[name]
        assert lines[""] == [question.ask]
        assert lines["Question"] == [f"{name}, {question.urgency}"]
        assert lines["Help"] == [question.help]
    else:
        outcome = flow.outcomes[name]
        assert lines[""] == [filled(outcome.now)]
        assert lines["Advice"] == [filled(text) for text in outcome.advice]
        assert lines["Safety net"] == [filled(text) for text in outcome.safety_net]
    expected: list[list[str]] = []
    for way in led:
        asked: list[str] = []
        at: Way | None = way
        while at is not None:
            asked.append(flow.questions[at.question].ask)
            at = at.before
        expected.append(asked[::-1])
    if expected:
        assert lines["Ways here"][1:] == expected
    else:
        assert lines["Ways here"] == ["It is asked first."]


@pytest.mark.parametrize("name", flow_names())
def test_every_box_opens_by_mouse_and_by_keyboard(
    name: str, files: dict[str, Path], opened: Opener
) -> None:
    flow, page = load(find_flow(name)), opened(files[name])
    led = ways(survey(flow))
    boxes = [*flow.questions, *flow.outcomes]
    for each in boxes:
        box(page, each).click()
        assert_it_tells(page, flow, each, led[each])
    page.reload()
    page.locator("#all").focus()
    reached = set()
    for number in range(len(boxes)):
        page.keyboard.press("Tab")
        each = page.evaluate("document.activeElement.id").removeprefix("box-")
        page.keyboard.press("Enter" if number % 2 else "Space")
        assert_it_tells(page, flow, each, led[each])
        reached.add(each)
    assert reached == set(boxes)


def test_a_way_reads_as_a_conversation(files: dict[str, Path], opened: Opener) -> None:
    page = opened(files["daily_check"], hash_="#watch")
    [summary] = page.locator("aside summary").all_inner_texts()
    steps = page.locator("aside details[open] li").all_inner_texts()
    assert page.locator("aside details").count() == 1
    assert summary == steps[-1]
    assert summary.endswith("no; nothing was found")
    assert all(step.endswith(" no") for step in steps[:-1])
    page.evaluate("location.hash = '#nothing%'")
    page.evaluate("location.hash = '#headache'")
    page.locator("h2", has_text="headaches").wait_for()
    page.locator("aside summary").first.press("Enter")
    assert page.locator("aside details[open]").count() == 0


@pytest.mark.parametrize("size", SIZES)
def test_the_whole_drawing_fits_at_first(size: str, files: dict[str, Path], opened: Opener) -> None:
    width, height = SIZES[size]
    for path in files.values():
        page = opened(path, size)
        assert page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
        ) == [width, height]
        frame, *shapes = rectangles(page, "#drawing, #drawing g.node, #drawing g.edge")
        left, top = (min(shape[side] for shape in shapes) for side in ("left", "top"))
        right, bottom = (max(shape[side] for shape in shapes) for side in ("right", "bottom"))
        assert left >= frame["left"] - 1
        assert top >= frame["top"] - 1
        assert right <= frame["right"] + 1
        assert bottom <= frame["bottom"] + 1
        across = (right - left) / (frame["right"] - frame["left"])
        assert max(across, (bottom - top) / (frame["bottom"] - frame["top"])) > 0.9
        for button in rectangles(page, "#zoom button"):
            assert min(button["width"], button["height"]) >= 44


def rectangles(page: Page, selector: str) -> list[dict[str, float]]:
    found: list[dict[str, float]] = page.evaluate(
        "(s) => [...document.querySelectorAll(s)].map(e => e.getBoundingClientRect().toJSON())",
        selector,
    )
    return found


def place(page: Page, name: str) -> tuple[float, float, float]:
    """A box's middle, and its width."""
    at = box(page, name).bounding_box()
    assert at is not None
    return at["x"] + at["width"] / 2, at["y"] + at["height"] / 2, at["width"]


def test_wheel_buttons_and_keys_zoom_and_dragging_moves(
    files: dict[str, Path], opened: Opener
) -> None:
    page = opened(files["back_spasms"])
    first = place(page, "balance")
    for closer, farther in [
        (lambda: page.locator("#in").click(), lambda: page.locator("#out").click()),
        (lambda: page.keyboard.press("+"), lambda: page.keyboard.press("-")),
    ]:
        closer()
        assert place(page, "balance")[2] == pytest.approx(first[2] / 0.7, rel=0.02)
        farther()
        assert place(page, "balance") == pytest.approx(first, abs=1)
    page.mouse.move(*first[:2])
    page.mouse.wheel(0, -600)
    zoomed = place(page, "balance")
    assert zoomed[2] > 2 * first[2]
    assert zoomed[:2] == pytest.approx(first[:2], abs=2)  # what the mouse is on stays there
    page.mouse.down()
    page.mouse.move(first[0] + 90, first[1] - 70, steps=4)
    page.mouse.up()
    assert place(page, "balance")[:2] == pytest.approx((zoomed[0] + 90, zoomed[1] - 70), abs=2)
    assert page.locator("g.open").count() == 0  # dragging opens nothing
    page.keyboard.press("ArrowRight")
    assert place(page, "balance")[0] == pytest.approx(zoomed[0] + 90 - 80, abs=2)
    page.mouse.wheel(0, 100_000)
    for _ in range(25):
        page.keyboard.press("ArrowLeft")
    assert place(page, "balance")[0] < 1366  # it can't be lost
    page.keyboard.press("0")
    assert place(page, "balance") == pytest.approx(first, abs=1)


def test_two_fingers_zoom_and_tab_brings_into_view(files: dict[str, Path], opened: Opener) -> None:
    page = opened(files["back_spasms"], "phone")
    first = place(page, "balance")
    touch = page.context.new_cdp_session(page)
    for apart in (20, 40, 60, 80):
        points = [
            {"x": first[0] + side * apart, "y": first[1], "id": number}
            for number, side in enumerate((-1, 1))
        ]
        kind = "touchStart" if apart == 20 else "touchMove"
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    zoomed = place(page, "balance")
    assert zoomed[2] == pytest.approx(4 * first[2], rel=0.05)
    assert zoomed[:2] == pytest.approx(first[:2], abs=12)
    page.locator("#all").focus()
    frame = page.locator("#drawing").bounding_box()
    assert frame is not None
    for _ in range(3):
        page.keyboard.press("Tab")
        name = page.evaluate("document.activeElement.id").removeprefix("box-")
        x, y, _ = place(page, name)
        assert 0 <= x <= frame["width"]
        assert frame["y"] <= y <= frame["y"] + frame["height"]


def test_hostile_texts_stay_texts(tmp_path: Path, opened: Opener) -> None:
    data = chain(2)
    question, outcome = data["questions"]["q0"], data["outcomes"]["soon"]
    data["title"] = data["facts"]["F1"] = question["ask"] = question["help"] = outcome["now"] = (
        NASTY
    )
    (tmp_path / "flow.yaml").write_text(json.dumps(data))
    graph(str(tmp_path / "flow.yaml"), tmp_path / "flow.html", None)
    page = opened(tmp_path / "flow.html")
    assert page.title() == NASTY
    assert page.locator("h1").inner_text() == NASTY
    box(page, "q0").click()
    assert page.locator("aside h2").inner_text() == NASTY
    assert told(page)["Help"] == [NASTY]
    assert told(page)["Rests on"] == [f"F1: {NASTY}"]
    drawn = "".join(box(page, "q0").locator("text").all_text_contents())
    assert drawn.replace(" ", "") == NASTY.replace(" ", "")
    assert page.evaluate("window.hurt") is None
    assert page.locator("img, script").count() == 1
    # Its policy would stop what got in all the same.
    page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.hurt = 3'; document.body.append(s); }"
    )
    assert page.evaluate("window.hurt") is None
    [refused] = opened.watches[0].complaints
    assert "Content Security Policy" in refused
    opened.watches[0].complaints.clear()


def test_axe_finds_nothing(files: dict[str, Path], opened: Opener) -> None:
    for name, size, hash_ in [("back_spasms", "desk", ""), ("daily_check", "phone", "#immediate")]:
        page = opened(files[name], size, hash_)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert "color-contrast" in {rule["id"] for rule in found.response["passes"]}
        boxes = page.locator("g.node").count()
        assert page.get_by_role("button").count() == boxes + 3
