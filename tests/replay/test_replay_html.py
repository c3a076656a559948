"""The HTML report of `replay`, in a real browser: what was heard is drawn, told and played."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from axe_playwright_python.sync_playwright import Axe
from chromium import Watch
from playwright.sync_api import Browser, Page, expect
from programs import ROOT, run

SCENARIOS = ROOT / "tests" / "scenarios"
TURNS = """all => all.map(li => ({
  said: li.querySelector("div").firstChild.data,
  told: li.querySelector("svg").getAttribute("aria-label"),
  wave: li.querySelector(".wave").getBoundingClientRect().toJSON(),
  frame: li.querySelector("svg").getBoundingClientRect().toJSON(),
  speech: li.querySelector(".speech")?.getBoundingClientRect().toJSON(),
  heard: li.querySelector(".heard")?.textContent,
  source: li.querySelector("audio").src,
}))"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a scenario with a silence, one with a read-back, and one that fails."""
    folder = tmp_path_factory.mktemp("report")
    failing = folder / "failing.triage.yaml"
    text = (SCENARIOS / "outcome_immediate.triage.yaml").read_text()
    text = re.sub(r"urgency: \w+", "urgency: urgent", text)
    failing.write_text(re.sub(r"(?m)^name: .*", "name: '</h2><b>fails</b> & \"so\"'", text))
    good = [SCENARIOS / f"{n}.triage.yaml" for n in ("silence_once", "doubtful_no_denied")]
    ran = run("replay", "-j", "1", *good, failing, "--html", folder / "report.html", seconds=120)
    assert ran.code == 1, ran.out + ran.err
    return folder / "report.html"


@pytest.fixture
def page(browser: Browser, report: Path) -> Iterator[Page]:
    """The report; in the end it has complained of nothing, and asked for nothing but itself."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    watch = Watch(context)
    page = context.new_page()
    page.goto(f"file://{report}")
    yield page
    context.close()
    assert watch.complaints == []
    outside = [url[:80] for url in watch.requests if not url.startswith("data:audio/")]
    assert outside == [f"file://{report}"]


def unfold(page: Page) -> None:
    page.locator("details").evaluate_all("all => all.forEach(d => { d.open = true; })")


def test_every_turn_is_drawn_and_told_as_it_sounds(page: Page) -> None:
    unfold(page)
    turns = page.locator("li:has(svg)").evaluate_all(TURNS)
    assert len(turns) == page.locator("audio").count() > 6
    silent = [turn for turn in turns if "(nothing)" in turn["said"]]
    assert silent
    for turn in turns:
        sound, rate = soundfile.read(io.BytesIO(base64.b64decode(turn["source"].split(",")[1])))
        assert turn["told"].startswith(f"Waveform of {len(sound) / rate:.1f} s, heard: ")
        assert turn["wave"]["width"] == pytest.approx(turn["frame"]["width"], rel=0.01)
        if turn in silent:
            assert "heard: nothing" in turn["told"]
            continue
        words = turn["said"].split("  (")[0]
        assert turn["heard"] == words
        assert f"heard: {words}, somebody spoke from" in turn["told"]
        assert turn["wave"]["height"] > 0.05 * turn["frame"]["height"]
        # Where it is shaded, there is the sound.
        left, wide = turn["frame"]["left"], turn["frame"]["width"]
        ends = [(turn["speech"][side] - left) / wide for side in ("left", "right")]
        first, last = (round(end * len(sound)) for end in ends)
        assert np.sum(sound[first:last] ** 2) > 0.95 * np.sum(sound**2)


def test_the_sound_plays_by_the_keyboard(page: Page) -> None:
    unfold(page)
    sound = page.locator("audio").last
    sound.focus()
    page.keyboard.press("Space")
    page.wait_for_function("() => [...document.querySelectorAll('audio')].at(-1).currentTime > 0")
    source = str(sound.get_attribute("src"))
    kept, rate = soundfile.read(io.BytesIO(base64.b64decode(source.split(",")[1])))
    assert sound.evaluate("a => a.duration") == pytest.approx(len(kept) / rate, abs=0.05)


def test_what_failed_is_open_and_can_be_read_by_everybody(page: Page) -> None:
    good, _, failed = page.locator("details").all()
    expect(good).not_to_have_attribute("open", "")
    expect(failed).to_have_attribute("open", "")
    expect(failed.locator("h2")).to_have_text('</h2><b>fails</b> & "so" not as expected')
    assert "urgency: expected urgent, but it was emergency" in failed.inner_text()
    tree = failed.aria_snapshot()
    assert "expected: ends urgency: urgent" in " ".join(tree.split())
    assert "came instead: ends urgency: emergency" in " ".join(tree.split())
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(good).to_have_attribute("open", "")
    unfold(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert "color-contrast" in {rule["id"] for rule in found.response["passes"]}
