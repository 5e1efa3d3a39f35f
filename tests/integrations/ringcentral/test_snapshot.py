"""The calls that go on, read anew: by everybody's presence, and session by session as far as the rate limit allows."""

from typing import Any

from aiohttp import web

from integrations.contract.adapter import WebhookRequest
from integrations.contract.events import CtiEvent, Ignored, LegState
from integrations.vendors.ringcentral.adapter import RingCentralAdapter
from tests.integrations.http_server import Answer, vendor
from tests.integrations.kwebbl_live import ListedTokens
from tests.integrations.ringcentral.live import ringcentral_at
from tests.integrations.ringcentral.payloads import ANNA, CUSTOMER, party

PRESENCE = "/restapi/v1.0/account/~/presence"
OWN = "/restapi/v1.0/account/~/extension/~/presence"
SESSIONS = "/restapi/v1.0/account/~/telephony/sessions/"


def active(session: str, status: str = "CallConnected", **fields: Any) -> dict[str, Any]:
    return {
        "id": "a",
        "direction": "Inbound",
        "from": CUSTOMER["phoneNumber"],
        "fromName": CUSTOMER["name"],
        "to": ANNA["phoneNumber"],
        "telephonyStatus": status,
        "partyId": f"p-{session}-2",
        "telephonySessionId": f"s-{session}",
        **fields,
    }


def presence(*calls: dict[str, Any]) -> dict[str, Any]:
    return {"extension": {"id": int(ANNA["extensionId"])}, "activeCalls": list(calls)}


async def calls_of(answer: Answer) -> tuple[dict[str, CtiEvent], list[str]]:
    """Each call as `parse` reads it, and what was asked for."""
    asked: list[str] = []

    def noting(request: web.Request) -> web.Response:
        asked.append(request.path)
        return answer(request)

    async with vendor(noting) as url, ringcentral_at(url, ListedTokens("t")) as adapter:
        calls = (await adapter.snapshot()).calls
    found = {}
    for call in calls:
        parsed = RingCentralAdapter.parse(WebhookRequest({}, call.payload))
        assert not isinstance(parsed, Ignored)
        [event] = parsed
        assert isinstance(event, CtiEvent)
        assert event.vendor_call_id == call.vendor_call_id
        found[call.vendor_call_id] = event
    return found, asked


async def test_more_calls_than_may_be_read_one_by_one() -> None:
    def answer(request: web.Request) -> web.Response:
        if request.path == PRESENCE:
            assert request.query["detailedTelephonyState"] == "true"
            return web.json_response({"records": [presence(*(active(str(number)) for number in range(30)))]})
        session = request.path.removeprefix(SESSIONS)
        return web.json_response({"id": session, "parties": [party(2, "Hold", ANNA, CUSTOMER)]})

    found, asked = await calls_of(answer)
    assert len(found) == 30
    assert len([path for path in asked if path.startswith(SESSIONS)]) == 25
    assert [event.complete for event in found.values()] == [True] * 25 + [False] * 5
    last = found["s-29"]
    assert [(view.vendor_leg_id, view.party.number, view.state, view.inferred) for view in last.legs] == [
        ("p-29-2", "101", LegState.CONNECTED, False),
        ("p-29-2~", "+31612345678", LegState.CONNECTED, True),
    ]


async def test_calls_that_are_over_are_left_out() -> None:
    def answer(request: web.Request) -> web.Response:
        if request.path == PRESENCE:
            calls = [active("1", "NoCall"), active("2"), active("3", telephonySessionId=None)]
            return web.json_response({"records": [presence(*calls)]})
        return web.json_response({"errorCode": "CMN-102", "message": "gone"}, status=404)

    found, asked = await calls_of(answer)
    assert found == {}
    assert asked == [PRESENCE, f"{SESSIONS}s-2"]


async def test_user_who_may_see_their_own_presence_alone() -> None:
    def answer(request: web.Request) -> web.Response:
        if request.path == PRESENCE:
            return web.json_response({"errorCode": "CMN-408", "message": "permission required"}, status=403)
        if request.path == OWN:
            return web.json_response(presence(active("1", "Ringing")))
        return web.json_response({"id": "s-1", "parties": [party(2, "Proceeding", ANNA, CUSTOMER)]})

    found, _ = await calls_of(answer)
    assert [view.state for view in found["s-1"].legs] == [LegState.ALERTING]


async def test_several_extensions_on_one_session() -> None:
    bob = {"extension": {"id": "7"}, "activeCalls": [active("1", direction="Outbound", partyId="p-1-1")]}

    def answer(request: web.Request) -> web.Response:
        if request.path == PRESENCE:
            return web.json_response({"records": [presence(active("1")), bob]})
        return web.json_response({"id": "s-1", "parties": [party(2, "Answered", ANNA, CUSTOMER)]})

    found, asked = await calls_of(answer)
    assert list(found) == ["s-1"]
    assert asked == [PRESENCE, f"{SESSIONS}s-1"]
