"""What a recogniser listens for. Apart from the recogniser, so that it loads without numpy."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Grammar:
    """What can be said. Vosk builds a word bigram from it, so parts of phrases can mix."""

    phrases: tuple[str, ...]
    """Words in the model's spelling (lower case). A repeated phrase weighs more, "[unk]" too."""
