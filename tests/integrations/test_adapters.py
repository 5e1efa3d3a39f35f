"""What every adapter promises, whatever its vendor: declared, overridden and documented are the same."""

from pathlib import Path
from sys import modules

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from common.http import HttpClient
from integrations import registry
from integrations.contract.adapter import Account, PbxAdapter, WebhookRequest
from integrations.contract.capabilities import Capability, grouped
from integrations.contract.errors import MalformedPayload
from integrations.contract.events import CtiEvent, Ignored
from integrations.registry import ADAPTERS, UnknownVendor, adapter_class, capabilities_of, catalogue

# What an adapter overrides for each capability that it declares.
METHODS: dict[Capability, tuple[str, ...]] = {
    Capability.ORIGINATE: ("originate",),
    Capability.HANGUP: ("hangup",),
    Capability.HOLD: ("hold",),
    Capability.RESUME: ("resume",),
    Capability.TRANSFER: ("transfer",),
    Capability.TRANSFER_BLIND: ("transfer",),
    Capability.TRANSFER_ATTENDED: ("transfer",),
    Capability.RECORDING_START: ("start_recording",),
    Capability.RECORDING_STOP: ("stop_recording",),
    Capability.LIST_EXTENSIONS: ("list_extensions", "get_extension"),
    Capability.LIST_CALLER_IDS: ("list_caller_ids",),
    Capability.SET_CALLER_ID: ("set_caller_id",),
    Capability.CALL_EVENTS: (
        "parse",
        "wanted_subscription",
        "list_subscriptions",
        "get_subscription",
        "create_subscription",
        "delete_subscription",
    ),
    Capability.SNAPSHOT: ("snapshot",),
}

every_adapter = pytest.mark.parametrize("adapter", [adapter_class(key) for key in ADAPTERS], ids=list(ADAPTERS))


def overridden(adapter: type[PbxAdapter], method: str) -> bool:
    return bool(getattr(adapter, method).__qualname__ != f"PbxAdapter.{method}")


def test_every_capability_has_its_methods() -> None:
    assert METHODS.keys() == set(Capability)


@every_adapter
def test_declared_is_overridden(adapter: type[PbxAdapter]) -> None:
    expected = {method for capability in adapter.declared for method in METHODS[capability]}
    optional = {method for methods in METHODS.values() for method in methods} - expected
    assert all(overridden(adapter, method) for method in expected)
    assert not any(overridden(adapter, method) for method in optional)
    assert overridden(adapter, "check")


@every_adapter
def test_declared_is_documented(adapter: type[PbxAdapter]) -> None:
    readme = (Path(str(modules[adapter.__module__].__file__)).parent / "README.md").read_text()
    general = {Capability.TRANSFER}  # documented by its modes
    assert all(f"`{capability}`" in readme for capability in adapter.declared - general)
    assert not any(f"`{capability}`" in readme for capability in set(Capability) - adapter.declared)


@every_adapter
def test_key_is_the_registrys(adapter: type[PbxAdapter]) -> None:
    assert adapter_class(adapter.key) is adapter


@every_adapter
def test_schemas_make_forms(adapter: type[PbxAdapter]) -> None:
    for schema in (adapter.credentials_schema, adapter.settings_schema):
        Draft202012Validator.check_schema(schema)
        assert all(field["title"] for field in schema["properties"].values())
    assert "required" not in adapter.settings_schema
    assert any(field.get("writeOnly") for field in adapter.credentials_schema["properties"].values())


@every_adapter
def test_capabilities_narrow_and_never_widen(adapter: type[PbxAdapter]) -> None:
    nothing = capabilities_of(adapter.key, Account(id="acc_1", base_url="", granted_scopes=frozenset()))
    untold = capabilities_of(adapter.key, Account(id="acc_1", base_url="", granted_scopes=None))
    assert nothing <= untold == adapter.declared


@every_adapter
def test_missing_permissions_are_sentences(adapter: type[PbxAdapter]) -> None:
    def missing(scopes: frozenset[str] | None) -> list[str]:
        account = Account(id="acc_1", base_url="", granted_scopes=scopes)
        return list(adapter(account, HttpClient(allowed_networks=())).missing_permissions())

    assert missing(None) == []
    if adapter.oauth is not None:
        assert missing(frozenset(adapter.oauth.default_scopes)) == []
        assert all(sentence.endswith(".") for sentence in missing(frozenset()))
        assert missing(frozenset())


@every_adapter
@given(body=st.binary())
def test_parse_is_total(adapter: type[PbxAdapter], body: bytes) -> None:
    try:
        parsed = adapter.parse(WebhookRequest(headers={}, body=body))
    except MalformedPayload:
        return
    assert isinstance(parsed, Ignored) or all(isinstance(event, CtiEvent) for event in parsed)


def test_unknown_vendor() -> None:
    with pytest.raises(UnknownVendor, match="kwebbl"):
        adapter_class("acme")


def test_catalogue() -> None:
    entries = {entry.key: entry for entry in catalogue()}
    assert entries.keys() == registry.ADAPTERS.keys()
    kwebbl = entries["kwebbl"]
    assert (kwebbl.name, kwebbl.auth, kwebbl.event_transport) == ("Kwebbl", "oauth2", "webhook")
    assert kwebbl.fields["properties"]["base_url"]["default"] == "https://realtime.api.kwebbl.net/v100"
    assert kwebbl.fields["properties"]["credentials"]["required"] == ["client_id", "client_secret"]
    assert grouped(kwebbl.capabilities)["calls"] == ["hangup", "hold", "originate", "resume", "transfer"]
    assert any("anti-fraud" in remark for remark in kwebbl.remarks)
