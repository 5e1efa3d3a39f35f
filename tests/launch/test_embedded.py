import os
import subprocess

import psycopg
import pytest
import redis

from launch.embedded import Services
from launch.home import Home
from launch.postgres import Postgres
from launch.supervisor import Supervisor


def answer(services: Services, sql: str) -> object:
    with psycopg.connect(services.values["DATABASE_URL"], autocommit=True) as connection:
        cursor = connection.execute(sql)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def server_pid(postgres: Postgres) -> int:
    return int((postgres.data / "postmaster.pid").read_text().split()[0])


def test_data_survives_a_restart_and_nothing_runs_as_root(home: Home) -> None:
    with Supervisor() as supervisor:
        services = Services(home, {})
        services.start(supervisor)
        answer(services, "CREATE TABLE note AS SELECT 'kept' AS text")
        assert services.postgres is not None
        assert os.stat(f"/proc/{server_pid(services.postgres)}").st_uid != 0
        assert answer(services, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
        assert answer(services, "SHOW fsync") == "on"
    assert not services.postgres.runs()
    with Supervisor() as supervisor:
        again = Services(home, {})
        again.start(supervisor)
        assert again.values == services.values
        assert answer(again, "SELECT text FROM note") == "kept"


def test_services_ask_for_their_passwords(home: Home) -> None:
    with Supervisor() as supervisor:
        services = Services(home, {})
        services.start(supervisor)
        assert services.postgres is not None
        assert services.valkey is not None
        with pytest.raises(psycopg.OperationalError, match="no password supplied"):
            psycopg.connect(f"postgresql://patchbay@127.0.0.1:{services.postgres.port}/patchbay")
        with pytest.raises(redis.AuthenticationError):
            redis.Redis(port=services.valkey.port).ping()
        assert redis.Redis.from_url(services.values["REDIS_URL"]).ping() is True


def test_a_server_restarted_by_pg_ctl_is_stopped_in_the_end(home: Home) -> None:
    with Supervisor() as supervisor:
        services = Services(home, {"REDIS_URL": "redis://given"})
        services.start(supervisor)
        assert services.postgres is not None
        before = server_pid(services.postgres)
        subprocess.run(
            [services.postgres.programs / "pg_ctl", "restart", "-m", "immediate", "-D", services.postgres.data],
            user=services.postgres.data.stat().st_uid,
            cwd="/",
            check=True,
            stdout=subprocess.DEVNULL,
        )
        assert answer(services, "SELECT 1") == 1
        assert server_pid(services.postgres) != before
    assert not services.postgres.runs()


def test_a_stale_postmaster_pid_with_the_number_of_another_process_is_ignored(home: Home) -> None:
    postgres = Postgres(home)
    postgres.prepare()
    (postgres.data / "postmaster.pid").write_text(f"{os.getpid()}\n")
    assert not postgres.runs()
    with Supervisor() as supervisor:
        Services(home, {"REDIS_URL": "redis://given"}).start(supervisor)
        assert postgres.runs()


def test_given_addresses_start_nothing(home: Home) -> None:
    services = Services(home, {"DATABASE_URL": "postgresql://db/x", "REDIS_URL": "redis://cache"})
    assert (services.postgres, services.valkey, services.values) == (None, None, {})
