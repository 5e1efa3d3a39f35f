"""What the adapter has no method for: requests that are passed through as they are."""

import json
from typing import Any

import pytest

from integrations.contract.capabilities import Capability
from integrations.contract.commands import RawRequest
from integrations.contract.errors import Unsupported, VendorRejected
from integrations.vendors import dstny
from integrations.vendors.dstny.adapter import DstnyAdapter
from tests.integrations.dstny.live import DOMAIN, call_of, dstny_of, ring_in
from tests.integrations.readme import features_of
from tests.sandbox_server import SandboxHandle

PASSED_ON = sorted(operation for operation, here in features_of(dstny).items() if here == Capability.PASSTHROUGH)
# What each needs of the world: values for its path, its query, its body.
VALUES = {
    "domain": DOMAIN,
    "user": "wout",
    "group": "401",
    "group_domain": DOMAIN,
    "line": "PRIMARY",
    "rule": "CFWD_ON_BUSY",
    "number": "+31612000999",
    "activity": "lunch",
    "expires": "never",
    "contact": f"xander@{DOMAIN}",
    "status": "VIP",
    "agent": f"wout@{DOMAIN}",
    "external": "crm-1",
    "type": "BLIND_TRANSFER",
    "destination": "+31687654321",
    "target": "nobody",
    "ticket": "nobody",
    "transfer": "1",
}
QUERIES: dict[str, dict[str, str]] = {
    "PUT /acd/{domain}/groups/{group}/{agent}": {"action": "login"},
    "PUT /commlog/{domain}/{user}": {"itemId": "1", "isSeen": "true"},
    "PUT /commlog/{domain}/{user}/{item}": {"isSeen": "true"},
    "DELETE /commlog/{domain}/{user}": {"itemId": "1"},
    "PUT /distributiongroup/{domain}/{user}/calllog/item/{item}": {"state": "INPROGRESS", "note": "Calls back"},
}
BODIES: dict[str, dict[str, Any]] = {
    "PUT /user/device/{domain}/{user}/{device}/icon": {"name": "TYPE_2"},
    "PUT /user/device/{domain}/{user}/{device}/name": {"name": "My laptop"},
    "POST /user/device/{domain}/{user}/webhooks": {"targetUrl": "http://127.0.0.1:9/x", "targetId": "x"},
    "POST /contacts/{domain}/{user}": {"contact": [{"email": f"xander@{DOMAIN}"}]},
    "PUT /user/diversion/{domain}/{user}/{line}": {"userDiversionLineRules": []},
    "PUT /user/diversion/{domain}/{user}/{line}/{rule}": {"phoneNumber": "+31612000999"},
    "PUT /user/voicemail/{domain}/{user}": {"smsNotification": True},
}


# What isn't there is 404 by the vendor's own word, and so it is passed on.
NOT_THERE = {
    "DELETE /cti/state/{domain}/{user}/calls/{call}/webhooks/{target}": 404,
    "POST /cti/control/{domain}/{user}/device/{device}/pickup": 400,
    "DELETE /contacts/{domain}/{user}/{contact}": 404,
    "DELETE /user/device/{domain}/{user}/webhooks/{target}": 404,
    "DELETE /linestate/{domain}/{user}/{external}": 404,
    "GET /linestate/{domain}/{user}/{external}": 404,
    "DELETE /user/tickets/{domain}/{user}/{ticket}": 404,
    "PUT /user/info/{domain}/{user}/photo": 415,
    "POST /calls/current/{domain}/{user}/transfer/{type}/{destination}": 409,
    "GET /calls/current/{domain}/{user}/transfer": 404,
    "DELETE /calls/current/{domain}/{user}/transfer/{transfer}": 404,
}


@pytest.mark.parametrize("operation", PASSED_ON)
async def test_passthrough_reaches(sandbox: SandboxHandle, operation: str) -> None:
    method, _, template = operation.partition(" ")
    async with dstny_of(sandbox) as adapter:
        values = VALUES | await _things(adapter, sandbox, template)
        body = json.dumps(BODIES.get(operation, {})).encode() if method != "GET" else b""
        headers = {"content-type": "application/json", "patchbay-user": "wout"}
        answer = await adapter.passthrough(
            RawRequest(method, template.format(**values), QUERIES.get(operation, {}), headers, body)
        )
    expected = NOT_THERE.get(operation)
    assert answer.status == expected if expected else answer.status in {200, 204}, answer.body
    assert b"There is nothing at this address" not in answer.body


async def _things(adapter: DstnyAdapter, sandbox: SandboxHandle, template: str) -> dict[str, str]:
    """A call, a device, an item of a log, where the path takes one."""
    things = {"place": "mobile", "contact": "+31687654321"} if "{place}" in template else {}
    if "{device}" in template:
        things["device"] = (await adapter.list_devices("wout"))[1].device_id
    if "{item}" in template:
        ring_in(sandbox, "401")
        await adapter.answer(await call_of(adapter, "wout"), None)
        await adapter.hangup(await call_of(adapter, "wout"))
        path = "distributiongroup/{domain}/{user}/calllog" if "group" in template else "commlog/{domain}/{user}"
        answer = await adapter.passthrough(RawRequest("GET", f"/{path.format(**VALUES)}"))
        log = json.loads(answer.body)
        item = log["callLogItem"][0] if "callLogItem" in log else next(iter(log["historyItems"][0].values()))
        things["item"] = str(item["itemId"])
    if "{call}" in template:
        ring_in(sandbox)
        things["call"] = (await call_of(adapter, "wout")).vendor_call_id
    return things


async def test_passthrough_is_sent_as_the_user_named(sandbox: SandboxHandle) -> None:
    users = [{"user": each, "password": f"demo-{each}"} for each in ("wout", "xander")]
    path = f"/user/info/{DOMAIN}/xander/presence"
    async with dstny_of(sandbox, {"domain": DOMAIN, "users": users}) as adapter:
        assert (await adapter.passthrough(RawRequest("GET", path))).status == 403
        as_xander = await adapter.passthrough(RawRequest("GET", path, headers={"patchbay-user": "xander"}))
        assert as_xander.status == 200
        with pytest.raises(Unsupported, match="no password or ticket of vera"):
            await adapter.passthrough(RawRequest("GET", path, headers={"patchbay-user": "vera"}))


@pytest.mark.parametrize("path", ["/../control", "/user/%2e%2e/%2e%2e/x"])
async def test_passthrough_stays_below_the_address(sandbox: SandboxHandle, path: str) -> None:
    async with dstny_of(sandbox) as adapter:
        with pytest.raises(VendorRejected, match="dot segments"):
            await adapter.passthrough(RawRequest("GET", path))
