"""What vendors tell beside calls: logged once, shown to whom it concerns, and the last of it kept."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from asgiref.sync import async_to_sync
from pytest_django.fixtures import Settings

from common.ids import new_uuid
from cti.events.models import Event
from cti.ingest.intake import open_intake
from cti.ingest.plan import Incoming
from integrations.contract.events import Notice, NoticeType
from integrations.models import Extension, Queue
from tenants.rls import tenant_scope
from tests.connected import ANNA, Connected, connect_account
from tests.servers import url_of_test_database

pytestmark = pytest.mark.usefixtures("committed_db")
AT = datetime(2026, 1, 31, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def own_connections(settings: Settings, committed_db: None) -> None:
    """The intake's go to the tests' database too."""
    settings.DATABASE_URL = url_of_test_database()


def incoming(account_id: UUID, *notices: Notice) -> Incoming:
    return Incoming(
        id=new_uuid(), account_id=account_id, subscription_id=None, received_at=AT, body=b"{}", notices=notices
    )


async def take_in(connected: Connected, *notices: Notice) -> None:
    async with open_intake(connections=1) as batcher:
        for notice in notices:
            await batcher.submit(connected.tenant_id, incoming(connected.account.id, notice))


def extension_of(connected: Connected) -> Extension:
    with tenant_scope(connected.tenant_id):
        return Extension.objects.get(account=connected.account, vendor_extension_id=ANNA)


def queue_of(connected: Connected) -> Queue:
    with tenant_scope(connected.tenant_id):
        return Queue.objects.get(account=connected.account)


def test_presence_is_logged_once_and_kept() -> None:
    connected = connect_account()
    away = Notice("n-1", NoticeType.PRESENCE, AT, {"activity": "lunch", "available": False}, vendor_extension_id=ANNA)
    async_to_sync(take_in)(connected, away, away)

    (event,) = connected.events()
    anna = extension_of(connected)
    assert (event["type"], event["data"]["activity"], event["data"]["extension_id"]) == (
        "presence.changed",
        "lunch",
        anna.public_id,
    )
    assert (anna.presence or {})["activity"] == "lunch"
    assert [delivery.status for delivery in connected.deliveries()] == ["applied", "duplicate"]


def test_a_queues_statistics_name_the_queue() -> None:
    connected = connect_account()
    with tenant_scope(connected.tenant_id):
        Queue.objects.create(
            tenant=connected.company.tenant, account=connected.account, vendor_queue_id="q-1", name="Service"
        )
    told = Notice("n-2", NoticeType.QUEUE, AT, {"stats": {"waiting": 3}}, vendor_queue_id="q-1")
    async_to_sync(take_in)(connected, told)

    (event,) = connected.events()
    queue = queue_of(connected)
    assert (event["type"], event["data"]["queue_id"]) == ("queue.updated", queue.public_id)
    assert queue.stats == {"waiting": 3}


def test_an_agents_state_is_logged_once_and_kept() -> None:
    connected = connect_account()
    with tenant_scope(connected.tenant_id):
        Queue.objects.create(
            tenant=connected.company.tenant, account=connected.account, vendor_queue_id="q-1", name="Service"
        )
    of = {"vendor_extension_id": ANNA, "vendor_queue_id": "q-1"}
    paused = Notice("n-3", NoticeType.AGENT, AT, {"state": "paused", "pause_code": "lunch"}, **of)
    counted = Notice("n-4", NoticeType.QUEUE, AT, {"stats": {"agents_available": 0}}, vendor_queue_id="q-1")
    async_to_sync(take_in)(connected, paused, paused)
    async_to_sync(take_in)(connected, counted)

    state, stats = connected.events()
    anna, queue = extension_of(connected), queue_of(connected)
    about = {"extension_id": anna.public_id, "queue_id": queue.public_id}
    assert (state["type"], state["data"]) == ("agent.state_changed", {"state": "paused", "pause_code": "lunch"} | about)
    with tenant_scope(connected.tenant_id):
        assert [(each.vendor_extension_id, each.state, each.pause_code) for each in queue.members.all()] == [
            (ANNA, "paused", "lunch")
        ]
        concerned = Event.objects.order_by("sequence").values_list("extension_ids", flat=True)
        assert list(concerned) == [[anna.pk], [anna.pk]], "news of a queue is news for those who answer it"
    assert stats["type"] == "queue.updated"
