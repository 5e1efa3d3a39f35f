"""The poller: what it yields, and that no answer of EQ's makes it lose, double or forget anything."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import msgspec
import pytest

from integrations.contract.errors import AuthorizationLost, VendorError, VendorRejected, VendorUnavailable
from integrations.contract.events import CtiEvent, LegState, Notice
from integrations.contract.streams import Connected, Received, StreamItem
from integrations.vendors.eq.adapter import EqAdapter
from tests.integrations.eq.fake import LISTS, PROXY, Answers, FakeEq, faked
from tests.integrations.eq.live import COMPANY, eq_of, parsed, ring_in
from tests.integrations.eq.pictures import line, queued
from tests.integrations.fake import Answer
from tests.sandbox_server import SandboxHandle

WITHIN_S = 20
CALLS, QUEUED = "GET /active_calls", "GET /queued_calls"
TALKING = Answer([line("502", "talking")])
FAST: dict[str, Any] = {"poll_interval_ms": 10}  # less than an account may have: tests needn't wait
Items = AsyncGenerator[StreamItem]


@asynccontextmanager
async def polling(adapter: EqAdapter) -> AsyncIterator[Items]:
    async with asyncio.timeout(WITHIN_S), aclosing(cast("Items", adapter.stream())) as items:
        yield items


async def next_bodies(items: Items, count: int = 1) -> list[bytes]:
    bodies: list[bytes] = []
    async for item in items:
        if isinstance(item, Received):
            bodies.append(item.body)
            if len(bodies) == count:
                break
    return bodies


def own_states(bodies: list[bytes]) -> list[str]:
    events = [event for body in bodies for event in parsed(body) if isinstance(event, CtiEvent)]
    return [event.legs[0].state.value for event in events]


async def told_of(answers: Answers, bodies: int, **settings: Any) -> list[str]:
    """How extension 502's own leg stands, body by body."""
    async with faked(answers, **FAST, **settings) as (adapter, _), polling(adapter) as items:
        return own_states(await next_bodies(items, bodies))


async def error_of(answers: Answers, **settings: Any) -> tuple[VendorError, list[StreamItem], FakeEq]:
    """What ends the stream, and what came before."""
    seen: list[StreamItem] = []
    async with faked(answers, **FAST, **settings) as (adapter, fake), polling(adapter) as items:
        try:
            while True:
                seen.append(await anext(items))
        except VendorError as error:
            return error, seen, fake


async def test_the_first_answer_connects() -> None:
    async with faked({CALLS: TALKING}, **FAST) as (adapter, fake), polling(adapter) as items:
        assert await anext(items) == Connected(gap=True)
        assert own_states(await next_bodies(items)) == ["connected"]
        assert fake.sent(CALLS)[0][0] == {"auth_key": "acme-eq-demo-key", "extension": "502"}


async def test_a_call_from_beginning_to_end() -> None:
    answers = [Answer([]), Answer([line("502")]), TALKING, Answer([])]
    assert await told_of({CALLS: answers}, 3) == ["alerting", "connected", "null"]


@pytest.mark.parametrize(
    "failure",
    [
        Answer({"errors": [{"parameter": None, "type": "oops"}]}, 500),
        Answer(b"", 503),
        Answer(b"", 429, headers={"Retry-After": "0"}),
        PROXY,
        Answer(b"<html>Not found</html>", 404, "text/html"),
        Answer({"error": "wrong"}, 400),
        Answer("a text"),
        Answer([1, 2, 3]),
        Answer([[line("502", "talking")]]),
        Answer(b'[{"channel": '),
    ],
)
async def test_one_poll_that_fails_ends_no_call(failure: Answer) -> None:
    """Whatever the failure is of: the extension's own calls, or something else that is asked for."""
    ended = [TALKING, failure, TALKING, Answer([])]
    assert await told_of({CALLS: ended}, 2) == ["connected", "null"]
    assert await told_of({CALLS: [*[TALKING] * 4, Answer([])], QUEUED: [Answer([]), failure, Answer([])]}, 2) == [
        "connected",
        "null",
    ]


async def test_a_call_that_is_missing_once_goes_on() -> None:
    held = Answer([line("502", "onHold")])
    assert await told_of({CALLS: [TALKING, Answer([]), TALKING, held]}, 2) == ["connected", "hold"]


async def test_the_third_failure_in_a_row_is_told() -> None:
    error, seen, fake = await error_of({CALLS: [TALKING, PROXY]})
    assert isinstance(error, VendorRejected)
    assert str(error) == "EQ's answer can't be read: it is not JSON. It begins: Bad gateway"
    assert [type(each).__name__ for each in seen][:2] == ["Connected", "Received"]
    assert len(fake.sent(CALLS)) == 4


async def test_a_poller_that_cannot_begin_says_why_at_once() -> None:
    error, seen, fake = await error_of({CALLS: Answer(b"", 503)})
    assert isinstance(error, VendorUnavailable)
    assert (seen, len(fake.sent(CALLS))) == ([], 1)


async def test_a_key_that_was_deleted_ends_it_at_once() -> None:
    problem = {"parameter": "auth_key", "type": "nonexistent", "message": "No such key acme-eq-demo-key"}
    error, seen, _ = await error_of({CALLS: [TALKING, Answer([problem], 401)]})
    assert isinstance(error, AuthorizationLost)
    assert "acme-eq-demo-key" not in str(error)
    assert len(seen) >= 2


async def test_a_path_that_the_server_lacks_hides_what_it_would_tell_alone() -> None:
    missing = Answer(b"<html>Not found</html>", 404, "text/html")
    answers: Answers = {CALLS: TALKING, "GET /parked_calls": missing}
    async with faked(answers, **FAST) as (adapter, _), polling(adapter) as items:
        connected = await anext(items)
        assert connected == Connected(gap=True, warning="Not told: parked_calls (EQ refused: Not found)")
        assert own_states(await next_bodies(items)) == ["connected"]


async def test_an_extension_that_does_not_exist_is_named() -> None:
    problem = [{"parameter": "extension", "type": "nonexistent", "message": "There is no extension 999"}]
    async with faked({CALLS: Answer(problem, 400)}, **FAST) as (adapter, _), polling(adapter) as items:
        connected = await anext(items)
    assert isinstance(connected, Connected)
    assert "There is no extension 999" in connected.warning


async def test_a_wrong_address_is_no_pbx_without_calls() -> None:
    page = Answer(b"<html>Not found</html>", 404, "text/html")
    error, seen, _ = await error_of({f"GET {path}": page for path in LISTS})
    assert isinstance(error, VendorRejected)
    assert (str(error), seen) == ("EQ refused: Not found", [])


async def test_nobody_to_watch_is_said() -> None:
    async with faked({}, extensions=[], **FAST) as (adapter, _), polling(adapter) as items:
        connected = await anext(items)
    assert isinstance(connected, Connected)
    assert "no agents are signed in" in connected.warning


async def test_where_agents_sign_in_is_watched_and_goes_on_being_while_they_talk() -> None:
    sessions = [Answer([{"user": 2, "extension": "502"}]), Answer([])]
    answers: Answers = {CALLS: [TALKING, TALKING, Answer([])], "GET /active_agent_sessions": sessions}
    async with faked(answers, extensions=[], **FAST) as (adapter, _), polling(adapter) as items:
        assert own_states(await next_bodies(items, 2)) == ["connected", "null"]


async def test_times_never_go_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Though our own clock may: later bodies are later, else they would be taken for older news."""
    answers = [Answer([line("502", state)]) for state in ("ringing", "talking", "onHold")]
    monkeypatch.setattr("integrations.vendors.eq.polling.utc_now", _clock_that_goes_back())
    async with faked({CALLS: answers}, **FAST) as (adapter, _), polling(adapter) as items:
        bodies = await next_bodies(items, 3)
    times = [event.occurred_at for body in bodies for event in parsed(body)]
    assert times == sorted(times)
    assert len(set(times)) == len(times)


def _clock_that_goes_back() -> Any:

    moments = iter(range(1_000_000, 0, -1))
    return lambda: datetime(2026, 1, 31, tzinfo=UTC) + timedelta(seconds=next(moments))


async def test_agents_and_queues_are_told(sandbox: SandboxHandle) -> None:
    async with eq_of(sandbox, poll_interval_ms=50) as adapter, polling(adapter) as items:
        [first] = await next_bodies(items)
        notices = [each for each in parsed(first) if isinstance(each, Notice)]
        agents = {(each.vendor_queue_id, each.vendor_extension_id) for each in notices if each.vendor_extension_id}
        assert agents == {("601", "502"), ("601", "503"), ("601", "504"), ("602", "503"), ("602", "504")}
        sandbox.control("POST", f"/companies/{COMPANY}/queues/601/agents/503/pause", code="6")
        [changed] = await next_bodies(items)
        told = {each.type.value: each.data for each in parsed(changed)}
        assert (told["agent.state_changed"]["state"], told["agent.state_changed"]["pause_code"]) == ("paused", "6")
        assert told["queue.updated"]["stats"]["agents_available"] == 2


async def test_who_waits_is_told_before_those_who_ring(sandbox: SandboxHandle) -> None:
    async with eq_of(sandbox, poll_interval_ms=50) as adapter, polling(adapter) as items:
        await next_bodies(items)
        ring_in(sandbox, "601")
        events = [each for body in await next_bodies(items) for each in parsed(body) if isinstance(each, CtiEvent)]
    assert [event.legs[0].state for event in events] == [LegState.QUEUED, LegState.ALERTING]
    assert events[0].occurred_at < events[1].occurred_at


async def test_what_is_stored_has_the_rows_as_they_came() -> None:
    row = {**queued(), "mood": {"of": "caller"}}
    async with faked({QUEUED: Answer([row])}, **FAST) as (adapter, _), polling(adapter) as items:
        [body] = await next_bodies(items)
    assert msgspec.json.decode(body)["rows"][0]["row"] == row
    assert parsed(body) == parsed(body)
