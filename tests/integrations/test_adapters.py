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
    Capability.ANSWER: ("answer",),
    Capability.REJECT: ("reject",),
    Capability.HANGUP: ("hangup",),
    Capability.HOLD: ("hold",),
    Capability.RESUME: ("resume",),
    Capability.MUTE: ("mute",),
    Capability.UNMUTE: ("unmute",),
    Capability.SWAP: ("swap",),
    Capability.PARK: ("park",),
    Capability.PICKUP: ("pickup",),
    Capability.MOVE: ("move",),
    Capability.DTMF: ("dtmf",),
    Capability.TRANSFER: ("transfer",),
    Capability.CONSULT: ("consult",),
    Capability.COMPLETE_TRANSFER: ("complete_transfer",),
    Capability.CANCEL_TRANSFER: ("cancel_transfer",),
    Capability.CONFERENCE: ("conference",),
    Capability.LEAVE: ("leave",),
    Capability.DISCONNECT_LEG: ("disconnect_leg",),
    Capability.SUPERVISE: ("supervise",),
    Capability.TAGS: ("tag",),
    Capability.TAGS_REMOVE: ("tag",),
    Capability.BLOCK: ("block",),
    Capability.TRANSFER_BLIND: ("transfer",),
    Capability.TRANSFER_ATTENDED: ("transfer",),
    Capability.TRANSFER_VOICEMAIL: ("transfer",),
    Capability.TRANSFER_CAMP_ON: ("transfer",),
    Capability.DEFLECT: ("transfer",),
    Capability.SUPERVISE_LISTEN: ("supervise",),
    Capability.SUPERVISE_WHISPER: ("supervise",),
    Capability.SUPERVISE_BARGE: ("supervise",),
    Capability.RECORDING_START: ("start_recording",),
    Capability.RECORDING_STOP: ("stop_recording",),
    Capability.RECORDING_PAUSE: ("pause_recording",),
    Capability.RECORDING_RESUME: ("resume_recording",),
    Capability.RECORDING_SAVE: ("save_recording",),
    Capability.RECORDING_DISCARD: ("discard_recording",),
    Capability.RECORDING_FETCH: ("open_recording",),
    Capability.LIST_EXTENSIONS: ("list_extensions", "get_extension"),
    Capability.LIST_DEVICES: ("list_devices",),
    Capability.LIST_TAGS: ("list_tags",),
    Capability.LIST_CALLER_IDS: ("list_caller_ids",),
    Capability.SET_CALLER_ID: ("set_caller_id",),
    Capability.READ_PRESENCE: ("read_presence",),
    Capability.SET_PRESENCE: ("set_presence",),
    Capability.READ_DIVERSION: ("read_diversion",),
    Capability.SET_DIVERSION: ("set_diversion",),
    Capability.LIST_QUEUES: ("list_queues", "get_queue"),
    Capability.QUEUE_AGENTS: ("list_queue_agents",),
    Capability.QUEUE_CALLS: ("list_queue_calls",),
    Capability.AGENT_LOGIN: ("login_agent",),
    Capability.AGENT_LOGOUT: ("logout_agent",),
    Capability.AGENT_PAUSE: ("pause_agent",),
    Capability.AGENT_RESUME: ("resume_agent",),
    Capability.AGENT_END_WRAP_UP: ("end_wrap_up",),
    Capability.STEAL: ("steal",),
    Capability.SEND_MESSAGE: ("send_message",),
    Capability.CALL_LOG: ("read_call_log",),
    Capability.VOICEMAILS: ("read_voicemails",),
    Capability.CALL_EVENTS: ("parse",),
    Capability.AGENT_EVENTS: ("parse",),
    Capability.QUEUE_EVENTS: ("parse",),
    Capability.SNAPSHOT: ("snapshot",),
    Capability.PASSTHROUGH: ("passthrough",),
}

every_adapter = pytest.mark.parametrize("adapter", [adapter_class(key) for key in ADAPTERS], ids=list(ADAPTERS))


def overridden(adapter: type[PbxAdapter], method: str) -> bool:
    return bool(getattr(adapter, method).__qualname__ != getattr(PbxAdapter, method).__qualname__)


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
def test_events_have_a_way_in(adapter: type[PbxAdapter]) -> None:
    subscribing = ("wanted_subscription", "create_subscription", "delete_subscription")
    is_called, asks = (all(overridden(adapter, each) for each in way) for way in (subscribing, ("stream",)))
    assert (is_called or asks) is (Capability.CALL_EVENTS in adapter.declared)
    assert not asks or adapter.stream_transport in {"sse", "websocket", "poll"}


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
    assert nothing <= untold <= adapter.declared
    assert adapter.oauth is None or untold == adapter.declared


@every_adapter
def test_what_an_account_lacks_is_told(adapter: type[PbxAdapter]) -> None:
    account = Account(id="acc_1", base_url="", granted_scopes=frozenset())
    narrowed = adapter(account, HttpClient(allowed_networks=()))
    assert overridden(adapter, "lacking") == overridden(adapter, "capabilities")
    told = [narrowed.lacking(each) for each in adapter.declared - narrowed.capabilities()]
    assert all(words and not words.endswith(".") for words in told)


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
