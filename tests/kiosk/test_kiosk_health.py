"""How a kiosk is: what it tells its owner, and what it never tells."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from voice_triage import __version__, assemble
from voice_triage.conversation.conversation import Conversation
from voice_triage.conversation.events import Ended, Event, Said
from voice_triage.flow import Ending, Urgency
from voice_triage.kiosk.health import health
from voice_triage.kiosk.metrics import Metrics, Timed
from voice_triage.kiosk.vitals import Snapshot, Vitals, temperature_c
from voice_triage.listen.frames import Frame
from voice_triage.listen.grammar import Grammar
from voice_triage.testing import RememberingVoice, ScriptedEars

ENDED = Ended(Ending(Urgency.SOON, ("watch",), complete=True))
WELL = Snapshot(silent_s=0.02, level_dbfs=-55.0, temperature_c=51.0)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0
        self.day = date(2026, 3, 1)

    def __call__(self) -> float:
        return self.now

    def today(self) -> date:
        return self.day


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vitals(clock: Clock, tmp_path: Path) -> Vitals:
    return Vitals(clock, clock.today, tmp_path / "no-thermal")


def zone(folder: Path, number: int, kind: str, temp: str) -> None:
    place = folder / f"thermal_zone{number}"
    place.mkdir(parents=True)
    (place / "type").write_text(f"{kind}\n")
    (place / "temp").write_text(f"{temp}\n")


def test_all_is_well() -> None:
    assert health(WELL).as_json() == {"status": "ok", "reasons": []}
    assert health(WELL).code == 200


@pytest.mark.parametrize(
    ("ill", "said"),
    [
        (replace(WELL, silent_s=None), "it has not begun to listen"),
        (replace(WELL, silent_s=61.0), "it has not listened for 61 s"),
        (replace(WELL, level_dbfs=-120.0), "hears nothing (-120 dBFS): is it muted?"),
        (replace(WELL, temperature_c=80.0), "the processor is at 80 °C"),
        (replace(WELL, lost={"microphone": "unplugged"}), "microphone: unplugged"),
    ],
)
def test_what_is_wrong_is_said_plainly(ill: Snapshot, said: str) -> None:
    found = health(ill)
    assert (found.status, found.code) == ("degraded", 503)
    assert said in found.reasons[0]
    json.dumps(found.as_json())


def test_several_reasons_are_all_told() -> None:
    ill = Snapshot(lost={"voice": "no loudspeaker", "microphone": "unplugged"}, temperature_c=90)
    assert [r.split(":")[0].split()[0] for r in health(ill).reasons] == [
        "microphone",
        "voice",
        "it",
        "the",
    ]


def test_a_part_that_comes_back_is_well_again(vitals: Vitals) -> None:
    vitals.alive()
    vitals.trouble("microphone", "unplugged")
    assert health(vitals.snapshot()).status == "degraded"
    vitals.trouble("microphone", None)
    vitals.trouble("voice", None)  # nothing was wrong with it
    assert health(vitals.snapshot()).status == "ok"


def test_a_loop_that_hangs_is_seen(vitals: Vitals, clock: Clock) -> None:
    assert "begun" in health(vitals.snapshot()).reasons[0]
    vitals.alive()
    clock.now += 59
    assert health(vitals.snapshot()).status == "ok"
    clock.now += 2
    assert health(vitals.snapshot()).reasons == ("it has not listened for 61 s",)


def test_the_level_follows_the_room(vitals: Vitals, clock: Clock) -> None:
    vitals.alive()
    assert vitals.snapshot().level_dbfs is None
    vitals.level(-60.0)
    assert vitals.snapshot().level_dbfs == pytest.approx(-60.0)
    for _ in range(50):
        vitals.level(-20.0)
    assert vitals.snapshot().level_dbfs == pytest.approx(-20.0, abs=0.1)
    for _ in range(200):
        vitals.level(-120.0)
    assert "muted" in health(vitals.snapshot()).reasons[0]
    clock.now += 6  # the microphone is gone; who touches the screen is still attended to
    vitals.alive()
    assert vitals.snapshot().level_dbfs is None
    assert health(vitals.snapshot()).status == "ok"


def test_sessions_are_counted_by_day(vitals: Vitals, clock: Clock) -> None:
    def session() -> None:
        vitals.tell(Said("hello"))
        assert vitals.snapshot().in_session
        vitals.tell(Said("bye"))
        vitals.tell(ENDED)
        assert not vitals.snapshot().in_session

    session()
    session()
    assert vitals.snapshot().sessions_today == 2
    clock.day += timedelta(days=1)
    assert vitals.snapshot().sessions_today == 0
    session()
    assert vitals.snapshot().sessions_today == 1


def test_the_processor_s_own_temperature_is_told(tmp_path: Path) -> None:
    zone(tmp_path, 0, "acpitz", "27800")
    assert temperature_c(tmp_path) == 27.8
    zone(tmp_path, 1, "cpu-thermal", "51540")
    assert temperature_c(tmp_path) == 51.54
    assert temperature_c(tmp_path / "nothing") is None


def test_a_sensor_that_tells_nonsense_is_none(tmp_path: Path) -> None:
    zone(tmp_path, 0, "cpu-thermal", "broken")
    assert temperature_c(tmp_path) is None


def figures(metrics: Metrics) -> dict[str, float]:
    """Every sample that /metrics shows, as `name{label=value}`."""
    page, kind = metrics.page()
    assert kind.startswith("text/plain")
    found = {}
    for family in text_string_to_metric_families(page.decode()):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


def talk(metrics: Metrics, vitals: Vitals, says: Iterable[str]) -> list[Event]:
    """A whole conversation on the shipped flow."""
    events: list[Event] = []

    def tell(event: Event) -> None:
        events.append(event)
        metrics.tell(event)
        vitals.tell(event)

    Conversation(assemble.script(None, "GB"), ScriptedEars(says), RememberingVoice(), tell).run()
    return events


def test_conversations_are_counted(vitals: Vitals) -> None:
    metrics = Metrics(vitals, __version__)
    before = figures(metrics)
    assert before["voice_triage_sessions_ended_total{complete=true,urgency=emergency}"] == 0
    talk(metrics, vitals, ["gibberish", "yes"])
    talk(metrics, vitals, ["repeat", "stop", "yes"])
    after = figures(metrics)
    assert after["voice_triage_sessions_started_total"] == 2
    assert after["voice_triage_sessions_ended_total{complete=true,urgency=emergency}"] == 1
    ended = [v for k, v in after.items() if k.startswith("voice_triage_sessions_ended_total")]
    assert sum(ended) == 2
    assert after["voice_triage_reasks_total{kind=reprompt}"] >= 2
    assert after["voice_triage_in_session"] == 0


def test_the_gauges_tell_how_it_is_now(vitals: Vitals) -> None:
    metrics = Metrics(vitals, __version__)
    before = figures(metrics)
    assert before["voice_triage_up"] == 0
    assert before["voice_triage_temperature_celsius"] != before["voice_triage_temperature_celsius"]
    vitals.alive()
    vitals.level(-42.0)
    vitals.tell(Said("hello"))
    after = figures(metrics)
    assert after["voice_triage_up"] == 1
    assert after["voice_triage_in_session"] == 1
    assert after["voice_triage_microphone_level_dbfs"] == pytest.approx(-42.0)
    assert after[f"voice_triage_info{{version={__version__}}}"] == 1


def test_nothing_that_was_said_or_asked_is_told(vitals: Vitals) -> None:
    metrics = Metrics(vitals, __version__)
    events = talk(metrics, vitals, ["no", "i can't feel my legs", "yes"])
    assert len(events) > 10
    page = metrics.page()[0].decode().lower()
    script = assemble.script(None, "GB")
    words = [*script.flow.questions, *script.flow.outcomes, "feel", "leg"]
    assert not [word for word in words if word in page]


class Slow:
    """A recogniser that takes its time."""

    span = (0.1, 0.4)

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def recognizer(self, _grammar: Grammar) -> "Slow":
        return self

    def feed(self, _frame: Frame) -> str:
        self._clock.now += 0.02
        return "ye"

    def finish(self) -> tuple[str, float]:
        self._clock.now += 0.2
        return "yes", 0.9


def test_how_long_somebody_waits_for_the_recogniser_is_told(clock: Clock, vitals: Vitals) -> None:
    import numpy as np

    metrics = Metrics(vitals, __version__)
    timed = Timed(Slow(clock), metrics.recognised, clock).recognizer(Grammar(("yes",)))
    frame = np.zeros(160, np.int16)
    assert [timed.feed(frame) for _ in range(3)] == ["ye"] * 3
    assert timed.finish() == ("yes", 0.9)
    assert timed.span == (0.1, 0.4)
    told = figures(metrics)
    assert told["voice_triage_recogniser_latency_seconds_count"] == 1
    assert told["voice_triage_recogniser_latency_seconds_sum"] == pytest.approx(0.22)
