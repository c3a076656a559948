"""What recipe.yaml says."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Prepare(_Part):
    held_out: dict[str, int]
    limit: int | None


class Synthesize(_Part):
    phrases: dict[str, int]
    answers: dict[str, int]
    words: dict[str, int]
    limit: int | None


class Words(_Part):
    everyday: int


class Noise(_Part):
    quiet: float
    quiet_db: tuple[float, float]
    noisy_db: tuple[float, float]


class Train(_Part):
    speeds: tuple[float, ...]
    layers: int
    frozen_layers: int
    stay_silence: float
    stay_phone: float
    prior_scale: float
    align_on: int
    align_rounds: int
    epochs: int
    frames_epochs: int
    frame_share: float
    batch_frames: int
    dropout: float
    average: float
    weight_decay: float
    noise: Noise
    rates: dict[str, float]
    weights: dict[str, float]


class Export(_Part):
    prior_scale: float
    conf: dict[str, float | int]


class Graph(_Part):
    silence: float
    filler: float
    everyday: float
    inner_silence: float


class Evaluate(_Part):
    unheard: dict[str, int]


class Settings(_Part):
    seed: int
    speech: Path
    work: Path
    model: Path
    prepare: Prepare
    synthesize: Synthesize
    words: Words
    train: Train
    export: Export
    graph: Graph
    evaluate: Evaluate


def read(path: Path) -> Settings:
    """The settings in that file. Raises pydantic's ValidationError, which names the field."""
    return Settings.model_validate(yaml.safe_load(path.read_text()))
