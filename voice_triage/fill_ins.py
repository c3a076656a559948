"""Texts with names in braces, which a program fills in."""

from __future__ import annotations

from collections.abc import Collection
from string import Formatter


def check(text: str, allowed: Collection[str]) -> None:
    """Raises ValueError when `text` has other names in braces than the `allowed` ones."""
    try:
        used = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError:
        used = {"?"}
    if used - set(allowed):
        names = " and ".join(f"{{{name}}}" for name in sorted(allowed)) or "nothing"
        raise ValueError(f"in braces may stand: {names}; write the rest out")
