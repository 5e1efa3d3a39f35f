"""Which vendors there are. An adapter is imported on first use, so a broken one hurts only its own accounts."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any

from msgspec import Struct

from common.http import HttpClient
from integrations.contract.adapter import Account, PbxAdapter
from integrations.contract.capabilities import Capability

# One line a vendor: its key, as the API names it, and where its adapter is.
ADAPTERS = {
    "callgear": "integrations.vendors.callgear.adapter:CallGearAdapter",
    "dstny": "integrations.vendors.dstny.adapter:DstnyAdapter",
    "eq": "integrations.vendors.eq.adapter:EqAdapter",
    "kwebbl": "integrations.vendors.kwebbl.adapter:KwebblAdapter",
    "ringcentral": "integrations.vendors.ringcentral.adapter:RingCentralAdapter",
}


class UnknownVendor(LookupError):
    """No adapter has this key."""


class CatalogueEntry(Struct, frozen=True):
    """A vendor as `GET /vendors` and the connect wizard show it."""

    key: str
    name: str
    auth: str
    fields: Mapping[str, Any]
    """JSON Schema of what an account needs: `base_url`, `credentials`, `settings`."""
    capabilities: frozenset[Capability]
    event_transport: str
    remarks: Sequence[str]


@cache
def adapter_class(key: str) -> type[PbxAdapter]:
    """The adapter of that key. Raises UnknownVendor."""
    try:
        module, _, name = ADAPTERS[key].partition(":")
    except KeyError:
        raise UnknownVendor(f"There is no vendor {key!r}; there are: {', '.join(sorted(ADAPTERS))}.") from None
    adapter: type[PbxAdapter] = getattr(import_module(module), name)
    return adapter


def capabilities_of(key: str, account: Account) -> frozenset[Capability]:
    """What the account can do, without talking to the vendor."""
    return adapter_class(key)(account, HttpClient(allowed_networks=())).capabilities()


def catalogue() -> list[CatalogueEntry]:
    """All vendors, by name."""
    return sorted(map(catalogue_entry, ADAPTERS), key=lambda each: each.name)


def catalogue_entry(key: str) -> CatalogueEntry:
    """The vendor of that key. Raises UnknownVendor."""
    adapter = adapter_class(key)
    return CatalogueEntry(
        key=adapter.key,
        name=adapter.label,
        auth=adapter.auth,
        fields=_fields(adapter),
        capabilities=adapter.declared,
        event_transport=adapter.event_transport,
        remarks=adapter.remarks,
    )


def _fields(adapter: type[PbxAdapter]) -> Mapping[str, Any]:
    return {
        "type": "object",
        "properties": {
            "base_url": {"type": "string", "format": "uri", "title": "Address", "default": adapter.default_base_url},
            "credentials": adapter.credentials_schema,
            "settings": adapter.settings_schema,
        },
        "required": ["credentials"],
    }
