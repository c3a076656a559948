"""Phrases that a model knows as one word as well: `no it isn't` is also `no_it_isn't`.

Heard as one word, a phrase can't be mixed with another (`no it does`).
"""

from collections.abc import Callable

_JOINT = "_"


def whole(phrase: str) -> str:
    """How a model spells a phrase that is one word."""
    return _JOINT.join(phrase.split())


def is_whole(word: str, knows: Callable[[str], bool]) -> bool:
    """Whether a word of a model is a phrase as one word: all its parts are words of the model, too.

    A stock model may have words with underscores that are nothing of the kind.
    """
    return _JOINT in word and all(map(knows, word.split(_JOINT)))
