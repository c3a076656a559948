"""A flow as a FHIR R4 Questionnaire, and a conversation about it as a QuestionnaireResponse.

https://hl7.org/fhir/R4/questionnaire.html, https://hl7.org/fhir/R4/questionnaireresponse.html
"""

from __future__ import annotations

from datetime import UTC, datetime

from voice_triage.errors import UsageError
from voice_triage.flow import Flow, Question, Reply, State, Triage
from voice_triage.flow.survey import Survey, survey

Json = dict[str, object]

ANSWERS = "urn:voice-triage:answer"
"""The code system of answers: FHIR's booleans can't say "not sure", nor that nobody answered."""
_SHOWN = {
    Reply.YES: "Yes",
    Reply.NO: "No",
    Reply.UNSURE: "Not sure",
    Reply.UNANSWERED: "No answer",
}
OUTCOME = "Outcome"
"""The linkId of the item with what a conversation came to. No question's id has a capital."""


def questionnaire(flow: Flow) -> Json:
    """`flow` as a Questionnaire: its `enableWhen` ask exactly what the flow asks.

    Raises UsageError where FHIR R4 can't say when a question is asked: its conditions are joined
    by all or by any, never by both.
    """
    reviewed = flow.review.status == "reviewed"
    made: Json = {
        "resourceType": "Questionnaire",
        "id": flow.id.replace("_", "-"),
        "language": flow.language,
        "url": _url(flow),
        "version": flow.version,
        "name": "".join(part.capitalize() for part in flow.id.replace("-", "_").split("_")),
        "title": flow.title,
        "status": "active" if reviewed else "draft",
        "experimental": not reviewed,
        "subjectType": ["Patient"],
        "description": flow.source,
    }
    if reviewed:
        made |= {"approvalDate": flow.review.date, "contact": [{"name": flow.review.by}]}
    led_to = _led_to(survey(flow))
    items = [_item(name, part, led_to.get(name, [])) for name, part in flow.questions.items()]
    return {**made, "item": [*items, _outcome_item(flow)]}


def response(flow: Flow, state: State, authored: datetime) -> Json:
    """A conversation about `flow` that stands at `state`, as a QuestionnaireResponse.

    `authored`: when it was held. A symptom that was reported unasked is an answer to the question
    that asks about it. What was not asked has no item.
    """
    triage = Triage(flow)
    ending, known = triage.ending(state), triage.known(state)
    items: list[Json] = [
        {
            "linkId": name,
            "text": part.ask,
            "answer": [{"valueCoding": _answer(known[name])}],
        }
        for name, part in flow.questions.items()
        if name in known
    ]
    came_to = [{"valueCoding": _outcome(flow, name)} for name in ending.outcomes]
    return {
        "resourceType": "QuestionnaireResponse",
        "language": flow.language,
        "questionnaire": f"{_url(flow)}|{flow.version}",
        "status": "completed" if ending.complete else "stopped",
        "authored": authored.astimezone(UTC).isoformat(timespec="seconds"),
        "item": [*items, {"linkId": OUTCOME, "text": "Advice", "answer": came_to}],
    }


def _url(flow: Flow) -> str:
    return f"urn:voice-triage:flow:{flow.id}"


def _led_to(walked: Survey) -> dict[str, list[tuple[str, Reply]]]:
    """For each question but the first: the answers to earlier ones after which it is asked."""
    leads: dict[tuple[str, Reply], set[str | None]] = {}
    for place, exits in walked.exits.items():
        for reply, leading in exits.items():
            then = None if leading.then is None else leading.then.question
            leads.setdefault((place.question, reply), set()).add(then)
    found: dict[str, list[tuple[str, Reply]]] = {}
    for (name, reply), thens in leads.items():
        if len(thens) > 1:
            raise UsageError(
                f"FHIR R4 can't say what is asked after '{reply}' to '{name}': it depends on"
                " answers before that too, and enableWhen joins by all or by any, never by both."
                " Let 'when' read only the question just before."
            )
        for then in thens - {None}:
            found.setdefault(str(then), []).append((name, reply))
    return found


def _item(name: str, question: Question, led_to: list[tuple[str, Reply]]) -> Json:
    item: Json = {
        "linkId": name,
        "text": question.ask,
        "type": "choice",
        "required": True,
        "answerOption": [{"valueCoding": _answer(reply)} for reply in Reply],
    }
    if led_to:
        item["enableWhen"] = [
            {"question": before, "operator": "=", "answerCoding": _answer(reply)}
            for before, reply in led_to
        ]
    if len(led_to) > 1:
        item["enableBehavior"] = "any"
    help_: Json = {
        "linkId": f"{name}.help",
        "text": question.help,
        "type": "display",
        "extension": [
            {
                "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-displayCategory",
                "valueCodeableConcept": {
                    "coding": [
                        {
                            "system": "http://hl7.org/fhir/questionnaire-display-category",
                            "code": "instructions",
                        }
                    ]
                },
            }
        ],
    }
    return {**item, "item": [help_]}


def _outcome_item(flow: Flow) -> Json:
    options = [{"valueCoding": _outcome(flow, name)} for name in flow.outcomes]
    return {
        "linkId": OUTCOME,
        "text": "Advice",
        "type": "choice",
        "repeats": True,
        "readOnly": True,
        "answerOption": options,
    }


def _answer(reply: Reply) -> Json:
    return {"system": ANSWERS, "code": reply.value, "display": _SHOWN[reply]}


def _outcome(flow: Flow, name: str) -> Json:
    now = flow.outcomes[name].now.replace("{number}", "the emergency number")
    return {"system": f"{_url(flow)}:outcome", "code": name, "display": now}
