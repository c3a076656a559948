"""When has the speaker finished? Pure: time is the number of samples fed, no clock, no device."""

from voice_triage.listen.activity import SpeechActivity
from voice_triage.listen.endpoint_times import EndpointTimes
from voice_triage.listen.frames import Frame


class Endpointer:
    """Decides, frame by frame, whether one utterance has ended.

    It ends when an accepted answer has been followed by a short silence, longer while there is
    none yet, and never before somebody began; beginning is 100 ms of speech or recognised text.
    Text that changes counts as speech, because the recogniser hears words that are no louder than
    the room.
    """

    def __init__(self, times: EndpointTimes) -> None:
        self._times = times
        self._activity = SpeechActivity()
        self._began_ms: float | None = None
        self._text = ""
        self._changed_ms = 0.0
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

    def update(self, frame: Frame, partial: str, accepted: bool) -> bool:
        """Take a frame and what the recogniser made of all sound so far.

        `accepted` says whether `partial` is an answer. True: the utterance has ended, for good.
        """
        self._activity.update(frame)
        now = self._activity.elapsed_ms
        if partial != self._text:
            self._text, self._changed_ms = partial, now
        if self._began_ms is None and (self._activity.began or partial):
            # The frame in which it began may reach past begin_ms; the promised limit must not.
            self._began_ms = min(now, float(self._times.begin_ms))
        self._ended = self._ended or self._over(now, accepted)
        return self._ended

    def _over(self, now: float, accepted: bool) -> bool:
        times = self._times
        if self._began_ms is None:
            return now >= times.begin_ms
        if now - self._began_ms >= times.talk_ms:
            return True
        if accepted and now - self._changed_ms >= times.settled_ms:
            return True
        return self.quiet_ms >= (times.accepted_ms if accepted else times.pause_ms)
