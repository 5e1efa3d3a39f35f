"""`make check` and `make test`."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from launch.accounts import remove_all
from launch.console import LaunchError, say
from launch.embedded import Services
from launch.environment import LOOPBACK, ROOT, child_environment, default_home, made_values
from launch.home import Home, fernet_keys
from launch.processes import run_in_foreground
from launch.supervisor import Supervisor

LINTERS = (["ruff", "check"], ["ruff", "format", "--check"], ["mypy"], ["lint-imports"])
# Many tests wait for processes: one more at a time than there are cores pays. A file's tests share what they start.
IN_PARALLEL = ("-n", str((os.cpu_count() or 1) + 1), "--dist", "loadfile", "-m", "not alone")
ALONE = ("-m", "alone")
PUBLIC_URL = "http://127.0.0.1:8000"
# mypy's Django plugin imports the settings; nothing connects to these.
NOWHERE = {
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nowhere",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "SECRET_KEY": "only-for-the-linters-" * 3,
}


def run(command: list[str], environment: Mapping[str, str]) -> int:
    """Runs a program of the virtual environment."""
    program = Path(sys.executable).parent / command[0]
    return run_in_foreground([str(program), *command[1:]], environment, ROOT)


def check() -> int:
    """Every linter, also after one has failed. Returns 0 when all are content."""
    environment = {**os.environ, **NOWHERE, "PATCHBAY_ENCRYPTION_KEYS": fernet_keys()}
    failed = []
    for command in LINTERS:
        say(" ".join(command))
        if run(command, environment) != 0:
            failed.append(" ".join(command))
    if failed:
        say(f"not content: {', '.join(failed)}")
    return 1 if failed else 0


def test(pytest_arguments: list[str]) -> int:
    """Linters, then every test against a PostgreSQL and a Valkey made for this run. Returns 0 when all are content."""
    chromium = ensure_chromium(os.environ)
    checked = check()
    home = Home(default_home(os.environ).path / "test")
    with home.locked():
        try:
            with Supervisor() as supervisor:
                return _pytest(pytest_arguments, home, supervisor, chromium) or checked
        finally:
            remove_all(home)


def _pytest(arguments: list[str], home: Home, supervisor: Supervisor, chromium: str) -> int:
    services = Services(home, os.environ)
    services.start(supervisor)
    values = made_values(home, services, PUBLIC_URL, os.environ)
    values |= {"PATCHBAY_PUBLIC_URL": PUBLIC_URL, "PATCHBAY_ALLOWED_PRIVATE_NETWORKS": LOOPBACK}
    values["CHROMIUM_PATH"] = chromium
    if services.postgres:  # tests that restart PostgreSQL under load run pg_ctl as the owner of the data folder
        values["PATCHBAY_TEST_PG_CTL"] = str(services.postgres.programs / "pg_ctl")
        values["PATCHBAY_TEST_PGDATA"] = str(services.postgres.data)
    if services.valkey:
        values["PATCHBAY_TEST_VALKEY_SERVER"] = str(services.valkey.server)
    environment = child_environment(home, values)
    if arguments:
        say("pytest")
        return run(["pytest", *arguments], environment)
    say("pytest, then the tests that must be alone")
    results = [run(["pytest", *chosen], environment) for chosen in (IN_PARALLEL, ALONE)]
    return max(results)


def ensure_chromium(environment: Mapping[str, str]) -> str:
    """Where Chromium is; installs it where we may. Raises LaunchError that says how where we may not."""
    if path := environment.get("CHROMIUM_PATH"):
        return path
    if os.geteuid() == 0 and not shutil.which("chromium") and shutil.which("apt-get"):
        say("installing Chromium for the browser tests")
        for command in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
            if subprocess.run(["apt-get", "-qq", *command], check=False, stdout=subprocess.DEVNULL).returncode != 0:
                raise LaunchError("apt-get could not install chromium (its words are above)")
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    raise LaunchError(
        "the browser tests need Chromium: `apt-get install chromium` as root, or set CHROMIUM_PATH to yours"
    )
