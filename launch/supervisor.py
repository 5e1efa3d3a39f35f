"""Keeps programs running, and stops them in order and in time."""

import signal
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import NoReturn

from launch.console import LaunchError, say
from launch.processes import Process, Program

POLL_S = 0.1
READY_WITHIN_S = 90
# A program that lives shorter than this died "quickly"; so many quick deaths in a row end everything.
QUICK_DEATH_S = 10
MOST_QUICK_DEATHS = 5
FIRST_DELAY_S = 0.5
# Everything must be gone 10 s after Ctrl-C: the last group gets 6 s (uvicorn waits 5 s for open requests), others less.
STOP_WITHIN_S = 6.0
STOP_SERVICE_WITHIN_S = 1.5


class _Kept:
    """A program and its present process."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.quick_deaths = 0
        self.restart_at: float | None = None
        self.start()

    def start(self) -> None:
        self.restart_at = None
        self.started_at = time.monotonic()
        self.process = Process(self.program)

    def watch(self) -> None:
        """Restarts the program when it is dead, later each time; raises LaunchError when that doesn't help."""
        now = time.monotonic()
        if self.restart_at is not None:
            if now >= self.restart_at and not self.program.runs_elsewhere():
                self.start()
            return
        if self.process.exit_code is None or self.program.runs_elsewhere():
            return
        self.process.kill()  # children that a crash left behind
        self.quick_deaths = self.quick_deaths + 1 if now - self.started_at < QUICK_DEATH_S else 0
        if self.quick_deaths == MOST_QUICK_DEATHS:
            raise LaunchError(self.obituary(f"{self.program.name} died {MOST_QUICK_DEATHS} times in a row"))
        delay = FIRST_DELAY_S * 2**self.quick_deaths
        say(f"{self.program.name} ended with code {self.process.exit_code}; starting it again in {delay:g} s")
        self.restart_at = now + delay

    def obituary(self, what: str) -> str:
        return "\n  ".join([f"{what}; its last lines were:", *self.process.last_lines])


class Supervisor(AbstractContextManager["Supervisor"]):
    """Programs start in groups; leaving the context stops the groups in reverse order."""

    def __init__(self) -> None:
        self._groups: list[list[_Kept]] = []

    def start(self, *programs: Program) -> None:
        group: list[_Kept] = []
        self._groups.append(group)
        group.extend(map(_Kept, programs))

    def wait_until(self, ready: Callable[[], bool], what: str) -> None:
        """Raises LaunchError when a program dies meanwhile or it takes too long."""
        deadline = time.monotonic() + READY_WITHIN_S
        while not ready():
            for kept in self._kept():
                if kept.process.exit_code is not None:
                    raise LaunchError(kept.obituary(f"{kept.program.name} ended before {what}"))
            if time.monotonic() > deadline:
                raise LaunchError(f"gave up after {READY_WITHIN_S} s waiting until {what}")
            time.sleep(POLL_S)

    def watch(self) -> NoReturn:
        """Returns only by an exception: KeyboardInterrupt, or LaunchError when a program can't be kept alive."""
        while True:
            for kept in self._kept():
                kept.watch()
            time.sleep(POLL_S)

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        handlers = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
        for number, group in enumerate(reversed(self._groups)):
            _stop([kept.process for kept in group], STOP_WITHIN_S if number == 0 else STOP_SERVICE_WITHIN_S)
        for signal_number, handler in handlers.items():
            signal.signal(signal_number, handler)

    def _kept(self) -> list[_Kept]:
        return [kept for group in self._groups for kept in group]


def _stop(processes: list[Process], within_s: float) -> None:
    deadline = time.monotonic() + within_s
    for process in processes:
        process.stop()
    while any(process.exit_code is None for process in processes) and time.monotonic() < deadline:
        time.sleep(0.02)
    for process in processes:
        process.kill()
        process.program.after_stop()
