"""What a recogniser listens for. Apart from the recogniser, so that it loads without numpy."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Grammar:
    """What can be said. Vosk builds a word bigram from it, so words of phrases can mix, unless the
    model knows the phrase as one word."""

    phrases: tuple[str, ...]
    """Words in the model's spelling (lower case). A repeated phrase weighs more."""
    loose: frozenset[str] = frozenset()
    """Those of the phrases whose words may mix in any case, because people word them freely."""
    unknown: int = 1
    """How often "[unk]" is among them: the weight of any other word."""
