"""For all tests."""

import signal

from hypothesis import settings

# A shell starts background jobs with SIGINT ignored, and children would inherit that: the tests of
# Ctrl-C must mean the same whether the suite runs in the foreground or not.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# How long a test takes belongs in benchmarks/: here it would only say how busy the machine is.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
