"""What people really say, and what it means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_triage.answers import Lexicon, Meaning, interpret
from voice_triage.assemble import find_flow, lexicon
from voice_triage.flow import load

FLOW = load(find_flow(None))
LEXICON: Lexicon = lexicon().with_symptoms(
    {name: question.answers.symptom for name, question in FLOW.questions.items()}
)

EXAMPLES = {
    "yes": """
        yes | yeah | Yep! | uh huh | mm hmm | yes please | I do | it is | they do | I am | yes I have
        a little | a lot | yes, but only a little | sometimes | kind of | only at night | sure
        of course | definitely | I'm afraid so | I think so | I guess so | I suppose so | no doubt
        no wait, yes | no, sorry, yes | no I mean yes | no, actually, yes | yes sorry | yes yes yes
        probably yes | well yes | yes help me | yes I can | that's right | right | correct | YES.
    """,
    "no": """
        no | nope | nah | no thanks | not at all | never | none | No, no. | I don't | I do not | it isn't
        it doesn't | I haven't | no it doesn't | I'm not | definitely not | of course not
        I don't think so | not really | I'm afraid not | I hope not | I guess not | probably not
        I don't think I am | I doubt it | not that I know of | not any more | no problem
        yes wait no | yes I mean no | wrong | that's not right | no not at all | nope not at all | nothing
        dont | isnt | no numbness in my legs
    """,
    "unsure": """
        not sure | I'm not sure | I am not really sure | I don't know | dunno | dont know | no idea
        maybe | perhaps | hard to say | I can't tell | I couldn't tell you | I wouldn't know
        yes and no | no I don't know | I don't know, maybe yes | no, not sure | not always | not a lot
        not much | it's not always | absolutely not sure | I can't say | probably | I guess | it depends
        I don't remember | yes, I'm not sure
    """,
    "repeat": """
        repeat | repeat that | say that again | can you repeat that please | pardon | what | sorry
        what did you say | I didn't hear you | I didn't catch that | one more time | not sure, say it again
    """,
    "help": """
        help | help me | what does that mean | explain | why do you ask | I don't understand
        call an ambulance | please help me
    """,
    "back": "go back | back | previous question | please go back | undo",
    "stop": "stop | stop it | quit | please stop | goodbye",
    "pause": "hold on | wait | wait a minute | hang on a second | pause | no wait | just a moment",
    "continue": "continue | go on | okay, I'm ready | please carry on | resume",
    "restart": "start again | start over please | from the beginning",
    "slower": "slower | slow down please | that's too fast | could you speak slower",
    "faster": "faster | you are too slow | speak faster please",
    "louder": "louder | speak up | it's too quiet | no it's too quiet",
    "quieter": "quieter please | that is too loud | not so loud",
    "symptom": """
        I can't feel my legs | my legs are numb | I can't really feel either of my feet
        help, my legs are numb | no but my legs are numb | I wet myself | my arm has gone dead
        I lost all feeling in my legs | I don't feel my legs | I cant move my legs
        I lost control of my bladder | I keep falling | I have a headache
    """,
    "none": """
        banana | | [unk] | yes no | no yes | I can | I can't | not | know | it hurts | my back hurts
        my back | right leg | I do hurt | I am fine | I don't feel anything | don't stop | okay
        I don't think | no I mean banana | I don't think my legs are numb | my legs aren't numb
        not too bad | is it | I no | I don't no | do not no | ... | 12345 | I can't wait for banana
        I can't go on | I can not move faster | don't go on
    """,
}  # fmt: skip


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        (said.strip(), meaning)
        for meaning, examples in EXAMPLES.items()
        for line in examples.strip().splitlines()
        for said in line.split("|")
    ],
)
def test_what_people_say(said: str, meaning: str) -> None:
    assert interpret(said, LEXICON).meaning.value == meaning


@pytest.mark.parametrize(
    ("said", "symptoms"),
    [
        ("I can't feel my legs", ("leg-feeling",)),
        ("I can't control my pee and my legs are numb", ("bladder-control", "leg-feeling")),
        ("yes and my arm is numb", ("arm-feeling",)),
        ("I can't move my left arm", ("arm-control",)),
        ("no numbness in my legs", ()),
        ("my legs are fine", ()),
    ],
)
def test_symptoms_name_the_questions_they_answer(said: str, symptoms: tuple[str, ...]) -> None:
    assert interpret(said, LEXICON).symptoms == symptoms


@pytest.mark.parametrize(
    "said",
    ["not really", "I don't think so", "no banana", "no [unk]", "yes wait no", "no I can't",
     "not any more", "don't", "wrong", "hell no", "no numbness in my legs", "I guess not", "no sorry"],
)  # fmt: skip
def test_a_no_that_is_no_clear_no_is_doubtful(said: str) -> None:
    answer = interpret(said, LEXICON)
    assert answer.meaning is Meaning.NO
    assert answer.doubtful


@pytest.mark.parametrize("said", ["no", "nope", "no no", "not at all", "I don't", "never", "um no"])
def test_a_clear_no_is_not_doubtful(said: str) -> None:
    assert not interpret(said, LEXICON).doubtful


def test_a_question_may_have_answers_of_its_own() -> None:
    own = FLOW.questions["one-sided"].answers
    lexicon = LEXICON.with_answers({Meaning.YES: own.yes, Meaning.NO: own.no})
    assert interpret("only on one side", lexicon).meaning is Meaning.YES
    assert interpret("on both sides", lexicon).meaning is Meaning.NO
    assert interpret("on both sides", LEXICON).meaning is Meaning.NONE


@pytest.mark.parametrize(
    ("phrase", "means"),
    [(phrase, u.means) for u in LEXICON.utterances for phrase in u.say],
)
def test_what_the_recogniser_listens_for_is_understood(phrase: str, means: Meaning) -> None:
    assert interpret(phrase, LEXICON).meaning is means


def test_every_symptom_phrase_of_the_flow_reports_its_own_question() -> None:
    for name, question in FLOW.questions.items():
        for phrase in question.answers.symptom:
            assert interpret(phrase, LEXICON).symptoms == (name,), phrase


# Properties. Fragments are pieces of answers with what they mean alone; sentences are made of them.

FILLERS = st.lists(st.sampled_from(["um", "well", "please", "oh", "uh"]), max_size=2).map(" ".join)
NONSENSE = st.text("bcdfgjkpqvxz", min_size=3, max_size=8)
YES = st.sampled_from(["yes", "yeah", "uh huh", "yep", "I do", "a little"])
NO = st.sampled_from(["no", "nope", "not at all", "I don't", "never", "definitely not"])
UNSURE = st.sampled_from(["I don't know", "not sure", "maybe", "no idea", "I can't tell"])
TAKES_BACK = st.sampled_from(["no wait", "wait", "hold on", "I mean", "sorry", "scratch that"])
COMMAND = st.sampled_from(["repeat", "help", "go back", "say that again"])


@given(st.text(max_size=200))
def test_no_text_breaks_it(text: str) -> None:
    interpret(text, LEXICON)


@given(st.lists(NONSENSE, max_size=8).map(" ".join))
def test_unknown_words_are_never_a_guess(text: str) -> None:
    assert interpret(text, LEXICON).meaning is Meaning.NONE


@given(FILLERS, UNSURE, FILLERS, st.one_of(YES, NO, FILLERS, NONSENSE))
def test_not_knowing_is_never_a_no(before: str, unsure: str, between: str, other: str) -> None:
    for text in (f"{before} {unsure} {between} {other}", f"{other} {between} {unsure} {before}"):
        assert interpret(text, LEXICON).meaning is not Meaning.NO, text


@given(st.sampled_from(["not", "not really", "I'm not", "it isn't", "I don't think"]), YES, FILLERS)
def test_a_negated_yes_is_never_a_yes(negation: str, yes: str, filler: str) -> None:
    words = ("yes", "yeah", "a little", "yep")
    if yes in words:
        assert interpret(f"{negation} {yes} {filler}", LEXICON).meaning is not Meaning.YES
    assert interpret(f"{filler} {negation}", LEXICON).meaning is not Meaning.YES


@given(FILLERS, st.one_of(YES, NO, UNSURE, COMMAND), FILLERS)
def test_fillers_change_nothing(before: str, said: str, after: str) -> None:
    assert (
        interpret(f"{before} {said} {after}", LEXICON).meaning is interpret(said, LEXICON).meaning
    )


@given(st.one_of(YES, NO, UNSURE), TAKES_BACK, st.one_of(YES, NO, UNSURE))
def test_what_follows_a_correction_counts(before: str, correction: str, after: str) -> None:
    corrected = interpret(f"{before} {correction} {after}", LEXICON)
    assert corrected.meaning is interpret(after, LEXICON).meaning
    if interpret(before, LEXICON).meaning is not corrected.meaning:
        assert corrected.doubtful


@given(NO, TAKES_BACK, NONSENSE)
def test_a_no_taken_back_for_something_unknown_is_no_no(
    no: str, correction: str, nonsense: str
) -> None:
    assert interpret(f"{no} {correction} {nonsense}", LEXICON).meaning is not Meaning.NO


@given(st.sampled_from(["yes", "yeah", "uh huh", "a little", "definitely yes"]), NO)
def test_a_contradiction_is_neither(yes: str, no: str) -> None:
    for text in (f"{yes} {no}", f"{no} {yes}"):
        assert interpret(text, LEXICON).meaning not in (Meaning.YES, Meaning.NO), text


@given(NO, NONSENSE)
def test_a_no_among_unknown_words_is_doubtful(no: str, nonsense: str) -> None:
    for text in (f"{no} {nonsense}", f"{nonsense} {no}"):
        answer = interpret(text, LEXICON)
        assert answer.meaning is not Meaning.NO or answer.doubtful, text


@given(st.one_of(YES, NO, UNSURE, COMMAND, FILLERS), st.sampled_from(
    [p for q in FLOW.questions.values() for p in q.answers.symptom]))  # fmt: skip
def test_a_reported_symptom_is_never_lost(said: str, symptom: str) -> None:
    answer = interpret(f"{said} my god {symptom}", LEXICON)
    assert answer.symptoms, answer
    assert answer.meaning in (Meaning.SYMPTOM, Meaning.YES)


@given(st.one_of(YES, NO, UNSURE, COMMAND))
def test_case_and_punctuation_do_not_matter(said: str) -> None:
    meaning = interpret(said, LEXICON).meaning
    for changed in (
        said.upper(),
        f"  {said}!? ",
        said.replace(" ", ",  "),
        said.replace("'", "\u2019"),
    ):
        assert interpret(changed, LEXICON).meaning is meaning


@given(st.one_of(YES, NO, UNSURE), st.integers(2, 5))
def test_saying_it_again_changes_nothing(said: str, times: int) -> None:
    assert interpret(" ".join([said] * times), LEXICON).meaning is interpret(said, LEXICON).meaning


def test_a_very_long_text_is_cut() -> None:
    assert interpret("yes " * 1_000_000, LEXICON).meaning is Meaning.YES
    assert interpret("i can not " * 100_000, LEXICON).meaning is not Meaning.YES
