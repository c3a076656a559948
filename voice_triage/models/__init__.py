"""Speech models: found by name or path, proved to work, their words listed."""

from voice_triage.models.files import vocabulary
from voice_triage.models.locate import (
    DEFAULT,
    Installed,
    data_dir,
    find,
    installed,
    ready,
    search_folders,
    trial,
    user_models,
    verify,
)

__all__ = [
    "DEFAULT",
    "Installed",
    "data_dir",
    "find",
    "installed",
    "ready",
    "search_folders",
    "trial",
    "user_models",
    "verify",
    "vocabulary",
]
