"""Walks the feature table of RingCentral's README: each row has a scenario that proves it against the sandbox."""

import re

import pytest

from integrations.contract.capabilities import Capability
from integrations.contract.commands import RawRequest
from integrations.contract.events import EventType, NoticeType
from integrations.vendors import ringcentral
from integrations.vendors.ringcentral.adapter import RingCentralAdapter
from integrations.vendors.ringcentral.routes import API, ROUTES
from tests.integrations.readme import features_of
from tests.integrations.ringcentral import call_scenarios, directory_scenarios, watching_scenarios
from tests.integrations.ringcentral.live import Scene, scene_of
from tests.sandbox.ringcentral.client import COMPANY
from tests.sandbox_server import SandboxHandle

FEATURES = features_of(ringcentral)
SCENARIOS = call_scenarios.SCENARIOS | directory_scenarios.SCENARIOS | watching_scenarios.SCENARIOS
PLAYED = [*dict.fromkeys(SCENARIOS.values()), *call_scenarios.BESIDE]
PROVED_ELSEWHERE = {
    "GET /oauth/authorize",
    "POST /oauth/token (code)",
    "POST /oauth/token (JWT)",
    "POST /oauth/token (refresh)",
    "POST /oauth/revoke",
}
"""test_connecting.py."""


PASSED_THROUGH = [operation for operation, here in FEATURES.items() if here == "passthrough"]


@pytest.mark.parametrize("scenario", PLAYED, ids=lambda each: each.__name__)
async def test_feature(sandbox: SandboxHandle, scenario: call_scenarios.Scenario) -> None:
    sandbox.set("connection", COMPANY, rate_limits=False)
    async with scene_of(sandbox) as scene:
        await scenario(scene)


@pytest.mark.parametrize("operation", PASSED_THROUGH)
async def test_everything_else_is_reached_by_passthrough(sandbox: SandboxHandle, operation: str) -> None:
    """The sandbox knows the operation, and does it or says what is wrong with the request."""
    async with scene_of(sandbox) as scene:
        answer = await scene.adapter.passthrough(await _request(scene, operation))
    assert answer.status in {200, 202, 204, 400, 409}
    assert b"CMN-120" not in answer.body  # "Invalid URI"


async def _request(scene: Scene, operation: str) -> RawRequest:
    call = await scene.ringing()
    method, path = operation.partition(" (")[0].split(" ")
    values = {
        "session": call.vendor_call_id,
        "party": call.acting.vendor_leg_id if call.acting else "",
        "extension": scene.user.extension_id,
        "queue": scene.user.extension("201"),
    }
    body = b'{"standAlone": true}' if "standAlone" in operation else b"{}"
    headers = {"content-type": "application/json"}
    return RawRequest(method, API + path.format(**values), headers=headers, body=b"" if method == "GET" else body)


def test_every_documented_operation_has_a_scenario() -> None:
    assert set(FEATURES) == SCENARIOS.keys() | PROVED_ELSEWHERE | set(PASSED_THROUGH)


def test_every_route_is_documented() -> None:
    operations = {operation.partition(" (")[0] for operation in FEATURES}
    paths = {f"{route.method} {re.sub(r'^/restapi(/v1.0)?', '', route.path)}" for route in ROUTES.values()}
    assert paths <= operations


def test_the_table_names_capabilities_and_events() -> None:
    names = {*Capability, *EventType, *NoticeType, "account", "passthrough", "ignored"}
    assert set(FEATURES.values()) <= names
    declared = {here for here in FEATURES.values() if here in set(Capability)}
    without_rows = {"calls.transfer", "calls.supervise", "transfer.attended"}
    assert declared | without_rows == RingCentralAdapter.declared
