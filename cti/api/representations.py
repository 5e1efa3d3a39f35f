"""What we keep, as the API shows it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import convert

from common.ids import public_id
from common.times import rfc3339, rfc3339_or_none
from cti.calls.models import Call
from cti.calls.numbers import normalize
from cti.control.actions import allowed_actions
from cti.control.capabilities import capabilities_of, granted_scopes, missing_permissions_of, readable_accounts
from integrations import oauth, registry
from integrations.contract.capabilities import grouped
from integrations.contract.things import Diversion, Presence, VendorCallerId
from integrations.hooks import callback_url
from integrations.models import Device, Extension, PbxAccount, VendorSubscription
from integrations.registry import CatalogueEntry
from tenants.rls import tenant_scope


def call_json(call: Call) -> dict[str, Any]:
    """A call, with the actions that it allows now."""
    return calls_json(call.tenant_id, [call])[0]


def calls_json(tenant_id: UUID, calls: Iterable[Call]) -> list[dict[str, Any]]:
    """Calls of one tenant. `actions` is worked out anew: an account's permissions change without an event of the call."""
    calls = list(calls)
    with tenant_scope(tenant_id):
        accounts = readable_accounts().in_bulk({call.account_id for call in calls})
    capabilities = {account.id: capabilities_of(account) for account in accounts.values()}
    return [_call(call.snapshot, capabilities.get(call.account_id, frozenset())) for call in calls]


def account_json(account: PbxAccount) -> dict[str, Any]:
    """An account of `readable_accounts`; never its credentials."""
    adapter = registry.adapter_class(account.vendor)
    waits = account.status in {PbxAccount.Status.PENDING_AUTHORIZATION, PbxAccount.Status.REAUTHORIZATION_REQUIRED}
    scopes = granted_scopes(account)
    return {
        "id": account.public_id,
        "vendor": account.vendor,
        "name": account.name,
        "base_url": account.base_url,
        "status": account.status,
        "status_detail": account.status_detail,
        "settings": account.settings,
        "authorize_url": oauth.authorize_page_url(account) if waits and adapter.oauth else None,
        "granted_scopes": sorted(scopes) if scopes is not None else None,
        "missing_permissions": missing_permissions_of(account),
        "created_at": rfc3339(account.created_at),
        "last_event_at": rfc3339_or_none(account.last_event_at),
        "directory_synced_at": rfc3339_or_none(account.directory_synced_at),
    }


def subscription_json(
    vendor: str, subscription: VendorSubscription, last_event_at: datetime | None, *, with_callback: bool
) -> dict[str, Any]:
    return {
        "id": subscription.public_id,
        "transport": subscription.transport,
        "status": subscription.status,
        "mode": subscription.mode or None,
        "event_types": subscription.event_types,
        "expires_at": rfc3339_or_none(subscription.expires_at),
        "renewed_at": rfc3339_or_none(subscription.renewed_at),
        "last_event_at": rfc3339_or_none(last_event_at),
        "last_error": subscription.last_error or None,
        "callback_url": (callback_url(vendor, subscription) or None) if with_callback else None,
    }


def caller_id_json(caller_id: VendorCallerId, region: str) -> dict[str, Any]:
    return {"caller_id": caller_id.caller_id, "number": normalize(caller_id.number, region) or None}


def extension_json(extension: Extension, region: str) -> dict[str, Any]:
    external = extension.external_number
    return {
        "id": extension.public_id,
        "account_id": public_id("acc", extension.account_id),
        "vendor_extension_id": extension.vendor_extension_id,
        "number": extension.number,
        "external_number": normalize(external, region) if external else None,
        "name": extension.name,
        "type": extension.type,
        "member_id": public_id("mem", extension.member_id) if extension.member_id else None,
        "presence": known_presence_json(extension.presence) if extension.presence is not None else None,
        "line_state": extension.line_state or None,
    }


def device_json(device: Device) -> dict[str, Any]:
    return {
        "device_id": device.vendor_device_id,
        "name": device.name,
        "type": device.type,
        "online": device.online,
        "active": device.active,
    }


def presence_json(presence: Presence) -> dict[str, Any]:
    return {
        "activity": presence.activity,
        "available": presence.available,
        "note": presence.note,
        "expires_at": rfc3339_or_none(presence.expires_at),
    }


def known_presence_json(kept: Mapping[str, Any]) -> dict[str, Any]:
    """What `cti.presence.known` keeps of a line."""
    return presence_json(convert(kept, Presence))


def diversion_json(diversion: Diversion) -> dict[str, Any]:
    return {"active": diversion.active, "number": diversion.number, "rules": dict(diversion.rules)}


def vendor_json(vendor: CatalogueEntry) -> dict[str, Any]:
    return {
        "key": vendor.key,
        "name": vendor.name,
        "auth": vendor.auth,
        "fields": vendor.fields,
        "capabilities": grouped(vendor.capabilities),
        "event_transport": vendor.event_transport,
        "remarks": list(vendor.remarks),
    }


def _call(snapshot: dict[str, Any], capabilities: Iterable[str]) -> dict[str, Any]:
    known = snapshot["vendor_call_id"] is not None  # until the vendor has named the call, there is nothing to address
    actions = allowed_actions(snapshot, frozenset(capabilities))
    return {**snapshot, "contact": None, "actions": actions if known else []}
