"""One account's stream for as long as this process has it: connection after connection, with waits between."""

import asyncio
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import structlog
from channels.db import database_sync_to_async
from prometheus_client import Counter

from cti.streams.connection import Connection, Services
from cti.streams.gathering import DATABASE_AWAY
from cti.streams.health import note_failed
from cti.streams.leases import Failed, Held, LeaseLost
from integrations.contract.errors import AuthorizationLost, VendorError, VendorUnavailable
from integrations.models import PbxAccount

log = structlog.get_logger(__name__)
FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 120.0
LONGEST_ASKED_FOR_SECONDS = 3600.0
STABLE_SECONDS = 30.0
"""A connection that stood for so long makes failures before it forgotten."""
_MOST_DOUBLINGS = 10
_NOTING = ThreadPoolExecutor(1, "failures")
"""When a vendor dies, failures come by the thousand: whoever connects meanwhile doesn't wait until they are written down."""
FAILURES = Counter("patchbay_stream_failures_total", "Connections of streams that broke or couldn't be made", ["why"])


def backoff(attempts: int, asked_for: float | None = None, chance: Callable[[], float] = random.random) -> float:
    """Seconds to wait after so many failures in a row: doubling with full jitter, after what the vendor asked for."""
    longest = min(FIRST_WAIT_SECONDS * 2.0 ** min(attempts, _MOST_DOUBLINGS), LONGEST_WAIT_SECONDS)
    return min(asked_for or 0.0, LONGEST_ASKED_FOR_SECONDS) + longest * chance()


class AccountStream:
    """Started when the stream is claimed, stopped when it is given up or lost."""

    def __init__(self, held: Held, services: Services) -> None:
        self.held = held
        self._services = services
        self._attempts = held.attempts
        self._gap = True
        """Nobody knows what happened before this process had the stream."""
        self.task = asyncio.create_task(self._run(), name=f"stream of {held.account_id}")

    async def _run(self) -> None:
        """Ends by itself only when the account has to be authorized again, or the stream is somebody else's."""
        while True:
            try:
                wait = await self._connect()
            except (LeaseLost, AuthorizationLost, PbxAccount.DoesNotExist):
                return
            except DATABASE_AWAY as error:
                log.warning("stream_waits_for_the_database", error=type(error).__name__)
                wait = backoff(0)
            await asyncio.sleep(wait)

    async def _connect(self) -> float:
        """One connection to its end; answers the seconds to wait before the next."""
        connection = Connection(self.held, self._services, gap=self._gap)
        error: Exception | None = None
        try:
            await connection.run()
        except (LeaseLost, AuthorizationLost, PbxAccount.DoesNotExist, *DATABASE_AWAY):
            raise
        except Exception as failure:  # whatever it is, it concerns this account alone
            error = failure
        self._gap = self._gap and connection.connected_at is None
        if connection.stood_for() >= STABLE_SECONDS:
            self._attempts = 0
            if error is None:  # vendors end connections when it suits them
                return backoff(0)
        return await self._fail(error)

    async def _fail(self, error: Exception | None) -> float:
        asked_for = error.retry_after if isinstance(error, VendorUnavailable) else None
        wait = backoff(self._attempts, asked_for)
        self._attempts += 1
        FAILURES.labels(type(error).__name__ if error else "ended").inc()
        failed = Failed(self.held, _in_words(error), self._attempts, timedelta(seconds=wait))
        if not await self._services.failed.ask(failed):
            await database_sync_to_async(note_failed, thread_sensitive=False, executor=_NOTING)(
                self.held.tenant_id,
                self.held.account_id,
                self._services.leases.runner,
                failed.words,
                attempts=failed.attempts,
                wait=failed.wait,
            )
        return wait


def _in_words(error: Exception | None) -> str:
    if error is None:
        return "The PBX ended the connection as soon as it was made."
    if isinstance(error, VendorError):
        return str(error)
    log.error("stream_failed", exc_info=error)
    return f"A fault of Patchbay's own ({type(error).__name__}); the log has more."
