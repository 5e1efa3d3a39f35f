"""What a delivery only hints at is read from the vendor; what is over ends, unless somebody goes on with it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from pytest_django.fixtures import Settings

from common.times import utc_now
from cti.calls.models import Call
from cti.ingest import follow_up
from cti.ingest.batcher import Batcher
from cti.ingest.follow_up import FollowUps
from cti.ingest.intake import open_intake
from cti.ingest.parse import parse_delivery
from integrations.contract.commands import LiveCall, Snapshot
from integrations.contract.errors import VendorUnavailable
from integrations.contract.events import Reconcile
from integrations.vendors.dstny.events import told
from tenants.rls import tenant_scope
from tests.connected import ANNA, BOB, Connected, connect_account
from tests.integrations.dstny.payloads import state
from tests.servers import url_of_test_database

pytestmark = pytest.mark.usefixtures("committed_db")


class Vendor:
    """An adapter whose users have these calls; `asked` counts the readings."""

    key = "dstny"

    def __init__(self, *calls: dict[str, Any]) -> None:
        self.calls = calls
        self.asked = 0
        self.fails = 0
        self.slowly = asyncio.Event()
        self.slowly.set()

    async def read_calls(self, extension_id: str) -> Snapshot:
        self.asked += 1
        await self.slowly.wait()
        if self.fails:
            self.fails -= 1
            raise VendorUnavailable("away")
        return Snapshot(tuple(LiveCall(each["callId"], told(extension_id, each)) for each in self.calls))


@pytest.fixture(autouse=True)
def at_once(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The intake's connections go to the tests' database; nobody is waited for."""
    settings.DATABASE_URL = url_of_test_database()
    monkeypatch.setattr(follow_up, "GOES_ON_WITHIN_S", 0.0)


@pytest.fixture
def connected() -> Connected:
    return connect_account()


Play = Callable[[FollowUps, Batcher, Vendor], Any]


def play(monkeypatch: pytest.MonkeyPatch, scene: Play, *calls: dict[str, Any]) -> Vendor:
    """Plays a scene with the vendor's calls."""

    async def run() -> Vendor:
        vendor = Vendor(*calls)

        @asynccontextmanager
        async def opened(*_: object) -> AsyncIterator[Vendor]:
            yield vendor

        monkeypatch.setattr(follow_up, "open_adapter", opened)
        async with open_intake(connections=1) as batcher:
            follow_ups = FollowUps(batcher)
            await scene(follow_ups, batcher, vendor)
            async with asyncio.timeout(10):
                await follow_ups.finished()
        return vendor

    return async_to_sync(run)()


async def tell(batcher: Batcher, connected: Connected, user: str, shown: dict[str, Any]) -> None:
    """A delivery of the user's webhook."""
    incoming = parse_delivery(
        "dstny",
        account_id=connected.account.id,
        subscription_id=None,
        headers={},
        body=told(user, shown),
        received_at=utc_now(),
    )
    await batcher.submit(connected.tenant_id, incoming)


def the_call(connected: Connected) -> Call:
    with tenant_scope(connected.tenant_id):
        return Call.objects.get()


def test_what_the_vendor_has_is_taken_in(connected: Connected, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(follow_ups: FollowUps, batcher: Batcher, _: Vendor) -> None:
        await tell(batcher, connected, ANNA, state("a1", "RINGING", 1))
        follow_ups.ask(connected.tenant_id, connected.account.id, Reconcile(ANNA))

    play(monkeypatch, scene, state("a1", "ACTIVE", 2))
    assert the_call(connected).state == "connected"
    assert connected.types() == ["call.originated", "call.delivered", "call.established"]


def test_a_call_that_the_vendor_has_no_more_ends(connected: Connected, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(follow_ups: FollowUps, batcher: Batcher, _: Vendor) -> None:
        await tell(batcher, connected, ANNA, state("a1", "ACTIVE", 1))
        await tell(batcher, connected, BOB, state("b1", "ACTIVE", 2, correlationId="another"))
        follow_ups.ask(connected.tenant_id, connected.account.id, Reconcile(ANNA))

    play(monkeypatch, scene)
    with tenant_scope(connected.tenant_id):
        states = {call.snapshot["vendor_call_id"]: call.state for call in Call.objects.all()}
    assert states == {"a1": "ended", "b1": "connected"}


def test_what_is_over_ends_unless_somebody_goes_on(connected: Connected, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(follow_ups: FollowUps, batcher: Batcher, _: Vendor) -> None:
        await tell(batcher, connected, ANNA, state("a1", "ACTIVE", 1))
        await tell(batcher, connected, ANNA, state("a1", "TERMINATED", 2))
        await tell(batcher, connected, BOB, state("b1", "RINGING", 3))
        follow_ups.ask(connected.tenant_id, connected.account.id, Reconcile(ANNA, over=("a1",)))

    play(monkeypatch, scene)
    assert the_call(connected).state == "alerting"

    async def end(follow_ups: FollowUps, batcher: Batcher, _: Vendor) -> None:
        await tell(batcher, connected, BOB, state("b1", "TERMINATED", 4))
        follow_ups.ask(connected.tenant_id, connected.account.id, Reconcile(BOB, over=("b1",)))

    play(monkeypatch, end)
    assert the_call(connected).state == "ended"


def test_what_is_asked_meanwhile_is_one_more_reading(connected: Connected, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(follow_ups: FollowUps, _: Batcher, vendor: Vendor) -> None:
        vendor.slowly.clear()
        for _number in range(5):
            follow_ups.ask(connected.tenant_id, connected.account.id, Reconcile(ANNA))
            await asyncio.sleep(0)
        vendor.slowly.set()

    assert play(monkeypatch, scene).asked == 2


def test_a_vendor_that_is_away_costs_one_reading(connected: Connected, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(follow_ups: FollowUps, _: Batcher, vendor: Vendor) -> None:
        vendor.fails = 1
        follow_ups.ask(connected.tenant_id, connected.account.id, Reconcile(ANNA))
        await follow_ups.finished()
        follow_ups.ask(connected.tenant_id, connected.account.id, Reconcile(ANNA))

    assert play(monkeypatch, scene, state("a1", "RINGING", 1)).asked == 2
    assert the_call(connected).state == "alerting"


def test_an_end_that_overtakes_its_beginning(connected: Connected, monkeypatch: pytest.MonkeyPatch) -> None:
    async def end(follow_ups: FollowUps, batcher: Batcher, _: Vendor) -> None:
        follow_ups.ask(connected.tenant_id, connected.account.id, Reconcile(ANNA, over=("a1",)))

    play(monkeypatch, end)
    assert connected.types() == []

    async def begin(follow_ups: FollowUps, batcher: Batcher, _: Vendor) -> None:
        await tell(batcher, connected, ANNA, state("a1", "RINGING", 1))
        follow_ups.ask(connected.tenant_id, connected.account.id, Reconcile(ANNA))

    play(monkeypatch, begin)
    assert the_call(connected).state == "ended"
