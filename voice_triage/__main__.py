"""`python -m voice_triage` is `voice-triage`."""

from voice_triage import interrupts


def main() -> None:
    """Run a command."""
    interrupts.leave_at_once()
    from voice_triage.cli import main as command

    command()


if __name__ == "__main__":
    main()
