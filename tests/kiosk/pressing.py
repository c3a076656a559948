"""Buttons of the kiosk's page, and the taps that they send."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page


def tap(turn: int, answer: str) -> dict[str, Any]:
    return {"type": "tap", "turn": turn, "answer": answer}


def button(page: Page, answer: str) -> Any:
    return page.locator(f"[data-answer={answer}]")


def middle(page: Page, answer: str) -> tuple[float, float]:
    box = button(page, answer).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
