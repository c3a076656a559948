"""The shipped flow, as the kiosk has it."""

from dataclasses import replace

import pytest

from voice_triage.assemble import prompts, script
from voice_triage.config import ABSENT_S
from voice_triage.conversation.script import Script
from voice_triage.kiosk.labels import Labels, load_labels
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
