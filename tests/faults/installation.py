"""A whole installation for tests that break it: PostgreSQL, Valkey, web and worker of its own, connected to a sandbox PBX."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import orjson
import redis

from launch.accounts import popen_options, remove_all
from launch.embedded import Services
from launch.home import Home
from launch.processes import Process
from tests.sandbox_server import SandboxHandle
from tests.servers import ROOT, Server, free_port, running_web, running_worker, wait_until

EVENT_TYPES = ["created", "ringing", "answered", "terminated"]
STORES_SECONDS = 20.0


class Stores:
    """An embedded PostgreSQL and Valkey that may be broken without hitting any other test."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder)
        self.home.create()
        services = Services(self.home, {})
        assert services.postgres is not None
        assert services.valkey is not None
        self.postgres, self.valkey = services.postgres, services.valkey
        self.urls = services.values

    def start(self) -> None:
        self.postgres.prepare()
        self._postgres = Process(self.postgres.program())
        wait_until(self.postgres.is_ready, STORES_SECONDS, "PostgreSQL answers")
        self.start_valkey()

    def stop(self) -> None:
        """Ends both, whoever started them last, and deletes their data."""
        self.postgres.stop()
        self._postgres.kill()
        self.kill_valkey()
        remove_all(self.home)

    def crash_postgres(self) -> None:
        """`pg_ctl restart -m immediate`: every connection breaks, the log is replayed."""
        command = [str(self.postgres.programs / "pg_ctl"), "restart", "-D", str(self.postgres.data), "-m", "immediate"]
        nowhere = subprocess.DEVNULL  # the new server would keep a pipe open
        subprocess.run(
            [*command, "-w"], check=True, stdout=nowhere, stderr=nowhere, **popen_options(self.postgres.account)
        )

    def kill_valkey(self) -> None:
        """As a crash would: what it held is gone, it holds nothing on disk."""
        self._valkey.kill()

    def start_valkey(self) -> None:
        self._valkey = Process(self.valkey.program())
        wait_until(self._valkey_answers, STORES_SECONDS, "Valkey answers")

    def _valkey_answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.urls["REDIS_URL"]) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


class Installation:
    """The running product; `kill_web` and `kill_worker` are crashes, `start_…` bring a process back where it was."""

    def __init__(self, folder: Path, stores: Stores, stack: ExitStack) -> None:
        self.folder, self.stores = folder, stores
        self.port = free_port()
        self.environment = {**stores.urls, "PATCHBAY_HOME": str(stores.home.path)}
        self._stack = stack
        self.manage("manage.py", "migrate")
        self.start_web()
        self.start_worker()

    def manage(self, *command: str) -> str:
        """Runs a Python program in the installation's environment; answers what it printed."""
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", **self.environment}
        return subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
        ).stdout

    def start_web(self) -> None:
        self.web: Server = self._stack.enter_context(running_web(self.folder / "web.log", self.port, self.environment))

    def start_worker(self) -> None:
        self.worker: Server = self._stack.enter_context(
            running_worker(self.folder / "worker.log", self.web, self.environment)
        )

    def connect(self, sandbox: SandboxHandle) -> str:
        """A new tenant with an account whose hook the sandbox calls; answers its API key."""
        slug = f"faults-{secrets.token_hex(4)}"
        admin = ("--admin-email", f"{slug}@example.com", "--admin-password", secrets.token_hex(16))
        made = orjson.loads(self.manage("manage.py", "create_tenant", "--name", slug, "--slug", slug, *admin, "--json"))
        hook = self.manage("-m", "benchmarks.seed", made["tenant_id"]).strip()
        answer = sandbox.send_json(
            "POST",
            f"{sandbox.company()['base_url'].removeprefix(sandbox.url)}/subscriptions",
            {"event_types": EVENT_TYPES, "mode": "detailed", "callback_url": f"{self.web.url}{hook}"},
            {"Authorization": f"Bearer {sandbox.tokens()['access_token']}"},
        )
        assert answer.status in {200, 201}, answer.body
        return str(made["api_key"])


@contextmanager
def running_installation(folder: Path) -> Iterator[Installation]:
    """Everything started; everything ended afterwards."""
    stores = Stores(folder / "home")
    with ExitStack() as stack:
        stack.callback(stores.stop)
        stores.start()
        yield Installation(folder, stores, stack)
