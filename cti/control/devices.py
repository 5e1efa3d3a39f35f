"""The devices of an extension: asked of the vendor, and kept to check commands against."""

from uuid import UUID

from rest_framework.exceptions import NotFound

from common.times import utc_now
from cti.control.capabilities import capabilities_of, require
from cti.control.vendor import ask
from integrations.contract.capabilities import Capability
from integrations.contract.errors import Unsupported
from integrations.devices import store_devices
from integrations.models import Device, Extension, PbxAccount
from tenants.rls import tenant_scope


def list_devices(account: PbxAccount, extension: Extension) -> list[Device]:
    """The extension's devices as the vendor lists them now. Raises VendorError; outside of any transaction."""
    require(account, Capability.LIST_DEVICES)
    vendor_id = extension.vendor_extension_id
    listed = ask(account, "list_devices", lambda adapter: adapter.list_devices(vendor_id))
    with tenant_scope(account.tenant_id):
        return store_devices(extension, listed, utc_now())


def check_device(account: PbxAccount, extension: Extension | None, device_id: str) -> None:
    """Raises Unsupported where the PBX doesn't tell its devices apart, NotFound unless the extension has this one.

    One that isn't known yet is asked of the vendor. Outside of any transaction.
    """
    if Capability.LIST_DEVICES not in capabilities_of(account):
        raise Unsupported("This PBX doesn't tell its devices apart; leave `device_id` out.")
    if extension is not None:
        with tenant_scope(account.tenant_id):
            if _has(extension.pk, device_id):
                return
        if any(each.vendor_device_id == device_id for each in list_devices(account, extension)):
            return
    raise NotFound(f"This line has no device {device_id}.")


def _has(extension_id: UUID, device_id: str) -> bool:
    return Device.objects.filter(extension_id=extension_id, vendor_device_id=device_id, gone_at=None).exists()
