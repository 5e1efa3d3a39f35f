"""Child processes that don't outlive the launcher and say who speaks."""

import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from launch.accounts import Account, popen_options
from launch.console import write_line

LAST_LINES = 15
TIDY_UP_WITHIN_S = 5


@dataclass(frozen=True)
class Program:
    """What to run. `runs_elsewhere`: somebody else started it again, as `pg_ctl restart` does; `after_stop` ends that too."""

    name: str
    command: list[str]
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stdin: str = ""
    runs_elsewhere: Callable[[], bool] = lambda: False
    after_stop: Callable[[], None] = lambda: None


class Process:
    """A running Program, leader of a process group of its own, so that Ctrl-C reaches the launcher alone."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.last_lines: deque[str] = deque(maxlen=LAST_LINES)
        self._popen = subprocess.Popen(
            ["setpriv", "--pdeathsig", program.stop_signal.name.removeprefix("SIG"), "--", *program.command],
            env=dict(program.environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            process_group=0,
            **popen_options(program.account),
        )
        assert self._popen.stdin is not None  # noqa: S101 - it is a pipe
        with (
            suppress(BrokenPipeError),
            self._popen.stdin as stdin,
        ):  # a child that died at once is seen by its exit code
            stdin.write(program.stdin)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; afterwards waits for the last words that it wrote."""
        code = self._popen.poll()
        if code is not None:
            self._reader.join(timeout=1)
        return code

    def stop(self) -> None:
        """Asks the leader to end; it tells its own children."""
        if self._popen.poll() is None:
            self._popen.send_signal(self.program.stop_signal)

    def kill(self) -> None:
        """Ends whatever is left of the group, also after its leader is gone."""
        try:
            os.killpg(self._popen.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self._popen.wait()

    def _read(self) -> None:
        assert self._popen.stdout is not None  # noqa: S101 - it is a pipe
        for line in self._popen.stdout:
            self.last_lines.append(line.rstrip())
            try:
                write_line(self.program.name, line.rstrip())
            except OSError:
                continue  # nobody reads our output any more; the child must still be able to write


class Terminated(KeyboardInterrupt):
    """SIGTERM, which reaches the launcher alone; Ctrl-C reaches the foreground program too."""


def run_in_foreground(command: list[str], environment: Mapping[str, str], folder: Path) -> int:
    """Runs a program to its end and returns its exit code; when interrupted, lets it tidy up for a few seconds first."""
    with subprocess.Popen(command, env=dict(environment), cwd=folder) as process:
        try:
            return process.wait()
        except KeyboardInterrupt as interruption:
            if isinstance(interruption, Terminated):
                process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(TIDY_UP_WITHIN_S)
            process.kill()
            raise
