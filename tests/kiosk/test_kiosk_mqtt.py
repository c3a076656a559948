"""What a broker is told: a real Mosquitto with a port of its own."""

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiomqtt
import pytest
from broker import BASE, ID, Listener, Mosquitto, going

from voice_triage.conversation.events import Ended, Said
from voice_triage.errors import UsageError
from voice_triage.flow import Ending, Urgency
from voice_triage.kiosk.mqtt import Reporter, discovery, machine
from voice_triage.kiosk.vitals import Vitals
from voice_triage.kiosk.watch import Watch
from voice_triage.settings import Mqtt, Settings

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture
def port() -> int:
    import socket

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        number: int = found.getsockname()[1]
        return number


@pytest.fixture
def broker(tmp_path: Path, port: int) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path, port)
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def vitals(tmp_path: Path) -> Vitals:
    vitals = Vitals(thermal=tmp_path)
    vitals.alive()
    vitals.level(-48.0)
    return vitals


def reporter(port: int, vitals: Vitals, **more: Any) -> Reporter:
    settings = Mqtt(host="127.0.0.1", port=port, name="Hall", **more)
    return Reporter(settings, vitals, "1.2.3", "abc", tick_s=0.05, every_s=0.2)


def ended(urgency: Urgency) -> Ended:
    return Ended(Ending(urgency, ("immediate",), complete=True))


def test_home_assistant_finds_it_and_is_told_how_it_is(broker: Mosquitto, vitals: Vitals) -> None:
    async def scene() -> None:
        heard = Listener()
        async with going(heard.listen(broker.port), reporter(broker.port, vitals).run()):
            await heard.until(lambda: heard.state().get("state") == "waiting")
            found = json.loads(heard.last(f"homeassistant/device/{ID}/config") or "")
            assert found["device"]["name"] == "Hall"
            assert found["availability_topic"] == f"{BASE}/availability"
            assert heard.last(f"{BASE}/availability") == "online"
            assert heard.state()["microphone_dbfs"] == -48.0
            assert heard.state()["temperature_c"] is None
            vitals.tell(Said("hello"))
            await heard.until(lambda: heard.state()["state"] == "in session")
            vitals.trouble("microphone", "unplugged")
            await heard.until(lambda: heard.state()["problem"] == "microphone: unplugged")
            vitals.tell(ended(Urgency.EMERGENCY))
            await heard.until(lambda: heard.state()["state"] == "waiting")
            assert heard.state()["sessions_today"] == 1

    asyncio.run(scene())


def test_an_ending_is_told_only_if_the_owner_says_so(broker: Mosquitto, vitals: Vitals) -> None:
    async def scene(endings: bool) -> Listener:
        heard, told = Listener(), reporter(broker.port, vitals, endings=endings)
        async with going(heard.listen(broker.port), told.run()):
            await heard.until(lambda: heard.state().get("state") == "waiting")
            told.tell(ended(Urgency.EMERGENCY))
            vitals.tell(Said("hello"))  # told after the ending, if that is told
            await heard.until(lambda: heard.state()["state"] == "in session")
            vitals.tell(ended(Urgency.SOON))
            await heard.until(lambda: heard.state()["state"] == "waiting")
        return heard

    silent = asyncio.run(scene(endings=False))
    assert "emergency" not in "".join(text for _, text in silent.told)
    open_ = asyncio.run(scene(endings=True))
    assert open_.last(f"{BASE}/ending") == '{"event_type": "emergency"}'

    async def later() -> Listener:
        heard = Listener()
        async with going(heard.listen(broker.port)):
            await heard.until(lambda: heard.last(f"{BASE}/state"))
        return heard

    assert f"{BASE}/ending" not in asyncio.run(later()).retained


def test_when_it_stops_it_says_so(broker: Mosquitto, vitals: Vitals) -> None:
    async def scene() -> None:
        heard = Listener()
        async with going(heard.listen(broker.port)):
            async with going(reporter(broker.port, vitals).run()):
                await heard.until(lambda: heard.last(f"{BASE}/availability") == "online")
            await heard.until(lambda: heard.last(f"{BASE}/availability") == "offline")

    asyncio.run(scene())


@pytest.mark.parametrize("number", [1, 2, 3])
def test_it_stops_although_the_wait_for_the_broker_swallows_that(
    broker: Mosquitto, vitals: Vitals, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """As asyncio.wait_for does before Python 3.12, when both come at once."""
    publish = aiomqtt.Client.publish
    published: list[str] = []

    async def swallows(client: aiomqtt.Client, topic: str, *words: Any, **more: Any) -> None:
        await publish(client, topic, *words, **more)
        published.append(topic)
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(0.1)

    async def scene() -> None:
        heard = Listener()
        async with going(heard.listen(broker.port)):
            task = asyncio.create_task(reporter(broker.port, vitals).run())
            await heard.until(lambda: len(published) >= number)
            task.cancel()
            await asyncio.wait([task], timeout=30)
            assert task.cancelled()
            await heard.until(lambda: heard.last(f"{BASE}/availability") == "offline")

    monkeypatch.setattr(aiomqtt.Client, "publish", swallows)
    asyncio.run(scene())


def test_when_it_is_cut_off_the_broker_says_so(broker: Mosquitto, vitals: Vitals) -> None:
    """Its last will: another client that takes its name makes the broker drop the connection."""

    async def scene() -> None:
        heard = Listener()
        async with going(heard.listen(broker.port), reporter(broker.port, vitals).run()) as tasks:
            await heard.until(lambda: heard.last(f"{BASE}/availability") == "online")
            async with aiomqtt.Client("127.0.0.1", broker.port, identifier=ID):
                await heard.until(lambda: heard.last(f"{BASE}/availability") == "offline")
            # It comes back by itself.
            await heard.until(lambda: heard.last(f"{BASE}/availability") == "online")
            assert not tasks[1].done()

    asyncio.run(scene())


def test_a_broker_that_goes_and_comes_back_is_told_again(
    broker: Mosquitto, vitals: Vitals, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene() -> None:
        heard = Listener()
        broker.stop()
        async with going(heard.listen(broker.port), reporter(broker.port, vitals).run()):
            await asyncio.sleep(0.2)
            broker.start()
            await heard.until(lambda: heard.last(f"{BASE}/availability") == "online")
            broker.stop()
            heard.told.clear()
            vitals.tell(Said("hello"))
            broker.start()
            await heard.until(lambda: heard.state().get("state") == "in session")

    asyncio.run(scene())
    assert "can't be told" in caplog.text


def test_a_password_lets_it_in(tmp_path: Path, port: int, vitals: Vitals) -> None:
    passwords, secret = tmp_path / "passwords", tmp_path / "secret"
    secret.write_text("s3cret\n")
    words = ["mosquitto_passwd", "-c", "-b", str(passwords), "kiosk", "s3cret"]
    subprocess.run(words, check=True, capture_output=True)
    broker = Mosquitto(tmp_path, port, f"allow_anonymous false\npassword_file {passwords}")
    broker.start()

    async def scene() -> None:
        heard = Listener()
        told = reporter(port, vitals, username="kiosk", password_file=secret)
        own = {"username": "kiosk", "password": "s3cret"}
        async with going(heard.listen(port, **own), told.run()):
            await heard.until(lambda: heard.last(f"{BASE}/availability") == "online")

    try:
        asyncio.run(scene())
    finally:
        broker.stop()


def test_a_password_that_can_t_be_read_is_told(vitals: Vitals, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"mqtt\.password_file"):
        reporter(1, vitals, password_file=tmp_path / "none")


def test_a_watch_tells_the_broker_while_it_lasts(broker: Mosquitto) -> None:
    settings = Settings(mqtt=Mqtt(host="127.0.0.1", port=broker.port))
    topic = f"voice-triage/voice-triage-{machine()}"

    async def scene() -> None:
        heard = Listener()
        async with going(heard.listen(broker.port)):
            with Watch(settings, "1.2.3", {}) as watch:
                await heard.until(lambda: heard.last(f"{topic}/availability") == "online")
                watch.tell(Said("hello"))
                await heard.until(lambda: "in session" in (heard.last(f"{topic}/state") or ""))
            await heard.until(lambda: heard.last(f"{topic}/availability") == "offline")

    asyncio.run(scene())
    assert "mqtt" not in [thread.name for thread in threading.enumerate()]


def test_a_broker_without_the_extra_is_told(
    vitals: Vitals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "aiomqtt", None)
    with pytest.raises(UsageError, match=r"pip install 'voice-triage\[mqtt\]'"):
        reporter(1, vitals)


def test_every_entity_is_told_from_all_others() -> None:
    found = discovery(Mqtt(host="x", endings=True), ID, "1.2.3")
    ids = [component["unique_id"] for component in found["components"].values()]
    assert len(set(ids)) == len(ids) == 6
    assert all(id_.startswith(ID) for id_ in ids)


def test_a_machine_is_told_by_its_own_id_alone(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("0123456789abcdef0123456789abcdef\n")
    (tmp_path / "two").write_text("1123456789abcdef0123456789abcdef\n")
    assert machine(tmp_path / "one") == machine(tmp_path / "one")
    assert machine(tmp_path / "one") != machine(tmp_path / "two")
    assert "0123456789ab" not in machine(tmp_path / "one")
    assert machine(tmp_path / "none") == machine(tmp_path / "none")
