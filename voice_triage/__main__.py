"""`python -m voice_triage` is `voice-triage`."""

import os
import sys


def main() -> None:
    """Run a command. Ctrl-C while the program still loads is no traceback either."""
    try:
        from voice_triage.cli import main as command
    except KeyboardInterrupt:
        sys.stderr.flush()
        os._exit(130)
    command()


if __name__ == "__main__":
    main()
