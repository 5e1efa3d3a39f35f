"""PostgreSQL and Redis to measure on: those of the environment, else embedded ones for the time of the run."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from launch.accounts import remove_all
from launch.embedded import Services
from launch.environment import default_home
from launch.home import Home
from launch.supervisor import Supervisor

NAMES = ("DATABASE_URL", "REDIS_URL")


@contextmanager
def stores() -> Iterator[dict[str, str]]:
    """Yields DATABASE_URL and REDIS_URL."""
    given = {name: url for name in NAMES if (url := os.environ.get(name))}
    home = Home(default_home(os.environ).path / "bench")
    with home.locked():
        services = Services(home, given)
        try:
            with Supervisor() as supervisor:
                services.start(supervisor)
                yield given | services.values
        finally:
            remove_all(home)
