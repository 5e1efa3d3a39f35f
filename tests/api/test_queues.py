"""Queues: what they count, who answers them, who waits."""

from datetime import timedelta
from typing import Any

import pytest

from common.times import utc_now
from cti.queues.commands import AGENT_ACTIONS
from integrations.contract.commands import Destination
from integrations.contract.errors import CallGone, VendorTimeout, VendorUnavailable
from integrations.contract.things import AgentAction, QueuedCall, QueueStats
from integrations.directory import sync_directory
from integrations.models import Extension, Queue
from tenants.models import Role, Scope
from tenants.rls import tenant_scope
from tests.api.anything import Anything
from tests.api.world import World
from tests.everything import NOON

COUNTED = {
    "waiting": 2,
    "longest_wait_s": 31.5,
    "agents_logged_in": 1,
    "agents_available": None,
    "answered": None,
    "abandoned": None,
    "average_wait_s": None,
}


def address(pbx: Anything, rest: str = "") -> str:
    return f"/api/v1/queues/{pbx.help_desk.public_id}{rest}"


def post(pbx: Anything, rest: str, body: Any = None, client: Any = None) -> Any:
    return (client or pbx.client).post(address(pbx, rest), body or {}, content_type="application/json")


def test_queues_come_with_the_directory(anything: Anything) -> None:
    with tenant_scope(anything.company.tenant.id):
        Queue.objects.create(
            tenant=anything.company.tenant, account=anything.account, vendor_queue_id="old", name="Old"
        )
    sync_directory(anything.company.tenant.id, anything.account.id, now=NOON)
    [queue] = anything.client.get("/api/v1/queues").json()["results"]
    with tenant_scope(anything.company.tenant.id):
        entry = Extension.objects.get(number="800")
    assert queue | {"stats_age_s": 0} == {
        "id": anything.help_desk.public_id,
        "account_id": anything.account.public_id,
        "vendor_queue_id": "q" * 32,
        "number": "800",
        "name": "Help",
        "extension_id": entry.public_id,
        "pause_codes": [{"code": "lunch", "name": "Lunch"}, {"code": "desk", "name": "At the desk"}],
        "skills": [{"code": "dutch", "name": "Speaks Dutch"}],
        "stats": COUNTED,
        "stats_at": "2026-01-31T12:00:00.000Z",
        "stats_age_s": 0,
    }


def test_queues_are_filtered(anything: Anything, acme: World) -> None:
    for query, found in (("number=800", 1), ("number=801", 0), (f"account={acme.account.public_id}", 0)):
        assert len(anything.client.get(f"/api/v1/queues?{query}").json()["results"]) == found


@pytest.mark.parametrize("absence", [VendorUnavailable("Away."), VendorTimeout("Silent.")])
def test_statistics_are_fresh_and_old_ones_tell_their_age(anything: Anything, absence: Exception) -> None:
    fresh = anything.client.get(address(anything)).json()
    assert fresh["stats"] == COUNTED
    assert fresh["stats_age_s"] < 5
    with tenant_scope(anything.company.tenant.id):
        Queue.objects.update(stats_at=utc_now() - timedelta(minutes=2))
    anything.memory.stats, anything.memory.refusal = QueueStats(waiting=9), absence  # type: ignore[assignment]
    stale = anything.client.get(address(anything)).json()
    assert stale["stats"] == COUNTED
    assert 120 <= stale["stats_age_s"] < 125


def test_agents_are_shown_with_their_extensions(anything: Anything) -> None:
    anything.memory.agents = {"a" * 32: "available", "stranger": "paused"}
    alice, stranger = anything.client.get(address(anything, "/agents")).json()["results"]
    assert alice == {
        "extension_id": anything.alice.public_id,
        "vendor_extension_id": "a" * 32,
        "name": "Alice",
        "state": "available",
        "pause_code": None,
        "skill": None,
        "since": None,
        "logged_in_at": "2026-01-31T12:00:00.000Z",
    }
    assert (stranger["extension_id"], stranger["name"], stranger["state"]) == (None, "", "paused")
    assert anything.client.get(address(anything, "/agents")).status_code == 200
    assert anything.memory.asked.count(("list_queue_agents", "q" * 32)) == 1, "an answer of a moment ago is good enough"


def test_queues_of_an_extension(anything: Anything) -> None:
    def found(line: Extension) -> list[str]:
        answer = anything.client.get(f"/api/v1/queues?extension={line.public_id}")
        return [each["id"] for each in answer.json()["results"]]

    assert found(anything.alice) == []
    anything.client.get(address(anything, "/agents"))
    assert found(anything.alice) == [anything.help_desk.public_id]
    assert found(anything.bob) == found(anything.sales) == []


@pytest.mark.parametrize(
    ("action", "state"),
    [
        ("login", "available"),
        ("logout", "logged_out"),
        ("pause", "paused"),
        ("resume", "available"),
        ("end-wrap-up", "available"),
    ],
)
def test_an_agent_acts_in_a_queue(anything: Anything, action: str, state: str) -> None:
    assert action in AGENT_ACTIONS
    body = {"pause_code": "lunch", "skill": "dutch"}
    answer = post(anything, f"/agents/{anything.alice.public_id}/{action}", body)
    assert (answer.status_code, answer.json()) == (
        202,
        {"queue_id": anything.help_desk.public_id, "extension_id": anything.alice.public_id, "action": action},
    )
    assert (action, AgentAction("q" * 32, "a" * 32, "lunch", "dutch")) in anything.memory.asked
    assert anything.memory.agents["a" * 32] == state


@pytest.mark.parametrize(("field", "known"), [("pause_code", "lunch, desk"), ("skill", "dutch")])
def test_a_code_that_the_queue_does_not_have_is_refused(anything: Anything, field: str, known: str) -> None:
    sync_directory(anything.company.tenant.id, anything.account.id, now=NOON)
    asked = len(anything.memory.asked)
    answer = post(anything, f"/agents/{anything.alice.public_id}/pause", {field: "siesta"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert answer.json()["errors"] == {field: [f"This queue has no such code; it has {known}."]}
    assert len(anything.memory.asked) == asked


def test_agents_log_themselves_in_and_nobody_else(anything: Anything) -> None:
    member = anything.company.member(Role.AGENT)
    browser = anything.company.browser(member.user)
    with tenant_scope(anything.company.tenant.id):
        anything.alice.member = member
        anything.alice.save()
    assert post(anything, f"/agents/{anything.alice.public_id}/login", client=browser).status_code == 202
    assert post(anything, f"/agents/{anything.bob.public_id}/login", client=browser).status_code == 403
    reader = anything.company.program(anything.company.key(Scope.QUEUES_READ))
    assert post(anything, f"/agents/{anything.alice.public_id}/login", client=reader).status_code == 403
    supervisor = anything.company.browser(anything.company.member(Role.SUPERVISOR).user)
    assert post(anything, f"/agents/{anything.bob.public_id}/login", client=supervisor).status_code == 202


def test_a_caller_who_waits_is_taken_out(anything: Anything) -> None:
    call = anything.waiting()
    vendor_call_id = call.snapshot["vendor_call_id"]
    anything.memory.waiting = (QueuedCall(vendor_call_id, "0612345678", "Jansen", 1, NOON), QueuedCall("unknown"))
    known, unknown = anything.client.get(address(anything, "/calls")).json()["results"]
    assert known == {
        "call_id": call.public_id,
        "vendor_call_id": vendor_call_id,
        "number": "+31612345678",
        "name": "Jansen",
        "position": 1,
        "waiting_since": "2026-01-31T12:00:00.000Z",
    }
    assert (unknown["call_id"], unknown["vendor_call_id"]) == (None, "unknown")
    answer = post(anything, f"/calls/{call.public_id}/steal", {"to": {"extension_id": anything.bob.public_id}})
    assert (answer.status_code, answer.json()["id"], answer["ETag"]) == (202, call.public_id, f'"{call.version}"')
    assert anything.last() == ("steal", "q" * 32, vendor_call_id, Destination(extension_id="c" * 32))


def test_only_who_waits_is_taken_out(anything: Anything) -> None:
    for call in (anything.talking(), anything.held()):
        answer = post(anything, f"/calls/{call.public_id}/steal", {"to": "1001"})
        assert (answer.status_code, answer.json()["code"]) == (409, "invalid_call_state")
    assert post(anything, f"/calls/{anything.waiting().public_id}/steal").status_code == 400
    assert all(asked[0] != "steal" for asked in anything.memory.asked)


def test_who_hung_up_meanwhile_is_not_taken_out(anything: Anything) -> None:
    call = anything.waiting()
    anything.memory.refusal = CallGone("Gone.")
    answer = post(anything, f"/calls/{call.public_id}/steal", {"to": "1001"})
    assert (answer.status_code, answer.json()["code"]) == (409, "invalid_call_state")


def test_a_caller_of_another_queue_is_not_found(anything: Anything) -> None:
    sync_directory(anything.company.tenant.id, anything.account.id, now=NOON)
    with tenant_scope(anything.company.tenant.id):
        other = Queue.objects.create(
            tenant=anything.company.tenant, account=anything.account, vendor_queue_id="other", name="Other"
        )
    call = anything.waiting()
    assert call.snapshot["queue_id"] == anything.help_desk.public_id
    path = f"/api/v1/queues/{other.public_id}/calls/{call.public_id}/steal"
    answer = anything.client.post(path, {"to": "1001"}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_agents_take_nobody_out(anything: Anything) -> None:
    browser = anything.company.browser(anything.company.member(Role.AGENT).user)
    path = f"/calls/{anything.waiting().public_id}/steal"
    assert post(anything, path, {"to": "1001"}, client=browser).status_code == 403


def test_what_belongs_to_others_is_not_found(anything: Anything, globex: World) -> None:
    others = globex.company.program()
    assert others.get(address(anything)).status_code == 404
    assert post(anything, f"/agents/{globex.alice.public_id}/login").status_code == 404
    assert post(anything, f"/calls/{globex.call().public_id}/steal", {"to": "1000"}).status_code == 404
