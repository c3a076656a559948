"""The units that make a computer a kiosk, as systemd itself reads them."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from voice_triage import cli_install
from voice_triage.errors import UsageError
from voice_triage.in_force import InForce, in_force
from voice_triage.interrupts import INTERRUPTED
from voice_triage.kiosk import install
from voice_triage.kiosk.units import PROGRAM, SCREEN, File, Place, files
from voice_triage.settings import Settings

MOST_EXPOSED = 3.0
"""Of `systemd-analyze security`: 0 is sealed, 10 is open to everything."""
SETTINGS = {
    "nothing set": {},
    "reports kept": {"kiosk": {"keep_reports": "/srv/reports", "port": 9000}},
    "sessions kept": {"state_dir": "/var/lib/voice-triage"},
    "a broker by name": {"mqtt": {"host": "broker", "password_file": "/etc/voice-triage/mqtt"}},
    "a broker by address": {"mqtt": {"host": "192.0.2.7"}},
}


def tool(*words: str | Path) -> subprocess.CompletedProcess[str]:
    assert shutil.which(str(words[0])), f"{words[0]} is missing: sudo apt install systemd"
    return subprocess.run([*map(str, words)], capture_output=True, text=True, check=False)


@pytest.fixture(params=SETTINGS)
def settings(request: pytest.FixtureRequest) -> Settings:
    return Settings.model_validate(SETTINGS[request.param])


@pytest.fixture
def place() -> Place:
    """Programs that are there, for whoever checks that they are."""
    there = Path("/usr/bin/env")
    return Place(there, Path("/etc/voice-triage/config.yaml"), there, there)


def text(written: list[File], name: str) -> str:
    return next(file.text for file in written if file.path.name == name)


def values(unit: str, key: str) -> list[str]:
    return [line.partition("=")[2] for line in unit.splitlines() if line.startswith(f"{key}=")]


def saved(written: list[File], folder: Path) -> dict[str, Path]:
    for file in written:
        (folder / file.path.name).write_text(file.text)
    return {name: folder / name for name in (PROGRAM, SCREEN)}


def test_systemd_finds_nothing_wrong(settings: Settings, place: Place, tmp_path: Path) -> None:
    paths = saved(files(settings, place), tmp_path)
    done = tool("systemd-analyze", "verify", "--man=no", *paths.values())
    assert done.returncode == 0, done.stderr
    assert not [line for line in done.stderr.splitlines() if "voice-triage" in line], done.stderr


def test_systemd_would_find_what_is_wrong(place: Place, tmp_path: Path) -> None:
    paths = saved(files(Settings(), place), tmp_path)
    spoilt = paths[PROGRAM].read_text().replace("ProtectSystem=strict", "ProtectSystem=stirct")
    paths[PROGRAM].write_text(spoilt)
    assert "stirct" in tool("systemd-analyze", "verify", paths[PROGRAM]).stderr


def test_the_program_is_little_exposed(settings: Settings, place: Place, tmp_path: Path) -> None:
    path = saved(files(settings, place), tmp_path)[PROGRAM]
    words = ["systemd-analyze", "security", "--offline=true", "--no-pager"]
    done = tool(*words, f"--threshold={MOST_EXPOSED * 10:.0f}", path)
    assert done.returncode == 0, done.stdout
    assert "Overall exposure level" in done.stdout


def test_a_program_without_fences_would_be_found_out(tmp_path: Path) -> None:
    path = tmp_path / "open.service"
    path.write_text("[Service]\nExecStart=/usr/bin/env\n")
    words = ["systemd-analyze", "security", "--offline=true", "--no-pager"]
    assert tool(*words, f"--threshold={MOST_EXPOSED * 10:.0f}", path).returncode != 0


def test_a_stuck_program_is_started_again_for_ever(settings: Settings, place: Place) -> None:
    unit = text(files(settings, place), PROGRAM)
    assert values(unit, "Type") == ["notify"]
    assert values(unit, "Restart") == ["on-failure"]
    # Asked to stop, it hasn't failed.
    assert values(unit, "SuccessExitStatus") == [str(INTERRUPTED)]
    assert 0 < int(values(unit, "WatchdogSec")[0]) <= 60
    assert values(unit, "StartLimitIntervalSec") == ["0"]


def test_nothing_is_written_but_what_the_owner_keeps(place: Place) -> None:
    private = text(files(Settings(), place), PROGRAM)
    assert values(private, "ReadWritePaths") == []
    assert values(private, "StateDirectory") == []
    assert values(private, "RuntimeDirectory") == ["voice-triage"]  # /run is memory
    own = {"state_dir": "/srv/state", "kiosk": {"keep_reports": "/srv/reports"}}
    kept = text(files(Settings.model_validate(own), place), PROGRAM)
    assert values(kept, "ReadWritePaths") == ["-/srv/state", "-/srv/reports"]
    assert [line.split()[-1] for line in values(kept, "ExecStartPre")] == [
        "/srv/state",
        "/srv/reports",
    ]


def test_what_people_say_gets_into_no_log(settings: Settings, place: Place) -> None:
    for name in (PROGRAM, SCREEN):
        unit = text(files(settings, place), name)
        assert values(unit, "StandardOutput") == ["null"]
        assert values(unit, "LimitCORE") == ["0"]


def test_only_the_page_and_the_broker_can_be_reached(place: Place) -> None:
    def allowed(broker: str | None) -> list[str]:
        unit = text(files(Settings.model_validate({"mqtt": {"host": broker}}), place), PROGRAM)
        assert values(unit, "IPAddressDeny") == (["any"] if broker != "broker" else [])
        return values(unit, "IPAddressAllow")

    assert allowed(None) == ["localhost"]
    assert allowed("192.0.2.7") == ["localhost 192.0.2.7"]
    assert allowed("2001:db8::7") == ["localhost 2001:db8::7"]
    assert allowed("broker") == []


def test_the_page_is_where_the_program_serves_it(place: Place) -> None:
    unit = text(files(Settings.model_validate({"kiosk": {"port": 9000}}), place), SCREEN)
    assert "http://127.0.0.1:9000/" in unit
    assert "$" not in unit


@pytest.mark.parametrize("odd", ["/srv/our reports", "/srv/100%", '/srv/"x"', "/srv/a\nUser=root"])
def test_no_path_can_say_anything_else_to_systemd(odd: str, place: Place) -> None:
    with pytest.raises(UsageError, match="can't stand in a systemd unit"):
        files(Settings.model_validate({"state_dir": odd}), place)


def test_it_is_installed_as_systemd_would_have_it(place: Place, tmp_path: Path) -> None:
    root = tmp_path / "root"
    done = list(install.write(files(Settings(), place), root))
    done += list(install.tell(install.commands(root)))
    assert len(done) == 5
    wanted = root / "etc/systemd/system/multi-user.target.wants"
    assert {path.name for path in wanted.iterdir()} == {PROGRAM, SCREEN}
    users = (root / "etc/passwd").read_text()
    assert "voice-triage:" in users
    assert "voice-triage-screen:" in users
    groups = {
        line.split(":")[0]: line.split(":")[3] for line in (root / "etc/group").read_text().split()
    }
    assert groups["audio"] == "voice-triage"
    # A second time is an update.
    assert len(list(install.write(files(Settings(), place), root))) == 3
    list(install.tell(install.commands(root)))


def test_what_systemd_refuses_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"systemctl .* failed: .*none"):
        list(install.tell([["systemctl", f"--root={tmp_path}", "enable", "none.service"]]))


def test_who_may_not_write_is_told_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "etc").write_text("a file where a folder must be")
    with pytest.raises(UsageError, match="sudo voice-triage kiosk --install"):
        list(install.write(files(Settings(), Place(Path("/opt/x/python"), None)), tmp_path))


@pytest.fixture
def opt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> InForce:
    """As where everything stands where it should, except for cage."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("cage", "chromium-browser"):
        (programs / name).symlink_to("/usr/bin/env")
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setattr(sys, "executable", "/opt/voice-triage/bin/python")
    return in_force(Path("/dev/null"), {})


def test_a_dry_run_shows_all_and_writes_nothing(opt: InForce) -> None:
    shown = list(install.shown(opt))
    assert "# ---- /etc/systemd/system/voice-triage.service" in shown
    assert "systemctl enable voice-triage.service voice-triage-screen.service" in shown
    assert "ExecStart=/opt/voice-triage/bin/python -m voice_triage kiosk" in "\n".join(shown)
    assert "/bin/chromium-browser --kiosk" in "\n".join(shown)


def test_what_must_be_installed_first_is_told(opt: InForce, tmp_path: Path) -> None:
    (tmp_path / "bin" / "cage").unlink()
    with pytest.raises(UsageError, match="sudo apt install cage xwayland chromium"):
        list(install.shown(opt))


def test_a_program_where_the_unit_can_t_look_is_refused(
    opt: InForce, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/home/pi/x/python")
    with pytest.raises(UsageError, match=r"^/home/pi/x/python lies in /home, .*/opt"):
        install.plan(opt)
    link = tmp_path / "python"  # as in a virtual environment that stands in /opt
    link.symlink_to("/root/.own/python")
    monkeypatch.setattr(install, "_HIDDEN", ("/home", "/root"))
    monkeypatch.setattr(sys, "executable", str(link))
    with pytest.raises(UsageError, match=r"^/root/.own/python lies in /root, .*/opt"):
        install.plan(opt)


@pytest.mark.usefixtures("opt")
def test_settings_where_the_unit_can_t_look_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install, "_HIDDEN", (str(tmp_path),))
    (tmp_path / "config.yaml").touch()
    found = in_force(tmp_path / "config.yaml", {})
    with pytest.raises(UsageError, match=r"config.yaml lies in .*/etc/voice-triage"):
        install.plan(found)


def test_the_command_prints_its_dry_run(
    opt: InForce, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOICE_TRIAGE_KIOSK_PORT", "9001")
    cli_install.install(opt.file, dry_run=True)
    assert "http://127.0.0.1:9001/" in capsys.readouterr().out
