"""When has the speaker finished? Pure: time is the number of samples fed, no clock, no device."""

from voice_triage.listen.activity import SpeechActivity
from voice_triage.listen.endpoint_times import EndpointTimes, Patience
from voice_triage.listen.frames import Frame


class Endpointer:
    """Decides, frame by frame, whether one utterance has ended.

    It ends when an accepted answer has been followed by as much silence as that answer wants,
    longer while there is none yet, and never before somebody began; beginning is 100 ms of speech
    or recognised text.
    Text that changes counts as speech, because the recogniser hears words that are no louder than
    the room.
    """

    def __init__(self, times: EndpointTimes) -> None:
        self._times = times
        self._activity = SpeechActivity()
        self._began_ms: float | None = None
        self._text = ""
        self._changed_ms = 0.0
        self._silent_ms = 0.0
        self._ended = False

    @property
    def began(self) -> bool:
        """Somebody has begun to speak."""
        return self._began_ms is not None

    @property
    def quiet_ms(self) -> float:
        """How long nobody has spoken, counted from the last speech or the start."""
        last = max(self._activity.last_speech_ms, self._changed_ms)
        return self._activity.elapsed_ms - last

    @property
    def speech_ms(self) -> tuple[float, float] | None:
        """Where speech was, by its loudness: its beginning and its end so far, in ms from the first
        sample. None: nothing louder than the room yet."""
        activity = self._activity
        return (activity.first_speech_ms, activity.last_speech_ms) if activity.began else None

    @property
    def elapsed_ms(self) -> float:
        """Length of all sound so far."""
        return self._activity.elapsed_ms

    @property
    def babble(self) -> bool:
        """It was ended because nobody needs so long."""
        now, began = self._activity.elapsed_ms, self._began_ms
        return self._ended and began is not None and now - began >= self._times.talk_ms

    def silence_ms(self, patience: Patience) -> int:
        """How much silence is wanted after what has been said so far."""
        activity = self._activity
        talk_ms = activity.last_speech_ms - activity.first_speech_ms
        return patience.silence_ms if talk_ms <= _FEW_WORDS_MS else patience.among_talk_ms

    def update(self, frame: Frame, partial: str, patience: Patience | None) -> bool:
        """Take a frame and what the recogniser made of all sound so far.

        `patience`: when `partial` is a whole answer; None: it is no answer. True: the utterance
        has ended, for good.
        """
        self._activity.update(frame)
        now = self._activity.elapsed_ms
        if partial != self._text:
            self._text, self._changed_ms = partial, now
        if self._began_ms is None and (self._activity.began or partial):
            # The frame in which it began may reach past begin_ms; the promised limit must not.
            self._began_ms = min(now, float(self._times.begin_ms))
        if now - self._activity.last_speech_ms >= _SOUNDING_MS:
            self._silent_ms = now
        self._ended = self._ended or self._over(now, patience)
        return self._ended

    def _over(self, now: float, patience: Patience | None) -> bool:
        times = self._times
        if self._began_ms is None:
            return now >= times.begin_ms
        if now - self._began_ms >= times.talk_ms:
            return True
        if patience is None:
            return self.quiet_ms >= times.pause_ms
        if now - self._changed_ms >= max(times.settled_ms, patience.silence_ms):
            return True
        steady_ms = now - max(self._changed_ms, self._silent_ms)
        if steady_ms >= max(times.settled_ms, patience.among_talk_ms):
            return True
        return self.quiet_ms >= self.silence_ms(patience)


_FEW_WORDS_MS = 1500
"""A hesitation and most answers are shorter; a television has gone on for longer."""
_SOUNDING_MS = 500
"""Talk that goes on pauses no longer between words; 14 % of read sentences do once."""
