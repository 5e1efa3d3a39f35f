"""Commands over the socket: each is validated, refused and carried out as the REST API's."""

from typing import Any

import pytest

from cti.live.commands import run_command
from cti.live.protocol import Command
from integrations.contract.commands import Destination
from tenants.models import Scope
from tenants.principals import authenticate_token
from tests.api.anything import Anything

TO_BOB = Destination(extension_id="c" * 32)
ASKED: list[tuple[str, dict[str, Any], Any]] = [
    ("supervise", {"mode": "whisper", "extension_id": "{bob}"}, ("supervise", "p-alice", "whisper", TO_BOB)),
    ("tags", {"add": ["vip"]}, ("tags", "p-alice", ("vip",), ())),
    ("block", {}, ("block", "p-alice")),
    ("disconnect-leg", {"leg_id": "{leg}"}, ("disconnect-leg", "p-customer")),
]
REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("supervise", {"mode": "shout", "extension_id": "{bob}"}),
    ("supervise", {"mode": "listen"}),
    ("tags", {}),
    ("tags", {"add": "vip"}),
    ("disconnect-leg", {}),
    ("disconnect-leg", {"leg_id": "leg_1"}),
    ("steal", {"queue_id": 7, "to": "1001"}),
    ("steal", {"queue_id": "{queue}"}),
]


def run(anything: Anything, call: Any, action: str, params: dict[str, Any], *scopes: Scope) -> tuple[int, Any]:
    key = anything.company.key(*scopes) if scopes else anything.company.api_key
    names = {
        "{bob}": anything.bob.public_id,
        "{queue}": anything.help_desk.public_id,
        "{leg}": call.snapshot["legs"][0]["id"],
    }
    filled = {name: names.get(value, value) if isinstance(value, str) else value for name, value in params.items()}
    return run_command(authenticate_token(key, "192.0.2.1"), Command("c1", call.public_id, action, filled))


@pytest.mark.parametrize(("action", "params", "asked"), ASKED)
def test_a_command_is_asked_of_the_vendor(anything: Anything, action: str, params: dict[str, Any], asked: Any) -> None:
    call = anything.talking()
    status, body = run(anything, call, action, params)
    assert (status, body["id"], anything.last()) == (202, call.public_id, asked)


@pytest.mark.parametrize(("action", "params"), REFUSED)
def test_a_command_that_is_wrong_says_where(anything: Anything, action: str, params: dict[str, Any]) -> None:
    call = anything.waiting() if action == "steal" else anything.talking()
    status, body = run(anything, call, action, params)
    assert (status, body["code"], bool(body["errors"])) == (400, "invalid", True)
    assert anything.memory.asked == []


def test_a_caller_is_taken_out_of_a_queue(anything: Anything) -> None:
    call = anything.waiting()
    status, body = run(anything, call, "steal", {"queue_id": "{queue}", "to": "1001"})
    assert (status, body["id"]) == (202, call.public_id)
    assert anything.last() == ("steal", "q" * 32, call.snapshot["vendor_call_id"], Destination(number="1001"))


def test_a_command_takes_its_scope(anything: Anything) -> None:
    for action, params in (("steal", {"queue_id": "{queue}", "to": "1001"}), ("block", {})):
        status, body = run(anything, anything.waiting(), action, params, Scope.CALLS_READ)
        assert (status, body["code"]) == (403, "permission_denied")
