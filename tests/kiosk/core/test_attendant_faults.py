"""What fails while somebody visits a kiosk, and what stays of them: nothing."""

import gc
import logging
import threading
import weakref

import pytest
from visits import ClosingVoice, Kiosk, rests, urgency, waits

from voice_triage.conversation.conversation import Script
from voice_triage.conversation.dialogue import Dialogue
from voice_triage.conversation.events import Ended, Event, Understood
from voice_triage.conversation.phrases import spoken
from voice_triage.conversation.voice import Speaking
from voice_triage.errors import MicrophoneError, VoiceTriageError
from voice_triage.flow import Urgency
from voice_triage.kiosk.house import Finished
from voice_triage.kiosk.labels import Labels
from voice_triage.kiosk.stage import Report
from voice_triage.kiosk.touch import Press
from voice_triage.kiosk.view import Page, View
from voice_triage.listen.heard import Heard


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

    kiosk.microphone.stuck = tries.release
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
        for number in range(1, 16):
            kiosk.microphone.visitors.append(
                ["no", VoiceTriageError("x")] if number % 3 else ["yes"]
            )
            # The ending is there for a moment only, which a busy machine may not see.
            kiosk.until(lambda view: any(map(rests, kiosk.views)) and waits(view))
            kiosk.views[:-1] = []
            kiosk.voices[:-1] = []
            if number in (5, 15):
                counts.append(count())
    assert counts[0][0] == counts[1][0]
    assert counts[1][1] <= counts[0][1] + 5


def test_a_microphone_that_fails_as_nobody_has_foreseen_leaves_the_touch(
    shipped: Script, labels: Labels
) -> None:
    kiosk = Kiosk(shipped, labels)
    kiosk.microphone.bug = RuntimeError("a driver's bug")
    with kiosk:
        kiosk.until(lambda view: labels.says.deaf in view.notices)
        assert any(why and "RuntimeError" in why for _, why in kiosk.troubles)
        kiosk.taps(Press.START)
        kiosk.answers(Press.YES)
        kiosk.until(rests)
        kiosk.microphone.bug = None
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
