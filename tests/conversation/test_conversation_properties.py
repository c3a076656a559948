"""What holds for a conversation whatever is said in it."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from voice_triage.conversation.conversation import Conversation, Script
from voice_triage.conversation.events import Ended, Event
from voice_triage.flow import Urgency
from voice_triage.listen.heard import Heard
from voice_triage.testing import RememberingVoice, ScriptedEars

UTTERANCES = st.one_of(
    st.sampled_from(
        ["yes", "no", "not sure", "", "banana", "repeat", "help", "go back", "stop", "hold on",
         "no wait, yes", "not really", "I can't feel my legs", "I have a headache", "yes no"]
    ),
    st.builds(
        Heard,
        st.sampled_from(["yes", "no", "[unk]", "no [unk]", ""]),
        st.floats(0, 1),
        st.just(1.0),
        st.sampled_from([0, 0, 0, 1]),
    ),
)  # fmt: skip


@given(st.lists(UTTERANCES, max_size=60))
def test_no_emergency_question_is_ever_closed_without_a_clear_or_confirmed_no(
    shipped: Script, said: list[str | Heard]
) -> None:
    """The invariant, whatever is said: an ending below emergency has a clear no, or a yes to the
    readback, behind every emergency question."""
    events: list[Event] = []
    ears = ScriptedEars(said)
    ending = Conversation(shipped, ears, RememberingVoice(), events.append).run()
    assert isinstance(events[-1], Ended)
    if ending.urgency is not Urgency.EMERGENCY:
        closed: set[str] = set()
        for listen, heard in zip(ears.turns, said, strict=False):
            text = heard if isinstance(heard, str) else heard.text
            sure = isinstance(heard, str) or (not heard.lost and heard.confidence >= 0.5)
            if sure and text in ("no", "yes"):
                closed.add(listen.question)
        emergencies = {
            name for name, q in shipped.flow.questions.items() if q.urgency == "emergency"
        }
        assert emergencies <= closed
        assert "I can't feel my legs" not in said[: len(ears.turns)]


@given(st.lists(UTTERANCES, min_size=1, max_size=6))
def test_a_conversation_always_ends(shipped: Script, said: list[str | Heard]) -> None:
    """Even with somebody, or a television, who says the same few things for ever."""

    ears = ScriptedEars(itertools.cycle(said))
    Conversation(shipped, ears, RememberingVoice(), lambda _: None).run()
    assert len(ears.turns) <= 100 + 20 * len(shipped.flow.questions) + 2
