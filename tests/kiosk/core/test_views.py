"""Whatever is said and touched, the screen shows what there is to answer, and only that."""

import json
from dataclasses import fields

from hypothesis import given
from hypothesis import strategies as st

from voice_triage.conversation.conversation import Conversation, Script
from voice_triage.conversation.events import Asked, Ended, Event, Prompt, Said, Trouble
from voice_triage.flow import Reply, Urgency
from voice_triage.kiosk.touch import Press
from voice_triage.kiosk.view import Page, Phase, View
from voice_triage.kiosk.views import Views, questions_ahead
from voice_triage.listen.heard import Heard
from voice_triage.testing import RememberingVoice, ScriptedEars

SAID = st.sampled_from(
    ["yes", "no", "not sure", "", "banana", "repeat", "help", "go back", "stop", "hold on",
     "continue", "start over", "I can't feel my legs", "I have a headache", "yes no"]
)  # fmt: skip
MAY = {
    Phase.WAITING: [{Press.START}],
    Phase.SPEAKING: [{Press.STOP}, {Press.REPEAT, Press.STOP}, set(Press) - {Press.START}],
    Phase.LISTENING: [set(Press) - {Press.START}],
    Phase.HEARD: [{Press.STOP}],
    Phase.PAUSED: [{Press.REPEAT, Press.STOP}],
    Phase.ENDING: [{Press.STOP}, {Press.REPEAT, Press.STOP}],
}
"""Which buttons may stand there."""


def shown(script: Script, views: Views, said: list[str | Heard]) -> tuple[list[Event], list[View]]:
    """Every event of a conversation, and the view after each; the first is that of waiting."""
    events: list[Event] = []
    shown = [views.waiting(View(), "start")]

    def tell(event: Event) -> None:
        events.append(event)
        shown.append(views.told(shown[-1], event))

    Conversation(script, ScriptedEars(said), RememberingVoice(), tell).run()
    return events, shown


@given(st.lists(SAID, max_size=50))
def test_what_holds_of_every_view(shipped: Script, views: Views, said: list[str | Heard]) -> None:
    events, all_shown = shown(shipped, views, said)
    asked: Asked | None = None
    for event, before, view in zip(events, all_shown[:-1], all_shown[1:], strict=True):
        if isinstance(event, Said):
            asked = event.asks
            assert view.turn > before.turn or view.phase is before.phase
        assert view.turn >= before.turn
        assert set(view.presses) in MAY[view.phase]
        assert len(set(view.presses)) == len(view.presses)
        assert (view.page is not None) == (view.phase is Phase.ENDING)
        if view.question is not None:
            assert asked is not None, "a question that nobody asks"
            assert (view.question, view.kind) == (asked.question, asked.kind)
            assert view.progress is not None
            done, most = view.progress
            assert 0 <= done < most
        if {Press.YES, Press.NO} & set(view.presses):
            assert view.question is not None, "an answer to nothing"
            newest = max(v.turn for v in all_shown[: all_shown.index(view) + 1])
            assert view.turn == newest
        if view.question != before.question and view.question is not None:
            assert view.turn > before.turn, "a tap on the question before would count"
        json.dumps(view.message())
    ended = events[-1]
    assert isinstance(ended, Ended)
    page = all_shown[-1].page
    assert page is not None
    assert page.urgency is ended.ending.urgency
    assert page.headline in [e.text for e in events if isinstance(e, Said)]
    assert {s.question for s in page.symptoms} <= set(shipped.flow.questions)


@given(st.lists(SAID, max_size=20), st.sampled_from(list(Press)))
def test_a_touch_takes_the_buttons_away_and_changes_nothing_else(
    shipped: Script, views: Views, said: list[str | Heard], press: Press
) -> None:
    for view in shown(shipped, views, said)[1]:
        after = views.tapped(view, press)
        assert after.turn == view.turn
        assert set(after.presses) <= set(view.presses) | {Press.STOP}
        assert (after.question, after.page, after.text) == (view.question, view.page, view.text)


def test_the_advice_on_the_screen_is_what_is_said(shipped: Script, views: Views) -> None:
    events, all_shown = shown(shipped, views, ["no", "I can't feel my legs"])
    page = all_shown[-1].page
    assert page is not None
    assert page.urgency is Urgency.EMERGENCY
    assert page.number == "999"
    assert [s.question for s in page.symptoms] == ["leg-feeling"]
    assert page.symptoms[0].text == shipped.flow.questions["leg-feeling"].readback.yes
    assert page.marks == ("left-leg", "right-leg")
    said = [event.text for event in events if isinstance(event, Said)]
    for text in (page.headline, *page.advice, *page.safety_net):
        assert text in said
    assert "{" not in json.dumps(all_shown[-1].message()["ending"]["advice"])


def test_the_ending_is_shown_before_it_is_said(shipped: Script, views: Views) -> None:
    events, all_shown = shown(shipped, views, ["yes"])
    first = next(view for view in all_shown if view.phase is Phase.ENDING)
    assert first.page == all_shown[-1].page
    assert not any(isinstance(event, Ended) for event in events[: all_shown.index(first)])


def test_trouble_is_shown_beside_everything_and_only_the_newest(views: Views) -> None:
    view = views.waiting(View(), None)
    for number in (1, 2, 2, 3, 4, 5, 2):
        view = views.told(view, Trouble(f"trouble {number}"))
    assert view.notices == ("trouble 3", "trouble 4", "trouble 5", "trouble 2")
    assert view.turn == views.waiting(View(), None).turn


def test_a_pause_that_hears_the_room_goes_on_being_one(shipped: Script, views: Views) -> None:
    _, all_shown = shown(shipped, views, ["hold on", "banana", "banana"])
    paused = [view for view in all_shown if view.phase is Phase.PAUSED]
    assert len({view.turn for view in paused}) == 3, "each can be touched anew"
    assert all(view.kind is Prompt.NOTICE for view in paused)


def test_waiting_knows_nothing_of_who_was_there(shipped: Script, views: Views) -> None:
    before = shown(shipped, views, ["no", "I can't feel my legs"])[1][-1]
    view, fresh = views.waiting(before, "start"), views.waiting(View(), "start")
    assert view.turn > before.turn
    for field in fields(View):
        if field.name != "turn":
            assert getattr(view, field.name) == getattr(fresh, field.name)


def test_how_many_questions_there_can_be(shipped: Script) -> None:
    flow, ahead = shipped.flow, questions_ahead(shipped.flow)
    for name in flow.questions:
        thens = [flow.steps[name, reply].then for reply in Reply]
        assert ahead[name] == 1 + max(ahead[then] if then else 0 for then in thens)


def test_the_message_has_the_fields_of_the_protocol(shipped: Script, views: Views) -> None:
    last = shown(shipped, views, ["yes"])[1][-1]
    message = last.message()
    assert set(message) == {
        "type", "turn", "phase", "question", "kind", "text", "heard", "progress", "buttons",
        "start_word", "privacy", "notices", "ending",
    }  # fmt: skip
    assert set(message["ending"]) == {
        "urgency", "headline", "advice", "safety_net", "number", "symptoms", "marks", "qr",
        "report",
        "pdf",
    }  # fmt: skip
    assert last.page is not None
    assert {field.name for field in fields(Page)} == set(message["ending"])
