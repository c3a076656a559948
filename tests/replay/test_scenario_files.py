"""Scenario files: every problem found, at its line, with what to do."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from programs import run

from voice_triage.errors import DocumentError, UsageError
from voice_triage.replay.load import Loaded, find, load
from voice_triage.replaying import Scripts, load_all

GOOD = """\
flow: back_spasms
name: a test
answers:
  bladder-control: {say: no}
  leg-feeling:
    - {silence: 9s}
    - {say: yes, voice: flite:slt, at_snr: 10 dB, noise: pink, level: -30dBFS}
otherwise: {say: no, means: no}
expect:
  urgency: emergency
  asked: [bladder-control, leg-feeling]
  reprompts: 1
  answered: {leg-feeling: yes}
  complete: true
"""
_SCRIPTS = Scripts()


def loaded(tmp_path: Path, text: str | bytes) -> Loaded:
    file = tmp_path / "a.triage.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load(file, _SCRIPTS.flow)


def complaint(tmp_path: Path, text: str | bytes) -> str:
    with pytest.raises(DocumentError) as raised:
        loaded(tmp_path, text)
    return str(raised.value).replace(str(tmp_path) + "/", "")


def test_a_good_one_is_read(tmp_path: Path) -> None:
    scenario = loaded(tmp_path, GOOD).scenario
    quiet, said = scenario.answers["leg-feeling"]
    assert (quiet.silence, said.at_snr, said.level) == (9.0, 10.0, -30.0)
    assert len(scenario.answers["bladder-control"]) == 1
    assert scenario.expect.reprompts == 1
    assert scenario.expect.complete is True
    assert scenario.expect.outcomes is None


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("9s", "9", "a.triage.yaml:6: '9' isn't understood; write it like this: 9s"),
        ("9s", "900s", "a.triage.yaml:6: '900s' is out of range; it goes from 0.02 to 600 s"),
        ("10 dB", "loud", "a.triage.yaml:7: 'loud' isn't understood; write it like this: 10dB"),
        ("{silence: 9s}", "{silence: 9s, say: yes}", "a.triage.yaml:6: a piece is one of"),
        ("{silence: 9s}", "{}", "a.triage.yaml:6: a piece is one of silence, audio and say, not n"),
        ("{silence: 9s}", "{silence: 9s, level: -20dBFS}", "a.triage.yaml:6: level and means go"),
        ("{silence: 9s}", "{silence: 9s, pace: 120}", "a.triage.yaml:6: voice and pace go with"),
        ("say: no}\n  leg", "sya: no}\n  leg", "unknown key 'sya' in answers.bladder-control.0; di"),
        ("flite:slt", "slt", "a.triage.yaml:7: 'voice'"),
        ("bladder-control: {", "bladder: {", "a.triage.yaml:4: the flow has no question 'bladder'"),
        ("[bladder-control,", "[wing,", "a.triage.yaml:11: the flow has no question 'wing'; it has"),
        ("{leg-feeling: yes}", "{leg-feelin: yes}", "did you mean 'leg-feeling'?"),
        ("reprompts: 1", "outcomes: [imediate]", "a.triage.yaml:12: the flow has no outcome 'imedi"),
        ("reprompts: 1", "reprompts: -1", "a.triage.yaml:12: 'reprompts' in expect"),
        ("urgency: emergency", "urgency: dire", "a.triage.yaml:10: 'urgency' in expect"),
        ("flow: back_spasms", "flow: backspasms", "a.triage.yaml:1: There is no flow 'backspasms'"),
        ("flow: back_spasms", "flow: own/flow.yaml", "a.triage.yaml:1: There is no flow '"),
        ("say: no}\n  leg", "audio: no.wav}\n  leg", "a.triage.yaml:4: there is no such file: no.wav"),
        ("noise: pink", "noise: tv.wav", "a.triage.yaml:7: there is no such file: tv.wav"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert GOOD.count(old) >= 1
    assert expected in complaint(tmp_path, GOOD.replace(old, new, 1))


def test_paths_count_from_the_scenario(tmp_path: Path) -> None:
    (tmp_path / "no.wav").write_bytes(b"no sound, but there")
    folder = tmp_path / "deep"
    folder.mkdir()
    assert loaded(folder, GOOD.replace("say: no}\n", "audio: ../no.wav}\n", 1)).folder == folder


def test_all_scenarios_are_complained_about_at_once(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.triage.yaml").write_text(GOOD.replace("9s", "9 hours"))
    with pytest.raises(DocumentError) as raised:
        load_all([tmp_path], Scripts())
    assert [(p.path.name, p.line) for p in raised.value.problems] == [
        ("a.triage.yaml", 6),
        ("b.triage.yaml", 6),
    ]


def test_folders_are_searched_and_nothing_is_played_twice(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    paths = [tmp_path / "a.triage.yaml", tmp_path / "deep" / "b.triage.yaml"]
    for path in paths:
        path.write_text(GOOD)
    (tmp_path / "other.yaml").write_text(GOOD)
    assert find([tmp_path, paths[0]]) == paths
    with pytest.raises(UsageError, match="no scenario in this folder"):
        find([Path(__file__).parent])
    with pytest.raises(UsageError, match="no such scenario"):
        find([tmp_path / "c.triage.yaml"])


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_is_in_the_file_the_error_is_ours(tmp_path: Path, data: st.DataObject) -> None:
    mutant = bytearray(GOOD.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(mutant) - 1))
        cut = data.draw(st.integers(0, 3))
        mutant[at : at + cut] = data.draw(st.binary(max_size=4))
    with suppress(DocumentError):  # any other error fails the test
        loaded(tmp_path, bytes(mutant))


def test_the_schema_is_there_for_editors() -> None:
    ran = run("schema", "scenario")
    assert ran.code == 0, ran.err
    schema = json.loads(ran.out)
    assert {"flow", "name", "answers", "expect"} <= set(schema["properties"])
    one_or_more = schema["properties"]["answers"]["additionalProperties"]["anyOf"]
    assert one_or_more[0] == {"$ref": "#/$defs/Piece"}
    assert one_or_more[1]["items"] == {"$ref": "#/$defs/Piece"}
    assert schema["$defs"]["Piece"]["properties"]["silence"]["anyOf"][0]["examples"] == ["9s"]
