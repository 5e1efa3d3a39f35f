"""Agents as the vendor lists them: kept, and what changed is told."""

from datetime import timedelta
from typing import Any

import pytest

from common.times import utc_now
from cti.calls.store import read_account
from cti.queues.agents import ask_agents, learn_agents, read_agents
from integrations.contract.capabilities import Capability
from integrations.contract.errors import VendorRejected, VendorTimeout, VendorUnavailable
from integrations.contract.things import AgentChoice
from integrations.directory import sync_directory
from integrations.models import Queue, QueueMember
from tenants.rls import tenant_scope
from tests.api.anything import Anything
from tests.connected import Connected
from tests.everything import EverythingPbx

ALICE, BOB = "a" * 32, "c" * 32


def events(anything: Anything) -> list[dict[str, Any]]:
    return Connected(anything.company, anything.account, "").events()


def told(anything: Anything) -> list[tuple[str, str | None, str]]:
    return [(each["type"], each["data"]["extension_id"], each["data"]["state"]) for each in events(anything)]


def act(anything: Anything, action: str, body: Any = None) -> Any:
    path = f"/api/v1/queues/{anything.help_desk.public_id}/agents/{anything.alice.public_id}/{action}"
    return anything.client.post(path, body or {}, content_type="application/json")


def test_the_first_list_is_no_news(anything: Anything) -> None:
    ask_agents(anything.account, anything.help_desk)
    assert told(anything) == []


def test_what_an_agent_does_is_told_once(anything: Anything) -> None:
    ask_agents(anything.account, anything.help_desk)
    assert act(anything, "login").status_code == 202
    assert told(anything) == [("agent.state_changed", anything.alice.public_id, "available")]
    [event] = events(anything)
    assert event["data"]["queue_id"] == anything.help_desk.public_id
    anything.client.get(f"/api/v1/queues/{anything.help_desk.public_id}/agents")
    assert len(told(anything)) == 1


def test_where_notices_tell_a_list_does_not(anything: Anything, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the same change would be two events."""
    monkeypatch.setattr(EverythingPbx, "declared", EverythingPbx.declared | {Capability.AGENT_EVENTS})
    ask_agents(anything.account, anything.help_desk)
    assert act(anything, "login").status_code == 202
    asked = anything.memory.asked.count(("list_queue_agents", "q" * 32))
    with tenant_scope(anything.company.tenant.id):
        queue = Queue.objects.get()
    assert [each.state for each in read_agents(anything.account, queue)] == ["available"]
    assert anything.memory.asked.count(("list_queue_agents", "q" * 32)) == asked + 1, "what is known is old"
    assert told(anything) == []


def test_what_was_done_stands_though_the_list_cannot_be_had(
    anything: Anything, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The vendor accepted it; whoever looks next asks again."""

    def silent(*_: Any) -> None:
        raise VendorTimeout("Silent.")

    monkeypatch.setattr("cti.queues.agents.ask_agents", silent)
    assert act(anything, "login").status_code == 202
    assert anything.memory.agents[ALICE] == "available"


def test_who_leaves_a_queue_is_logged_out(anything: Anything) -> None:
    anything.memory.agents = {ALICE: "available", BOB: "paused"}
    ask_agents(anything.account, anything.help_desk)
    del anything.memory.agents[ALICE]
    with tenant_scope(anything.company.tenant.id):
        queue = Queue.objects.get()
    ask_agents(anything.account, queue)
    assert told(anything) == [("agent.state_changed", anything.alice.public_id, "logged_out")]
    with tenant_scope(anything.company.tenant.id):
        assert [each.vendor_extension_id for each in QueueMember.objects.all()] == [BOB]


def test_newer_news_outweighs_a_list(anything: Anything) -> None:
    anything.memory.agents = {ALICE: "available"}
    ask_agents(anything.account, anything.help_desk)
    with tenant_scope(anything.company.tenant.id):
        QueueMember.objects.update(state="paused", heard_at=utc_now() + timedelta(minutes=1))
    anything.memory.agents = {}
    with tenant_scope(anything.company.tenant.id):
        queue = Queue.objects.get()
    ask_agents(anything.account, queue)
    assert told(anything) == []
    with tenant_scope(anything.company.tenant.id):
        assert QueueMember.objects.get().state == "paused"


def test_agents_come_with_the_directory(anything: Anything) -> None:
    anything.memory.pause_codes = (AgentChoice("tea", "Tea"),)
    sync_directory(anything.company.tenant.id, anything.account.id, now=utc_now())
    with tenant_scope(anything.company.tenant.id):
        queue = Queue.objects.get()
        assert [(each.vendor_extension_id, each.state) for each in queue.members.all()] == [(ALICE, "logged_out")]
    assert queue.pause_codes == [{"code": "tea", "name": "Tea"}]


@pytest.mark.parametrize("refusal", [VendorRejected("No.", status=403), VendorUnavailable("Away."), VendorTimeout("…")])
def test_agents_that_cannot_be_had_do_no_harm(anything: Anything, refusal: Exception) -> None:
    anything.memory.refusal = refusal  # type: ignore[assignment]
    learn_agents(anything.company.tenant.id, anything.account.id)
    with tenant_scope(anything.company.tenant.id):
        assert Queue.objects.get().agents_at is None


def test_news_of_a_queue_concerns_its_agents(anything: Anything) -> None:
    """Else an agent, who hears of their own lines alone, would never see how many wait."""
    ask_agents(anything.account, anything.help_desk)
    with tenant_scope(anything.company.tenant.id):
        directory = read_account(anything.account.pk).directory
    assert list(directory.agents_of("q" * 32)) == [anything.alice.pk]
    assert list(directory.agents_of("unknown")) == list(directory.agents_of(None)) == []
