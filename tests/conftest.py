"""Fixtures that every test may use. Nothing here knows a vendor."""

import contextlib
import os
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.db import connection
from pytest_django.fixtures import Settings
from pytest_django.plugin import DjangoDbBlocker

from tests.sandbox_server import SandboxHandle, running_sandbox
from tests.servers import Server, running_web


def pytest_configure() -> None:
    """Tests that run in parallel have a Redis database of their own each: no Celery worker takes another's tasks."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    if worker:
        url = urlsplit(django_settings.REDIS_URL)._replace(path=f"/{int(worker) + 1}").geturl()
        os.environ["REDIS_URL"] = django_settings.REDIS_URL = django_settings.CELERY_BROKER_URL = url


@pytest.fixture(autouse=True)
def cheap_passwords(settings: Settings) -> None:
    """Argon2 is slow on purpose; tests make many people."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_modify_db_settings: None, django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Makes the test database as the owner of the tables; tests then run as the application's role, as the product does."""
    from django.test.utils import setup_databases, teardown_databases  # settings must be configured first

    from tenants.rls import as_owner  # likewise

    with django_db_blocker.unblock(), as_owner():
        databases = setup_databases(verbosity=0, interactive=False, serialized_aliases=[])
    yield
    with django_db_blocker.unblock(), as_owner():
        connection.close()
        # Threads of asynchronous tests leave connections open, and pools make new ones.
        with connection._nodb_cursor() as cursor:
            database = connection.settings_dict["NAME"]
            cursor.execute(f"ALTER DATABASE {connection.ops.quote_name(database)} ALLOW_CONNECTIONS false")
            cursor.execute(  # not what PostgreSQL itself does there: that isn't ours to end, and ends when the database goes
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = %s AND backend_type = 'client backend'",
                [database],
            )
        teardown_databases(databases, verbosity=0)


@pytest.fixture
def committed_db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The database without a transaction around the test, for what other threads and processes must see.

    Nothing is rolled back or flushed: each test makes tenants of its own, and row-level security keeps them apart.
    """
    with django_db_blocker.unblock(), contextlib.closing(connection):
        yield


@pytest.fixture(scope="session")
def web_server(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """The product's web process on the test database, shared by the tests of a session: use with `committed_db`."""
    with django_db_blocker.unblock(), running_web(tmp_path_factory.mktemp("web") / "web.log") as server:
        yield server


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[SandboxHandle]:
    """The sandbox as a process, shared by the tests of a session: each resets what it uses."""
    with running_sandbox() as handle:
        yield handle
