"""`voice-triage rehearse`: a flow gone through by its author, with the reason for every step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from voice_triage.answers import Answer, Meaning
from voice_triage.conversation.script import Script
from voice_triage.flow import Flow, Reply, State, Triage

_REPLIES = {Meaning.YES: Reply.YES, Meaning.NO: Reply.NO, Meaning.UNSURE: Reply.UNSURE}
HOW = (
    "Answer as people would. An empty line is silence; 'go back' and 'stop' do as they say."
    " Nothing is asked again or read back here."
)


def rehearse(script: Script, lines: Iterable[str]) -> Iterator[str]:
    """What to show, line by line; each answer is taken from `lines` after its question. It ends
    with the flow, with "stop", or when there are no more lines."""
    flow, triage = script.flow, Triage(script.flow)
    given = iter(lines)
    state = State()
    yield HOW
    while (at := triage.current(state)) is not None:
        yield from _asked(flow, triage, state, at)
        line = next(given, None)
        if line is None:
            break
        answer = script.understanding.interpret(at, line)
        if answer.meaning is Meaning.STOP:
            break
        state, said = _answered(triage, state, line.strip(), answer)
        yield f"  {said}"
    yield from _ended(flow, triage, state)


def _asked(flow: Flow, triage: Triage, state: State, at: str) -> Iterator[str]:
    question, reached = flow.questions[at], triage.reached(state)
    yield ""
    yield f"{at}: {question.ask}"
    yield f"  next because: {_why(flow, state, at)}"
    yield f"  rests on: {_facts(flow, question.facts)}"
    yield f"  reached so far: {', '.join(reached) or 'nothing'}"
    yield f"  if it stopped here: {triage.ending(state).urgency}"


def _why(flow: Flow, state: State, at: str) -> str:
    """The step that led to question `at`, by the same way as the engine goes."""
    known = Triage(flow).known(state)
    replies: dict[str, Reply] = {}
    led, name = "the flow starts here", flow.start
    while name != at:
        if flow.skipped(name, replies):
            then = flow.instead(name)
            led = f"{led}; '{name}' is passed over, since its 'when' doesn't hold"
        else:
            replies[name] = known[name]
            then = flow.steps[name, known[name]].then
            told = " (reported unasked)" if name in state.volunteered else ""
            led = f"'{known[name]}' to '{name}'{told} leads here"
        if then is None:
            raise ValueError(f"the flow ends before {at!r}")
        name = then
    return led


def _answered(triage: Triage, state: State, line: str, answer: Answer) -> tuple[State, str]:
    if answer.meaning is Meaning.BACK:
        return triage.back(state), "the last answer is taken back"
    symptoms = [name for name in answer.symptoms if name not in state.volunteered]
    if symptoms:
        reported = ", ".join(symptoms)
        return triage.volunteer(state, symptoms), f"reported, and counts at once: {reported}"
    if not line:
        reply = Reply.UNANSWERED
    elif answer.meaning in _REPLIES:
        reply = _REPLIES[answer.meaning]
    else:
        return state, "not an answer to the question; a conversation would ask again"
    doubt = ", doubtful: a conversation would read it back" if answer.doubtful else ""
    return triage.answer(state, reply), f"counts as: {reply}{doubt}"


def _ended(flow: Flow, triage: Triage, state: State) -> Iterator[str]:
    ending = triage.ending(state)
    stopped = "" if ending.complete else ", stopped early: what was not asked counts as silence"
    yield ""
    yield f"ends as {ending.urgency}{stopped}"
    for name in ending.outcomes:
        outcome = flow.outcomes[name]
        led = [f"'{r}' to '{q}'" for q, r in triage.rests_on(state, name).items()]
        yield f"{name}: {outcome.now}"
        yield f"  because: {', '.join(led) or _otherwise(flow, name)}"
        yield f"  rests on: {_facts(flow, outcome.facts)}"


def _otherwise(flow: Flow, name: str) -> str:
    return "no answer reached anything" if name == flow.otherwise else "of what was not asked"


def _facts(flow: Flow, ids: tuple[str, ...]) -> str:
    return " ".join(f"[{fact}] {flow.facts[fact]}" for fact in ids)
