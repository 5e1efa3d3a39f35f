"""The asynchronous side of the database: a pool of plain psycopg connections for ingest and fan-out.

Django's ORM is synchronous underneath; on the path of every event that would cost a thread hop and a model a row.
"""

from typing import Any

from django.conf import settings
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

PREPARE_AFTER = 3
BY_KEY = "-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off"
"""Every statement here finds its rows by key: a plan made while a table was nearly empty must not be kept as it fills."""


async def _configure(connection: AsyncConnection) -> None:
    connection.prepare_threshold = PREPARE_AFTER


def make_pool(max_size: int = 8, min_size: int = 0) -> "AsyncConnectionPool[AsyncConnection]":
    """A pool of connections that run as the application's role; to be opened in the event loop that uses it."""
    return AsyncConnectionPool(
        settings.DATABASE_URL,
        min_size=min_size,
        max_size=max_size,
        open=False,
        timeout=5,
        configure=_configure,
        kwargs=_options("force_custom_plan"),
    )


async def connect() -> AsyncConnection:
    """A connection for one statement that is run again and again: it takes longer to plan than to run, so it is planned once."""
    return await AsyncConnection.connect(settings.DATABASE_URL, **_options("force_generic_plan"))


def _options(plan_cache_mode: str) -> dict[str, Any]:
    options = f"-c role={settings.DATABASE_ROLE} -c plan_cache_mode={plan_cache_mode} {BY_KEY}"
    return {"autocommit": True, "options": options, "connect_timeout": 5}
