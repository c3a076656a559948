"""Everything that sound can come from, in one place to import from."""

from voice_triage.listen.frames import FRAME_MS, FRAME_SAMPLES, RATE, AudioSource, Frame
from voice_triage.listen.microphone import Microphone
from voice_triage.listen.pipe import PcmStream
from voice_triage.listen.recording import AudioFile

__all__ = [
    "FRAME_MS",
    "FRAME_SAMPLES",
    "RATE",
    "AudioFile",
    "AudioSource",
    "Frame",
    "Microphone",
    "PcmStream",
]
