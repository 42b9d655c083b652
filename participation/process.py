"""Child processes that never outlive us: each in a session of its own, tied to our life."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

_PR_SET_PDEATHSIG = 1


def die_with_parent(sign: int = signal.SIGTERM) -> None:
    """Ask the kernel to signal this process when its parent ends, however it ends (Linux only).

    The parent is the thread that started us, so children are started from the main thread.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, sign)


def tied() -> dict[str, Any]:
    """Arguments for Popen: a session of its own (Ctrl-C reaches only us) and death with its parent."""
    parent = os.getpid()

    def child() -> None:
        die_with_parent()
        if os.getppid() != parent:  # the parent ended between fork and prctl
            os._exit(1)

    return {"start_new_session": True, "preexec_fn": child}


def stop_group(processes: Sequence["subprocess.Popen[bytes]"], seconds: float) -> None:
    """Ask all of them and their children to end, wait together, then kill what is left."""
    for process in processes:
        _signal(process, signal.SIGTERM)
    until = time.monotonic() + seconds
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(until - time.monotonic(), 0.01))
    for process in processes:
        _signal(process, signal.SIGKILL)  # the group: grandchildren that outlived their parent too
        process.wait()


def _signal(process: "subprocess.Popen[bytes]", sign: int) -> None:
    try:
        os.killpg(process.pid, sign)
    except (ProcessLookupError, PermissionError):
        return
