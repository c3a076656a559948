"""One visitor after the other, whatever happens to any of them."""

import gc
import logging
import threading
import weakref

import pytest
from visits import ClosingVoice, Kiosk, phases

from voice_triage.conversation.conversation import Script
from voice_triage.conversation.dialogue import Dialogue
from voice_triage.conversation.events import Ended, Event, Understood
from voice_triage.conversation.phrases import spoken
from voice_triage.conversation.voice import Speaking
from voice_triage.errors import MicrophoneError, VoiceTriageError
from voice_triage.flow import Urgency
from voice_triage.kiosk.house import Finished
from voice_triage.kiosk.labels import Labels
from voice_triage.kiosk.stage import REPORT_PATH, Report
from voice_triage.kiosk.touch import Press, Tap
from voice_triage.kiosk.view import Page, Phase, View
from voice_triage.listen.heard import Heard

EMERGENCIES = 7


def waits(view: View) -> bool:
    return view.phase is Phase.WAITING


def rests(view: View) -> bool:
    return Press.REPEAT in view.presses and view.phase is Phase.ENDING


def urgency(view: View) -> Urgency:
    assert view.page is not None
    return view.page.urgency


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
    with Kiosk(shipped, labels, ending_s=0.5) as kiosk:
        kiosk.microphone.visitors.append(["yes"])
        view = kiosk.taps(Press.REPEAT)
        page = view.page
        assert page is not None
        kiosk.until(waits)
        assert any(rests(later) and later.turn > view.turn for later in kiosk.views)
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


@pytest.mark.parametrize(
    "trouble", [VoiceTriageError("the device broke"), KeyError("I can't feel my legs")]
)
def test_a_session_that_fails_is_told_and_the_next_one_works(
    shipped: Script, labels: Labels, caplog: pytest.LogCaptureFixture, trouble: Exception
) -> None:
    caplog.set_level(logging.INFO)
    failed = labels.says.failed.format(number="999")
    with Kiosk(shipped, labels) as kiosk:
        kiosk.microphone.visitors.append(["no", trouble])
        view = kiosk.until(lambda view: rests(view) and failed in view.notices)
        assert urgency(view) is Urgency.EMERGENCY, "the advice so far is given"
        kiosk.until(lambda _: any("I had to stop" in said for said in kiosk.voices[0].said))
        kiosk.taps(Press.STOP)
        assert failed in kiosk.until(waits).notices
        kiosk.microphone.visitors.append(["yes"])
        view = kiosk.until(rests)
        assert failed not in view.notices
    assert type(trouble).__name__ in caplog.text or str(trouble) in caplog.text
    assert "feel my legs" not in caplog.text


def test_what_is_logged_has_no_answers(
    shipped: Script, labels: Labels, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with Kiosk(shipped, labels) as kiosk:
        kiosk.microphone.visitors.append(["no", "I can't feel my legs"])
        kiosk.until(rests)
        kiosk.taps(Press.STOP)
        kiosk.until(waits)
    assert "A session begins." in caplog.text
    for word in ("legs", "emergency", "leg-feeling", "no,"):
        assert word not in caplog.text


def test_nothing_of_a_visitor_stays_in_memory(shipped: Script, labels: Labels) -> None:
    events: list[weakref.ref[Event]] = []

    def observe(event: Event) -> None:
        if isinstance(event, Understood | Ended):
            events.append(weakref.ref(event))

    said = "I can't feel my legs at all"
    with Kiosk(shipped, labels, observers=(observe,)) as kiosk:
        kiosk.microphone.visitors.append(["no", said])
        kiosk.until(rests)
        kiosk.taps(Press.STOP)
        kiosk.until(waits)
        kiosk.until(lambda _: kiosk.microphone.forgotten)
        kiosk.views.clear()
        kiosk.voices.clear()
        kiosk.kept.clear()
        # The loop may just be collecting.
        for _ in range(100):
            gc.collect()
            if not [event for event in events if event() is not None]:
                break
            threading.Event().wait(0.05)
        assert len(events) == 3
        assert [event() for event in events] == [None] * 3
        kinds = (Dialogue, Heard, Page)
        # By its type: what stands in for a module that loads late would load it, asked for its class.
        left = [thing for thing in gc.get_objects() if issubclass(type(thing), kinds)]
        assert not [thing for thing in left if said in repr(thing)]
        assert kiosk.stage.view.page is None
        kiosk.views.append(kiosk.stage.view)


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


def test_a_report_that_cannot_be_made_spoils_nothing(
    shipped: Script, labels: Labels, caplog: pytest.LogCaptureFixture
) -> None:
    class Jams:
        def make(self, finished: Finished) -> Report:
            raise ValueError(f"no paper for {finished.known}")

    with Kiosk(shipped, labels, reports=Jams()) as kiosk:
        kiosk.microphone.visitors.append(["yes"])
        view = kiosk.until(rests)
        assert view.page is not None
        assert view.page.report is None
        kiosk.until(lambda _: "can't be made" in caplog.text)
    assert "bladder" not in caplog.text


def test_a_microphone_that_goes_between_two_visitors(shipped: Script, labels: Labels) -> None:
    with Kiosk(shipped, labels) as kiosk:
        kiosk.until(lambda view: view.start_word)
        kiosk.microphone.plugged = False
        kiosk.until(lambda view: view.start_word is None and labels.says.deaf in view.notices)
        assert kiosk.troubles == [("microphone", None), ("microphone", "unplugged")]
        kiosk.taps(Press.START)
        kiosk.answers(Press.YES)
        kiosk.until(rests)
    with pytest.raises(MicrophoneError):
        kiosk.microphone.open()


def test_a_microphone_that_is_stuck_gives_no_sign_of_life(shipped: Script, labels: Labels) -> None:
    """It can be opened and sends nothing, which only a new start may mend."""

    kiosk = Kiosk(shipped, labels)
    tries = threading.Semaphore(0)

    def starts(_seconds: float) -> bool:
        tries.release()
        raise MicrophoneError("it has sent nothing for 3 seconds")

    kiosk.microphone.starts = starts  # type: ignore[method-assign]
    with kiosk:
        kiosk.until(lambda view: labels.says.deaf in view.notices)
        assert tries.acquire(timeout=10)
        assert kiosk.alive == 0


def test_visitor_after_visitor_leaves_nothing_behind(shipped: Script, labels: Labels) -> None:
    def count() -> tuple[int, int]:
        gc.collect()
        views = sum(issubclass(type(thing), View) for thing in gc.get_objects())
        return threading.active_count(), views

    with Kiosk(shipped, labels, ending_s=0.05) as kiosk:
        counts = []
        for number in range(1, 31):
            kiosk.microphone.visitors.append(
                ["no", VoiceTriageError("x")] if number % 3 else ["yes"]
            )
            # The ending is there for a moment only, which a busy machine may not see.
            kiosk.until(lambda view: any(map(rests, kiosk.views)) and waits(view))
            kiosk.views[:-1] = []
            kiosk.voices[:-1] = []
            if number in (10, 30):
                counts.append(count())
    assert counts[0][0] == counts[1][0]
    assert counts[1][1] <= counts[0][1] + 5


def test_a_microphone_that_fails_as_nobody_has_foreseen_leaves_the_touch(
    shipped: Script, labels: Labels
) -> None:
    kiosk = Kiosk(shipped, labels)
    open_it = kiosk.microphone.open

    def broken() -> None:
        raise RuntimeError("a driver's bug")

    kiosk.microphone.open = broken  # type: ignore[method-assign]
    with kiosk:
        kiosk.until(lambda view: labels.says.deaf in view.notices)
        assert any(why and "RuntimeError" in why for _, why in kiosk.troubles)
        kiosk.taps(Press.START)
        kiosk.answers(Press.YES)
        kiosk.until(rests)
        kiosk.microphone.open = open_it  # type: ignore[method-assign]
        kiosk.taps(Press.STOP)
        kiosk.until(lambda view: view.start_word)


def test_a_voice_that_fails_as_nobody_has_foreseen_leaves_the_ending_on_the_screen(
    shipped: Script, labels: Labels
) -> None:
    tried: list[str] = []

    class Broken(ClosingVoice):
        def begin(self, *words: object, **_more: object) -> Speaking:
            tried.append(str(words[0]))
            raise RuntimeError("a driver's bug")

    with Kiosk(shipped, labels, open_voice=lambda _tell: Broken()) as kiosk:
        kiosk.microphone.visitors.append(["yes"])
        view = kiosk.until(rests)
        assert urgency(view) is Urgency.EMERGENCY
        # A tap that comes while the failure is still being told is forgotten with it.
        failed = spoken(labels.says.failed.format(number=shipped.number))
        for _ in range(3000):
            if failed in tried:
                break
            threading.Event().wait(0.01)
        assert failed in tried
        before = kiosk.taps(Press.REPEAT).turn
        kiosk.until(lambda view: rests(view) and view.turn > before)
        kiosk.taps(Press.STOP)
        kiosk.until(waits)
