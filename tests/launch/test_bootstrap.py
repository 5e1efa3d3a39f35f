import ast
import re
from pathlib import Path

import pytest

from launch import bootstrap
from launch.environment import ROOT

LOCKS = [("requirements.in", "requirements.lock"), ("requirements-dev.in", "requirements-dev.lock")]


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_it_parses_where_python_is_too_old_and_says_what_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    ast.parse(Path(bootstrap.__file__).read_text(), feature_version=(3, 6))
    monkeypatch.setattr("sys.version_info", (3, 9, 2))
    with pytest.raises(SystemExit, match=r"Python 3.11 or newer is needed, this is 3.9.2 \(make PYTHON="):
        bootstrap.check_python()


def test_a_python_without_ensurepip_is_told_which_package_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(SystemExit, match=r"apt-get install python3.\d+-venv"):
        bootstrap.ensure_ensurepip()


def test_a_lock_is_installed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = []
    lock = tmp_path / "lock"
    lock.write_text("one==1\n")
    monkeypatch.setattr(bootstrap, "LOCK", lock)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / "venv")
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / "venv" / "stamp")
    monkeypatch.setattr(bootstrap, "pip_install", lambda: installed.append(lock.read_text()))
    bootstrap.ensure_environment()
    bootstrap.ensure_environment()
    lock.write_text("one==2\n")
    bootstrap.ensure_environment()
    assert installed == ["one==1\n", "one==2\n"]


@pytest.mark.parametrize(("wanted", "lock"), LOCKS)
def test_locks_pin_everything_that_is_wanted_and_name_no_index(wanted: str, lock: str) -> None:
    lines = [line for line in (ROOT / lock).read_text().splitlines() if not line.startswith("    --hash=")]
    pinned = {normal(line.partition("==")[0]) for line in lines}
    names = re.findall(r"^[A-Za-z][\w.-]*", (ROOT / wanted).read_text(), re.MULTILINE)
    assert [name for name in names if normal(name) not in pinned] == []
    assert [line for line in lines if "://" in line or " @ " in line or line.startswith(("-", "#"))] == []
