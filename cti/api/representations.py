"""What we keep, as the API shows it."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from common.ids import public_id
from cti.calls.models import Call
from cti.calls.numbers import normalize
from cti.control.actions import allowed_actions
from cti.control.capabilities import capabilities_of, readable_accounts
from integrations.contract.capabilities import grouped
from integrations.models import Extension
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
        "presence": None,  # Kwebbl, so far the only vendor, tells neither
        "line_state": None,
    }


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
    actions = allowed_actions(snapshot["state"], snapshot["recording"]["state"], frozenset(capabilities))
    return {**snapshot, "contact": None, "actions": actions if known else []}
