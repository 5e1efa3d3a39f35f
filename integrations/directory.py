"""The vendor's directory, copied: what it lists comes, changes and goes; the rows stay, for the calls that name them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from asgiref.sync import async_to_sync
from django.db.models import F
from msgspec import Struct, to_builtins

from integrations.adapters import open_adapter
from integrations.contract.capabilities import Capability
from integrations.contract.things import AgentChoice, VendorExtension, VendorQueue
from integrations.devices import sync_devices
from integrations.locking import accounts_for_update
from integrations.models import Extension, PbxAccount, Queue
from integrations.signals import directory_synced
from integrations.texts import fitting
from tenants.rls import tenant_scope

Row = TypeVar("Row", Extension, Queue)

_EXTENSION_FIELDS = ("number", "external_number", "name", "type", "gone_at")
_QUEUE_FIELDS = ("number", "name", "pause_codes", "skills", "gone_at")


class Listed(Struct, frozen=True):
    """What the vendor lists; None is what it isn't, or hasn't permitted, to tell."""

    extensions: Sequence[VendorExtension] | None
    queues: Sequence[VendorQueue] | None
    has_devices: bool


def sync_directory(tenant_id: UUID, account_id: UUID, *, now: datetime) -> int:
    """Takes over the vendor's extensions, queues and devices; answers how many extensions there are. Raises VendorError.

    `directory_version` grows if anything changed. Without the permission to read the directory nothing happens.
    """
    listed = async_to_sync(_list)(tenant_id, account_id)
    if listed.extensions is None and listed.queues is None:
        return 0
    with tenant_scope(tenant_id):
        account = accounts_for_update(tenant_id).get(pk=account_id)
        changed = _store_extensions(account, listed.extensions, now) if listed.extensions is not None else False
        changed |= _store_queues(account, listed.queues, now) if listed.queues is not None else False
        PbxAccount.objects.filter(pk=account_id).update(
            directory_synced_at=now, directory_version=F("directory_version") + int(changed)
        )
    if listed.has_devices:
        sync_devices(tenant_id, account_id, now=now)
    directory_synced.send(PbxAccount, tenant_id=tenant_id, account_id=account_id)
    return len(listed.extensions or ())


async def _list(tenant_id: UUID, account_id: UUID) -> Listed:
    async with open_adapter(tenant_id, account_id) as adapter:
        await adapter.renew_credentials()
        capabilities = adapter.capabilities()
        return Listed(
            extensions=await adapter.list_extensions() if Capability.LIST_EXTENSIONS in capabilities else None,
            queues=await adapter.list_queues() if Capability.LIST_QUEUES in capabilities else None,
            has_devices=Capability.LIST_DEVICES in capabilities,
        )


def _store_extensions(account: PbxAccount, listed: Sequence[VendorExtension], now: datetime) -> bool:
    """Whether anything changed."""
    known = {each.vendor_extension_id: each for each in Extension.objects.filter(account=account)}
    new = {each.vendor_extension_id: each for each in (_extension(account, one) for one in listed)}
    return _store(Extension, known, new, _EXTENSION_FIELDS, now)


def _store_queues(account: PbxAccount, listed: Sequence[VendorQueue], now: datetime) -> bool:
    """Whether anything changed, statistics aside."""
    known = {each.vendor_queue_id: each for each in Queue.objects.filter(account=account)}
    new = {each.vendor_queue_id: each for each in (_queue(account, one, now) for one in listed)}
    changed = _store(Queue, known, new, _QUEUE_FIELDS, now)
    counted = [
        _take(known[key], new[key], ("stats", "stats_at")) for key in new.keys() & known.keys() if new[key].stats
    ]
    Queue.objects.bulk_update(counted, ("stats", "stats_at"))
    return changed


def _store(model: type[Row], known: dict[str, Row], new: dict[str, Row], fields: Iterable[str], now: datetime) -> bool:
    """Writes what is new, what differs, and what is gone. Whether that was anything."""
    added = [row for key, row in new.items() if key not in known]
    changed = [
        _take(known[key], row, fields)
        for key, row in new.items()
        if key in known and any(getattr(known[key], field) != getattr(row, field) for field in fields)
    ]
    gone = [row.pk for key, row in known.items() if key not in new and row.gone_at is None]
    model.objects.bulk_create(added)
    model.objects.bulk_update(changed, fields)
    model.objects.filter(pk__in=gone).update(gone_at=now)
    return bool(added or changed or gone)


def _take(known: Row, new: Row, fields: Iterable[str]) -> Row:
    for field in fields:
        setattr(known, field, getattr(new, field))
    return known


def _extension(account: PbxAccount, listed: VendorExtension) -> Extension:
    return Extension(
        tenant_id=account.tenant_id,
        account=account,
        vendor_extension_id=fitting(listed.vendor_extension_id, 200),
        number=fitting(listed.number, 40),
        external_number=fitting(listed.external_number or "", 40),
        name=fitting(listed.name, 300),
        type=fitting(listed.type, 10),
    )


def _queue(account: PbxAccount, listed: VendorQueue, now: datetime) -> Queue:
    stats = {name: value for name, value in to_builtins(listed.stats).items() if value is not None}
    return Queue(
        tenant_id=account.tenant_id,
        account=account,
        vendor_queue_id=fitting(listed.vendor_queue_id, 200),
        number=fitting(listed.number or "", 40),
        name=fitting(listed.name, 300),
        pause_codes=_choices(listed.pause_codes),
        skills=_choices(listed.skills),
        stats=stats,
        stats_at=now if stats else None,
    )


def _choices(listed: Sequence[AgentChoice] | None) -> list[dict[str, str]]:
    return [{"code": fitting(each.code, 100), "name": fitting(each.name, 300)} for each in listed or ()]
