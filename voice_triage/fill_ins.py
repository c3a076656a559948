"""Texts with names in braces, which a program fills in."""

from __future__ import annotations

from collections.abc import Collection
from string import Formatter


def names(text: str) -> set[str]:
    """The names in braces in `text`; {"?"} when the braces don't match."""
    try:
        return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError:
        return {"?"}


def check(text: str, allowed: Collection[str]) -> None:
    """Raises ValueError when `text` has other names in braces than the `allowed` ones."""
    if names(text) - set(allowed):
        wanted = " and ".join(f"{{{name}}}" for name in sorted(allowed)) or "nothing"
        raise ValueError(f"in braces may stand: {wanted}; write the rest out")
