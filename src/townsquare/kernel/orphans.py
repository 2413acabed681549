"""Programs of others that we start: they end when we do, however we end."""

import ctypes
import signal
import sys

_PR_SET_PDEATHSIG = 1
_LIBRARY = ctypes.CDLL(None) if sys.platform == "linux" else None


def end_with_parent() -> None:
    """For `preexec_fn`: the program gets SIGTERM when the thread that started it ends. Only Linux can tell."""
    if _LIBRARY is not None:
        _LIBRARY.prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
