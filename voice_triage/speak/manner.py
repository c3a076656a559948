"""How the program speaks in this session, and what "slower" or "louder" changes in that."""

from dataclasses import dataclass, replace

_FASTER = 1.25
"""A quarter: a smaller change of pace is hardly noticed, and somebody in pain asks only once."""
_SLOWEST_WPM = 90
"""Below that espeak-ng draws out vowels until words fall apart."""
_FASTEST_WPM = 240
"""Above that, whoever hears a question for the first time loses words."""
_STEP_DB = 4.0
"""Clearly louder without being twice as loud, which takes about 10 dB."""
_MOST_DB = 12.0
"""Four times the amplitude: more, and the limiter flattens every syllable. As much the other way
still is audible in a quiet room."""


@dataclass(frozen=True)
class Manner:
    """How the program speaks. A step beyond the bounds changes nothing: `m.slower() == m`."""

    words_per_minute: int = 150
    """90 to 240. espeak-ng's own 175 and pyttsx3's 200 are too fast for somebody who is in pain and
    hears each question once; 150 is about the pace of an audio book."""
    gain_db: float = 0.0
    """-12 to +12 dB, relative to the voice as it is rendered."""

    def slower(self) -> "Manner":
        """A step slower, while that isn't too slow to be understood."""
        return self._at(round(self.words_per_minute / _FASTER))

    def faster(self) -> "Manner":
        """A step faster, while that isn't too fast to be understood."""
        return self._at(round(self.words_per_minute * _FASTER))

    def louder(self) -> "Manner":
        """4 dB louder, up to the most that the limiter can take."""
        return replace(self, gain_db=min(self.gain_db + _STEP_DB, _MOST_DB))

    def quieter(self) -> "Manner":
        """4 dB quieter, down to what can still be heard."""
        return replace(self, gain_db=max(self.gain_db - _STEP_DB, -_MOST_DB))

    def _at(self, pace: int) -> "Manner":
        # A step that would end between the bounds and the next step isn't taken at all: so slower
        # and faster always undo each other.
        if _SLOWEST_WPM <= pace <= _FASTEST_WPM:
            return replace(self, words_per_minute=pace)
        return self


USUAL = Manner()
"""Until somebody asks for another one."""
