"""Walks the feature table of EQ's README: each row has a scenario that proves it against the sandbox."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from integrations.contract.capabilities import Capability
from integrations.contract.commands import RawRequest
from integrations.vendors import eq
from integrations.vendors.eq.adapter import EqAdapter
from integrations.vendors.eq.paths import ROUTES
from tests.integrations.eq import call_scenarios as calls
from tests.integrations.eq import queue_scenarios as queues
from tests.integrations.eq.call_scenarios import Scenario
from tests.integrations.eq.live import eq_of
from tests.integrations.readme import features_of
from tests.sandbox_server import SandboxHandle

FEATURES = features_of(eq)
_ACTION, _AGENT, _KEY = "POST /extension_action", "POST /call_queue_agent_action", "POST /phone_command"
_MONITOR, _RECORD = "POST /call_monitor_action", "POST /call_recording_action"
SCENARIOS: dict[str, tuple[Scenario, ...]] = {
    "POST /agent_session": (queues.sessions,),
    "DELETE /agent_session/{token}": (queues.sessions,),
    "GET /active_agent_sessions": (queues.directory,),
    "GET /pause_code/{id}": (queues.queues,),
    "GET /extension/{extension}": (queues.directory,),
    "GET /phone": (queues.devices,),
    "GET /active_calls": (calls.snapshot,),
    "GET /queued_calls": (queues.waiting,),
    "GET /parked_calls": (calls.park_and_pick_up,),
    "POST /steal_queued_call": (queues.steal,),
    "POST /steal_queued_call (by a colleague)": (calls.pick_up_from_a_queue, calls.no_pick_up_of_what_rings_elsewhere),
    "POST /pick_up_parked_call": (calls.park_and_pick_up,),
    "GET /call_recordings": (calls.a_recording_comes,),
    "GET /call_queue_agent_status": (queues.log_out_and_in,),
    f"{_AGENT} (signIn)": (queues.log_out_and_in,),
    f"{_AGENT} (signOut)": (queues.log_out_and_in,),
    f"{_AGENT} (pause)": (queues.pause_and_resume,),
    f"{_AGENT} (resume)": (queues.pause_and_resume,),
    f"{_AGENT} (exitWrapUp)": (queues.wrap_up,),
    "GET /call_queue_statistics": (queues.queues,),
    f"{_ACTION} (dial)": (calls.originate,),
    f"{_ACTION} (blindTransfer)": (calls.transfer,),
    f"{_ACTION} (park)": (calls.park_and_pick_up,),
    f"{_ACTION} (hangUp)": (calls.hangup, calls.hangup_of_what_rings),
    f"{_ACTION} (hangUp, ringing)": (calls.reject,),
    f"{_RECORD} (start)": (calls.recording,),
    f"{_RECORD} (stop)": (calls.recording,),
    f"{_RECORD} (cancel)": (calls.a_cancelled_recording_is_not_kept,),
    f"{_MONITOR} (spy)": (calls.supervise("listen"),),
    f"{_MONITOR} (whisper)": (calls.supervise("whisper"),),
    f"{_MONITOR} (bargeIn)": (calls.supervise("barge"),),
    f"{_KEY} (headset, speaker, line1)": (calls.answer,),
    f"{_KEY} (hold)": (calls.hold_and_resume,),
    f"{_KEY} (hold, on hold)": (calls.hold_and_resume,),
    f"{_KEY} (mute)": (calls.mute,),
    f"{_KEY} (mute, muted)": (calls.mute,),
    f"{_KEY} (0 to 9, star, pound)": (calls.digits,),
}
PROVED_ELSEWHERE = {
    "POST /supervisor_session",  # test_sessions.py
    "GET /call_queue_agent_status (polled)",  # test_polling.py
    "GET /call_queue_statistics (polled)",
    "GET /license",  # test_account.py
}


@pytest.mark.parametrize("scenario", dict.fromkeys(each for every in SCENARIOS.values() for each in every))
async def test_feature(sandbox: SandboxHandle, scenario: Scenario) -> None:
    async with eq_of(sandbox) as adapter:
        await scenario(adapter, sandbox)


def passed_on() -> dict[str, str]:
    return {operation: here for operation, here in FEATURES.items() if here == Capability.PASSTHROUGH}


def test_every_documented_operation_has_a_scenario() -> None:
    assert FEATURES.keys() - passed_on().keys() == SCENARIOS.keys() | PROVED_ELSEWHERE


def test_every_route_is_documented() -> None:
    operations = {operation.partition(" (")[0] for operation in FEATURES}
    assert {f"{route.method} {route.path}" for route in ROUTES.values()} <= operations


def test_the_table_names_capabilities() -> None:
    assert set(FEATURES.values()) <= {*Capability, "account"}
    general = {Capability.TRANSFER, Capability.SUPERVISE}
    assert {*FEATURES.values()} - {"account"} | general == EqAdapter.declared


_USER = {"firstName": "Piet", "lastName": "Pol", "password": "12345"}
_ALERT = {
    "user": 1,
    "name": "Full",
    "type": "diskUsageHigh",
    "threshold": 90,
    "notificationType": "realtime",
    "color": "#FF0000",
    "daysOfWeek": [1, 3, 5],
    "fromTime": "09:00 AM",
    "toTime": "05:00 PM",
}
# What each takes as `data`, and what is deleted before it can be undeleted.
DATA: dict[str, dict[str, Any]] = {
    "/supervisor": {**_USER, "username": "piet", "emailAddress": "piet@acme.example", "type": "full"},
    "/agent": {**_USER, "number": "777"},
    "/call_queue": {"extension": "650", "name": "Billing", "type": 0},
    "/pause_code": {"name": "Meeting"},
    "/extension": {"extension": "555", "name": "Piet Pol"},
    "/alert": _ALERT,
}
BODIES: dict[str, dict[str, str]] = {
    "POST /phone_command (other keys)": {"extension": "502", "key": "volume_up"},
}


async def send(adapter: EqAdapter, method: str, path: str, body: dict[str, str], **query: str) -> Any:
    content = urlencode(body).encode() if body else b""
    headers = {"content-type": "application/x-www-form-urlencoded"} if body else {}
    return await adapter.passthrough(RawRequest(method, path, query, headers, content))


async def made(adapter: EqAdapter, collection: str) -> str:
    """The id of a new one."""
    answer = await send(adapter, "POST", collection, {"data": json.dumps(DATA[collection])})
    assert answer.status == 200, answer.body
    return str(json.loads(answer.body))


@pytest.mark.parametrize("operation", sorted(passed_on()))
async def test_passthrough_reaches(sandbox: SandboxHandle, operation: str) -> None:
    method, _, template = operation.partition(" (")[0].partition(" ")
    collection = f"/{template.split('/')[1]}"
    undeletes = operation.endswith("(undelete)")
    async with eq_of(sandbox) as adapter:
        if template == "/supervisor_session/{token}":
            own = json.loads((await send(adapter, "POST", collection, {"user": "1"})).body)
        else:
            own = await made(adapter, collection) if "{" in template else ""
        path = collection if "{" not in template else f"{collection}/{own}"
        if undeletes:
            assert (await send(adapter, "DELETE", path, {})).status == 200
        has_data = collection in DATA and method in {"POST", "PUT"} and not undeletes
        body = BODIES.get(operation, {"data": json.dumps(DATA[collection])} if has_data else {})
        answer = await send(adapter, method, path, body, **({"undelete": "1"} if undeletes else {}))
    assert (answer.status, answer.errors) == (200, {}), answer.body


async def test_special_errors_of_the_administration_come_by_field(sandbox: SandboxHandle) -> None:
    async with eq_of(sandbox) as adapter:
        answer = await send(adapter, "POST", "/agent", {"data": json.dumps({**DATA["/agent"], "number": "502"})})
    assert answer.status == 400
    assert list(answer.errors) == ["number"]
