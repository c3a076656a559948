"""Replaying: scenarios, recorded or synthesised answers and what they must come to."""
