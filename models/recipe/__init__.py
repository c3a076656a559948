"""How models/triage-en is made: recordings and synthetic voices in, a Vosk model out."""
