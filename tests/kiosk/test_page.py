"""What the kiosk's page does with a press, a key, and a lost program."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from pressing import button, middle, tap
from program import Open, ScriptedProgram
from views import LABELS, asking, ending, waiting

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.mark.parametrize("answer", ["yes", "no", "unsure", "repeat", "stop"])
def test_a_button_sends_its_answer_and_the_turn(
    program: ScriptedProgram, open_page: Open, answer: str
) -> None:
    page = open_page(asking(turn=7))
    button(page, answer).click()
    assert program.wait_for_taps(1) == [tap(7, answer)]


def test_a_finger_starts_anywhere_on_the_waiting_screen(
    program: ScriptedProgram, open_page: Open
) -> None:
    page = open_page(waiting(turn=1), frozen=True, has_touch=True)
    page.touchscreen.tap(10, 10)
    assert program.wait_for_taps(1) == [tap(1, "start")]
    program.show(waiting(turn=2))
    expect(button(page, "start")).to_be_visible()
    page.clock.run_for(1000)
    page.touchscreen.tap(790, 470)
    assert program.wait_for_taps(2)[1:] == [tap(2, "start")]


def test_a_button_pressed_twice_gives_one_answer(program: ScriptedProgram, open_page: Open) -> None:
    page = open_page(asking(turn=2), frozen=True)
    x, y = middle(page, "yes")
    page.mouse.dblclick(x, y)
    assert program.wait_for_taps(1) == [tap(2, "yes")]
    expect(button(page, "yes")).to_have_class(re.compile("chosen"))
    # The second press of a double tap comes after the next question: nobody has read that yet.
    program.show(asking(turn=3, question="balance"))
    expect(page.locator("#question")).to_contain_text("stumble")
    page.clock.run_for(300)
    page.mouse.click(x, y)
    page.clock.run_for(300)
    page.mouse.click(*middle(page, "no"))
    assert program.wait_for_taps(2) == [tap(2, "yes"), tap(3, "no")]


def test_a_press_that_nobody_took_can_be_given_again(
    program: ScriptedProgram, open_page: Open
) -> None:
    page = open_page(asking(turn=2), frozen=True)
    page.mouse.click(*middle(page, "no"))
    page.clock.run_for(3900)
    page.mouse.click(*middle(page, "yes"))
    page.clock.run_for(200)
    page.mouse.click(*middle(page, "yes"))
    assert program.wait_for_taps(2) == [tap(2, "no"), tap(2, "yes")]


def test_a_press_is_for_the_question_at_which_the_finger_came_down(
    program: ScriptedProgram, open_page: Open
) -> None:
    page = open_page(asking(turn=2), frozen=True)
    page.mouse.move(*middle(page, "yes"))
    page.mouse.down()
    program.show(asking(turn=3, question="balance"))
    expect(page.locator("#question")).to_contain_text("stumble")
    page.clock.run_for(1000)
    page.mouse.up()
    assert program.wait_for_taps(1) == [tap(2, "yes")]
    # The question on screen is still open.
    page.mouse.click(*middle(page, "no"))
    assert program.wait_for_taps(2)[1:] == [tap(3, "no")]


def test_so_is_a_key_that_went_down_on_a_button(program: ScriptedProgram, open_page: Open) -> None:
    page = open_page(asking(turn=2), frozen=True)
    button(page, "yes").focus()
    page.keyboard.down("Space")
    program.show(asking(turn=3, question="balance"))
    expect(page.locator("#question")).to_contain_text("stumble")
    page.clock.run_for(1000)
    page.keyboard.up("Space")
    assert program.wait_for_taps(1) == [tap(2, "yes")]


def test_a_shaking_finger_may_slip_off_a_little(program: ScriptedProgram, open_page: Open) -> None:
    page = open_page(asking(turn=2), frozen=True)
    x, y = middle(page, "yes")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 150)  # pulled away: meant to be taken back
    page.mouse.up()
    box = button(page, "no").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] - 20, box["y"] - 20)
    page.mouse.up()
    assert program.wait_for_taps(1) == [tap(2, "no")]


def test_a_session_by_keyboard_only(program: ScriptedProgram, open_page: Open) -> None:
    page = open_page(waiting(turn=1), frozen=True)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expected = [tap(1, "start")]
    assert program.wait_for_taps(1) == expected
    for turn, (key, answer) in enumerate(
        [("y", "yes"), ("n", "no"), ("?", "unsure"), ("r", "repeat"), ("Escape", "stop")], start=2
    ):
        program.show(asking(turn=turn, text=f"Question of turn {turn}?"))
        expect(page.locator("#question")).to_contain_text(f"turn {turn}")
        # Whatever had the focus is gone; the reader is at the question.
        page.clock.run_for(1000)
        page.keyboard.press(key)
        expected.append(tap(turn, answer))
        assert program.wait_for_taps(len(expected)) == expected
    program.show(asking(turn=7, text="The last?"))
    expect(page.locator("#question")).to_contain_text("The last")
    page.clock.run_for(1000)
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(button(page, "unsure")).to_be_focused()
    page.keyboard.press("Space")
    assert program.wait_for_taps(7)[6:] == [tap(7, "unsure")]
    program.show(ending(turn=8))
    expect(page.locator("#ending h1")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("End")
    page.clock.run_for(1000)
    page.wait_for_function("() => document.querySelector('#ending').scrollTop > 100")
    page.keyboard.press("Escape")
    assert program.wait_for_taps(8)[7:] == [tap(8, "stop")]


def test_a_key_that_is_held_down_is_one_press(program: ScriptedProgram, open_page: Open) -> None:
    page = open_page(asking(turn=2), frozen=True)
    page.keyboard.down("y")
    program.show(asking(turn=3, question="balance"))
    expect(page.locator("#question")).to_contain_text("stumble")
    page.clock.run_for(1000)
    page.keyboard.down("y")  # as a keyboard repeats it
    page.keyboard.up("y")
    page.keyboard.press("n")
    assert program.wait_for_taps(2) == [tap(2, "yes"), tap(3, "no")]


def test_single_letters_can_be_turned_off(program: ScriptedProgram, open_page: Open) -> None:
    page = open_page(asking(turn=2), frozen=True, query="?letters=off")
    page.keyboard.press("y")
    page.keyboard.press("Escape")
    assert program.wait_for_taps(1) == [tap(2, "stop")]


def test_only_what_is_offered_can_be_pressed(program: ScriptedProgram, open_page: Open) -> None:
    page = open_page(asking(turn=2, buttons=["yes", "no", "stop"]), frozen=True)
    expect(button(page, "unsure")).to_be_hidden()
    page.keyboard.press("r")
    page.keyboard.press("n")
    assert program.wait_for_taps(1) == [tap(2, "no")]


def test_a_lost_program_is_told_at_once_and_comes_back(
    program: ScriptedProgram, open_page: Open
) -> None:
    page = open_page(asking(turn=5))
    program.stop()
    gone = page.locator("#gone")
    expect(gone).to_contain_text(LABELS.gone.headline)
    expect(gone).to_contain_text("In an emergency, call 112 or 911.")
    expect(page.locator("#assertive")).to_contain_text("call 112 or 911")
    expect(page.locator("#talk")).to_be_hidden()
    expect(page.locator("#buttons")).to_be_hidden()
    # A new program counts its turns anew: what the page knew of the old one doesn't matter.
    program.view = asking(turn=5, question="balance")
    program.start()
    expect(page.locator("#question")).to_contain_text("stumble")
    expect(gone).to_be_hidden()
    expect(page.locator("#assertive")).to_be_empty()
    button(page, "yes").click()
    assert program.wait_for_taps(1) == [tap(5, "yes")]


def test_an_ending_stays_readable_without_the_program(
    program: ScriptedProgram, open_page: Open
) -> None:
    page = open_page(ending())
    program.stop()
    expect(page.locator("#gone")).to_contain_text("call 112 or 911")
    expect(page.locator("#ending h1")).to_be_visible()
    expect(page.locator("#advice li").first).to_be_visible()
    expect(button(page, "stop")).to_be_hidden()
    expect(page.locator("#more")).to_be_visible()
    program.view = waiting()
    program.start()
    expect(page.locator("#waiting")).to_be_visible()
    expect(page.locator("#ending")).to_be_hidden()


def test_two_pages_and_a_reloaded_one_show_the_same(
    program: ScriptedProgram, open_page: Open
) -> None:
    first, second = open_page(waiting()), open_page(waiting())
    program.show(asking(turn=4, phase="heard", heard={"text": "maybe", "answer": "unsure"}))
    first.reload()
    for page in (first, second):
        expect(page.locator("#heard")).to_have_text("I heard “maybe”")
    told = [page.locator("#talk").inner_text() for page in (first, second)]
    assert told[0] == told[1]
