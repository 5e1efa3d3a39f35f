"""The API key, bodies, errors, the dialects, the table of paths, and what goes wrong on purpose."""

import json
from typing import Any

import pytest

from sandbox.faces.eq.paths import OPERATIONS, Operation
from tests.sandbox.eq.client import COMPANY, KEY, Eq, ring_in, talk
from tests.sandbox_server import SandboxHandle


def dialect(sandbox: SandboxHandle, **values: Any) -> None:
    sandbox.set("dialect", COMPANY, **values)


def test_every_request_needs_the_key(eq: Eq, sandbox: SandboxHandle) -> None:
    assert Eq(sandbox, ()).refusal("GET", "/license") == (401, [("auth_key", "blank")])
    assert Eq(sandbox, (("auth_key", "x"),)).refusal("GET", "/license") == (401, [("auth_key", "nonexistent")])
    assert Eq(sandbox, ()).done("POST", "/supervisor_session", auth_key=KEY, user=1)
    assert sandbox.control("POST", f"/companies/{COMPANY}/tokens/revoke") == {"revoked": 1}
    assert eq.refusal("GET", "/license")[0] == 401
    sandbox.set("connection", COMPANY, auth_key_valid=True)
    assert eq.get("/license")["type"] == "demo"


def test_bodies_may_be_forms_or_json(eq: Eq, sandbox: SandboxHandle) -> None:
    fields = {"action": "pause", "options": {"agent": 2}}
    as_json = sandbox.send_json("POST", eq.address("/call_queue_agent_action"), fields)
    assert (as_json.status, eq.status(2)["status"]) == (200, "paused")
    dialect(sandbox, bodies="form")
    refused = sandbox.send_json("POST", eq.address("/call_queue_agent_action"), fields)
    assert (refused.status, refused.json()[0]["parameter"]) == (400, "action")
    eq.agent(2, "resume")
    dialect(sandbox, bodies="json")
    assert eq.refusal("POST", "/call_queue_agent_action", **fields) == (400, [("action", "blank")])


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b"\xff", b"1"])
def test_hostile_bodies_are_refused(eq: Eq, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    assert eq.sandbox.request("POST", eq.address("/extension_action"), body, headers).status == 400


@pytest.mark.parametrize("data", ["", "{", "[]", "1", "null", '{"name": []}', '{"name": {"a": 1}}', '{"name": true}'])
def test_hostile_objects_are_refused(eq: Eq, data: str) -> None:
    assert eq.refusal("POST", "/pause_code", data=data)[0] == 400


def test_nothing_is_returned_as_nothing_or_null(eq: Eq, sandbox: SandboxHandle) -> None:
    assert eq.send("POST", "/call_queue_agent_action", action="pause", options={"agent": 2}).body == b""
    dialect(sandbox, empty="null")
    assert eq.send("POST", "/call_queue_agent_action", action="resume", options={"agent": 2}).body == b"null"


def test_errors_are_a_list_or_in_an_object(eq: Eq, sandbox: SandboxHandle) -> None:
    assert eq.refusal("GET", "/active_calls") == (400, [("extension", "blank")])
    dialect(sandbox, errors="object", nonexistent=404)
    answer = eq.send("GET", "/active_calls", extension="599")
    assert (answer.status, answer.json()["errors"][0]["type"]) == (404, "nonexistent")


def test_names_may_be_snake_case(eq: Eq, sandbox: SandboxHandle) -> None:
    talk(sandbox)
    (camel,) = eq.calls()
    dialect(sandbox, names="snake")
    (snake,) = eq.calls()
    assert (snake["caller_id"], snake["start_time"]) == (camel["callerId"], camel["startTime"])
    assert list(snake.values()) == list(camel.values())
    assert "outboundCid" in eq.get("/extension/502")


def test_values_may_all_be_text(eq: Eq, sandbox: SandboxHandle) -> None:
    talk(sandbox)
    dialect(sandbox, values="text")
    (call,) = eq.calls()
    assert (call["recording"], call["id"], call["queue"]) == ("0", "1", None)
    assert eq.get("/agent/2")["id"] == "2"


def test_states_may_be_asterisks(eq: Eq, sandbox: SandboxHandle) -> None:
    dialect(sandbox, states="asterisk")
    call = ring_in(sandbox)
    assert eq.states("502") == [["Ringing"]]
    sandbox.act(call, "answer", COMPANY, extension="502")
    sandbox.act(call, "hold", COMPANY, extension="502")
    assert eq.states("502") == [["Up"]]
    eq.act("503", "dial", destination="504")
    assert eq.states("503") == [["Ring"]]


def test_active_calls_may_tell_the_other_side_alone(eq: Eq, sandbox: SandboxHandle) -> None:
    dialect(sandbox, parties="other")
    eq.act("502", "dial", destination="503")
    (own,), (other,) = eq.calls("502"), eq.calls("503")
    assert (own["callerId"], own["direction"]) == ("503", "internal")
    assert (other["callerId"], other["callerName"]) == ("502", "Zeno Wiersma")
    assert "destination" not in own


def test_every_channel_may_have_a_unique_id_of_its_own(eq: Eq, sandbox: SandboxHandle) -> None:
    dialect(sandbox, unique_ids="channel")
    eq.act("502", "dial", destination="503")
    (own,), (other,) = eq.calls("502"), eq.calls("503")
    assert own["uniqueId"] != other["uniqueId"]
    assert "id" not in own
    eq.done("POST", "/phone_command", extension="503", key="headset")
    eq.done("POST", "/call_recording_action", extension="502", action="start")
    eq.act("502", "hangUp")
    (path,) = eq.get("/call_recordings", call_unique_id=own["uniqueId"])
    assert eq.get("/call_recordings", call_unique_id=other["uniqueId"]) == [path]


def test_paths_can_be_overridden(eq: Eq, sandbox: SandboxHandle) -> None:
    sandbox.set("connection", COMPANY, paths={"license": "/licence"})
    assert eq.get("/licence")["type"] == "demo"
    assert eq.send("GET", "/license").status == 404
    sandbox.control("POST", f"/companies/{COMPANY}/reset")
    assert eq.get("/license")["type"] == "demo"


def test_an_address_that_is_not_there(eq: Eq) -> None:
    assert eq.refusal("GET", "/nothing") == (404, [("endpoint", "nonexistent")])
    assert eq.send("DELETE", "/license").status == 405


def test_faults_are_answered_as_errors(eq: Eq, sandbox: SandboxHandle) -> None:
    sandbox.set("faults", COMPANY, rate_limited=1.0)
    answer = eq.send("GET", "/license")
    assert (answer.status, answer.headers["retry-after"]) == (429, "1")
    sandbox.set("faults", COMPANY, rate_limited=0.0, server_errors=1.0)
    assert eq.refusal("GET", "/license") == (500, [(None, "server_error")])


def test_licence_usage_and_configuration(eq: Eq, sandbox: SandboxHandle) -> None:
    assert eq.get("/license")["agents"] == 25
    assert eq.get("/license_usage") == {"agents": 3, "supervisors": 0}
    assert eq.get("/configuration_check") == {"ok": True, "problems": []}
    sandbox.control("PATCH", f"/companies/{COMPANY}/extensions/502/devices/Desk%20phone", online=False)
    sandbox.control("PATCH", f"/companies/{COMPANY}/extensions/502/devices/Softphone", online=False)
    assert eq.get("/configuration_check")["problems"] == [{"type": "extensionNotRegistered", "extension": "502"}]


def test_what_somebody_needs_to_connect(eq: Eq, sandbox: SandboxHandle) -> None:
    client = sandbox.company(COMPANY)["client"]
    assert client["credentials"] == {"auth_key": KEY}
    assert client["settings"]["extensions"] == ["501", "502", "503", "504"]
    codes = [eq.get(f"/pause_code/{each}")["name"] for each in client["settings"]["pause_codes"]]
    assert codes == ["Break", "Lunch", "Training"]
    assert client["settings"]["recordings_path"] == f"/eq/{COMPANY}/monitor"


def test_a_reset_forgets_everything(eq: Eq, sandbox: SandboxHandle) -> None:
    eq.done("DELETE", "/agent/2")
    eq.done("POST", "/extension", data={"extension": "550", "name": "Spare desk"})
    eq.agent(3, "signOut")
    dialect(sandbox, names="snake")
    ring_in(sandbox)
    sandbox.control("POST", f"/companies/{COMPANY}/reset")
    assert eq.calls() == []
    assert eq.sessions() == {2: "502", 3: "503", 4: "504"}
    assert (eq.status(2)["status"], eq.status(3)["status"]) == ("available", "available")
    assert eq.send("GET", "/extension/550").status == 404


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_operation_of_the_table_answers(eq: Eq, operation: Operation) -> None:
    """Whatever it makes of a request that names nothing: that it was refused for a reason of its own."""
    answer = eq.send(operation.methods, operation.path.format(id="9999", extension="9999", token="x"))
    assert answer.status in (200, 400, 404)
    assert answer.status == 200 or "endpoint" not in {each["parameter"] for each in json.loads(answer.body)}
