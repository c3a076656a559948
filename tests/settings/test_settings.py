"""Settings: one file, whose mistakes are told by line, under the environment, under options."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from programs import run

from voice_triage.errors import DocumentError, UsageError
from voice_triage.in_force import DEFAULT, OPTION, in_force, variable
from voice_triage.settings import Settings, keys


def written(folder: Path, text: str) -> Path:
    path = folder / "config.yaml"
    path.write_text(text)
    return path


def test_a_file_sets_what_it_names(tmp_path: Path) -> None:
    file = written(tmp_path, "region: GB\nearcons: off\nkiosk:\n  # later\n  port: 9000\n")
    found = in_force(file, {})
    assert found.settings.region == "GB"
    assert found.settings.earcons is False
    assert found.settings.kiosk.port == 9000
    assert found.origins["region"] == f"{file}:1"
    assert found.origins["kiosk.port"] == f"{file}:5"
    assert found.origins["kiosk.ending_s"] == DEFAULT


def test_without_anything_the_defaults_count(tmp_path: Path) -> None:
    for text in ("", "# region: GB\n", "region:\nearcons:\nkiosk:\n  # port: 1\n"):
        found = in_force(written(tmp_path, text), {})
        assert found.settings == Settings()
        assert set(found.origins.values()) == {DEFAULT}


VALUES = {
    "region": ["GB", "US", "DE"],
    "kiosk.port": [1, 8080, 65535],
    "barge_in": [True, False],
    "mqtt.host": ["broker", "192.0.2.7"],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("settings")


@given(data=st.data(), key=st.sampled_from(sorted(VALUES)))
def test_option_over_environment_over_file_over_default(
    folder: Path, data: st.DataObject, key: str
) -> None:
    maybe = st.none() | st.sampled_from(VALUES[key])
    option, env, stated = (data.draw(maybe, label) for label in ("option", "environment", "file"))
    *sections, last = key.split(".")
    lines = [f"{name}:" for name in sections] + [f"{'  ' * len(sections)}{last}: {stated}"]
    file = written(folder, "" if stated is None else "\n".join(lines) + "\n")
    found = in_force(
        file, {} if env is None else {variable(key): str(env)}, {key: option, "flow": None}
    )
    default = Settings().model_dump()
    for step in key.split("."):
        default = default[step]
    places = [(option, OPTION), (env, variable(key)), (stated, f"{file}:{len(lines)}")]
    wanted = next(((v, o) for v, o in places if v is not None), (default, DEFAULT))
    assert (found.value(key), found.origins[key]) == wanted
    assert found.as_json()["settings"][key] == {"value": wanted[0], "from": wanted[1]}


MISTAKES = {
    "regoin: GB\n": (1, "unknown key 'regoin'; did you mean 'region'?"),
    "kiosk:\n  prot: 1\n": (2, "unknown key 'prot' in kiosk; did you mean 'port'?"),
    "kiosk:\n  port: 70000\n": (2, "'port' in kiosk: input should be less than or equal to 65535"),
    "earcons: perhaps\n": (1, "'earcons': input should be a valid boolean"),
    "region: GB\nregion: US\n": (2, "'region' stands at line 1 already"),
    "\nstate_dir: sessions\n": (2, "'state_dir' must be a whole path"),
    "kiosk:\n  keep_reports: ~/reports\n": (2, "'kiosk.keep_reports' must be a whole path"),
    "flow: my_flow.yaml\n": (1, "'flow' must be a whole path"),
    "pace: 500\n": (1, "'pace': input should be less than or equal to 240"),
    "- region\n": (1, "'the file': input should be a valid dictionary"),
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_is_told_with_its_line(text: str, tmp_path: Path) -> None:
    file = written(tmp_path, text)
    line, said = MISTAKES[text]
    with pytest.raises(DocumentError) as error:
        in_force(file, {})
    assert str(error.value).startswith(f"{file}:{line}: {said}")


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(DocumentError) as error:
        in_force(written(tmp_path, "pace: x\nprot: 1\nkiosk:\n  ending_s: -1\n"), {})
    assert [problem.line for problem in error.value.problems] == [1, 2, 4]


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="there is no such file"):
        in_force(tmp_path / "none.yaml", {})


def test_a_mistake_in_the_environment_names_its_variable() -> None:
    with pytest.raises(UsageError, match=r"^VOICE_TRIAGE_KIOSK_PORT: kiosk\.port can't be 'abc'"):
        in_force(Path("/dev/null"), {"VOICE_TRIAGE_KIOSK_PORT": "abc"})


def test_a_broker_s_password_without_a_broker_is_a_mistake(tmp_path: Path) -> None:
    file = written(tmp_path, "mqtt:\n  username: kiosk\n")
    with pytest.raises(UsageError, match=rf"^{file}:2: mqtt.username is set, but mqtt.host isn't"):
        in_force(file, {})
    assert in_force(file, {"VOICE_TRIAGE_MQTT_HOST": "broker"}).settings.mqtt.username == "kiosk"


def test_the_user_s_file_comes_before_the_system_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, system = tmp_path / "voice-triage", tmp_path / "etc"
    own.mkdir()
    system.mkdir()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr("voice_triage.in_force._SYSTEM", written(system, "region: US\n"))
    assert in_force(None, {}).settings.region == "US"
    written(own, "region: GB\n")
    assert in_force(None, {}).settings.region == "GB"


def test_settings_that_can_t_be_looked_at_are_not_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "/" + "x" * 300)
    with pytest.raises(DocumentError, match="can't be read"):
        in_force(None, {})


def test_every_setting_has_a_variable_of_its_own() -> None:
    assert len({variable(key) for key in keys()}) == len(keys())
    assert variable("kiosk.keep_reports") == "VOICE_TRIAGE_KIOSK_KEEP_REPORTS"


def test_the_command_shows_where_each_value_comes_from(tmp_path: Path) -> None:
    file = written(tmp_path, "region: GB\n")
    ran = run("config", "--config", file, VOICE_TRIAGE_WAIT_FOR="start")
    rows = {line.split()[0]: line.split(None, 1)[1].strip() for line in ran.out.splitlines()}
    assert rows["region"].split() == ["GB", f"{file}:1"]
    assert rows["wait_for"].split() == ["start", "VOICE_TRIAGE_WAIT_FOR"]
    assert rows["earcons"].split() == ["yes", "default"]
    assert set(rows) == set(keys())
    told = json.loads(run("config", "--json", "--config", file).out)
    assert told["file"] == str(file)
    assert told["settings"]["region"] == {"value": "GB", "from": f"{file}:1"}


def test_the_command_tells_mistakes_plainly(tmp_path: Path) -> None:
    file = written(tmp_path, "kiosk:\n  prot: 1\n")
    ran = run("config", "--config", file)
    assert ran.code == 2
    assert ran.err.strip() == f"{file}:2: unknown key 'prot' in kiosk; did you mean 'port'?"


def test_the_schema_is_there_for_editors() -> None:
    schema = json.loads(run("schema", "config").out)
    assert {key.split(".")[0] for key in keys()} == set(schema["properties"])
    assert schema["additionalProperties"] is False


def keyboard(*words: str | Path, **env: str) -> str:
    ran = run("run", "--answers", "keyboard", "--no-voice", *words, typed="yes\n" * 3, **env)
    assert ran.code == 0, ran.err
    return ran.out


def test_run_goes_by_the_settings(tmp_path: Path) -> None:
    file = written(tmp_path, "region: GB\nflow: daily_check\n")
    plain, set_ = keyboard(), keyboard("--config", file)
    assert "call 999" not in plain
    assert "call 999" in set_
    assert set_ == keyboard("daily_check", "--region", "GB")
    assert "call 911" in keyboard("--config", file, VOICE_TRIAGE_REGION="US")
    assert "call 112" in keyboard("--config", file, "--region", "DE", VOICE_TRIAGE_REGION="US")


def test_private_settings_write_nothing_down(tmp_path: Path) -> None:
    state = tmp_path / "state"
    file = written(tmp_path, f"private: yes\nstate_dir: {state}\n")
    unset = {"VOICE_TRIAGE_STATE_DIR": ""}
    keyboard("--config", file, **unset)
    assert not state.exists()
    keyboard("--config", file, "--no-private", **unset)
    assert len(list((state / "sessions").iterdir())) == 1


def test_a_report_is_made_of_what_the_settings_keep(tmp_path: Path) -> None:
    file = written(tmp_path, f"state_dir: {tmp_path}/state\n")
    unset = {"VOICE_TRIAGE_STATE_DIR": ""}
    assert run("report", "last", "--config", file, **unset).code == 2
    keyboard("--config", file, **unset)
    ran = run("report", "last", "--config", file, **unset)
    assert ran.code == 0, ran.err
    assert "bladder" in ran.out


def test_resuming_where_the_settings_keep_nothing_says_what_to_do(tmp_path: Path) -> None:
    file = written(tmp_path, "private: yes\n")
    ran = run("run", "--answers", "keyboard", "--no-voice", "--resume", "--config", file)
    assert ran.code == 2
    assert "--no-private" in ran.err


def test_settings_for_a_microphone_leave_the_keyboard_alone(tmp_path: Path) -> None:
    file = written(tmp_path, "barge_in: on\nwait_for: start\n")
    assert keyboard("--config", file) == keyboard()
    for option in ("--barge-in", "--wait-for=start"):
        ran = run("run", "--answers", "keyboard", option)
        assert ran.code == 2, option


def test_an_option_may_be_wrong_too() -> None:
    ran = run("run", "--answers", "keyboard", "--microphone", "")
    assert ran.code == 2
    assert ran.said_plainly()
    assert "microphone can't be ''" in ran.err


def test_the_doctor_looks_at_the_devices_that_are_set(tmp_path: Path) -> None:
    file = written(tmp_path, "microphone: that one\nloudspeaker: this one\n")
    ran = run("doctor", "--config", file)
    assert ran.code == 1
    assert ran.said_plainly()
    told = " ".join(ran.out.split())
    assert "There is no microphone 'that one'" in told
    assert "'this one'" in told


def test_it_speaks_at_the_pace_that_is_set(tmp_path: Path) -> None:
    sizes = []
    for pace in (90, 240):
        file, sound = written(tmp_path, f"pace: {pace}\n"), tmp_path / f"{pace}.wav"
        words = ["--answers", "keyboard", "--speak-to", sound, "--config", file]
        ran = run("run", *words, typed="yes\n" * 3)
        assert ran.code == 0, ran.err
        sizes.append(sound.stat().st_size)
    assert sizes[0] > 1.5 * sizes[1]
