"""Listening: sound from a microphone, a recording or a pipe becomes the words of one answer."""
