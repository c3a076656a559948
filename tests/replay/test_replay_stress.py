"""`voice-triage replay --stress`: scenarios in noise, echo, and at other speeds and levels."""

import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from programs import ROOT, run
from voices import write

from voice_triage.evaluate import room
from voice_triage.listen.frames import RATE, Samples
from voice_triage.replay.stress import Grid
from voice_triage.replay.surroundings import Noises, Surroundings, at_level, hiss_of, quiet, sped

FEW = ("--reverb", "0.4", "--speed", "1.1", "--level", "-10", "--each", "2", "--snr", "20")


def tone(seconds: float, hz: float = 440.0, dbfs: float = -20.0) -> Samples:
    time = np.arange(round(seconds * RATE)) / RATE
    wave = np.sqrt(2) * 10 ** (dbfs / 20) * np.sin(2 * np.pi * hz * time)
    return np.asarray(wave, np.float32)


def dbfs(sound: Samples) -> float:
    return float(10 * np.log10(np.mean(sound.astype(np.float64) ** 2)))


def test_every_combination_is_in_the_grid_once() -> None:
    grid = Grid(("pink",), (20, 0), (0.3,), (1.1,), (-12,))
    all_ = grid.drawn(None, "a")
    assert len(all_) == len(set(all_)) == 3 * 2 * 2 * 2
    few = grid.drawn(3, "a")
    assert len(few) == len(set(few)) == 3 * 3
    assert set(few) < set(all_)
    assert few == grid.drawn(3, "a") != grid.drawn(3, "b")
    plain = [a for a in few if (a.rt60_s, a.speed, a.gain_db) == (None, 1.0, 0.0)]
    assert [(a.noise, a.snr_db) for a in plain] == [(None, None), ("pink", 20), ("pink", 0)]
    assert plain[0] == Surroundings()


def test_noises_are_equally_loud_and_the_same_every_time(tmp_path: Path) -> None:
    write(tmp_path / "tv.wav", (1000 * np.sin(np.arange(RATE))).astype(np.int16), RATE)
    names = ("pink", "hum", "babble", str(tmp_path / "tv.wav"))
    first, second = (
        [
            Noises(lambda text, _: tone(0.3, 200 + 10 * len(text)), ["a", "bb"]).noise(n)
            for n in names
        ]
        for _ in range(2)
    )
    for name, one, other in zip(names, first, second, strict=True):
        assert dbfs(one) == pytest.approx(0.0, abs=0.01), name
        assert np.array_equal(one, other), name


def test_levels_and_speeds() -> None:
    sound = tone(1.0)
    assert dbfs(at_level(sound, -30, 0)) == pytest.approx(-30, abs=0.2)
    assert dbfs(at_level(sound, None, 6)) == pytest.approx(-14, abs=0.2)
    assert len(sped(sound, 1.25)) == pytest.approx(0.8 * RATE, abs=2)
    assert dbfs(quiet(RATE, 1)) == pytest.approx(-72, abs=0.2)
    recording = np.concatenate((tone(0.5), np.float32(0.01) * quiet(RATE, 1) * 10**3))
    assert dbfs(hiss_of(recording, 2)) == pytest.approx(-52, abs=1)
    assert room.active_power(sound) == pytest.approx(10 ** (-2), rel=0.05)


def test_a_table_and_files(tmp_path: Path) -> None:
    scenario = ROOT / "tests" / "scenarios" / "other_words.triage.yaml"
    ran = run(
        "replay", "--stress", scenario, *FEW, "--noise", "pink", "-o", tmp_path / "new" / "out",
        seconds=240,
    )  # fmt: skip
    assert ran.code == 0, ran.out + ran.err
    assert "noise pink 20 dB" in ran.out
    assert "less urgent" in ran.out
    out = tmp_path / "new" / "out"
    lines = [json.loads(line) for line in (out / "stress.jsonl").read_text().splitlines()]
    assert [line["snr_db"] for line in lines] == [None, None, 20, 20]
    assert all(line["expected"] == "emergency" and not line["lower"] for line in lines)
    tallies = json.loads((out / "stress.json").read_text())
    assert (tallies[0]["runs"], tallies[0]["lower"]) == (4, 0)
    drawing = ElementTree.parse(out / "stress.svg")  # noqa: S314 - our own
    assert "other words" in "".join(drawing.getroot().itertext())


def test_one_that_ends_lower_is_shown_and_fails(tmp_path: Path) -> None:
    path = tmp_path / "a.triage.yaml"
    path.write_text(
        "flow: back_spasms\nname: wrong\notherwise: {say: no}\n"
        "expect: {urgency: emergency, outcomes: [immediate]}\n"
    )
    ran = run("replay", "--stress", path, *FEW, "--noise", "hum", "--each", "1", seconds=240)
    assert ran.code == 1, ran.out + ran.err
    assert f"{path}, as it is: less urgent than expected" in ran.out.replace("\n", " ")
    assert "ends  urgency: routine" in ran.out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--snr", "loud"), "--snr takes numbers"),
        (("--snr", "900"), "--snr takes numbers from -40 to 100; not 900"),
        (("--speed", "0"), "--speed takes numbers from 0.5 to 2"),
        (("--noise", "/no/such.wav"), "/no/such.wav: there is no such file"),
        (("--junit", "r.xml"), "--stress writes its files with -o"),
    ],
)
def test_words_that_do_not_fit(words: tuple[str, ...], told: str) -> None:
    scenario = ROOT / "tests" / "scenarios" / "other_words.triage.yaml"
    ran = run("replay", scenario, "--stress", *words)
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err
    assert ran.said_plainly()


def test_without_stress_its_options_are_refused() -> None:
    ran = run("replay", ROOT / "tests" / "scenarios", "--snr", "10")
    assert ran.code == 2
    assert "belong to --stress" in ran.err


def test_what_expects_no_urgency_cannot_be_stressed(tmp_path: Path) -> None:
    path = tmp_path / "a.triage.yaml"
    path.write_text("flow: back_spasms\nname: x\nexpect: {reprompts: 0}\n")
    ran = run("replay", "--stress", path)
    assert ran.code == 2
    assert f"{path}: no urgency is expected" in ran.err
