"""The conversation as a value: what holds of every step, without any sound."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from voice_triage.answers import COMMANDS, Answer, Meaning
from voice_triage.conversation.conversation import Script
from voice_triage.conversation.dialogue import Dialogue, Director, Move
from voice_triage.conversation.events import Answered, Said
from voice_triage.conversation.policy import Waiting
from voice_triage.conversation.turn import Turn
from voice_triage.flow import Reply, Triage, Urgency
from voice_triage.listen.heard import Evidence, Heard

HEARD = st.builds(
    Heard,
    st.sampled_from(["no", "yes", "[unk]", "", "no [unk]", "word"]),
    st.floats(0, 1),
    st.floats(0, 20),
    st.sampled_from([0, 0, 0, 0, 2]),
    babble=st.sampled_from([False, False, False, True]),
    interrupted=st.sampled_from([False, False, False, False, True]),
    continues=st.sampled_from([False, False, False, True]),
    evidence=st.none()
    | st.builds(Evidence, st.floats(0, 6), st.booleans(), st.floats(0, 3000), st.floats(-10, 60)),
)
SYMPTOMS = st.sampled_from([(), (), (), ("headache",), ("balance", "leg-feeling"), ("numbness",)])


@st.composite
def turns(draw: st.DrawFn) -> Turn:
    """A turn of any kind, more often a plain answer."""
    meaning = draw(st.sampled_from([Meaning.NO] * 6 + [Meaning.YES] * 2 + list(Meaning)))
    symptoms = draw(SYMPTOMS) if meaning in (Meaning.YES, Meaning.SYMPTOM, Meaning.HELP) else ()
    doubtful = draw(st.sampled_from([False, False, False, True]))
    contradictory = meaning is Meaning.NONE and draw(st.booleans())
    answer = Answer(meaning, symptoms, doubtful or contradictory, contradictory)
    return Turn(draw(HEARD), answer)


def played(director: Director, said: list[Turn]) -> list[tuple[Dialogue, Move]]:
    """Every step that these turns make."""
    steps = [director.begin()]
    for turn in said:
        if steps[-1][1].listen is None:
            break
        steps.append(director.hear(steps[-1][0], turn))
    return steps


@given(st.lists(turns(), max_size=40))
def test_no_emergency_question_is_closed_but_by_a_clear_or_confirmed_no(
    shipped: Script, said: list[Turn]
) -> None:
    """The step that closes one was a clear "no", or a sure "yes" to its being read back."""
    director = Director(shipped)
    steps = played(director, said)
    for (before, _), (after, move), turn in zip(steps, steps[1:], said, strict=False):
        for event in move.says:
            if not isinstance(event, Answered):
                continue
            question = shipped.flow.questions[event.question]
            if question.urgency is not Urgency.EMERGENCY or event.reply is not Reply.NO:
                continue
            heard, answer = turn.heard, turn.answer
            assert not heard.lost
            assert not heard.interrupted
            assert not heard.babble
            assert not answer.doubtful
            if before.asking.confirming is Reply.NO:
                assert answer.meaning is Meaning.YES
                assert shipped.limits.clarity.confirms(heard, answer)
            else:
                assert answer.meaning is Meaning.NO
                assert shipped.limits.clarity.clear(heard, answer)
                assert not before.asking.disputed
                assert before.waiting is Waiting.ANSWER
            assert (event.question, Reply.NO) in after.known.answered


@given(st.lists(turns(), max_size=40))
def test_a_reported_symptom_is_never_lost(shipped: Script, said: list[Turn]) -> None:
    """Not by going back, starting again, stopping or silence: once said, it counts to the end."""
    director = Director(shipped)
    reported: set[str] = set()
    for (before, _), (after, _), turn in zip(
        steps := played(director, said), steps[1:], said, strict=False
    ):
        at = director.at(before)
        reported |= {s for s in turn.answer.symptoms if s != at}
        assert reported <= set(after.known.volunteered)
        level = max((shipped.flow.questions[s].urgency.rank for s in reported), default=0)
        if level == Urgency.EMERGENCY.rank:
            assert director.ending(after).urgency is Urgency.EMERGENCY


@given(st.lists(turns(), max_size=20), turns(), turns())
def test_what_goes_on_is_judged_as_if_it_had_been_said_at_once(
    shipped: Script, said: list[Turn], first: Turn, whole: Turn
) -> None:
    director = Director(shipped)
    before, move = played(director, said)[-1]
    if move.listen is None:
        return
    whole = Turn(replace(whole.heard, continues=True), whole.answer)
    cut, _ = director.hear(before, whole_of(first))
    joined, says = director.hear(cut, whole)
    reported = [q for q in cut.known.volunteered if q not in before.known.volunteered]
    known = Triage(shipped.flow).volunteer(before.known, reported)
    disputed = replace(before.asking, disputed=True)
    at_once, expected = director.hear(
        replace(before, known=known, asking=disputed, patient=True), whole_of(whole)
    )
    assert says.says == expected.says
    assert joined.known == at_once.known
    assert joined.asking == at_once.asking
    assert joined.patient


@given(st.lists(turns(), max_size=20), turns(), turns())
def test_nothing_that_was_said_first_is_lost_when_somebody_goes_on(
    shipped: Script, said: list[Turn], first: Turn, whole: Turn
) -> None:
    """However the whole is heard: a symptom stays, and no question is closed unread back."""
    director = Director(shipped)
    before, move = played(director, said)[-1]
    if move.listen is None:
        return
    at = director.at(before)
    cut, _ = director.hear(before, whole_of(first))
    after, says = director.hear(cut, Turn(replace(whole.heard, continues=True), whole.answer))
    assert set(cut.known.volunteered) <= set(after.known.volunteered)
    if before.asking.confirming is None and at is not None:
        closing = [Reply.NO if shipped.flow.questions[at].sign == "yes" else Reply.YES]
        assert not [
            e for e in says.says if isinstance(e, Answered) and e.question == at
            and e.reply in closing
        ]  # fmt: skip


def whole_of(turn: Turn) -> Turn:
    return Turn(replace(turn.heard, continues=False), turn.answer)


@given(st.lists(turns(), max_size=30))
def test_every_step_asks_something_or_waits_or_ends(shipped: Script, said: list[Turn]) -> None:
    director = Director(shipped)
    for dialogue, move in played(director, said):
        asking = [event for event in move.says if isinstance(event, Said) and event.asks]
        if move.listen is None:
            assert dialogue.over or director.at(dialogue) is None
            assert not asking
        elif move.asks is None:
            assert dialogue.waiting is Waiting.PAUSE
        else:
            assert [event.text for event in asking] == [move.asks.text]
            assert move.says[-1] is asking[0], "the question comes last"
            assert move.asks.question == director.at(dialogue) == move.listen.question


@given(st.lists(turns(), max_size=30))
def test_a_journal_of_the_turns_gives_the_same_conversation(
    shipped: Script, said: list[Turn]
) -> None:
    adapter = TypeAdapter(Turn)
    kept = [adapter.validate_json(adapter.dump_json(turn)) for turn in said]
    assert kept == said
    assert played(Director(shipped), kept) == played(Director(shipped), said)


@given(st.lists(turns(), max_size=30))
def test_a_conversation_that_was_cut_off_goes_on_where_it_was(
    shipped: Script, said: list[Turn]
) -> None:
    director = Director(shipped)
    dialogue, _ = played(director, said)[-1]
    resumed, move = director.resume(dialogue)
    assert resumed.known == dialogue.known
    assert director.at(resumed) == director.at(dialogue)
    if director.at(dialogue) is not None and not dialogue.over:
        assert move.asks is not None
        assert move.asks.text.startswith(shipped.phrases.resumed)


def test_the_state_prints_as_itself(shipped: Script) -> None:
    director = Director(shipped)
    dialogue, _ = director.hear(
        director.begin()[0], Turn(Heard("no", 1.0, 1.0), Answer(Meaning.NO))
    )
    text = repr(replace(dialogue, before=None))
    assert "answered=(('bladder-control', <Reply.NO: 'no'>),)" in text
    assert "waiting=<Waiting.ANSWER: 'answer'>" in text


@given(st.lists(turns(), max_size=40))
def test_it_is_known_beforehand_which_answers_end_it(shipped: Script, said: list[Turn]) -> None:
    """So that an answer over which nobody can go on is waited for to its end."""
    steps = played(Director(shipped), said)
    for (_, asked), (_, move), turn in zip(steps, steps[1:], said, strict=False):
        meaning = Meaning.SYMPTOM if turn.answer.symptoms else turn.answer.meaning
        if move.listen is None and not turn.heard.continues and not _is_missing(turn):
            assert asked.listen is not None
            assert meaning in asked.listen.last


def _is_missing(turn: Turn) -> bool:
    """It counts as no answer, which ends a question that was asked often enough."""
    heard = turn.heard
    return bool(heard.lost) or heard.interrupted or turn.answer.meaning in (Meaning.NONE, *COMMANDS)
