"""The figures that tune a conversation, each with its unit and why it is what it is."""

from voice_triage.conversation.policy import Limits
from voice_triage.listen.endpoint_times import EndpointTimes

ENDPOINTS = EndpointTimes(
    begin_ms=8_000,  # somebody in pain needs time to take in what was asked
    accepted_ms=700,  # 3.5 % of read sentences pause longer inside, 14 % pause 500 ms
    pause_ms=2_500,  # breathing between words
    settled_ms=1_200,  # a television goes on, the answer doesn't change
    talk_ms=20_000,  # nobody needs longer for a yes
)
"""When a speaker has finished."""

WHOLE_RECORDING = EndpointTimes(
    begin_ms=86_400_000, accepted_ms=86_400_000, pause_ms=86_400_000,
    settled_ms=86_400_000, talk_ms=86_400_000,
)  # fmt: skip
"""For `hear`, which takes a recording as one answer, however long."""

PAUSE_MS = 300_000
"""How long "hold on" waits for a word: five minutes."""

HELP_MS = 20_000
"""How long to wait after a help text: it may ask to touch a leg or to move a foot first."""

LIMITS = Limits(
    reasks=2,  # asked three times in all, as VoiceXML's escalating prompts do
    commands=5,
    clear=0.8,  # benchmarks/clear_no.py: takes 44 of 48 real "no" at once, and no "yes" as one
    confirmed=0.5,
)
"""How patient, and how sure, a conversation is."""

DEFAULT_FLOW = "back_spasms"
LANGUAGE = "en"
