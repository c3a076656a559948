"""Many recordings in several processes, with engines of our own."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from odd_ears import Dies, MakesExactEars, MakesNone
from voices import write

from voice_triage.errors import ModelError, RecordingError
from voice_triage.evaluate.manifest import Recording
from voice_triage.evaluate.measure import Results, evaluate
from voice_triage.evaluate.mix import Setting, mixed, samples
from voice_triage.evaluate.processes import Processes
from voice_triage.evaluate.room import CLEAN, Condition, active_power, conditions

ALL = conditions([10, 0], [0.3])


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> list[Recording]:
    folder = tmp_path_factory.mktemp("clips")
    made = []
    for number in range(6):
        chance = np.random.default_rng(number)
        sound = (3000 * chance.standard_normal(16_000)).astype(np.int16)
        path = write(folder / f"{number}.wav", sound, 16_000)
        made.append(Recording(path.name, path, "no" if number else "", None, None, {}))
    return made


def heard(results: Results) -> dict[tuple[str, str], str]:
    return {(m.recording.name, m.condition.name): m.text for m in results.measurements}


def measured(recordings: Sequence[Recording], jobs: int, setting: Setting | None = None) -> Results:
    setting = setting or Setting()
    return evaluate(recordings, ALL, MakesExactEars(), Processes(jobs), setting=setting)


def test_neither_processes_nor_order_nor_company_change_what_is_heard(
    recordings: list[Recording],
) -> None:
    one, two = measured(recordings, 1), measured(recordings, 2)
    assert (one.jobs, two.jobs) == (1, 2)
    assert heard(one) == heard(two) == heard(measured(recordings[::-1], 2))
    assert heard(measured(recordings[2:3], 1)).items() <= heard(one).items()
    assert len(set(heard(one).values())) == len(recordings) * len(ALL), "each its own sound"
    order = [(m.recording.name, m.condition) for m in two.measurements]
    assert order == [(r.name, c) for r in recordings for c in ALL]
    assert {m.seconds for m in two.measurements} == {1.75}
    assert two.took_s > 0
    assert two.per_second == pytest.approx(len(order) / two.took_s)


def test_progress(recordings: list[Recording]) -> None:
    seen: list[int] = []
    evaluate(recordings, [CLEAN], MakesExactEars(), Processes(2), seen.append)
    assert seen == [1, 2, 3, 4, 5, 6]


def test_a_recording_that_cannot_be_read_is_named(recordings: list[Recording]) -> None:
    missing = Recording("gone.wav", Path("/no/gone.wav"), "yes", None, None, {})
    results = measured([missing, *recordings], 2)
    ((recording, error),) = results.failures
    assert recording is missing
    assert "/no/gone.wav" in str(error)
    assert len(results.measurements) == len(recordings) * len(ALL)


def test_an_engine_that_cannot_be_loaded(recordings: list[Recording]) -> None:
    with pytest.raises(ModelError, match="no such engine"):
        evaluate(recordings, [CLEAN], MakesNone(), Processes(2))


def test_an_engine_that_takes_its_process_down(recordings: list[Recording]) -> None:
    with pytest.raises(ModelError, match="-j 1"):
        evaluate(recordings, [CLEAN], Dies(), Processes(2))


def test_noise_from_a_file_reaches_the_level_asked_for(
    tmp_path: Path, recordings: list[Recording]
) -> None:
    hum = (500 * np.sin(np.arange(5000) / 5)).astype(np.int16)
    setting = Setting((100, 200), (write(tmp_path / "hum.wav", hum, 16_000),))
    for recording in recordings[:2]:
        clip = samples(recording.path)
        clean, noisy = (
            mixed(recording, clip, condition, setting) / 32768
            for condition in (CLEAN, Condition(snr_db=5))
        )
        assert len(clean) == len(noisy) == 16_000 + 4_800
        speech = active_power(clip) if recording.text else 10**-2.6
        snr_db = 10 * np.log10(speech / np.mean((noisy - clean) ** 2))
        assert snr_db == pytest.approx(5, abs=0.05)


def test_a_recording_can_bring_its_own_noise(tmp_path: Path, recordings: list[Recording]) -> None:
    silent = write(tmp_path / "silent.wav", np.zeros(16_000, np.int16), 16_000)
    own = Recording("own.wav", recordings[1].path, "no", None, silent, {})
    with pytest.raises(RecordingError, match=r"silent.wav.*digital silence"):
        measured([own], 1)
