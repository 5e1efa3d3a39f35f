"""JSON-RPC as the document has it: what is asked wrongly, and by whom; limits and what else metadata tells."""

from typing import Any

import pytest

from tests.sandbox.callgear.client import COMPANY, KEY, LOGIN, CallGear
from tests.sandbox_server import SandboxHandle

REQUEST = {"jsonrpc": "2.0", "id": "req1", "method": "list.calls", "params": {"access_token": KEY}}


def error(answer: dict[str, Any]) -> tuple[int, str]:
    return answer["error"]["code"], answer["error"]["data"]["mnemonic"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ([REQUEST], (-32099, "batch_opreations_not_supported")),
        ([], (-32099, "batch_opreations_not_supported")),
        ({key: value for key, value in REQUEST.items() if key != "id"}, (-32099, "notifications_not_supported")),
        ("list.calls", (-32600, "invalid_request")),
        (REQUEST | {"id": None}, (-32600, "invalid_request")),
        (REQUEST | {"id": True}, (-32600, "invalid_request")),
        (REQUEST | {"jsonrpc": "1.0"}, (-32600, "invalid_request")),
        (REQUEST | {"method": 7}, (-32600, "invalid_request")),
        (REQUEST | {"params": []}, (-32600, "invalid_request")),
    ],
)
def test_what_is_no_request_has_no_id(callgear: CallGear, body: Any, expected: tuple[int, str]) -> None:
    answer = callgear.send(body)
    assert (answer["id"], error(answer)) == (None, expected)
    assert "metadata" not in answer["error"]["data"]


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (b"{", "application/json", (-32700, "parse_error")),
        (b'{"jsonrpc": "\xff"}', "application/json", (-32602, "character_encoding_not_allowed")),
        (b"{}", "text/plain", (-32600, "invalid_request")),
    ],
)
def test_what_is_no_json(callgear: CallGear, body: bytes, content_type: str, expected: tuple[int, str]) -> None:
    answer = callgear.sandbox.request("POST", callgear.path, body, {"Content-Type": content_type})
    assert (answer.status, error(answer.json())) == (200, expected)


def test_only_post_is_answered(callgear: CallGear) -> None:
    assert callgear.sandbox.request("GET", callgear.path).status == 405


@pytest.mark.parametrize("given", ["req1", 7, 7.5])
def test_the_answer_has_the_requests_id(callgear: CallGear, given: Any) -> None:
    assert callgear.send(REQUEST | {"id": given})["id"] == given
    assert callgear.send(REQUEST | {"id": given, "method": "no.such"})["id"] == given


def test_an_unknown_method(callgear: CallGear) -> None:
    answer = callgear.ask("fly.away")
    assert error(answer) == (-32601, "method_not_found")
    assert "metadata" not in answer["error"]["data"]


def test_errors_may_come_without_id_and_metadata(callgear: CallGear) -> None:
    callgear.set("dialect", error_ids="null", error_metadata=False)
    answer = callgear.send(REQUEST | {"method": "release.call"})
    assert answer == {
        "jsonrpc": "2.0",
        "id": None,
        "error": {
            "code": -32602,
            "message": "The required parameter has been missed",
            "data": {
                "mnemonic": "required_parameter_missed",
                "field": "call_session_id",
                "value": None,
                "params": {},
                "extended_helper": None,
            },
        },
    }


def test_login_and_logout(callgear: CallGear) -> None:
    session = callgear.do("login.user", **LOGIN)
    assert session.keys() == {"access_token", "expire_at"}
    user = CallGear(callgear.sandbox, session["access_token"])
    assert user.sessions() == []
    assert user.do("logout.user") == {"success": True}
    assert user.refusal("list.calls") == (-32001, "access_token_invalid", None)
    assert callgear.refusal("login.user", **LOGIN | {"password": "x"}) == (-32001, "auth_error", None)
    assert callgear.refusal("login.user", login="iris") == (-32602, "required_parameter_missed", "password")


def test_keys(callgear: CallGear) -> None:
    assert callgear.refusal("list.calls", access_token="no") == (-32001, "access_token_invalid", None)
    assert callgear.refusal("list.calls", access_token=None) == (-32602, "required_parameter_missed", "access_token")
    assert callgear.refusal("list.calls", access_token=7) == (-32602, "data_type_error", "access_token")
    callgear.set("connection", key="expired")
    assert callgear.refusal("list.calls")[1] == "access_token_expired"
    callgear.set("dialect", expired_key="access_token_invalid")
    assert callgear.refusal("list.calls")[1] == "access_token_invalid"
    callgear.set("connection", key="blocked")
    assert callgear.refusal("list.calls")[1] == "access_token_blocked"


def test_a_session_ends(callgear: CallGear) -> None:
    callgear.set("connection", session_s=0)
    user = CallGear(callgear.sandbox, callgear.do("login.user", **LOGIN)["access_token"])
    assert user.refusal("list.calls")[1] == "access_token_invalid"


def test_tokens_expire_and_are_revoked_by_the_console(callgear: CallGear, sandbox: SandboxHandle) -> None:
    user = CallGear(sandbox, callgear.do("login.user", **LOGIN)["access_token"])
    assert sandbox.control("POST", f"/companies/{COMPANY}/tokens/expire") == {"expired": 1}
    assert user.refusal("list.calls")[1] == "access_token_invalid"
    assert callgear.sessions() == []
    assert sandbox.control("POST", f"/companies/{COMPANY}/tokens/revoke") == {"revoked": 1}
    assert callgear.refusal("list.calls")[1] == "access_token_blocked"
    assert callgear.refusal("login.user", **LOGIN)[1] == "auth_error"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"ip_whitelist": ["192.0.2.1"]}, (-32003, "ip_not_whitelisted")),
        ({"account_active": False}, (-32009, "account_inactive")),
        ({"disabled_components": ["Call API Call management"]}, (-32008, "component_disabled")),
    ],
)
def test_who_may_ask(callgear: CallGear, changes: dict[str, Any], expected: tuple[int, str]) -> None:
    callgear.set("connection", **changes)
    assert callgear.refusal("list.calls") == (*expected, None)


def test_points_run_out(callgear: CallGear) -> None:
    callgear.set("connection", minute_limit=2)
    assert callgear.refusal("release.call", call_session_id=1)[1] == "call_session_not_found"
    limits = callgear.ask("list.calls")["result"]["metadata"]["limits"]
    assert limits == {
        "day_limit": 50_000,
        "day_remaining": 49_999,
        "day_reset": limits["day_reset"],
        "minute_limit": 2,
        "minute_remaining": 1,
        "minute_reset": limits["minute_reset"],
    }
    assert 0 < limits["minute_reset"] <= 60
    callgear.sessions()
    refused = callgear.ask("list.calls")["error"]
    assert (refused["code"], refused["data"]["mnemonic"]) == (-32029, "limit_exceeded")
    assert refused["data"]["params"] == {"limit_type": "minute", "limit_max_value": 2}
    assert refused["data"]["metadata"]["limits"]["minute_remaining"] == 0
    callgear.set("connection", minute_limit=250, day_limit=2)
    assert callgear.ask("list.calls")["error"]["data"]["params"]["limit_type"] == "day"


def test_reading_may_be_free(callgear: CallGear) -> None:
    callgear.set("dialect", reads_cost=False)
    callgear.set("connection", minute_limit=1)
    assert [callgear.sessions() for _ in range(3)] == [[], [], []]


def test_a_newer_version_is_told(callgear: CallGear) -> None:
    assert "api_version" not in callgear.ask("list.calls")["result"]["metadata"]
    callgear.set("connection", latest_version="v5.0")
    assert callgear.ask("list.calls")["result"]["metadata"]["api_version"] == {
        "current_version_depricated": True,
        "current_version": "v4.0",
        "latest_version": "v5.0",
    }


@pytest.mark.parametrize(
    ("fault", "expected"),
    [("rate_limited", (-32029, "limit_exceeded", None)), ("server_errors", (-32603, "internal_error", None))],
)
def test_faults(callgear: CallGear, fault: str, expected: tuple[int, str, None]) -> None:
    callgear.set("faults", **{fault: 1})
    assert callgear.refusal("list.calls") == expected


def test_a_reset_makes_everything_as_before(callgear: CallGear) -> None:
    callgear.talk()
    callgear.set("connection", key="blocked", minute_limit=1)
    callgear.sandbox.control("POST", f"/companies/{COMPANY}/reset")
    assert callgear.sessions() == []
    assert callgear.ask("list.calls")["result"]["metadata"]["limits"]["minute_limit"] == 250
