"""What a process remembers of a tenant makes it fast, and must never make it wrong: others write, too, and memories end."""

import asyncio
import json
import random
import re
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db.models import F
from psycopg import OperationalError
from psycopg_pool import PoolClosed
from pytest_django.fixtures import Settings

from cti.calls import store as calls
from cti.calls.book import Book
from cti.calls.models import Call
from cti.events import log
from cti.events.wire import Then, Wire
from cti.ingest import memory
from cti.ingest.lane import Lane
from cti.ingest.memory import Memories
from cti.ingest.replay import replay_delivery
from integrations.contract.events import CtiEvent, EndReason, EventType, Party
from integrations.models import Extension, PbxAccount
from tenants.rls import tenant_scope
from tests.connected import ANNA, BOB, Connected, connect_account, kwebbl_event
from tests.ingest.station import Station, incoming, station
from tests.servers import url_of_test_database


@pytest.fixture(autouse=True)
def test_database(committed_db: None, settings: Settings) -> None:
    """For the connections that aren't Django's."""
    settings.DATABASE_URL = url_of_test_database()


SCRIPT = ("created", "ringing", "answered", "holding", "resumed", "terminated")
connect = sync_to_async(connect_account)


def script(call_id: str) -> list[dict[str, Any]]:
    return [kwebbl_event(kind, call_id, number=number) for number, kind in enumerate(SCRIPT)]


def calls_of(connected: Connected) -> dict[str, Call]:
    """By the vendor's id."""
    with tenant_scope(connected.tenant_id):
        return {call.snapshot["vendor_call_id"]: call for call in Call.objects.all()}


def shown(connected: Connected) -> dict[str, dict[str, Any]]:
    """What can be compared of calls: all but ids."""
    ids = re.compile(r"(?<=_)[0-9a-f]{32}")
    return {name: json.loads(ids.sub("", json.dumps(call.snapshot))) for name, call in calls_of(connected).items()}


async def check_log(connected: Connected) -> list[str]:
    """The log has no gap, nor does any call's version go back; answers its types."""
    events = await sync_to_async(connected.events)()
    assert [event["sequence"] for event in events] == list(range(1, len(events) + 1))
    versions: dict[str, int] = {}
    for event in events:
        call = event["data"].get("call")
        if call is not None:
            assert call["version"] >= versions.get(call["id"], 1)
            versions[call["id"]] = call["version"]
    return [event["type"] for event in events]


@sync_to_async
def append(connected: Connected) -> None:
    """As others do: what is remembered now is no longer so."""
    with tenant_scope(connected.tenant_id):
        log.append(connected.tenant_id, "account.status_changed", account_id=None, vendor=None, data={})


async def warm(one: Station, connected: Connected) -> None:
    """Two batches: the first finds out where the log stands, the second that nobody else has written since."""
    await one.deliver(connected, kwebbl_event("ringing", "live"))
    await one.deliver(connected, kwebbl_event("ringing", "other", number=1))


async def test_remembered_tenant_is_written_without_reading() -> None:
    connected = await connect()
    async with station() as one:
        await warm(one, connected)
        await one.store._pool.close()  # whatever would read fails from now on
        for event in (kwebbl_event("answered", "live", number=2), *script("new")):
            await one.deliver(connected, event)
        with pytest.raises(PoolClosed):
            await one.deliver(connected, kwebbl_event("created", None, number=9))  # may be any recent call's
    assert len(await check_log(connected)) == 11
    assert [each.type for each in one.published] == await sync_to_async(connected.types)()


async def test_calls_that_others_change_are_read_again() -> None:
    connected = await connect()
    async with station() as one:
        await warm(one, connected)
        live = (await sync_to_async(calls_of)(connected))["live"]
        await sync_to_async(calls.close_call)(connected.tenant_id, live.id, EndReason.LOST)
        await one.deliver(connected, kwebbl_event("answered", "live", number=2))
        await one.deliver(connected, kwebbl_event("answered", "other", number=3))
    assert (await check_log(connected))[4:] == ["call.cleared", "call.established"]
    assert {name: call.state for name, call in (await sync_to_async(calls_of)(connected)).items()} == {
        "live": "ended",
        "other": "connected",
    }


async def test_call_that_is_asked_for_meanwhile_is_found_by_its_events() -> None:
    connected = await connect()
    async with station() as one:
        await warm(one, connected)
        placed = await sync_to_async(calls.expect_outbound)(
            connected.tenant_id, connected.account.id, from_=Party(extension_id=BOB), to=Party(number="+31203080700")
        )
        parties = {"from": {"extension_id": BOB}, "to": {"number": "31203080700"}, "direction": "outbound"}
        await one.deliver(connected, kwebbl_event("ringing", "asked-for", number=2) | parties)
        assert (await sync_to_async(calls_of)(connected))["asked-for"].id == placed.id
        await sync_to_async(calls.confirm_originated)(connected.tenant_id, placed.id, None)
        await one.deliver(connected, kwebbl_event("answered", "asked-for", number=3) | parties)
    assert (await check_log(connected))[4:] == ["call.originated", "call.delivered", "call.established"]


async def test_call_that_was_asked_for_is_found_however_much_was_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MAX_CALLS", 1)
    connected = await connect()
    placed = await sync_to_async(calls.expect_outbound)(
        connected.tenant_id, connected.account.id, from_=Party(extension_id=BOB), to=Party(number="+31203080700")
    )
    parties = {"from": {"extension_id": BOB}, "to": {"number": "31203080700"}, "direction": "outbound"}
    async with station() as one:
        await warm(one, connected)
        for number in range(2, 5):
            await one.deliver(connected, kwebbl_event("ringing", f"call-{number}", number=number))
        await one.deliver(connected, kwebbl_event("ringing", "asked-for", number=9) | parties)
    assert (await sync_to_async(calls_of)(connected))["asked-for"].id == placed.id


async def test_everybody_who_writes_is_noticed() -> None:
    connected = await connect()

    @sync_to_async
    def replay(_: Connected) -> None:
        unparsed = next(each for each in connected.deliveries() if each.status == "unparsed")
        replay_delivery(connected.tenant_id, connected.account.id, unparsed.id)

    async with station() as one:
        await warm(one, connected)
        await one.deliver(connected, {"event_type": "new in the next version"})
        for number, write in enumerate((append, replay, append), 10):
            await write(connected)
            await one.deliver(connected, kwebbl_event("ringing", f"call-{number}", number=number))
    types = await check_log(connected)
    assert (types.count("account.status_changed"), types.count("call.delivered")) == (2, 5)


async def test_processes_that_share_a_tenant_write_one_gapless_log_and_the_same_calls() -> None:
    shared, alone = await connect(), await connect()
    lot = random.Random(7)
    scripts = [script(f"call-{number}") for number in range(12)]
    async with station() as one, station() as two, station() as three:

        async def play(events: list[dict[str, Any]]) -> None:
            for event in events:
                for connected, at in ((shared, lot.choice((one, two))), (alone, three)):
                    await at.batcher.submit(connected.tenant_id, incoming(connected, event))

        await asyncio.gather(*(play(events) for events in scripts))
        assert len(one.published) + len(two.published) == len(three.published) == 12 * len(SCRIPT)
    assert sorted(await check_log(shared)) == sorted(await check_log(alone))
    assert await sync_to_async(shown)(shared) == await sync_to_async(shown)(alone)


async def test_directory_that_changed_names_the_parties_of_the_next_event() -> None:
    connected = await connect()

    def rename() -> None:
        with tenant_scope(connected.tenant_id):
            Extension.objects.filter(vendor_extension_id=ANNA).update(name="Anna Jansen")
            PbxAccount.objects.update(directory_version=F("directory_version") + 1)

    async with station() as one:
        await warm(one, connected)
        await sync_to_async(rename)()
        await one.deliver(connected, kwebbl_event("answered", "live", number=2))
    assert (await sync_to_async(calls_of)(connected))["live"].snapshot["to"]["name"] == "Anna Jansen"
    assert (await check_log(connected))[4:] == ["call.established"]


async def test_nothing_is_stored_for_an_account_that_was_disconnected() -> None:
    connected = await connect()

    def disconnect() -> None:
        with tenant_scope(connected.tenant_id):
            PbxAccount.objects.get().delete()

    async with station() as one:
        await warm(one, connected)
        await sync_to_async(disconnect)()
        before = await check_log(connected)
        await one.deliver(connected, kwebbl_event("answered", "live", number=2), kwebbl_event("ringing", "new"))
    assert before[-2:] == ["call.cleared", "call.cleared"]
    assert await check_log(connected) == before
    assert len(await sync_to_async(connected.deliveries)()) == 2


@pytest.mark.parametrize("names", [0, 100])
async def test_what_was_forgotten_is_neither_doubled_nor_taken_for_new(
    names: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "MAX_CALLS", 1)
    monkeypatch.setattr(memory, "MAX_SEEN", 1)
    monkeypatch.setattr(memory, "MAX_NAMES", names)
    connected = await connect()
    async with station() as one:
        await warm(one, connected)
        await one.deliver(connected, kwebbl_event("ringing", "third", number=2))
        await one.deliver(connected, kwebbl_event("answered", "live", number=3))  # forgotten, but the same call
        for number in range(4, 7):
            await one.deliver(connected, kwebbl_event("ringing", f"call-{number}", number=number))
        await one.deliver(connected, kwebbl_event("ringing", "live"))  # seen before, but long forgotten
        await one.deliver(connected, kwebbl_event("terminated", "live", number=7))
        await one.deliver(connected, *script("other"))  # the second of them has come before
    assert [each.status for each in await sync_to_async(connected.deliveries)()].count("duplicate") == 2
    found = await sync_to_async(calls_of)(connected)
    assert [found[name].state for name in ("live", "other", "third")] == ["ended", "ended", "alerting"]
    assert (await check_log(connected)).count("call.originated") == 6


async def test_commit_whose_answer_was_lost_is_not_made_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    connected = await connect()
    async with station() as one:
        await warm(one, connected)
        send = Lane.send

        async def lose(committed: asyncio.Future[bool]) -> bool:
            await committed
            raise OperationalError("the connection broke")

        def losing(lane: Lane, wire: Wire, parameters: Any, then: Then) -> asyncio.Future[bool]:
            return asyncio.ensure_future(lose(send(lane, wire, parameters, lambda: None)))

        monkeypatch.setattr(Lane, "send", losing)
        await one.batcher.submit(connected.tenant_id, incoming(connected, kwebbl_event("answered", "live", number=2)))
    assert await check_log(connected) == ["call.originated", "call.delivered"] * 2 + ["call.established"]
    assert [each.status for each in await sync_to_async(connected.deliveries)()] == ["applied"] * 3


async def test_batches_follow_one_another_before_the_first_is_committed() -> None:
    connected = await connect()
    async with station() as one:
        await warm(one, connected)
        await one.store._pool.close()  # none of them is refused, then read for
        await asyncio.gather(*(one.deliver(connected, event) for event in script("new")))
        assert [each.sequence for each in one.published] == list(range(1, 11))
    assert (await sync_to_async(calls_of)(connected))["new"].state == "ended"
    assert (await check_log(connected))[4:] == [
        "call.originated", "call.delivered", "call.established", "call.held", "call.retrieved", "call.cleared",
    ]  # fmt: skip


async def test_batch_behind_a_refused_one_follows_it_all_the_same() -> None:
    connected = await connect()

    async with station() as one:
        for number in range(3):
            await warm(one, connected)
            await append(connected)
            await asyncio.gather(*(one.deliver(connected, event) for event in script(f"new-{number}")))
        assert {each.state for name, each in (await sync_to_async(calls_of)(connected)).items() if "new" in name} == {
            "ended"
        }
        assert [each.type for each in one.published] == [
            each for each in await check_log(connected) if each != "account.status_changed"
        ]
    assert (await check_log(connected)).count("call.established") == 3


async def test_batch_behind_a_refused_one_waits_for_it_though_nothing_is_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It isn't planned on top of the other, so nothing but its place in the lane keeps it behind."""
    connected = await connect()

    async with station() as one:
        await warm(one, connected)
        await append(connected)
        monkeypatch.setattr(Memories, "keep", lambda *_: None)
        answered, terminated = kwebbl_event("answered", "live", number=2), kwebbl_event("terminated", "live", number=3)
        await asyncio.gather(one.deliver(connected, answered), one.deliver(connected, terminated))
    assert (await check_log(connected))[-2:] == ["call.established", "call.cleared"]


async def test_calls_that_turn_out_to_be_one_keep_their_names_in_memory() -> None:
    connected = await connect()
    bridged = {
        "id": "bridge",
        "event_type": "bridged",
        "time": "2026-01-31T09:00:02.000Z",
        "calls": [
            {"call_id": "live", "from": {"number": "31612345678"}, "to": {"extension_id": ANNA}},
            {"call_id": "other", "from": {"extension_id": ANNA}, "to": {"extension_id": BOB}},
        ],
    }
    async with station() as one:
        await warm(one, connected)
        await one.store._pool.close()
        await one.deliver(connected, bridged)
        await one.deliver(connected, kwebbl_event("terminated", "other", number=3))
        await one.deliver(connected, kwebbl_event("terminated", "live", number=4))
    with_names = await sync_to_async(calls_of)(connected)
    ended = [call for call in with_names.values() if call.merged_into is None]
    assert [call.state for call in ended] == ["ended"]
    assert (await check_log(connected))[-1] == "call.cleared"


async def test_defect_in_one_event_costs_neither_the_others_nor_what_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    connected = await connect()
    apply = Book.apply

    def defective(book: Book, event: CtiEvent, *more: Any) -> Any:
        entry = apply(book, event, *more)
        if event.type is EventType.HELD:
            raise ValueError("a defect of ours")
        return entry

    async with station() as one:
        await warm(one, connected)
        with monkeypatch.context() as patched:
            patched.setattr(Book, "apply", defective)
            await one.deliver(connected, *script("new"))
        await one.deliver(connected, kwebbl_event("answered", "live", number=9))
    statuses = [each.status for each in await sync_to_async(connected.deliveries)()]
    assert (statuses.count("unparsed"), statuses.count("applied")) == (1, 8)
    assert (await check_log(connected))[-1] == "call.established"
    found = await sync_to_async(calls_of)(connected)
    assert {name: call.state for name, call in found.items()} == {
        "live": "connected",
        "other": "alerting",
        "new": "ended",
    }


async def test_memories_end() -> None:
    moment = [0.0]
    kept = memory.Memories(lambda: moment[0])
    tenants = [(await connect()).tenant_id for _ in range(3)]
    kept.keep(tenants[0], memory.Memory())
    moment[0] = memory.IDLE_SECONDS + 1
    kept.keep(tenants[1], memory.Memory())
    assert [kept.take(each) is not None for each in tenants] == [False, True, False]
    assert kept.take(tenants[1]) is None
