"""What the C library does with memory that is freed, where it is glibc; elsewhere these do nothing.

By itself glibc gives large pieces back to the system at once. A network takes and frees some for every layer, and each
time the system hands out its pages anew: at 224 × 224 pixels that is a third of the time of a forward pass.
"""

import ctypes
import sys
from typing import Any

_OPTIONS = {-4: 0, -1: 2**30, -8: 1}  # glibc's M_MMAP_MAX, M_TRIM_THRESHOLD (bytes) and M_ARENA_MAX


def keep_freed() -> None:
    """Have this process keep what it frees, until `give_back`, in one pool for all threads.

    With a pool for each of many threads, as of Streamlit's pages, what is freed lies between what is still used.

    To be called before there are threads, and by programs of our own: the server, the command line, a benchmark. A
    library leaves that to the program.
    """
    if mallopt := getattr(_glibc(), "mallopt", None):
        for option, value in _OPTIONS.items():
            mallopt(option, value)


def give_back() -> None:
    """Give what is free to the system."""
    if trim := getattr(_glibc(), "malloc_trim", None):
        trim(0)


def _glibc() -> Any:
    return ctypes.CDLL(None) if sys.platform == "linux" else None
