"""The shipped flow, as the kiosk has it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from served import FILES, Served

from voice_triage.assemble import prompts, script
from voice_triage.config import ABSENT_S
from voice_triage.conversation.script import Script
from voice_triage.kiosk.labels import Labels, load_labels
from voice_triage.kiosk.stage import Stage
from voice_triage.kiosk.touch import Touch
from voice_triage.kiosk.views import Views


@pytest.fixture(scope="session")
def shipped() -> Script:
    return replace(script(None, "GB"), absent_s=ABSENT_S)


@pytest.fixture(scope="session")
def labels() -> Labels:
    return load_labels(prompts() / "kiosk.en.yaml")


@pytest.fixture(scope="session")
def views(shipped: Script, labels: Labels) -> Views:
    return Views(shipped, labels, labels.privacy.forgotten)


@pytest.fixture
def served(views: Views, labels: Labels, tmp_path: Path) -> Iterator[Served]:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    touch = Touch(0.0)
    with Served(Stage(views, touch), touch, labels, tmp_path) as served:
        yield served
