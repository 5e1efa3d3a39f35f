"""The services that run beside Patchbay because no DATABASE_URL or REDIS_URL says where others are."""

from collections.abc import Mapping

from launch.home import Home
from launch.postgres import Postgres
from launch.supervisor import Supervisor
from launch.valkey import Valkey


def is_given(name: str, environment: Mapping[str, str]) -> bool:
    return bool(environment.get(name) or environment.get(f"{name}_FILE"))


class Services:
    """PostgreSQL and Valkey, each None where the environment names one."""

    def __init__(self, home: Home, environment: Mapping[str, str]) -> None:
        self.postgres = None if is_given("DATABASE_URL", environment) else Postgres(home)
        self.valkey = None if is_given("REDIS_URL", environment) else Valkey(home)

    @property
    def values(self) -> dict[str, str]:
        """How the product reaches them."""
        values = {}
        if self.postgres:
            values["DATABASE_URL"] = self.postgres.url
        if self.valkey:
            values["REDIS_URL"] = self.valkey.url
        return values

    def start(self, supervisor: Supervisor) -> None:
        """Returns when they answer. PostgreSQL starts first and so stops last."""
        if self.postgres:
            self.postgres.prepare()
            supervisor.start(self.postgres.program())
            supervisor.wait_until(self.postgres.is_ready, "PostgreSQL answers")
        if self.valkey:
            supervisor.start(self.valkey.program())
            supervisor.wait_until(self.valkey.is_ready, "Valkey answers")
