"""The asynchronous side of the database: a pool of plain psycopg connections for ingest and fan-out.

Django's ORM is synchronous underneath; on the path of every event that would cost a thread hop and a model a row.
"""

from collections.abc import Sequence
from struct import Struct

from django.conf import settings
from psycopg import AsyncConnection
from psycopg.adapt import Dumper
from psycopg.pq import Format
from psycopg_pool import AsyncConnectionPool

from cti.calls.commit import Blobs, Texts

PREPARE_AFTER = 3
BY_KEY = "-c plan_cache_mode=force_custom_plan -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off"
"""Every statement here finds its rows by key: a plan made while a table was nearly empty must not be kept as it fills."""


class _TextsDumper(Dumper):
    """An array as PostgreSQL sends it: psycopg would escape each text for the textual form, and PostgreSQL read it again."""

    format = Format.BINARY
    oid = 1009

    def dump(self, obj: Texts) -> bytes:
        return _array(25, [text.encode() for text in obj])


class _BlobsDumper(Dumper):
    format = Format.BINARY
    oid = 1001

    def dump(self, obj: Blobs) -> bytes:
        return _array(17, obj)


def _array(element: int, values: Sequence[bytes]) -> bytes:
    parts = [_ARRAY.pack(1, 0, element, len(values), 1)]
    for value in values:
        parts += (_LENGTH.pack(len(value)), value)
    return b"".join(parts)


_ARRAY, _LENGTH = Struct("!iiIii"), Struct("!i")


async def _configure(connection: AsyncConnection) -> None:
    connection.prepare_threshold = PREPARE_AFTER
    connection.adapters.register_dumper(Texts, _TextsDumper)
    connection.adapters.register_dumper(Blobs, _BlobsDumper)


def make_pool(max_size: int = 8) -> "AsyncConnectionPool[AsyncConnection]":
    """A pool of connections that run as the application's role; to be opened in the event loop that uses it."""
    return AsyncConnectionPool(
        settings.DATABASE_URL,
        min_size=0,
        max_size=max_size,
        open=False,
        timeout=5,
        configure=_configure,
        kwargs={"autocommit": True, "options": f"-c role={settings.DATABASE_ROLE} {BY_KEY}", "connect_timeout": 5},
    )
