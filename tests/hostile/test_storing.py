"""Whatever a vendor sends is stored, shown where it can't be used, and costs no other delivery anything."""

import asyncio
from datetime import datetime
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from msgspec import structs
from pytest_django.fixtures import Settings

from common.times import utc_now
from cti.ingest.models import Delivery
from cti.ingest.parse import parse_delivery
from cti.ingest.plan import Incoming
from integrations.models import PbxAccount
from tenants.rls import tenant_scope
from tests.connected import Connected, connect_account
from tests.hostile.mutations import NO_PAYLOADS, each_place
from tests.hostile.valid import PAYLOADS, QUERIES
from tests.ingest.station import station
from tests.integrations.callgear import stories as callgear
from tests.integrations.dstny import payloads as dstny
from tests.integrations.eq import pictures as eq
from tests.integrations.ringcentral import payloads as ringcentral
from tests.permutations import kwebbl
from tests.servers import url_of_test_database

BATCH = 200
STORY_OF_THE_GOOD_ONE = ["call.originated", "call.delivered"]
GOOD = {
    "kwebbl": kwebbl.bodies("missed")[1].replace(b"call-1", b"call-9"),
    "ringcentral": ringcentral.encoded(
        ringcentral.notification(
            ringcentral.party(2, "Proceeding", ringcentral.ANNA, ringcentral.CUSTOMER, session="9"), session="9"
        )
    ),
    "dstny": dstny.requests([("anna", dstny.state("anna-9", "RINGING", 9, correlationId=None))])[0].body,
    "callgear": callgear.polled(callgear.STORIES["missed"][0]).replace(str(callgear.CALL).encode(), b"9"),
    "eq": eq.polled(eq.picture(eq.line("509", unique="1769869999.9")))[0].body,
}


@pytest.fixture
def connected(committed_db: None, settings: Settings) -> Connected:
    settings.DATABASE_URL = url_of_test_database()
    return connect_account()


def incoming(vendor: str, connected: Connected, body: bytes, query: dict[str, str], at: datetime) -> Incoming:
    return parse_delivery(
        vendor,
        account_id=connected.account.id,
        subscription_id=uuid4(),
        headers={},
        body=body,
        received_at=at,
        query=query,
    )


@pytest.mark.parametrize("vendor", PAYLOADS)
def test_hostile_deliveries_are_stored_and_a_later_good_one_counts(connected: Connected, vendor: str) -> None:
    with tenant_scope(connected.tenant_id):
        PbxAccount.objects.filter(pk=connected.account.pk).update(vendor=vendor)
    queries = QUERIES[vendor]
    bodies = [(body, queries[0]) for body in each_place(PAYLOADS[vendor])]
    bodies += [(body, query) for body in [*NO_PAYLOADS, *PAYLOADS[vendor]] for query in queries]
    _store(vendor, connected, [*bodies, (GOOD[vendor], queries[0])])
    with tenant_scope(connected.tenant_id):
        stored = Delivery.objects.order_by("received_at", "id")
        assert len(stored) == len(bodies) + 1
        assert {each.status for each in stored} >= {"applied", "duplicate", "unparsed"}
        assert all(each.note for each in stored if each.status in {"ignored", "unparsed"})
        assert not [each.note for each in stored if each.note.startswith("could not be")]
        assert stored[len(stored) - 1].status == "applied"
    events = connected.events()
    assert [event["sequence"] for event in events] == list(range(1, len(events) + 1))
    assert [event["type"] for event in events if event["type"].startswith("call.")][-2:] == STORY_OF_THE_GOOD_ONE


@async_to_sync
async def _store(vendor: str, connected: Connected, bodies: list[tuple[bytes, dict[str, str]]]) -> None:
    """In batches, as a busy process would."""
    async with station() as made:
        for start in range(0, len(bodies), BATCH):
            now, batch = utc_now(), bodies[start : start + BATCH]
            await made.store(connected.tenant_id, [incoming(vendor, connected, *each, now) for each in batch])


def test_what_cannot_be_stored_is_kept_as_unparsed_and_costs_its_neighbours_nothing(connected: Connected) -> None:
    good, bad = (_kwebbl(connected, number) for number in (1, 2))
    bad = structs.replace(bad, events=tuple(structs.replace(each, identity="x" * 301) for each in bad.events))
    later = _kwebbl(connected, 3)
    _submit(connected, good, bad, later)
    with tenant_scope(connected.tenant_id):
        notes = dict(Delivery.objects.values_list("id", "note"))
    assert notes == {good.id: "", bad.id: "could not be stored: StringDataRightTruncation", later.id: ""}
    assert connected.types() == ["call.originated", "call.delivered"] * 2


def _kwebbl(connected: Connected, number: int) -> Incoming:
    body = GOOD["kwebbl"].replace(b"call-9", f"call-{number}".encode())
    return incoming("kwebbl", connected, body, {}, utc_now())


@async_to_sync
async def _submit(connected: Connected, *deliveries: Incoming) -> None:
    """All at once: those after the first share a batch."""
    async with station() as made:
        await asyncio.gather(*(made.batcher.submit(connected.tenant_id, each) for each in deliveries))
