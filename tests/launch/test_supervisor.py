import sys
import time
from pathlib import Path

import pytest

from launch.console import LaunchError
from launch.processes import Program
from launch.supervisor import STOP_WITHIN_S, Supervisor
from tests.launch.conftest import is_alive, wait_for


def python(name: str, code: str) -> Program:
    return Program(name, [sys.executable, "-c", code])


def numbers(file: Path) -> list[int]:
    return [int(line) for line in file.read_text().splitlines()] if file.exists() else []


def test_what_does_not_listen_is_killed_in_time_with_its_children(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    stubborn = (
        "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); os.fork();"
        f" open({str(pids)!r}, 'a').write(f'{{os.getpid()}}\\n'); time.sleep(600)"
    )
    with Supervisor() as supervisor:
        supervisor.start(python("deaf", stubborn))
        supervisor.wait_until(lambda: len(numbers(pids)) == 2, "both run")
        stopped_at = time.monotonic()
    assert time.monotonic() - stopped_at < STOP_WITHIN_S + 2
    wait_for(lambda: not any(is_alive(pid) for pid in numbers(pids)))


def test_groups_stop_in_reverse_order(tmp_path: Path) -> None:
    order = tmp_path / "order"
    code = (
        "import signal, sys, time\n"
        f"def end(*_): open({str(order)!r}, 'a').write(sys.argv[1] + '\\n'); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\n"
        f"open({str(order)!r} + sys.argv[1], 'w'); time.sleep(600)"
    )
    with Supervisor() as supervisor:
        for name in ("1", "2"):
            supervisor.start(Program(name, [sys.executable, "-c", code, name]))
        supervisor.wait_until(lambda: all(Path(f"{order}{name}").exists() for name in "12"), "both run")
    assert order.read_text().split() == ["2", "1"]


def test_a_dead_program_is_started_again_until_that_does_not_help(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("launch.supervisor.FIRST_DELAY_S", 0.01)
    pids = tmp_path / "pids"
    code = f"import os, sys; open({str(pids)!r}, 'a').write(f'{{os.getpid()}}\\n'); sys.exit('no such table')"
    with Supervisor() as supervisor:
        supervisor.start(python("broken", code))
        with pytest.raises(LaunchError, match=r"^broken died 5 times in a row; its last lines were:\n  no such table$"):
            supervisor.watch()
    assert len(set(numbers(pids))) == 5


def test_waiting_ends_when_the_program_has_died() -> None:
    with Supervisor() as supervisor:
        supervisor.start(python("web", "import sys; sys.exit('bad setting')"))
        with pytest.raises(LaunchError, match=r"web ended before it answers; its last lines were:\n  bad setting"):
            supervisor.wait_until(lambda: False, "it answers")
