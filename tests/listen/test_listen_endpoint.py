"""When has the speaker finished: real speech, synthetic rooms, and rules that must always hold."""

import time
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice_triage.listen.activity import SpeechActivity, level_dbfs
from voice_triage.listen.endpoint import Endpointer
from voice_triage.listen.endpoint_times import EndpointTimes, Patience
from voice_triage.listen.source import FRAME_MS, FRAME_SAMPLES, RATE, Frame

Spoken = Callable[..., Frame]


def noise(seconds: float, dbfs: float, seed: int = 0) -> Frame:
    """White noise at that level."""
    samples = np.random.default_rng(seed).standard_normal(int(seconds * RATE))
    return (samples * 32768 * 10 ** (dbfs / 20)).clip(-32768, 32767).astype(np.int16)


def mixed(*sounds: Frame) -> Frame:
    total = np.zeros(max(map(len, sounds)), np.int32)
    for sound in sounds:
        total[: len(sound)] += sound
    return total.clip(-32768, 32767).astype(np.int16)


def end_ms(
    times: EndpointTimes,
    sound: Frame,
    partial: str = "",
    accepted: bool = False,
    text_from_ms: float = 0.0,
    patience: Patience | None = None,
) -> float | None:
    """When the utterance ends in `sound`, with `partial` recognised from `text_from_ms` on.
    `patience`: what an accepted answer wants instead of the usual silence."""
    wanted = patience or Patience(times.accepted_ms, times.accepted_ms)
    endpointer = Endpointer(times)
    for start in range(0, len(sound), FRAME_SAMPLES):
        now = (start + FRAME_SAMPLES) * 1000 / RATE
        known = now > text_from_ms
        frame = sound[start : start + FRAME_SAMPLES]
        wants = wanted if accepted and known else None
        if endpointer.update(frame, partial if known else "", wants):
            return now
    return None


def began(sound: Frame) -> bool:
    activity = SpeechActivity()
    for start in range(0, len(sound), FRAME_SAMPLES):
        activity.update(sound[start : start + FRAME_SAMPLES])
    return activity.began


ROOMS = {
    "digital silence": np.zeros(RATE * 10, np.int16),
    "offset": np.full(RATE * 10, 9000, np.int16),
    "quiet": noise(10, -70),
    "quiet with offset": mixed(noise(10, -70), np.full(RATE * 10, -9000, np.int16)),
    "fan": noise(10, -30),
    "very loud fan": noise(10, -16),
    "zeros first": np.concatenate((np.zeros(RATE // 2, np.int16), noise(10, -30))),
    "50 Hz hum": (2000 * np.sin(2 * np.pi * 50 / RATE * np.arange(RATE * 10))).astype(np.int16),
}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_is_not_speech(room: str, times: EndpointTimes) -> None:
    assert not began(ROOMS[room])
    assert end_ms(times, ROOMS[room]) == times.begin_ms


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize("voice", ["en-us", "slt"])
def test_speech_begins_in_any_room(room: str, voice: str, spoken: Spoken) -> None:
    word = spoken("yes", voice)
    loudest = max(level_dbfs(word[at : at + RATE // 10]) for at in range(0, len(word), 160))
    # Little: across a quiet table it is more than 20 dB.
    gain_db = max(level_dbfs(ROOMS[room]) + 15, -50) - loudest
    louder = (word * 10 ** (gain_db / 20)).clip(-32768, 32767).astype(np.int16)
    pause = np.zeros(RATE * 2, np.int16)
    assert began(mixed(ROOMS[room], np.concatenate((pause, louder, pause))))


@pytest.mark.parametrize("voice", ["en-us", "slt"])
def test_very_quiet_speech_begins(voice: str, spoken: Spoken) -> None:
    word = spoken("no", voice)
    quiet = (word * (32768 * 10 ** (-45 / 20) / np.abs(word.astype(int)).max())).astype(np.int16)
    pause = np.zeros(RATE * 2, np.int16)
    assert began(mixed(noise(6, -72), np.concatenate((pause, quiet, pause))))


@pytest.mark.parametrize("cut_ms", [0, 150, 250])
def test_listening_that_starts_in_the_middle_of_a_word(
    cut_ms: int, spoken: Spoken, times: EndpointTimes
) -> None:
    word = spoken("yes", "slt")
    first = int(np.flatnonzero(np.abs(word) > 500)[0]) + cut_ms * RATE // 1000
    sound = np.concatenate((word[first:], noise(9, -60)))
    ended = end_ms(times, sound)
    assert ended is not None
    assert ended < len(word) * 1000 / RATE + times.pause_ms + FRAME_MS


@pytest.mark.parametrize("length_ms", [1, 5, 20, 40])
def test_a_click_is_not_speech(length_ms: int) -> None:
    sound = noise(6, -65)
    sound[3 * RATE : 3 * RATE + length_ms * RATE // 1000] = 20_000
    assert not began(sound)


def test_a_cough_ends_by_the_pause(times: EndpointTimes) -> None:
    sound = noise(12, -65)
    sound[RATE : RATE + RATE // 4] = noise(0.25, -20)
    assert end_ms(times, sound) == pytest.approx(1250 + times.pause_ms, abs=FRAME_MS)
    # The same when the recogniser makes an unknown word of it.
    ended = end_ms(times, sound, "[unk]", text_from_ms=1300)
    assert ended == pytest.approx(1400 + times.pause_ms, abs=FRAME_MS)


def test_an_accepted_answer_ends_after_a_short_silence(
    spoken: Spoken, times: EndpointTimes
) -> None:
    word = spoken("yes")
    speech_ends = 1000 + np.flatnonzero(np.abs(word) > 300)[-1] * 1000 / RATE
    sound = mixed(noise(9, -65), np.concatenate((np.zeros(RATE, np.int16), word)))
    ended = end_ms(times, sound, "yes", accepted=True, text_from_ms=1300)
    assert ended == pytest.approx(speech_ends + times.accepted_ms, abs=1.5 * FRAME_MS)
    slower = end_ms(times, sound, "my", text_from_ms=1300)
    assert slower == pytest.approx(speech_ends + times.pause_ms, abs=1.5 * FRAME_MS)


def babble(spoken: Spoken) -> Frame:
    """A television: several voices that never pause together."""
    words = [spoken(word, voice) for voice in ("en-us", "slt") for word in ("seven", "no", "yes")]
    rng = np.random.default_rng(4)
    layers = [np.concatenate([words[i] for i in rng.integers(0, 6, 60)]) for _ in range(3)]
    return mixed(*(layer[: 30 * RATE] // 3 for layer in layers))


def test_a_television_does_not_hold_up_a_settled_answer(
    spoken: Spoken, times: EndpointTimes
) -> None:
    ended = end_ms(times, babble(spoken), "yes", accepted=True, text_from_ms=2000)
    assert ended is not None
    assert ended <= 2000 + times.settled_ms + FRAME_MS


def test_what_is_waited_out_in_a_silence_is_not_over_a_television(
    spoken: Spoken, times: EndpointTimes
) -> None:
    """After "um" and nothing else they may go on; where others talk on there is nothing to await."""
    unclear = Patience(2200, times.accepted_ms)
    over = end_ms(times, babble(spoken), "yes", True, text_from_ms=2000, patience=unclear)
    assert over is not None
    assert over <= 2000 + times.settled_ms + FRAME_MS
    word = spoken("yes")
    sound = np.concatenate((word, np.zeros(5 * RATE, np.int16)))
    alone = end_ms(times, sound, "i am", True, patience=unclear)
    assert alone is not None
    assert alone > 2200, "no sooner for its text staying the same"


def test_noise_now_and_then_does_not_hold_up_a_settled_answer(times: EndpointTimes) -> None:
    """Something falls, every second: neither silence nor talk, and the answer stands."""
    room = noise(0.9, -70)
    sound = np.concatenate([part for n in range(12) for part in (room, noise(0.1, -20, seed=n))])
    ended = end_ms(times, sound, "no", True, text_from_ms=2000, patience=Patience(2200, 2200))
    assert ended is not None
    assert ended <= 2000 + 2200 + FRAME_MS


def test_a_television_alone_ends_with_the_longest_talk(
    spoken: Spoken, times: EndpointTimes
) -> None:
    ended = end_ms(replace(times, talk_ms=5000, pause_ms=4000), babble(spoken), "[unk]")
    assert ended == pytest.approx(5000, abs=2 * FRAME_MS)


def test_a_fan_that_is_switched_on_becomes_the_room(times: EndpointTimes) -> None:
    sound = np.concatenate((noise(2, -70), noise(15, -30)))
    ended = end_ms(times, sound)
    assert ended is not None
    assert ended <= 2000 + 3000 + times.pause_ms


def test_text_alone_begins_and_carries_on(times: EndpointTimes) -> None:
    """The recogniser hears words that are no louder than the fan."""
    endpointer = Endpointer(replace(times, begin_ms=1000))
    fan = noise(10, -30)
    texts = [""] * 9 + ["it"] * 20 + ["it hurts"] * 24
    for number, text in enumerate(texts):
        frame = fan[number * FRAME_SAMPLES : (number + 1) * FRAME_SAMPLES]
        assert not endpointer.update(frame, text, None)
        assert endpointer.began == bool(text)
    assert endpointer.quiet_ms == 2300


def test_levels() -> None:
    wave = np.tile(np.array([32767, -32767], np.int16), 800)
    assert level_dbfs(wave) == pytest.approx(0, abs=0.01)
    assert level_dbfs(wave // 100) == pytest.approx(-40, abs=0.1)
    assert level_dbfs(np.full(1600, 5000, np.int16)) == -120
    assert level_dbfs(np.empty(0, np.int16)) == -120


def test_it_is_cheap(times: EndpointTimes) -> None:
    endpointer = Endpointer(replace(times, begin_ms=10**6))
    frame = noise(0.1, -40)
    before = time.process_time()
    for _ in range(500):
        endpointer.update(frame, "", None)
    assert (time.process_time() - before) / 500 < 0.002


any_times = st.builds(
    EndpointTimes,
    begin_ms=st.integers(200, 3000),
    accepted_ms=st.integers(100, 800),
    pause_ms=st.integers(800, 2000),
    settled_ms=st.integers(300, 2000),
    talk_ms=st.integers(500, 4000),
)
# Stretches of sound: frames, their level in dBFS, the text so far, whether it is an answer.
stretches = st.lists(
    st.tuples(
        st.integers(1, 15),
        st.sampled_from([-120, -70, -50, -30, -10]),
        st.sampled_from(["", "[unk]", "yes", "no", "yes no"]),
        st.booleans(),
    ),
    max_size=8,
)
LOUD = noise(2, 0, seed=7)


def play(
    times: EndpointTimes, parts: list[tuple[int, int, str, bool]], length: int = FRAME_SAMPLES
) -> list[tuple[float, bool, bool]]:
    """Elapsed ms, began and ended after every frame; silence follows until it must have ended."""
    endpointer = Endpointer(times)
    rest = (times.begin_ms + times.talk_ms) * RATE // 1000 // length + 2
    story = []
    elapsed = 0.0
    for frames, dbfs, text, accepted in [*parts, (rest, -120, "", False)]:
        frame = (LOUD[:length] * 10 ** (dbfs / 20)).astype(np.int16)
        for _ in range(frames):
            patience = Patience(times.accepted_ms, times.accepted_ms) if accepted else None
            ended = endpointer.update(frame, text, patience)
            elapsed += length * 1000 / RATE
            story.append((elapsed, endpointer.began, ended))
    return story


@settings(max_examples=60, deadline=None)
@given(any_times, stretches, st.sampled_from([160, 1000, FRAME_SAMPLES, 3200]))
def test_rules_that_always_hold(
    times: EndpointTimes, parts: list[tuple[int, int, str, bool]], length: int
) -> None:
    story = play(times, parts, length)
    frame_ms = length * 1000 / RATE
    first_end = next(elapsed for elapsed, _, ended in story if ended)
    # It always ends in time.
    assert first_end < times.begin_ms + times.talk_ms + frame_ms
    # Nobody began: it ends when the time to begin is over, and not before.
    if not next(begun for _, begun, ended in story if ended):
        assert times.begin_ms <= first_end < times.begin_ms + frame_ms
    # What has ended or begun stays so.
    for (_, begun, ended), (_, begun_next, ended_next) in pairwise(story):
        assert begun <= begun_next
        assert ended <= ended_next


@settings(max_examples=40, deadline=None)
@given(any_times, stretches)
def test_an_answer_never_ends_later_than_what_is_none(
    times: EndpointTimes, parts: list[tuple[int, int, str, bool]]
) -> None:
    ends = []
    for accepted in (True, False):
        same = [(frames, dbfs, text, accepted) for frames, dbfs, text, _ in parts]
        ends.append(next(elapsed for elapsed, _, ended in play(times, same) if ended))
    assert ends[0] <= ends[1]
