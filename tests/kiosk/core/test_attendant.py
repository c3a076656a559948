"""One visitor after the other, whatever happens to any of them."""

from visits import Kiosk, phases, rests, urgency, waits

from voice_triage.conversation.conversation import Script
from voice_triage.flow import Urgency
from voice_triage.kiosk.house import Finished
from voice_triage.kiosk.labels import Labels
from voice_triage.kiosk.stage import REPORT_PATH, Report
from voice_triage.kiosk.touch import Press, Tap
from voice_triage.listen.heard import Heard

EMERGENCIES = 7


def test_a_visitor_who_speaks(shipped: Script, labels: Labels) -> None:
    with Kiosk(shipped, labels) as kiosk:
        kiosk.microphone.visitors.append(["no", "yes"])
        view = kiosk.until(rests)
        assert urgency(view) is Urgency.EMERGENCY
        assert view.page is not None
        assert view.text == view.page.headline
        assert kiosk.voices[0].said[-1] == view.page.safety_net[-1]
        assert kiosk.kept[0].questions == ["bladder-control", "leg-feeling"]
        assert kiosk.kept[0].urgency == "emergency"
        assert not kiosk.voices[0].closed, "it may be asked to say it again"
        kiosk.taps(Press.STOP)
        kiosk.until(waits)
        assert kiosk.voices[0].closed
        assert kiosk.kept[0].closed
    assert phases(kiosk.views)[:5] == ["waiting", "speaking", "listening", "heard", "speaking"]


def test_a_visitor_who_touches(shipped: Script, labels: Labels) -> None:
    with Kiosk(shipped, labels) as kiosk:
        kiosk.until(lambda view: view.start_word)
        kiosk.taps(Press.START)
        kiosk.answers(*[Press.NO] * EMERGENCIES, Press.UNSURE, Press.STOP, Press.YES)
        view = kiosk.until(rests)
    assert urgency(view) is Urgency.URGENT
    assert kiosk.kept[0].questions.count("balance") == 1


def test_touching_works_without_a_microphone_and_it_says_so(
    shipped: Script, labels: Labels
) -> None:
    kiosk = Kiosk(shipped, labels)
    kiosk.microphone.plugged = False
    with kiosk:
        view = kiosk.until(lambda view: labels.says.deaf in view.notices)
        assert view.start_word is None
        kiosk.taps(Press.START)
        kiosk.answers(Press.YES)
        assert urgency(kiosk.until(rests)) is Urgency.EMERGENCY
        assert kiosk.alive, "a kiosk without a microphone isn't stuck"
        kiosk.microphone.plugged = True
        kiosk.taps(Press.STOP)
        view = kiosk.until(lambda view: view.start_word)
        assert labels.says.deaf not in view.notices


def test_the_ending_is_said_again_and_goes_when_its_time_is_over(
    shipped: Script, labels: Labels
) -> None:
    with Kiosk(shipped, labels) as kiosk:
        kiosk.microphone.visitors.append(["yes"])
        page = kiosk.until(rests).page
        assert page is not None
        before = kiosk.taps(Press.REPEAT).turn
        kiosk.until(lambda view: rests(view) and view.turn > before)
        kiosk.clock.hurry()
        kiosk.until(waits)
        assert kiosk.voices[0].said.count(page.advice[0]) == 2
        assert kiosk.voices[0].closed


def test_who_says_the_start_word_at_an_ending_is_the_next_one(
    shipped: Script, labels: Labels
) -> None:
    with Kiosk(shipped, labels) as kiosk:
        kiosk.microphone.visitors += [["yes"], ["no", "no", "yes"]]
        kiosk.until(lambda view: len(kiosk.kept) == 2 and rests(view))
    assert kiosk.kept[1].questions == ["bladder-control", "leg-feeling", "leg-control"]
    assert "waiting" in phases(kiosk.views)[1:], "the first one's ending is gone before"


def test_nobody_answers_any_more(shipped: Script, labels: Labels) -> None:
    silence = Heard("", 0.0, 8.0)
    with Kiosk(shipped, labels) as kiosk:
        kiosk.microphone.visitors.append([*["no"] * EMERGENCIES, *[silence] * 50])
        view = kiosk.until(rests)
    assert urgency(view) is Urgency.URGENT, "what it couldn't ask it can't rule out"
    assert len(kiosk.kept[0].questions) == EMERGENCIES + 2 + 8
    assert view.page is not None
    assert view.page.advice[0] == shipped.phrases.incomplete


def test_an_old_tap_does_nothing(shipped: Script, labels: Labels) -> None:
    with Kiosk(shipped, labels) as kiosk:
        first = kiosk.taps(Press.START)
        question = kiosk.until(lambda view: Press.NO in view.presses)
        assert not kiosk.stage.tap(Tap(first.turn, Press.START))
        assert not kiosk.stage.tap(Tap(question.turn - 1, Press.NO))
        assert not kiosk.stage.tap(Tap(question.turn + 1, Press.NO))
        assert not kiosk.stage.tap(Tap(question.turn, Press.START))
        assert kiosk.stage.tap(Tap(question.turn, Press.NO))
        kiosk.until(lambda view: view.turn > question.turn and Press.NO in view.presses)
        assert not kiosk.stage.tap(Tap(question.turn, Press.NO))
    assert kiosk.kept[0].questions == ["bladder-control"]


def test_the_ending_can_be_taken_away_until_it_is_forgotten(
    shipped: Script, labels: Labels
) -> None:
    made: list[Finished] = []

    class Prints:
        def make(self, finished: Finished) -> Report:
            made.append(finished)
            return Report(b"<p>html</p>", "style-src 'none'", None, "<svg/>")

    with Kiosk(shipped, labels, reports=Prints()) as kiosk:
        kiosk.microphone.visitors.append(["yes"])
        view = kiosk.until(lambda view: rests(view) and view.page and view.page.report)
        assert view.page is not None
        assert (view.page.report, view.page.qr) == (REPORT_PATH, "<svg/>")
        assert made[0].ending.urgency is Urgency.EMERGENCY
        assert [turn.heard.text for turn in made[0].turns] == ["yes"]
        report = kiosk.stage.report
        assert report is not None
        assert view.page.pdf is None
        kiosk.until(lambda _: kiosk.kept[0].pages == [b"<p>html</p>"])
        page = view.page
        kiosk.taps(Press.STOP)
        kiosk.until(waits)
        assert kiosk.stage.report is None
        kiosk.stage.offer(report, page)  # made too late
        assert kiosk.stage.report is None
