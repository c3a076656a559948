"""The figures that tune a conversation, each with its unit and why it is what it is."""

from voice_triage.conversation.clarity import CLARITY
from voice_triage.conversation.figures import Figures
from voice_triage.conversation.policy import Limits
from voice_triage.listen.endpoint_times import EndpointTimes

ENDPOINTS = EndpointTimes(
    begin_ms=8_000,  # somebody in pain needs time to take in what was asked
    accepted_ms=700,  # 3.5 % of read sentences pause longer inside, 14 % pause 500 ms
    quick_ms=220,  # with it benchmarks/latency.py replies well within half a second
    patient_ms=2_200,  # "no … well … yes", with pauses of up to two seconds
    pause_ms=2_500,  # breathing between words
    settled_ms=1_200,  # a television goes on, the answer doesn't change
    talk_ms=20_000,  # nobody needs longer for a yes
)
"""When a speaker has finished."""

WHOLE_RECORDING = EndpointTimes(
    begin_ms=86_400_000, accepted_ms=86_400_000, quick_ms=86_400_000, patient_ms=86_400_000,
    pause_ms=86_400_000, settled_ms=86_400_000, talk_ms=86_400_000,
)  # fmt: skip
"""For `hear`, which takes a recording as one answer, however long."""

OVERLAP = Figures(
    go_on_ms=2_200,  # pauses inside an answer are up to two seconds long
    barging_ms=700,
    goes_on_after_ms=100,
    barges_in_after_ms=60,
    softer_db=15.0,
    inaudible_db=-70.0,
    louder_db=10.0,  # 8 dB tell it from an echo; the rest is for words that are spoken more softly
)
"""When somebody is heard over the program."""

PAUSE_MS = 300_000
"""How long "hold on" waits for a word: five minutes."""

HELP_MS = 20_000
"""How long to wait after a help text: it may ask to touch a leg or to move a foot first."""

LIMITS = Limits(
    reasks=2,  # asked three times in all, as VoiceXML's escalating prompts do
    commands=5,
    clarity=CLARITY,
)
"""How patient, and how sure, a conversation is."""

DEFAULT_FLOW = "back_spasms"
LANGUAGE = "en"

RESUME_WITHIN_S = 3_600
"""How old a session may be that is taken up again: what was answered may change within an hour."""

MICROPHONE_BACK_S = 60.0
"""How long to try to get a lost microphone back."""

ABSENT_S = 60.0
"""After so much silence, counted from the third prompt, nobody stands at the kiosk any more."""
