"""What CallGear refuses, and what isn't CallGear's answer at all: an error of the contract, in words, never a crash."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from integrations.contract.commands import CallRef, Destination, Originate
from integrations.contract.errors import (
    AuthorizationLost,
    CallGone,
    InvalidCallState,
    Unsupported,
    VendorError,
    VendorRejected,
    VendorUnavailable,
)
from integrations.vendors.callgear.errors import MNEMONICS, Details, Problem, error_of
from tests.integrations.callgear.fake import Made, error, faked, result

CALL = CallRef("27485639", "connected")
HTML = b"<html><body><h1>502 Bad Gateway</h1></body></html>"

# The code that the document gives, and what it becomes.
MEANINGS: Mapping[str, tuple[int, type[VendorError]]] = {
    "invalid_request": (-32600, VendorRejected),
    "access_token_expired": (-32001, AuthorizationLost),
    "access_token_blocked": (-32001, AuthorizationLost),
    "access_token_invalid": (-32001, AuthorizationLost),
    "limit_exceeded": (-32029, VendorUnavailable),
    "component_disabled": (-32008, Unsupported),
    "ip_not_whitelisted": (-32003, VendorRejected),
    "auth_error": (-32001, AuthorizationLost),
    "account_inactive": (-32009, VendorRejected),
    "call_session_not_found": (-32602, CallGone),
    "internal_error": (-32603, VendorUnavailable),
    "data_type_error": (-32602, VendorRejected),
    "method_not_found": (-32601, VendorRejected),
    "forbidden": (-32003, VendorRejected),
    "parse_error": (-32700, VendorRejected),
    "batch_opreations_not_supported": (-32099, VendorRejected),
    "notifications_not_supported": (-32099, VendorRejected),
    "required_parameter_missed": (-32602, VendorRejected),
    "invalid_parameter_value": (-32602, VendorRejected),
    "unexpected_parameters": (-32602, VendorRejected),
    "invalid_parameters_combination": (-32602, VendorRejected),
    "tts_text_exceeded": (-32602, VendorRejected),
    "media_file_not_found": (-32602, VendorRejected),
    "virtual_phone_number_not_found": (-32007, VendorRejected),
    "employee_not_found": (-32602, VendorRejected),
    "no_active_phone_number": (-32602, VendorRejected),
    "own_virtual_phone_number_not_allowed": (-32602, VendorRejected),
    "contact_in_blacklist": (-32002, VendorRejected),
    "character_encoding_not_allowed": (-32602, VendorRejected),
    "scenario_not_found": (-32007, VendorRejected),
    "invalid_state": (-32004, InvalidCallState),
    "tag_not_found": (-32602, VendorRejected),
    "duplicate_tag": (-32602, InvalidCallState),
    "leg_not_found": (-32602, InvalidCallState),
    "coach_not_found": (-32602, VendorRejected),
    "record_already_started": (-32602, InvalidCallState),
    "record_already_stopped": (-32602, InvalidCallState),
    "duplicate_contact": (-32602, InvalidCallState),
    "talk_option_not_found": (-32602, VendorRejected),
}


def test_all_mnemonics_are_here() -> None:
    assert MEANINGS.keys() == MNEMONICS


@pytest.mark.parametrize("mnemonic", MEANINGS)
async def test_each_mnemonic(mnemonic: str) -> None:
    code, kind = MEANINGS[mnemonic]
    refusal = error(
        code, mnemonic, "Tag with {tag_id} not found.", field="tag_id", value="s3cret", params={"object": None}
    )
    async with faked({"release.call": refusal}) as (adapter, _):
        with pytest.raises(kind) as raised:
            await adapter.hangup(CALL)
    words = str(raised.value)
    assert type(raised.value) is kind
    assert words.startswith("CallGear says of release.call: Tag with {tag_id} not found (tag_id).")
    assert "s3cret" not in words
    if isinstance(raised.value, VendorRejected):
        assert (raised.value.status, raised.value.code) == (code, mnemonic)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (-32603, VendorUnavailable),
        (-32004, InvalidCallState),
        (-32008, Unsupported),
        (-32029, VendorUnavailable),
        (-32602, VendorRejected),
    ],
)
def test_a_new_mnemonic_is_understood_by_its_group(code: int, kind: type[VendorError]) -> None:
    assert type(error_of(Problem(code, "New", Details("new_one")), "x")) is kind


@pytest.mark.parametrize("data", [None, {}, {"mnemonic": None}])
def test_an_error_without_details(data: Any) -> None:
    told = error_of(Problem(-32602, None, Details(**data) if data else None), "tag.call")
    assert str(told) == "CallGear says of tag.call: no words."


def test_limits_say_when_to_come_back() -> None:
    problem = Problem(-32029, "", Details("limit_exceeded", params={"limit_type": "day"}))
    told = error_of(problem, "x", 30.0)
    assert isinstance(told, VendorUnavailable)
    assert (problem.limit_type, told.retry_after) == ("day", 30.0)


def _foreign(asked: Mapping[str, Any]) -> Any:
    return {"jsonrpc": "2.0", "id": "req1", "result": {"data": {"success": True}}}


def _both(asked: Mapping[str, Any]) -> Any:
    told = {"code": -32602, "message": "No", "data": {"mnemonic": "tag_not_found"}}
    return {"jsonrpc": "2.0", "id": asked["id"], "result": {"data": {"success": True}}, "error": told}


HOSTILE: dict[str, tuple[Made, str]] = {
    "a foreign id": (_foreign, "has the id of another request"),
    "no id": (lambda asked: {"jsonrpc": "2.0", "result": {"data": []}}, "has the id of another request"),
    "both": (_both, "has both a result and an error"),
    "neither": (lambda asked: {"jsonrpc": "2.0", "id": asked["id"]}, "has neither a result nor an error"),
    "nulls": (lambda asked: {"jsonrpc": "2.0", "id": asked["id"], "result": None, "error": None}, "has neither"),
    "HTML": (lambda asked: HTML, "is no JSON; it begins: <html>"),
    "nothing": (lambda asked: b"", "is no JSON; it begins: no words"),
    "a list": (lambda asked: [{"jsonrpc": "2.0", "id": asked["id"], "result": {}}], "is none of JSON-RPC 2.0"),
    "a text": (lambda asked: "ok", "is none of JSON-RPC 2.0"),
    "another version": (lambda asked: {"jsonrpc": "1.0", "id": asked["id"], "result": {}}, "is none of JSON-RPC 2.0"),
    "a result that is a text": (lambda asked: {"id": asked["id"], "result": "ok"}, "has a result that is no object"),
    "an error that is a list": (lambda asked: {"id": asked["id"], "error": []}, "has an error that can't be read"),
    "an error of wrong types": (lambda asked: {"id": asked["id"], "error": {"code": {}}}, "has an error that can't be"),
    "not UTF-8": (lambda asked: b"\xff\xfe{", "is no JSON"),
    "very deep": (lambda asked: b"[" * 100_000, "is no JSON"),
}


@pytest.mark.parametrize("answer", HOSTILE)
async def test_what_is_no_answer(answer: str) -> None:
    """To a question: come back later. To a command: it may have been done, so nobody repeats it by themselves."""
    made, words = HOSTILE[answer]
    async with faked({"list.calls": made, "release.call": made}) as (adapter, _):
        with pytest.raises(VendorUnavailable, match=re.escape(words)):
            await adapter.snapshot()
        with pytest.raises(VendorRejected, match=re.escape(words)) as raised:
            await adapter.hangup(CALL)
    assert "whether anything was done is not known" in str(raised.value).lower()


@pytest.mark.parametrize("status", [429, 500, 502, 503])
async def test_a_proxys_page_with_its_status(status: int) -> None:
    async with faked({"release.call": lambda asked: HTML}, status=status) as (adapter, _):
        with pytest.raises(VendorUnavailable, match=str(status)):
            await adapter.hangup(CALL)


@pytest.mark.parametrize("data", [None, "done", 7, {"success": False}, {"success": "false"}, {"success": "maybe"}])
async def test_a_command_that_did_not_succeed(data: Any) -> None:
    async with faked({"release.call": result(data)}) as (adapter, _):
        with pytest.raises(VendorRejected, match=r"didn't say that release\.call succeeded"):
            await adapter.hangup(CALL)


@pytest.mark.parametrize("data", [{"success": "true"}, {"success": True}, {}])
async def test_a_command_that_succeeded(data: Any) -> None:
    async with faked({"release.call": result(data)}) as (adapter, fake):
        await adapter.hangup(CALL)
    assert fake.sent("release.call")[0]["call_session_id"] == 27485639


@pytest.mark.parametrize("data", [None, {}, "none", 7])
async def test_a_list_that_is_none(data: Any) -> None:
    async with faked({"list.calls": result(data)}) as (adapter, _):
        with pytest.raises(VendorUnavailable, match="is no list"):
            await adapter.snapshot()


@pytest.mark.parametrize("data", [None, {}, "none", [7], [{"id": {}}]])
async def test_employees_of_wrong_types(data: Any) -> None:
    async with faked({"get.employees": result(data)}) as (adapter, _):
        with pytest.raises(VendorRejected, match="can't be read"):
            await adapter.list_extensions()


@pytest.mark.parametrize(
    ("options", "kind", "words"),
    [
        ({"type": "fax"}, Unsupported, "calls of the types"),
        ({"colour": "red"}, Unsupported, "no options colour"),
        ({"scenario_id": 1}, Unsupported, "no options scenario_id"),
        ({"early_switching": True}, VendorRejected, "early_switching takes switch_at_once"),
        ({"media_file_id": "x"}, VendorRejected, "wrong type (media_file_id)"),
        ({"contact_message": {"type": "fax", "value": "1"}}, VendorRejected, "this value (contact_message.type)"),
        ({"contact_message": {"type": "tts"}}, VendorRejected, "missing (contact_message.value)"),
        ({"first_call": "somebody"}, VendorRejected, "this value (first_call)"),
        ({"type": "informer"}, VendorRejected, "missing (contact_message)"),
    ],
)
async def test_options_are_checked_before_anything_is_sent(options: Any, kind: type[VendorError], words: str) -> None:
    employees = result([{"id": 25, "full_name": "Iris", "extension": "701"}])
    command = Originate(
        Destination(extension_id="25"), Destination(number="+31612345678"), "31705550700", options=options
    )
    async with faked({"get.employees": employees}) as (adapter, fake):
        with pytest.raises(kind, match=re.escape(words)):
            await adapter.originate(command)
    assert {method for method, _ in fake.asked} <= {"get.employees"}
