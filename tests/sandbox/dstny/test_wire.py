"""JSON and XML, the table of paths, and what goes wrong on purpose."""

from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from sandbox.faces.dstny.paths import OPERATIONS, Operation
from tests.sandbox.dstny.client import COMPANY, DOMAIN, Dstny, parse_xml, ring_in
from tests.sandbox_server import Answer, SandboxHandle


def in_xml(user: Dstny, method: str, path: str, body: bytes | None = None) -> Answer:
    headers = {"Authorization": f"Bearer {user.token}", "Accept": "application/xml", "Content-Type": "application/xml"}
    return user.sandbox.request(method, user.address(path), body, headers)


def test_answers_come_as_xml(sandbox: SandboxHandle, wout: Dstny) -> None:
    ring_in(sandbox)
    answer = in_xml(wout, "GET", "/cti/state/{me}")
    assert answer.headers["content-type"].startswith("application/xml")
    state = parse_xml(answer.body)
    assert state.findtext("fullState") == "true"
    assert state.findtext("calls/status") == "RINGING"
    assert state.findtext("calls/remoteParty/displayName") == "Jan Jansen"
    assert len(state.findall("calls/deviceIds")) == 3
    devices = parse_xml(in_xml(wout, "GET", "/user/device/{me}").body)
    assert [each.findtext("deviceType") for each in devices.findall("device")] == ["DESKPHONE", "SOFTPHONE", "MOBILE"]


def test_requests_and_errors_come_as_xml(wout: Dstny) -> None:
    body = b"<call><destination>tel:301</destination><type>BASIC</type></call>"
    path = f"/cti/control/{{me}}/device/{wout.device}/calls"
    state = parse_xml(in_xml(wout, "POST", path, body).body)
    assert state.findtext("status") == "INITIATED"
    refused = in_xml(wout, "POST", path, b"<call/>")
    assert refused.status == 400
    assert parse_xml(refused.body).findtext("field/code") == "destination.required"


def test_hostile_bodies_are_refused(wout: Dstny) -> None:
    path = f"/cti/control/{{me}}/device/{wout.device}/calls"
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><call><destination>&a;</destination></call>'
    for body in (bomb, b"<call>", b"\xff"):
        assert in_xml(wout, "POST", path, body).status == 400
    headers = {"Authorization": f"Bearer {wout.token}"}
    for text in (b"{", b"[]", b'"x"', b'{"destination": ["tel:301"]}'):
        assert wout.sandbox.request("POST", wout.address(path), text, headers).status == 400
    assert wout.calls() == []


def test_a_form_is_read(wout: Dstny) -> None:
    headers = {"Authorization": f"Bearer {wout.token}", "Content-Type": "application/x-www-form-urlencoded"}
    body = b"api=USER&api=CALLS&platform=other&name=form"
    answer = wout.sandbox.request("POST", wout.address("/user/tickets/{me}"), body, headers)
    assert answer.json()["allowedApis"] == ["CALLS", "USER"]


def test_an_address_that_is_not_there(wout: Dstny) -> None:
    assert wout.refusal("GET", "/nothing") == (404, "not.found")
    assert wout.refusal("PATCH", "/cti/state/{me}") == (405, "method.not.allowed")
    assert wout.refusal("GET", f"/contacts/{DOMAIN}") == (404, "not.found")


def test_paths_can_be_overridden(sandbox: SandboxHandle, wout: Dstny) -> None:
    sandbox.set("connection", COMPANY, paths={"user_state": "/v2/{domain}/users/{user}/state"})
    assert wout.get(f"/v2/{DOMAIN}/users/wout/state") == {"fullState": True, "calls": []}
    assert wout.refusal("GET", "/cti/state/{me}") == (404, "not.found")
    sandbox.control("POST", f"/companies/{COMPANY}/reset")
    assert wout.get("/cti/state/{me}") == {"fullState": True, "calls": []}


def test_faults_are_answered_as_errors(sandbox: SandboxHandle, wout: Dstny) -> None:
    sandbox.set("faults", COMPANY, rate_limited=1.0)
    answer = wout.send("GET", "/user/device/{me}")
    assert (answer.status, answer.headers["retry-after"]) == (429, "1")
    sandbox.set("faults", COMPANY, rate_limited=0.0, server_errors=1.0)
    assert wout.refusal("GET", "/user/device/{me}") == (500, "internal.error")


def test_a_reset_forgets_everything(sandbox: SandboxHandle, wout: Dstny) -> None:
    wout.done("PUT", "/user/diversion/{me}/number", {"phoneNumber": "+31612345670"})
    wout.done("PUT", "/contacts/{me}/vera")
    sandbox.set("dialect", COMPANY, lists="string")
    ring_in(sandbox)
    sandbox.control("POST", f"/companies/{COMPANY}/reset")
    assert wout.calls() == []
    assert wout.get("/contacts/{me}")["contact"] == []
    assert wout.get("/user/diversion/{me}/number") == {"diversion-number": ""}
    assert sandbox.company(COMPANY)["dialect"]["lists"] == "array"


def status_of(user: Dstny, method: str, path: str) -> int:
    """Without the body, which streams don't end."""
    parts = urlsplit(user.sandbox.url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=15)
    try:
        connection.request(method, user.address(path), headers={"Authorization": f"Bearer {user.token}"})
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_operation_of_the_table_answers(service: Dstny, operation: Operation) -> None:
    """Whatever it makes of a request that names nothing: that it was refused for a reason of its own."""
    path = operation.path.format_map(Anything({"domain": DOMAIN, "user": "wout"}))
    for method in operation.methods.split():
        assert status_of(service, method, path) in (200, 204, 400, 403, 404, 409, 415)
        answer = service.send(method, path) if "events" not in path else None
        assert answer is None or b"not.found" not in answer.body


class Anything(dict[str, str]):
    """A word for every parameter."""

    def __missing__(self, name: str) -> str:
        return "1"
