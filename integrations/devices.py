"""The devices of extensions, as their vendor lists them: kept to show them, and to check commands against."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from asgiref.sync import async_to_sync
from django.db.models import F

from integrations.adapters import open_adapter
from integrations.contract.errors import VendorRejected, VendorUnavailable
from integrations.contract.things import VendorDevice
from integrations.models import Device, Extension
from integrations.texts import fitting
from tenants.rls import tenant_scope

MOST_AT_ONCE = 40
"""Extensions that a sync asks for; each takes a request, and vendors count those. The longest unasked come first."""


def sync_devices(tenant_id: UUID, account_id: UUID, *, now: datetime) -> None:
    """Reads the devices of some of the account's users, until the vendor asks to slow down. Raises VendorError."""
    with tenant_scope(tenant_id):
        users = Extension.objects.filter(account_id=account_id, type="user", gone_at=None)
        due = list(users.order_by(F("devices_at").asc(nulls_first=True), "id")[:MOST_AT_ONCE])
    listed = async_to_sync(_list)(tenant_id, account_id, [line.vendor_extension_id for line in due])
    for line in due:
        if line.vendor_extension_id in listed:
            with tenant_scope(tenant_id):  # one at a time: who locks several extensions locks the log first
                store_devices(line, listed[line.vendor_extension_id], now)


async def _list(tenant_id: UUID, account_id: UUID, wanted: Sequence[str]) -> Mapping[str, Sequence[VendorDevice]]:
    """By the vendor's ids. An extension that the vendor won't tell of has none that we know."""
    found: dict[str, Sequence[VendorDevice]] = {}
    async with open_adapter(tenant_id, account_id) as adapter:
        for vendor_id in wanted:
            try:
                found[vendor_id] = await adapter.list_devices(vendor_id)
            except VendorRejected:
                found[vendor_id] = ()
            except VendorUnavailable:
                break
    return found


def store_devices(extension: Extension, listed: Sequence[VendorDevice], now: datetime) -> list[Device]:
    """Takes over what the vendor lists; inside the tenant's scope."""
    rows = {each.vendor_device_id: each for each in (_row(extension, one) for one in listed)}
    Device.objects.bulk_create(
        rows.values(),
        update_conflicts=True,
        unique_fields=["extension", "vendor_device_id"],
        update_fields=["name", "type", "online", "active", "gone_at"],
    )
    Device.objects.filter(extension=extension, gone_at=None).exclude(vendor_device_id__in=rows).update(gone_at=now)
    Extension.objects.filter(pk=extension.pk).update(devices_at=now)
    return list(rows.values())


def _row(extension: Extension, listed: VendorDevice) -> Device:
    return Device(
        tenant_id=extension.tenant_id,
        account_id=extension.account_id,
        extension=extension,
        vendor_device_id=fitting(listed.device_id, 200),
        name=fitting(listed.name, 300),
        type=fitting(listed.type, 40),
        online=listed.online,
        active=listed.active,
    )
