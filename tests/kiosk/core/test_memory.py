"""Threads that come and go leave no memory of their own behind."""

import subprocess
import sys

from programs import environment

# All blocks but the last one are freed, which keeps the heap from shrinking by itself.
PAGES = """
import ctypes, os, sys
from voice_triage.kiosk.memory import forget
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGESIZE")
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.free.argtypes = [ctypes.c_void_p]
blocks = [libc.malloc(60_000) for _ in range(1000)]
for block in blocks:
    ctypes.memset(ctypes.c_void_p(block), 1, 60_000)
for block in blocks[:-1]:
    libc.free(block)
before = resident()
forget()
print(before - resident())
"""
# malloc_info(3) lists every pool as <heap nr="…">.
POOLS = """
import ctypes, sys, threading
from voice_triage.kiosk.memory import share_arenas
if sys.argv[1] == "shared":
    share_arenas()
meet = threading.Barrier(12)
def busy():
    kept = [bytes(600) for _ in range(1000)]
    meet.wait()
threads = [threading.Thread(target=busy) for _ in range(12)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
libc.fclose.argtypes = [ctypes.c_void_p]
file = libc.fopen(sys.argv[2].encode(), b"w")
libc.malloc_info(0, ctypes.c_void_p(file))
libc.fclose(file)
print(open(sys.argv[2]).read().count("<heap nr="))
"""


def test_what_was_freed_is_given_back() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PAGES], capture_output=True, text=True, check=True,
        env=environment(),
    )  # fmt: skip
    assert int(ran.stdout) > 50_000_000


def test_all_threads_share_two_pools(tmp_path: object) -> None:
    def pools(how: str) -> int:
        ran = subprocess.run(
            [sys.executable, "-c", POOLS, how, f"{tmp_path}/pools.xml"], capture_output=True,
            text=True, check=True, env=environment(),
        )  # fmt: skip
        return int(ran.stdout)

    assert pools("shared") <= 2 < pools("as it is")
