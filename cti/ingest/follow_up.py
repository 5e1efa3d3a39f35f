"""Reading from the vendor what a delivery only hinted at (`Reconcile`): that an extension's calls have changed, not how.

It happens in the process that took the delivery, right after it is committed. What goes wrong is logged and forgotten: the
account's upkeep compares all calls every few minutes (cti.ingest.reconcile).
"""

import asyncio
from collections.abc import Iterable
from uuid import UUID

import structlog
from channels.db import database_sync_to_async

from common.ids import new_uuid
from common.times import utc_now
from cti.calls.facts import decode_facts
from cti.calls.machine import fold
from cti.calls.models import Call, CallKey
from cti.calls.store import read_account
from cti.ingest.batcher import Batcher, Overloaded, StorageUnavailable
from cti.ingest.parse import parse_delivery
from cti.ingest.plan import Incoming
from integrations.adapters import open_adapter
from integrations.contract.commands import LiveCall
from integrations.contract.errors import VendorError
from integrations.contract.events import CtiEvent, EventType, Reconcile
from integrations.models import Extension, PbxAccount
from tenants.rls import tenant_scope

log = structlog.get_logger(__name__)
_AT_ONCE = 20
GOES_ON_WITHIN_S = 0.5
Key = tuple[UUID, UUID, str]
"""Tenant, account, and the vendor's id of the extension."""


class FollowUps:
    """One reading at a time for each extension: what is asked for meanwhile is one more reading afterwards."""

    def __init__(self, batcher: Batcher) -> None:
        self._batcher = batcher
        self._running: dict[Key, asyncio.Task[None]] = {}
        self._again: set[Key] = set()
        self._ending: set[asyncio.Task[None]] = set()
        self._at_once = asyncio.Semaphore(_AT_ONCE)

    def ask(self, tenant_id: UUID, account_id: UUID, about: Reconcile) -> None:
        """Returns at once."""
        if about.over:
            self._keep(asyncio.create_task(self._end(tenant_id, account_id, about.over)))
        key = (tenant_id, account_id, about.extension_id)
        if key in self._running:
            self._again.add(key)
        else:
            self._running[key] = asyncio.create_task(self._run(key))

    async def finished(self) -> None:
        """Returns when nothing is left to do."""
        while tasks := self._tasks():
            await asyncio.wait(tasks)

    async def stop(self) -> None:
        """What isn't done is left to the account's upkeep."""
        for task in self._tasks():
            task.cancel()
        await self.finished()

    def _tasks(self) -> list[asyncio.Task[None]]:
        return [*self._running.values(), *self._ending]

    def _keep(self, task: asyncio.Task[None]) -> None:
        """Nobody else holds it."""
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _end(self, tenant_id: UUID, account_id: UUID, calls: Iterable[str]) -> None:
        """By then whoever goes on with the conversation has been shown, and it doesn't end with these calls.

        Of a call whose end overtook its beginning nothing is known yet: once it is, it is read, and found to be over.
        """
        await asyncio.sleep(GOES_ON_WITHIN_S)
        try:
            for name in await database_sync_to_async(live_among)(tenant_id, account_id, calls):
                await self._batcher.submit(tenant_id, _gone(account_id, name))
        except (Overloaded, StorageUnavailable) as error:
            log.warning("calls_not_ended", account=str(account_id), why=str(error))

    async def _run(self, key: Key) -> None:
        try:
            while True:
                self._again.discard(key)
                async with self._at_once:
                    await self._try(key)
                if key not in self._again:
                    break
        finally:
            del self._running[key]

    async def _try(self, key: Key) -> None:
        try:
            await self._read(*key)
        except (VendorError, PbxAccount.DoesNotExist, Overloaded, StorageUnavailable) as error:
            log.warning("calls_not_read", account=str(key[1]), extension=key[2], why=str(error))
        except Exception:
            log.exception("calls_not_read", account=str(key[1]), extension=key[2])

    async def _read(self, tenant_id: UUID, account_id: UUID, extension_id: str) -> None:
        """What the vendor has is taken in; a call of the extension's that it has no more has ended."""
        live = await database_sync_to_async(live_calls_of)(tenant_id, account_id, extension_id)
        async with open_adapter(tenant_id, account_id) as adapter:
            calls = (await adapter.read_calls(extension_id)).calls
        for call in calls:
            await self._batcher.submit(tenant_id, _shown(adapter.key, account_id, call))
        if gone := live - {call.vendor_call_id for call in calls}:
            self._keep(asyncio.create_task(self._end(tenant_id, account_id, gone)))


def live_calls_of(tenant_id: UUID, account_id: UUID, extension_id: str) -> set[str]:
    """The vendor's ids of the calls that show that extension's own leg, alive."""
    with tenant_scope(tenant_id):
        extension = Extension.objects.filter(account=account_id, vendor_extension_id=extension_id).first()
        if extension is None:
            return set()
        mine = Call.objects.filter(account_id=account_id, ended_at=None, extension_ids__contains=[extension.pk])
        directory = read_account(account_id).directory
        states = [fold(decode_facts(call.facts), directory) for call in mine]
    connections = [each for state in states for each in state.connections.values()]
    return {each.strand for each in connections if each.key == f"x:{extension_id}" and each.live and not each.inferred}


def live_among(tenant_id: UUID, account_id: UUID, names: Iterable[str]) -> list[str]:
    """Those of the vendor's ids that name a call of ours that goes on."""
    with tenant_scope(tenant_id):
        mine = CallKey.objects.filter(account_id=account_id, vendor_call_id__in=names, call__ended_at=None)
        return list(mine.values_list("vendor_call_id", flat=True))


def _shown(vendor: str, account_id: UUID, call: LiveCall) -> Incoming:
    return parse_delivery(
        vendor, account_id=account_id, subscription_id=None, headers={}, body=call.payload, received_at=utc_now()
    )


def _gone(account_id: UUID, vendor_call_id: str) -> Incoming:
    now = utc_now()
    event = CtiEvent(
        identity=f"gone:{vendor_call_id}",
        type=EventType.OBSERVED,
        occurred_at=now,
        vendor_call_id=vendor_call_id,
        complete=True,
    )
    return Incoming(new_uuid(), account_id, None, now, b"", events=(event,))
