"""The child process of `printing`: a report's page on stdin, its PDF on stdout."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from voice_triage.errors import ReportError
from voice_triage.record.report_pdf import laid_out


def main() -> int:
    """The exit status."""
    with suppress(OSError):  # the service's system calls don't include it
        os.nice(10)  # whoever talks goes first
    try:
        made = laid_out(sys.stdin.buffer.read().decode())
    except ReportError:
        return 2
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
