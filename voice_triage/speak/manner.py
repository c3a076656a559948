"""How the program speaks: pace and loudness."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Manner:
    words_per_minute: int = 150
    gain_db: float = 0.0

    def slower(self) -> "Manner":
        return replace(self, words_per_minute=max(90, round(self.words_per_minute * 0.8)))

    def faster(self) -> "Manner":
        return replace(self, words_per_minute=min(240, round(self.words_per_minute * 1.25)))

    def louder(self) -> "Manner":
        return replace(self, gain_db=min(12.0, self.gain_db + 4))

    def quieter(self) -> "Manner":
        return replace(self, gain_db=max(-12.0, self.gain_db - 4))
