"""Everything that sound can go to, in one place to import from."""

from voice_triage.speak.loudspeaker import Loudspeaker
from voice_triage.speak.playback import Playback, Played, Player
from voice_triage.speak.wav_file import WavFile

__all__ = ["Loudspeaker", "Playback", "Played", "Player", "WavFile"]
