"""What the API can do with calls, and what it refuses."""

from typing import Any

import pytest

from tests.sandbox.kwebbl import BRAM, Kwebbl
from tests.sandbox_server import SandboxHandle

CUSTOMER = "+31612345678"


@pytest.fixture
def connected(sandbox: SandboxHandle) -> str:
    """A customer talking to Bram."""
    call = sandbox.ring_in("1001")
    sandbox.act(call, "answer", extension="1001")
    return call


def only_call(sandbox: SandboxHandle) -> Any:
    (call,) = sandbox.control("GET", "/companies/acme/calls")
    return call


def ends(call: Any) -> tuple[str, str]:
    return call["from"]["number"], call["to"]["number"]


@pytest.mark.parametrize(
    ("body", "expected", "direction"),
    [
        ({"from": {"number": "1001"}, "to": {"number": CUSTOMER}}, ("1001", "31612345678"), "outbound"),
        ({"from": {"number": 1001}, "to": {"number": "0612345678"}}, ("1001", "31612345678"), "outbound"),
        ({"to": {"number": "0031612345678"}}, ("1000", "31612345678"), "outbound"),
        ({"from": {"number": "1001"}, "to": {"number": "1002"}}, ("1001", "1002"), "internal"),
        ({"from": {"number": "2001"}, "to": {"number": CUSTOMER}}, ("31612345678", "2001"), "inbound"),
        ({"from": {"number": "31205550110"}, "to": {"number": "1003"}}, ("1003", "31205550110"), "internal"),
        ({"from": {"number": CUSTOMER}, "to": {"number": "2000"}}, ("31612345678", "2000"), "inbound"),
    ],
    ids=["outbound", "json number", "own phone", "internal", "dialplan to external", "dialplan to user", "external"],
)
def test_place_call(
    sandbox: SandboxHandle, admin: Kwebbl, body: Any, expected: tuple[str, str], direction: str
) -> None:
    answer = admin.send("POST", "/calls", body)
    assert (answer.status, answer.body) == (202, b"")
    assert (ends(only_call(sandbox)), only_call(sandbox)["direction"]) == (expected, direction)


def test_place_call_by_extension_id(sandbox: SandboxHandle, admin: Kwebbl) -> None:
    body = {"from": {"extension_id": admin.extension("1001")}, "to": {"extension_id": admin.extension("1003")}}
    assert admin.send("POST", "/calls", body).status == 202
    assert ends(only_call(sandbox)) == ("1001", "1003")


def test_placed_call_names_itself_if_the_dialect_says_so(sandbox: SandboxHandle, admin: Kwebbl) -> None:
    sandbox.set("dialect", originate_body="call_id", call_ids="short")
    answer = admin.send("POST", "/calls", {"to": {"number": CUSTOMER}})
    assert answer.json() == {"call_id": only_call(sandbox)["id"]}
    assert len(answer.json()["call_id"]) == len("4a2bcad2-c4b9e70a")


@pytest.mark.parametrize(
    "body",
    [
        {"from": {"number": "+31612345678"}, "to": {"number": "+31687654321"}},
        {"to": {}},
        {"from": {"number": "1001"}},
        {"to": {"number": "12ab"}},
        {"to": {"number": "4999"}},
        {"to": {"extension_id": "f" * 32}},
        {"to": {"number": "1000"}},
        {"to": "1001"},
        {"to": {"number": ["1001"]}},
    ],
)
def test_place_call_validation(sandbox: SandboxHandle, admin: Kwebbl, body: Any) -> None:
    assert admin.refusal("POST", "/calls", body) == (400, "validation")
    assert sandbox.control("GET", "/companies/acme/calls") == []


def test_body_that_is_no_json(admin: Kwebbl) -> None:
    headers = {"Authorization": f"Bearer {admin.tokens['access_token']}"}
    answer = admin.sandbox.request("POST", f"{admin.base}/calls", b"{", headers)
    assert (answer.status, answer.json()["error_code"]) == (400, "validation")


def test_own_phone_waits_to_be_picked_up_if_told_so(sandbox: SandboxHandle, admin: Kwebbl) -> None:
    sandbox.set("behaviour", auto_pickup=False)
    admin.send("POST", "/calls", {"to": {"number": CUSTOMER}})
    call = only_call(sandbox)
    assert [(leg["role"], leg["state"]) for leg in call["legs"]] == [("caller", "initiated")]
    sandbox.act(call["id"], "answer", extension="1000")
    assert [leg["state"] for leg in only_call(sandbox)["legs"]] == ["connected", "alerting"]


def test_personal_scope_calls_from_own_phone_only(sandbox: SandboxHandle) -> None:
    bram = Kwebbl.authorized(sandbox, email=BRAM)
    assert bram.refusal("POST", "/calls", {"from": {"number": "1002"}, "to": {"number": CUSTOMER}}) == (
        403,
        "access_denied",
    )
    assert bram.send("POST", "/calls", {"to": {"number": CUSTOMER}}).status == 202
    assert ends(only_call(sandbox)) == ("1001", "31612345678")


def test_personal_scope_manages_own_calls_only(sandbox: SandboxHandle, connected: str) -> None:
    carla = Kwebbl.authorized(sandbox, email="carla@acme.example")
    bram = Kwebbl.authorized(sandbox, email=BRAM)
    assert carla.refusal("POST", f"/calls/{connected}/hold") == (403, "access_denied")
    assert bram.send("POST", f"/calls/{connected}/hold").status == 202


def test_hold_and_resume(sandbox: SandboxHandle, admin: Kwebbl, connected: str) -> None:
    assert admin.send("POST", f"/calls/{connected}/hold").status == 202
    assert only_call(sandbox)["state"] == "held"
    assert admin.send("POST", f"/calls/{connected}/resume").status == 202
    assert only_call(sandbox)["state"] == "connected"


def test_recording(sandbox: SandboxHandle, admin: Kwebbl, connected: str) -> None:
    assert admin.send("POST", f"/calls/{connected}/start-recording").status == 202
    assert only_call(sandbox)["recording"] is True
    assert admin.send("POST", f"/calls/{connected}/stop-recording").status == 202
    assert only_call(sandbox)["recording"] is False


@pytest.mark.parametrize("action", ["hangup", "terminate"])
def test_hangup(sandbox: SandboxHandle, admin: Kwebbl, connected: str, action: str) -> None:
    assert admin.send("POST", f"/calls/{connected}/{action}").status == 202
    assert sandbox.control("GET", "/companies/acme/calls") == []
    assert admin.refusal("POST", f"/calls/{connected}/{action}") == (404, "entity_not_exist")


@pytest.mark.parametrize("action", ["hangup", "hold", "resume", "start-recording", "stop-recording", "dance"])
def test_unknown_call(admin: Kwebbl, action: str) -> None:
    assert admin.refusal("POST", f"/calls/4a2bcad2-c4b9e70a/{action}") == (404, "entity_not_exist")


@pytest.mark.parametrize("action", ["resume", "stop-recording"])
def test_wrong_state(sandbox: SandboxHandle, admin: Kwebbl, connected: str, action: str) -> None:
    before = only_call(sandbox)
    assert admin.send("POST", f"/calls/{connected}/{action}").status == 202
    assert only_call(sandbox) == before
    sandbox.set("dialect", wrong_state="reject")
    assert admin.refusal("POST", f"/calls/{connected}/{action}") == (400, "validation")


def test_blind_transfer_is_the_default(sandbox: SandboxHandle, admin: Kwebbl, connected: str) -> None:
    body = {"target": {"number": "1003"}}
    assert admin.send("POST", f"/calls/{connected}/transfer", body).status == 202
    assert (only_call(sandbox)["state"], ends(only_call(sandbox))) == ("alerting", ("31612345678", "1003"))
    sandbox.act(connected, "answer", extension="1003")
    assert only_call(sandbox)["state"] == "connected"


def test_transfer_of_an_outbound_call_replaces_the_caller(sandbox: SandboxHandle, admin: Kwebbl) -> None:
    admin.send("POST", "/calls", {"from": {"number": "1001"}, "to": {"number": CUSTOMER}})
    call = only_call(sandbox)["id"]
    sandbox.act(call, "answer")
    admin.send("POST", f"/calls/{call}/transfer", {"target": {"extension_id": admin.extension("1002")}})
    sandbox.act(call, "answer", extension="1002")
    assert ends(only_call(sandbox)) == ("1002", "31612345678")


def consult(sandbox: SandboxHandle, admin: Kwebbl, call: str, number: str) -> str:
    """Begins an attended transfer; answers the consultation's id."""
    body = {"target": {"number": number}, "transfer_type": "attended"}
    assert admin.send("POST", f"/calls/{call}/transfer", body).status == 202
    calls = sandbox.control("GET", "/companies/acme/calls")
    return str(next(each["id"] for each in calls if each["consultation_for"] == call))


def test_attended_transfer_finished(sandbox: SandboxHandle, admin: Kwebbl, connected: str) -> None:
    consultation = consult(sandbox, admin, connected, "0687654321")
    sandbox.act(consultation, "answer")
    sandbox.act(connected, "finish-transfer")
    assert (only_call(sandbox)["id"], only_call(sandbox)["state"]) == (connected, "connected")
    assert ends(only_call(sandbox)) == ("31612345678", "31687654321")


@pytest.mark.parametrize("how", ["cancel-transfer", "reject"])
def test_attended_transfer_cancelled_or_declined(
    sandbox: SandboxHandle, admin: Kwebbl, connected: str, how: str
) -> None:
    consultation = consult(sandbox, admin, connected, "1002")
    if how == "reject":
        sandbox.act(consultation, "reject", extension="1002")
    else:
        sandbox.act(connected, "cancel-transfer")
    assert (only_call(sandbox)["id"], only_call(sandbox)["state"]) == (connected, "connected")


def test_unanswered_consultation_can_not_be_finished(sandbox: SandboxHandle, admin: Kwebbl, connected: str) -> None:
    consult(sandbox, admin, connected, "1002")
    answer = sandbox.send_json("POST", f"/_control/companies/acme/calls/{connected}/finish-transfer", {})
    assert answer.status == 409


@pytest.mark.parametrize(
    "body",
    [{}, {"target": {}}, {"target": {"number": "1003"}, "transfer_type": "warm"}, {"target": {"number": "1001"}}],
)
def test_transfer_validation(admin: Kwebbl, connected: str, body: Any) -> None:
    assert admin.refusal("POST", f"/calls/{connected}/transfer", body) == (400, "validation")
