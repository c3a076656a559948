"""The command `voice-triage schema`."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer


class Format(StrEnum):
    """The kinds of YAML files."""

    flow = "flow"
    group = "group"
    answers = "answers"
    phrases = "phrases"
    report = "report"
    scenario = "scenario"
    config = "config"


def schema(
    kind: Annotated[Format, typer.Argument(help="Which kind of file.")] = Format.flow,
) -> None:
    """The JSON Schema of flow files and others, for editors that complete and check YAML."""
    from pydantic import BaseModel

    from voice_triage.answers.lexicon import AnswersFile
    from voice_triage.conversation.phrases import Phrases
    from voice_triage.flow import Flow
    from voice_triage.flow.model import Group
    from voice_triage.record.report_phrases import ReportPhrases
    from voice_triage.replay.scenario import Scenario
    from voice_triage.settings import Settings

    formats: dict[Format, type[BaseModel]] = {
        Format.flow: Flow,
        Format.group: Group,
        Format.answers: AnswersFile,
        Format.phrases: Phrases,
        Format.report: ReportPhrases,
        Format.scenario: Scenario,
        Format.config: Settings,
    }
    print(json.dumps(formats[kind].model_json_schema(), indent=2))
