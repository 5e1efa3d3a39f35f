"""The poller: what changed is told once, whatever the answers do; and CallGear is left alone when points are short."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import timedelta
from typing import Any, cast

import pytest

from integrations.contract import polling
from integrations.contract.adapter import Account
from integrations.contract.errors import AuthorizationLost, Unsupported, VendorUnavailable
from integrations.contract.events import CtiEvent, EventType
from integrations.contract.streams import Alive, Connected, Received, StreamItem
from integrations.vendors.callgear.adapter import CallGearAdapter
from integrations.vendors.callgear.points import Limits, Points
from integrations.vendors.callgear.watching import DEPRECATED, Watch
from tests.integrations.callgear.fake import Made, error, faked, result
from tests.integrations.callgear.live import NOON, parsed
from tests.integrations.callgear.stories import CALL, IRIS, session

RINGING, TALKING = session({None: "Redial", IRIS: "Redial"}), session({None: "Talk", IRIS: "Talk"})
OTHER = session({None: "Redial"}, call_session_id=2)
DEPRECATING = {"api_version": {"current_version_depricated": True, "current_version": "v4.0", "latest_version": "v5.0"}}
FAST = {"poll_interval_ms": 200}


async def items(adapter: CallGearAdapter, count: int) -> list[StreamItem]:
    """The first so many of the stream, but for signs of life."""
    found: list[StreamItem] = []
    async with aclosing(cast("AsyncGenerator[StreamItem]", adapter.stream())) as stream:
        async for item in stream:
            found += [] if isinstance(item, Alive) else [item]
            if len(found) == count:
                break
    return found


def told(items: list[StreamItem]) -> list[CtiEvent]:
    events = [event for item in items if isinstance(item, Received) for event in parsed(item.body)]
    return [event for event in events if event.type is not EventType.ORIGINATED]


def changes(watch: Watch, listed: list[Any], second: float) -> list[str]:
    """`observed 2` and the like."""
    bodies = list(watch.changes(listed, NOON + timedelta(seconds=second)))
    events = [event for each in bodies for event in parsed(each) if event.type is not EventType.ORIGINATED]
    return sorted(f"{event.type} {event.vendor_call_id}" for event in events)


def test_only_changes_are_told() -> None:
    watch = Watch()
    assert changes(watch, [RINGING, OTHER], 0) == ["observed 2", f"observed {CALL}"]
    assert changes(watch, [OTHER, RINGING], 1) == []
    assert changes(watch, [TALKING, OTHER], 2) == [f"observed {CALL}"]
    assert watch.is_busy


def test_a_call_is_over_when_it_is_missing_twice() -> None:
    watch = Watch()
    changes(watch, [TALKING, OTHER], 0)
    assert changes(watch, [OTHER], 1) == []
    assert changes(watch, [TALKING, OTHER], 2) == []  # it was only missing by mistake
    assert changes(watch, [OTHER], 3) == []
    assert changes(watch, [OTHER], 4) == [f"cleared {CALL}"]
    assert changes(watch, [OTHER], 5) == []
    changes(watch, [], 6)
    assert changes(watch, [], 7) == ["cleared 2"]
    assert not watch.is_busy


def test_repeated_ids_are_one_call() -> None:
    watch = Watch()
    assert changes(watch, [RINGING, RINGING, TALKING], 0) == [f"observed {CALL}"]
    assert changes(watch, [RINGING, TALKING], 1) == []


def test_time_never_goes_back() -> None:
    watch = Watch()
    [first] = watch.changes([RINGING], NOON)
    [second] = watch.changes([TALKING], NOON - timedelta(hours=1))
    times = [parsed(each)[1].occurred_at for each in (first, second)]
    assert times == [NOON, NOON + timedelta(milliseconds=1)]


def test_what_cannot_be_read_is_told_once_and_never_over() -> None:
    watch = Watch()
    assert len(list(watch.changes([{"call_session_id": None}], NOON))) == 1
    assert list(watch.changes([{"call_session_id": None}], NOON)) == []
    assert [list(watch.changes([], NOON)) for _ in range(3)] == [[], [], []]


async def test_the_first_answer_is_the_connection() -> None:
    async with faked({"list.calls": [result([RINGING]), result([TALKING]), result([])]}, settings=FAST) as (adapter, _):
        found = await items(adapter, 4)
    assert found[0] == Connected(gap=True)
    assert [event.type for event in told(found)] == [EventType.OBSERVED, EventType.OBSERVED, EventType.CLEARED]


async def test_a_notification_brings_the_next_polls_forward(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the third would come after 15 seconds at the earliest."""
    monkeypatch.setattr(polling, "QUIET_TIMES", polling.LONGEST_QUIET_S / 0.2)
    answers: list[Made] = [result([]), result([]), result([TALKING])]
    async with (
        asyncio.timeout(10),
        faked({"list.calls": answers}, settings=FAST) as (adapter, _),
        aclosing(cast("AsyncGenerator[StreamItem]", adapter.stream())) as stream,
    ):
        assert await anext(stream) == Connected(gap=True)
        adapter.news.set()
        assert [await anext(stream), await anext(stream)] == [Alive(), Alive()]
        assert isinstance(await anext(stream), Received)


async def test_an_old_version_is_shown_to_admins_when_it_becomes_one() -> None:
    answers: list[Made] = [result([]), result([], **DEPRECATING), result([TALKING], **DEPRECATING)]
    async with faked({"list.calls": answers}, settings=FAST) as (adapter, _):
        found = await items(adapter, 3)
        checked = await adapter.check()
    assert found[:2] == [Connected(gap=True), Connected(gap=False, warning=DEPRECATED)]
    assert isinstance(found[2], Received)
    assert checked.detail.endswith(DEPRECATED.rstrip("."))


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (error(-32603, "internal_error"), VendorUnavailable),
        (error(-32008, "component_disabled"), Unsupported),
        (error(-32001, "access_token_blocked"), AuthorizationLost),
        (lambda asked: b"<html>", VendorUnavailable),
        (result("none"), VendorUnavailable),
    ],
)
async def test_what_ends_a_stream_is_an_error_in_words(answer: Made, kind: type[Exception]) -> None:
    async with faked({"list.calls": answer}) as (adapter, _):
        with pytest.raises(kind, match=r"CallGear.* list\.calls"):
            await items(adapter, 1)


async def test_notifications_and_polls_are_both_wanted() -> None:
    async with faked({}) as (adapter, fake):
        made = await adapter.create_subscription(
            "https://patchbay.example/hooks/callgear/x", adapter.wanted_subscription()
        )
        await adapter.delete_subscription(made.vendor_subscription_id)
        assert (adapter.wants_stream(), adapter.wants_subscription(), fake.asked) == (True, True, [])
    assert made.callback_url == "https://patchbay.example/hooks/callgear/x"


# Points.


def waits(**limits: float) -> float:
    """How long a poller leaves CallGear alone after such an answer."""
    points = Points(Account(id="acc_1", base_url=""), "call")
    points._told, points._told_at = Limits(**limits), 100.0  # type: ignore[arg-type]  # whole seconds
    return points.poller_waits(now=100.0)


def test_pollers_keep_to_the_points() -> None:
    minute = {"minute_limit": 60, "minute_reset": 30}
    assert waits() == 0
    assert waits(**minute, minute_remaining=31) == 0
    assert waits(**minute, minute_remaining=15) == 30 / 12  # a fifth is left to people
    assert waits(**minute, minute_remaining=0) == 30
    assert waits(**minute, minute_remaining=59, day_limit=1000, day_remaining=0, day_reset=7200) == 7200
    assert waits(minute_limit=-1, minute_remaining=0, minute_reset=5) == 0  # nonsense
