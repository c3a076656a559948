"""Evaluating: how well the answers in a set of recordings are heard, in quiet, noise and echo."""
