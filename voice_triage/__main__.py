"""`python -m voice_triage` is `voice-triage`."""

from voice_triage.cli import main

if __name__ == "__main__":
    main()
