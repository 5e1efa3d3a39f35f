"""The vendor's directory, copied: extensions come, change and go; their rows stay, for the calls that name them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from asgiref.sync import async_to_sync
from django.db.models import F

from integrations.adapters import open_adapter
from integrations.contract.capabilities import Capability
from integrations.contract.things import VendorExtension
from integrations.models import Extension, PbxAccount
from tenants.rls import tenant_scope

_FIELDS = ("number", "external_number", "name", "type", "gone_at")


def sync_directory(tenant_id: UUID, account_id: UUID, *, now: datetime) -> int:
    """Takes over the vendor's extensions and answers how many there are. Raises VendorError.

    `directory_version` grows if anything changed. Without the permission to read the directory nothing happens.
    """
    listed = async_to_sync(_list)(tenant_id, account_id)
    if listed is None:
        return 0
    with tenant_scope(tenant_id):
        account = PbxAccount.objects.select_for_update().get(pk=account_id)
        changed = _store(account, listed, now)
        PbxAccount.objects.filter(pk=account_id).update(
            directory_synced_at=now, directory_version=F("directory_version") + int(changed)
        )
    return len(listed)


async def _list(tenant_id: UUID, account_id: UUID) -> Sequence[VendorExtension] | None:
    async with open_adapter(tenant_id, account_id) as adapter:
        if Capability.LIST_EXTENSIONS not in adapter.capabilities():
            return None
        return await adapter.list_extensions()


def _store(account: PbxAccount, listed: Sequence[VendorExtension], now: datetime) -> bool:
    """Whether anything changed."""
    known = {each.vendor_extension_id: each for each in Extension.objects.filter(account=account)}
    new = {each.vendor_extension_id: _row(account, each) for each in listed}
    added = [row for key, row in new.items() if key not in known]
    changed = [_update(known[key], row) for key, row in new.items() if key in known and _differ(known[key], row)]
    gone = [key for key, row in known.items() if key not in new and row.gone_at is None]
    Extension.objects.bulk_create(added)
    Extension.objects.bulk_update(changed, _FIELDS)
    Extension.objects.filter(account=account, vendor_extension_id__in=gone).update(gone_at=now)
    return bool(added or changed or gone)


def _row(account: PbxAccount, listed: VendorExtension) -> Extension:
    return Extension(
        tenant_id=account.tenant_id,
        account=account,
        vendor_extension_id=_text(listed.vendor_extension_id, 200),
        number=_text(listed.number, 40),
        external_number=_text(listed.external_number or "", 40),
        name=_text(listed.name, 300),
        type=_text(listed.type, 10),
    )


def _text(vendors: str, longest: int) -> str:
    """What fits the column; PostgreSQL's text can't hold NUL."""
    return vendors.replace("\0", "")[:longest]


def _differ(known: Extension, new: Extension) -> bool:
    return any(getattr(known, field) != getattr(new, field) for field in _FIELDS)


def _update(known: Extension, new: Extension) -> Extension:
    for field in _FIELDS:
        setattr(known, field, getattr(new, field))
    return known
