"""Photographs every phase of the kiosk's screen into docs/kiosk/. Called by script/screenshots."""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

from chromium import chromium
from PIL import Image
from playwright.sync_api import Page
from program import ScriptedProgram
from views import MESSAGE, PHASES, SIZES

FOLDER = Path(__file__).parents[2] / "docs/kiosk"
SHOWN = ("800x480", "1920x1080", "480x800")
DARK = {"waiting", "listening", "emergency"}
"""Phases that are photographed in dark too."""


LOST = {"gone": "speaking", "gone-ending": "soon"}
"""What the screen shows when the program goes, by what was on it."""


def main() -> None:
    folder = Path(sys.argv[1]) if sys.argv[1:] else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    program = ScriptedProgram(MESSAGE)
    program.start()
    with chromium() as browser:
        for size in SHOWN:
            width, height = SIZES[size]
            page = browser.new_page(viewport={"width": width, "height": height})
            page.emulate_media(reduced_motion="reduce")
            for phase in PHASES:
                show(page, program, phase)
                keep(page, folder / f"{phase}-{size}.png")
                if phase in DARK and size == "800x480":
                    page.emulate_media(color_scheme="dark")
                    keep(page, folder / f"{phase}-dark-{size}.png")
                    page.emulate_media(color_scheme="light")
            for name, last in LOST.items():
                show(page, program, last)
                program.stop()
                page.locator("#gone h1").wait_for()
                keep(page, folder / f"{name}-{size}.png")
                program.start()
            page.close()
    program.stop()


def show(page: Page, program: ScriptedProgram, phase: str) -> None:
    program.show(PHASES[phase])
    before = program.connections
    page.goto(program.url)
    program.wait_for_connections(before + 1)
    page.locator("main:visible").wait_for()
    page.wait_for_function("() => document.querySelector('.picture svg') !== null")
    if PHASES[phase]["phase"] == "listening":
        program.level(-18)
        page.wait_for_function(
            "() => document.querySelector('.level').style.transform === 'scaleX(0.7)'"
        )


def keep(page: Page, path: Path) -> None:
    """A PNG of few colours, which the page has anyway."""
    picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
    few = picture.quantize(64, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


if __name__ == "__main__":
    main()
