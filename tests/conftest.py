"""For all tests."""

import signal

# A shell starts background jobs with SIGINT ignored, and children would inherit that: the tests of
# Ctrl-C must mean the same whether the suite runs in the foreground or not.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
