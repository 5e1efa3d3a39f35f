"""The stories that a CRM tells: commands of the API, carried out at each vendor's sandbox PBX, and the same events for all."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.servers import wait_until
from tests.stories.telling import CUSTOMER, HEARD_WITHIN, Telling
from tests.stories.test_stories import ANSWERED, CONSULTED, end
from tests.stories.vendors import ALL, NO_OPERATION, by_all

pytestmark = pytest.mark.slow
Connect = Callable[[str], Telling]


def at_the_pbx(pbx: Telling) -> dict[str, Any]:
    """The only live call as the sandbox has it."""
    (call,) = pbx.sandbox.control("GET", f"/companies/{pbx.office.slug}/calls")
    return dict(call)


def leg_of(call: dict[str, Any], number: str) -> dict[str, Any]:
    return next(leg for leg in call["legs"] if leg["number"] == number)


def extension(pbx: Telling, number: str) -> dict[str, str]:
    return {"extension_id": pbx.line(number).public_id}


@by_all()
def test_outbound(telling: Connect, vendor: str) -> None:
    pbx = telling(vendor)
    body = {
        "account_id": pbx.account.public_id,
        "from": extension(pbx, pbx.office.anna),
        "to": {"number": f"+{CUSTOMER}"},
        "external_id": "deal-1",
    }
    status, call = pbx.api("POST", "/calls", body)
    assert status == 202, call
    placed = at_the_pbx(pbx)["id"]
    pbx.hears("call.delivered")
    pbx.act(placed, "answer")
    pbx.hears("call.established")
    pbx.command("hangup")
    pbx.hears("call.cleared")
    shown = pbx.the_call().snapshot
    assert (shown["id"], shown["external_id"], shown["direction"]) == (call["id"], "deal-1", "outbound")
    assert (shown["from"]["number"], shown["to"]["number"]) == (pbx.office.anna, "+31612345678")
    assert (shown["state"], shown["end_reason"], shown["missed"]) == ("ended", "hangup", False)
    assert pbx.told() == [*ANSWERED, "call.cleared"]


@by_all(kwebbl=NO_OPERATION, callgear=NO_OPERATION)
def test_answer_and_reject(telling: Connect, vendor: str) -> None:
    pbx = telling(vendor)
    pbx.customer_calls(pbx.office.anna)
    pbx.hears("call.delivered")
    assert {"answer", "reject"} <= set(pbx.the_call().snapshot["actions"])
    pbx.command("answer", {"device_id": _device(pbx, pbx.office.anna)})
    pbx.hears("call.established")
    pbx.command("hangup")
    end(pbx)
    assert pbx.told() == [*ANSWERED, "call.cleared"]


def _device(pbx: Telling, number: str) -> str:
    _, devices = pbx.api("GET", f"/extensions/{pbx.line(number).public_id}/devices")
    return str(next(each["device_id"] for each in devices["results"] if each["online"] is not False))


@by_all()
def test_hold_and_resume(telling: Connect, vendor: str) -> None:
    pbx = telling(vendor)
    pbx.answered()
    pbx.command("hold")
    pbx.hears("call.held")
    pbx.command("resume")
    pbx.hears("call.retrieved")
    pbx.command("hangup")
    end(pbx)
    assert pbx.told() == [*ANSWERED, "call.held", "call.retrieved", "call.cleared"]


@by_all(kwebbl=NO_OPERATION, eq="whether a phone is muted isn't shown", callgear=NO_OPERATION)
def test_mute(telling: Connect, vendor: str) -> None:
    pbx = telling(vendor)
    pbx.answered()
    pbx.command("mute")
    pbx.hears("call.muted")
    assert "unmute" in pbx.the_call().snapshot["actions"]
    pbx.command("unmute")
    pbx.hears("call.unmuted")
    pbx.command("hangup")
    end(pbx)


@by_all(callgear="it takes three requests, between which it may be asked: see test_blind_transfer_in_steps")
def test_blind_transfer(telling: Connect, vendor: str) -> None:
    pbx = telling(vendor)
    call_id = pbx.answered()
    pbx.command("transfer", {"to": extension(pbx, pbx.office.bob), "mode": "blind"})
    pbx.hears("call.delivered", 2)
    pbx.act(call_id, "answer", extension=pbx.office.bob)
    pbx.hears("call.established", 2)
    pbx.command("hangup")
    end(pbx, to=pbx.office.bob)
    assert pbx.told() == [*ANSWERED, "call.transferred", "call.delivered", "call.established", "call.cleared"]


@by_all(**{vendor: "it takes one request" for vendor in ALL if vendor != "callgear"})
def test_blind_transfer_in_steps(telling: Connect, vendor: str) -> None:
    """That the caller is put on hold for it may be seen, or not; all else is the same."""
    pbx = telling(vendor)
    call_id = pbx.answered()
    pbx.command("transfer", {"to": extension(pbx, pbx.office.bob), "mode": "blind"})
    pbx.hears("call.delivered", 2)
    pbx.hears("call.transferred")
    pbx.act(call_id, "answer", extension=pbx.office.bob)
    pbx.hears("call.established", 2)
    pbx.command("hangup")
    end(pbx, to=pbx.office.bob)
    told = pbx.told()
    assert told.count("call.held") == told.count("call.retrieved") <= 1
    besides = [each for each in told if each not in {"call.held", "call.retrieved"}]
    assert sorted(besides[3:5]) == ["call.delivered", "call.transferred"]
    assert [*besides[:3], *besides[5:]] == [*ANSWERED, "call.established", "call.cleared"]
    transfer = next(event["data"]["change"] for event in pbx.log() if event["type"] == "call.transferred")
    assert transfer["mode"] == "blind"


@by_all(kwebbl=NO_OPERATION, eq=NO_OPERATION)
def test_consultation_completed(telling: Connect, vendor: str) -> None:
    """One call from beginning to end: whom Anna asks is a part of it."""
    pbx = telling(vendor)
    call_id = pbx.answered()
    pbx.command("consult", {"to": extension(pbx, pbx.office.bob)})
    pbx.hears("call.held")
    _pick_up_consultation(pbx, call_id)
    pbx.hears("call.established", 2)
    assert pbx.the_call().snapshot["to"]["number"] == pbx.office.anna
    pbx.command("complete-transfer")
    pbx.hears("call.transferred")
    pbx.hears("call.retrieved")
    pbx.command("hangup")
    end(pbx, to=pbx.office.bob)
    assert pbx.told() == CONSULTED


@by_all(kwebbl=NO_OPERATION, eq=NO_OPERATION)
def test_consultation_cancelled(telling: Connect, vendor: str) -> None:
    pbx = telling(vendor)
    call_id = pbx.answered()
    pbx.command("consult", {"to": extension(pbx, pbx.office.bob)})
    pbx.hears("call.held")
    _pick_up_consultation(pbx, call_id)
    pbx.hears("call.established", 2)
    pbx.command("cancel-transfer")
    pbx.hears("call.retrieved")
    assert pbx.the_call().snapshot["to"]["number"] == pbx.office.anna
    pbx.act(call_id, "hangup")
    end(pbx)


def _pick_up_consultation(pbx: Telling, customers: str) -> None:
    def consultation() -> dict[str, Any] | None:
        calls = pbx.sandbox.control("GET", f"/companies/{pbx.office.slug}/calls")
        return next((call for call in calls if call["id"] != customers), None)

    wait_until(lambda: consultation() is not None, HEARD_WITHIN, "the consultation call")
    call = consultation()
    assert call is not None
    pbx.hears("call.delivered", 2)
    pbx.act(call["id"], "answer", extension=pbx.office.bob)


@by_all(kwebbl=NO_OPERATION, dstny=NO_OPERATION, callgear=NO_OPERATION)
def test_park_and_pickup(telling: Connect, vendor: str) -> None:
    pbx = telling(vendor)
    pbx.answered()
    pbx.command("park")
    pbx.hears("call.parked")
    anna = pbx.line(pbx.office.anna)
    pbx.command("pickup", {"extension_id": anna.public_id, "device_id": _device(pbx, anna.number)})
    pbx.hears("call.unparked")
    pbx.command("hangup")
    end(pbx)


@by_all(kwebbl=NO_OPERATION, ringcentral="a phone must send them")
def test_digits_reach_the_other_side(telling: Connect, vendor: str) -> None:
    pbx = telling(vendor)
    pbx.answered()
    pbx.command("dtmf", {"digits": "12#"})
    wait_until(lambda: "".join(at_the_pbx(pbx)["digits"]) == "12#", HEARD_WITHIN, "the digits at the PBX")


def _capabilities(pbx: Telling) -> dict[str, list[str]]:
    _, answer = pbx.api("GET", f"/accounts/{pbx.account.public_id}/capabilities")
    return dict(answer)


@by_all()
def test_recording(telling: Connect, vendor: str) -> None:
    pbx = telling(vendor)
    pbx.answered()
    pbx.command("recording", {"action": "start"})
    pbx.hears("call.recording_changed")
    assert at_the_pbx(pbx)["recording"] is True
    variants = _capabilities(pbx)["recording"]
    pbx.command("recording", {"action": "stop" if "stop" in variants else "pause"})
    pbx.hears("call.recording_changed", 2)
    pbx.command("hangup")
    end(pbx)
