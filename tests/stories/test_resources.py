"""What is behind the lines and queues of each vendor's sandbox PBX, through the API: devices, presence, queues, history."""

from collections.abc import Callable
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.servers import wait_until
from tests.stories.telling import HEARD_WITHIN, Telling
from tests.stories.vendors import NO_OPERATION, by_all

pytestmark = pytest.mark.slow
Connect = Callable[[str], Telling]
AWAY = {"ringcentral": "Busy", "dstny": "lunch"}
# What its own API is asked, and the answer's status.
OWN_API: dict[str, tuple[dict[str, Any], int]] = {
    "kwebbl": ({"method": "GET", "path": "/extensions"}, 200),
    "ringcentral": ({"method": "GET", "path": "/restapi/v1.0/account/~/extension/~"}, 200),
    "dstny": ({"method": "GET", "path": "/nothing/here"}, 404),
    "eq": ({"method": "GET", "path": "/license_usage"}, 200),
    "callgear": ({"method": "POST", "path": "/", "body": {"method": "list.talk_options", "params": {}}}, 200),
}


def line(pbx: Telling, number: str) -> str:
    """The public id of whose number ends so: some directories have no short ones."""
    lines = get(pbx, f"/extensions?account={pbx.account.public_id}")["results"]
    return str(next(each["id"] for each in lines if each["number"].endswith(number)))


def of_line(pbx: Telling, number: str, what: str) -> str:
    return f"/extensions/{line(pbx, number)}/{what}"


def get(pbx: Telling, path: str) -> Any:
    status, answer = pbx.api("GET", path)
    assert status == 200, answer
    return answer


@by_all(kwebbl=NO_OPERATION, eq=NO_OPERATION, callgear=NO_OPERATION)
def test_lines(telling: Connect, vendor: str) -> None:
    pbx = telling(vendor)
    devices = get(pbx, of_line(pbx, pbx.office.anna, "devices"))["results"]
    assert [each["active"] for each in devices].count(True) == 1
    presence = of_line(pbx, pbx.office.anna, "presence")
    assert get(pbx, presence)["available"] is True
    status, answer = pbx.api("PUT", presence, {"activity": AWAY[vendor], "note": "Back at one"})
    assert (status, answer["activity"], answer["note"]) == (200, AWAY[vendor], "Back at one")
    assert get(pbx, presence)["available"] is False
    assert get(pbx, f"/extensions/{line(pbx, pbx.office.anna)}")["presence"]["activity"] == AWAY[vendor]


@by_all(kwebbl=NO_OPERATION, ringcentral=NO_OPERATION, eq=NO_OPERATION, callgear=NO_OPERATION)
def test_diversion(telling: Connect, vendor: str) -> None:
    pbx = telling(vendor)
    address = of_line(pbx, pbx.office.anna, "diversion")
    for change in ({"active": True, "number": "+31612345678"}, {"active": False}):
        assert pbx.api("PUT", address, change)[0] == 200
        diverted = get(pbx, address)
        assert (diverted["active"], diverted["number"]) == (change["active"], change.get("number"))


@by_all(kwebbl=NO_OPERATION, callgear=NO_OPERATION)
def test_queues(telling: Connect, vendor: str) -> None:
    pbx = telling(vendor)
    queues = {each["number"]: each for each in get(pbx, "/queues")["results"]}
    queue = next(each for number, each in queues.items() if number.endswith(pbx.office.queue))
    address, bob = f"/queues/{queue['id']}", line(pbx, pbx.office.bob)

    def logged_in() -> int:
        return int(get(pbx, address)["stats"]["agents_logged_in"])

    def is_out() -> bool:
        agents = get(pbx, f"{address}/agents")["results"]
        return "logged_out" in [each["state"] for each in agents if each["extension_id"] == bob]

    before = logged_in()
    for action, more in (("logout", -1), ("login", 0)):
        status, answer = pbx.api("POST", f"{address}/agents/{bob}/{action}", {})
        assert status == 202, answer
        wait_until(lambda: logged_in() == before + more, HEARD_WITHIN, f"{vendor}: statistics tell of the {action}")  # noqa: B023
        wait_until(lambda: is_out() == (action == "logout"), HEARD_WITHIN, f"{vendor}: the agent's {action} is shown")  # noqa: B023


@by_all(kwebbl=NO_OPERATION, dstny=NO_OPERATION, eq="it has no call log")
def test_a_recording(telling: Connect, vendor: str) -> None:
    pbx = telling(vendor)
    pbx.answered()
    pbx.command("recording", {"action": "start"})
    pbx.hears("call.recording_changed")
    pbx.command("hangup")
    pbx.hears("call.cleared")
    [ours] = get(pbx, "/call-log")["results"]
    [theirs] = get(pbx, f"/call-log?source=vendor&account={pbx.account.public_id}")["results"]
    assert (theirs["call_id"], theirs["recording_id"]) == (ours["call_id"], ours["recording_id"])
    kind, sound = fetch(pbx, f"/recordings/{ours['recording_id']}")
    assert kind.startswith("audio/")
    assert sound


def fetch(pbx: Telling, path: str) -> tuple[str, bytes]:
    """An answer that isn't JSON."""
    address = urlsplit(pbx.web.url)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=30)
    connection.request("GET", f"/api/v1{path}", headers={"Authorization": f"Bearer {pbx.company.api_key}"})
    answer = connection.getresponse()
    kind, content = answer.headers["Content-Type"], answer.read()
    connection.close()
    return kind, content


@by_all()
def test_the_vendors_own_api(telling: Connect, vendor: str) -> None:
    pbx = telling(vendor)
    address = f"/accounts/{pbx.account.public_id}/passthrough"
    asked, status = OWN_API[vendor]
    assert pbx.api("POST", address, asked)[0] == 200
    answer = pbx.api("POST", address, asked)[1]
    assert (answer["status"], answer["encoding"]) == (status, "json")
