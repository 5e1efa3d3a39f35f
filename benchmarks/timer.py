"""A clock that wakes an event loop to the microsecond: asyncio's own timers tick in milliseconds."""

import asyncio
import ctypes
import os
import time
from typing import Self

_CLOCK_MONOTONIC = 1
_ABSOLUTE = 1
_libc = ctypes.CDLL(None, use_errno=True)


class _Itimerspec(ctypes.Structure):
    _fields_ = [(name, ctypes.c_long) for name in ("every_s", "every_ns", "first_s", "first_ns")]


class PreciseTimer:
    """Linux's timerfd as something to await; a context manager, because it holds a file descriptor."""

    def __init__(self) -> None:
        self._fd = _libc.timerfd_create(_CLOCK_MONOTONIC, os.O_NONBLOCK | os.O_CLOEXEC)
        if self._fd < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create failed")
        self._rang = asyncio.Event()

    def __enter__(self) -> Self:
        asyncio.get_running_loop().add_reader(self._fd, self._ring)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.get_running_loop().remove_reader(self._fd)
        os.close(self._fd)

    def _ring(self) -> None:
        os.read(self._fd, 8)
        self._rang.set()

    async def sleep_until(self, moment: float) -> None:
        """Returns at `moment` of time.monotonic(), or at once when that is past."""
        if moment <= time.monotonic():
            return
        self._rang.clear()
        seconds, fraction = divmod(moment, 1)
        spec = _Itimerspec(0, 0, int(seconds), int(fraction * 1e9))
        if _libc.timerfd_settime(self._fd, _ABSOLUTE, ctypes.byref(spec), None) != 0:
            raise OSError(ctypes.get_errno(), "timerfd_settime failed")
        await self._rang.wait()
