"""What the kiosk's page shows of each phase, and texts that mean it ill."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from playwright.sync_api import expect
from pressing import button
from program import PAGE, Open, ScriptedProgram
from views import LABELS, MESSAGE, asking, ending, view, waiting

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def test_progress_counts_the_question_that_is_asked(open_page: Open) -> None:
    page = open_page(asking(progress={"done": 2, "most": 13}))
    expect(page.locator("#progress")).to_contain_text("Question 3 of at most 13")


def test_a_touched_answer_is_shown_as_its_button(program: ScriptedProgram, open_page: Open) -> None:
    page = open_page(asking(phase="heard", heard={"text": "", "answer": "unsure"}))
    expect(page.locator("#heard")).to_have_text("You touched: Not sure")
    expect(button(page, "unsure")).to_have_class(re.compile("chosen"))
    # What was heard and isn't a button's answer.
    program.show(asking(turn=3, phase="heard", heard={"text": "", "answer": "none"}))
    expect(page.locator("#heard")).to_have_text("")
    expect(page.locator(".chosen")).to_have_count(0)


def test_the_meter_follows_the_level_while_it_listens(
    program: ScriptedProgram, open_page: Open
) -> None:
    page = open_page(asking(phase="listening"))
    bar = page.locator("#meter .level")
    for dbfs, share in [(-30, 0.5), (-90, 0), (-6, 0.9), (3, 1)]:
        program.level(dbfs)
        expect(bar).to_have_attribute("style", f"transform: scaleX({share});")
    program.show(asking(phase="heard"))
    program.level(-6)
    expect(page.locator("#meter")).to_be_hidden()
    expect(bar).to_have_attribute("style", "transform: scaleX(0);")


def test_without_a_start_word_it_only_asks_to_be_touched(open_page: Open) -> None:
    page = open_page(waiting(start_word=None))
    expect(page.locator("#say")).to_have_text(LABELS.waiting.touch)
    expect(page.get_by_role("button")).to_have_accessible_name(LABELS.waiting.touch)


@pytest.mark.parametrize("urgency", ["emergency", "urgent", "soon", "routine"])
def test_an_ending_tells_its_urgency_by_word_and_shape(open_page: Open, urgency: str) -> None:
    page = open_page(ending(urgency=urgency))
    word = getattr(LABELS.ending.urgencies, urgency)
    expect(page.locator("#urgency .word")).to_have_text(word)
    shown = page.locator("#urgency .sign:visible")
    expect(shown).to_have_count(1)
    expect(shown).to_have_attribute("data-urgency", urgency)


def test_the_picture_marks_what_was_reported_and_says_it_in_words(
    program: ScriptedProgram, open_page: Open
) -> None:
    page = open_page(ending(urgency="emergency"))
    marked = page.locator(".picture .marked").evaluate_all("all => all.map(part => part.id)")
    sides = {f"{side}-{leg}" for side in ("front", "back") for leg in ("left-leg", "right-leg")}
    assert set(marked) == {*sides, "front-inner-thighs", "back-inner-thighs", "back-bottom"}
    expect(page.locator(".parts")).to_contain_text("the bottom")
    expect(page.locator(".sides")).to_be_visible()
    program.show(ending(turn=21, urgency="routine"))
    expect(page.locator("#reported")).to_be_hidden()


def test_a_screen_reader_is_told_each_change_once(
    program: ScriptedProgram, open_page: Open
) -> None:
    page = open_page(waiting())
    polite, assertive = page.locator("[aria-live=polite]"), page.locator("[aria-live=assertive]")
    expect(polite).to_have_text("Say “start”, or touch here")
    program.show(asking(turn=2, question="balance", notices=["I can't hear you any more."]))
    expect(polite).to_have_text(re.compile("can't hear you any more. Have you suddenly"))
    program.show(asking(turn=2, phase="heard", heard={"text": "yes", "answer": "yes"}))
    expect(polite).to_have_text("I heard “yes”")
    expect(assertive).to_be_empty()
    told = ending(turn=3)
    program.show(told)
    expect(assertive).to_have_text(re.compile(r"^Emergency\. Call 112 or 911 now"))
    expect(polite).to_be_empty()
    program.show(waiting(turn=4))
    expect(assertive).to_be_empty()


def test_the_page_of_an_ending_is_turned_by_a_button(open_page: Open) -> None:
    page = open_page(ending(), reduced_motion="reduce", frozen=True)
    more, shown = page.locator("#more"), page.locator("#ending")
    scrolled = "page => page.scrollTop"

    def turn() -> float:
        before: float = shown.evaluate(scrolled)
        more.dblclick()  # a double tap turns one page
        page.wait_for_function(
            "before => document.querySelector('#ending').scrollTop !== before", arg=before
        )
        page.clock.run_for(1000)
        after: float = shown.evaluate(scrolled)
        return after - before

    height = shown.evaluate("page => page.clientHeight")
    expect(more).to_have_text("Show more")
    assert 0 < turn() < height
    ends = "page => page.scrollTop + page.clientHeight >= page.scrollHeight - 2"
    while not shown.evaluate(ends):
        assert 0 < turn() < height
    expect(page.locator("#page .privacy")).to_be_in_viewport()
    expect(more).to_have_text("Back to top")
    turn()
    expect(page.locator("#advice li").first).to_be_in_viewport()
    expect(more).to_have_text("Show more")


def test_the_stop_button_says_what_it_does(program: ScriptedProgram, open_page: Open) -> None:
    """It stops the conversation, then the last words, and then it ends it all."""
    buttons = LABELS.buttons
    page = open_page(asking(turn=2))
    stop = button(page, "stop")
    expect(stop).to_have_text(buttons.stop)
    program.show(ending(turn=3, buttons=["stop"]))
    expect(page.locator("#ending")).to_be_visible()
    expect(stop).to_have_text(buttons.stop)
    expect(stop.locator("svg")).to_be_visible()
    program.show(ending(turn=4))
    expect(stop).to_have_text(buttons.finish)
    expect(stop.locator("svg")).to_be_hidden()


def test_there_are_links_to_what_can_be_had_alone(
    program: ScriptedProgram, open_page: Open
) -> None:
    told = ending(turn=2)
    page = open_page(told)
    report, pdf = page.locator(".report a").all()
    expect(report).to_have_attribute("href", f"{program.url}report.html")
    expect(pdf).to_have_attribute("href", f"{program.url}report.pdf")
    program.show({**told, "turn": 3, "ending": {**told["ending"], "pdf": None}})
    expect(pdf).to_be_hidden()
    expect(report).to_be_visible()


ILL = '"><img src=x onerror="window.harmed=1"><script>window.harmed=1</script>{number}'


def test_texts_that_mean_it_ill_stay_texts(program: ScriptedProgram, open_page: Open) -> None:
    program.labels = _everywhere(MESSAGE, ILL)
    page = open_page(waiting(start_word=ILL, privacy=ILL, notices=[ILL]))
    for turn, phase in enumerate(("speaking", "listening", "heard", "paused"), start=2):
        heard = {"text": ILL, "answer": ILL}
        program.show(asking(turn, phase, text=ILL, heard=heard, notices=[ILL, ILL]))
        expect(page.locator("#question h1")).to_have_text(ILL)
    told = ending(turn=9)
    harm = {
        "urgency": "emergency", "headline": ILL, "advice": [ILL], "safety_net": [ILL],
        "number": ILL, "symptoms": [{"question": ILL, "text": ILL}], "marks": [ILL, "__proto__"],
        "qr": f'<svg xmlns="http://www.w3.org/2000/svg" onload="window.harmed=1">{ILL}</svg>',
    }  # fmt: skip
    for turn, address in enumerate(
        ("javascript:window.harmed=1", "//example.org/", "https://example.org/report.html"), start=9
    ):
        program.show(
            {
                **told,
                "turn": turn,
                "notices": [ILL],
                "ending": {**harm, "report": address, "pdf": address},
            }
        )
        expect(page.locator("#ending h1")).to_have_text(ILL)
        assert page.locator(".report").count() == 2
        for line in page.locator(".report").all():
            expect(line).to_be_hidden()
            expect(line.locator("a")).to_have_attribute("href", "")
    assert page.evaluate("window.harmed") is None
    assert page.locator("img[src=x], body script, [onerror], [onload]").count() == 0
    source = page.locator("#take-away img").get_attribute("src")
    assert source is not None
    assert source.startswith("data:image/svg+xml,%3Csvg")


def test_a_view_without_question_and_buttons_breaks_nothing(open_page: Open) -> None:
    page = open_page(view(2, "paused", text="I wait.", buttons=[]))
    expect(page.locator("#progress")).to_be_hidden()
    expect(page.locator("#question h1")).to_have_text("I wait.")
    expect(page.locator("#buttons")).to_be_hidden()


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.attributes: set[str] = set()
        self.addresses: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words += [data.strip()] if data.strip() else []

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes |= {name for name, _ in attrs}
        self.addresses += [str(value) for name, value in attrs if name in ("src", "href")]


def test_the_page_holds_no_words_no_inline_code_and_nothing_from_elsewhere() -> None:
    parser = _Words()
    parser.feed((PAGE / "index.html").read_text())
    assert parser.words == ["voice_triage"]  # the title, until the labels come
    assert not {name for name in parser.attributes if name.startswith("on") or name == "style"}
    assert sorted(parser.addresses) == ["/kiosk.css", "/kiosk.js", "data:,"]
    script = (PAGE / "kiosk.js").read_text()
    unsafe = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|import\("
    )
    assert not re.search(unsafe, script)
    assert "url(" not in (PAGE / "kiosk.css").read_text().replace('url("#hatch")', "")


def _everywhere(message: dict[str, Any], text: str) -> dict[str, Any]:
    """The labels with `text` added to each of them, keys left as they are."""
    kept = ("type", "language", "keys")
    return {
        key: value
        if key in kept
        else _everywhere(value, text)
        if isinstance(value, dict)
        else value + text
        for key, value in message.items()
    }
