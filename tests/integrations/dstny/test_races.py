"""The stateToken: what happens when a call changes between reading it and changing it."""

from typing import Any

import pytest

from integrations.contract.commands import CallRef, LegRef
from integrations.contract.errors import CallGone, InvalidCallState
from integrations.vendors.dstny.calls import leg_id
from tests.integrations.dstny.fake import CALL, CONTROL, STATE, FakeDstny, faked
from tests.integrations.dstny.live import COMPANY, call_of, dstny_of, own_leg, ring_in, shown
from tests.integrations.dstny.payloads import state
from tests.integrations.fake import Answer
from tests.sandbox_server import SandboxHandle

Answers = dict[str, Answer | list[Answer]]
HOLD = f"PUT {CONTROL}/hold"
USER = "GET /cti/state/acme.example/anna"


def stale(status: int) -> Answer:
    return Answer({"field": [{"code": "state.token.mismatch", "description": "The state has changed"}]}, status)


def showing(*states: dict[str, Any]) -> list[Answer]:
    return [Answer(each) for each in states]


def tokens(fake: FakeDstny) -> list[int]:
    return [body["stateToken"] for body in fake.sent("PUT")]


@pytest.mark.parametrize("status", [409, 412])
async def test_stale_token_is_asked_again_once(status: int) -> None:
    answers: Answers = {
        STATE: showing(state("a1", "ACTIVE", 1), state("a1", "ACTIVE", 2)),
        HOLD: [stale(status), Answer(state("a1", "HELD", 3))],
    }
    async with faked(answers) as (adapter, fake):
        await adapter.hold(CALL)
    assert tokens(fake) == [1, 2]


@pytest.mark.parametrize(
    "now",
    [
        pytest.param(state("a1", "HELD", 2), id="somebody held it already"),
        pytest.param(state("a1", "ACTIVE", 2, actions=[{"action": "MOVE"}]), id="it can't be held any more"),
        pytest.param(state("a1", "ACTIVE", 2, actions="[{action: MOVE}]"), id="the same as one text"),
        pytest.param(state("a1", "TERMINATED", 2), id="it has ended"),
        pytest.param(state("a1", "ACTIVE", 1), id="the token wasn't it"),
    ],
)
async def test_what_makes_no_sense_any_more_is_not_asked_again(now: dict[str, Any]) -> None:
    answers: Answers = {STATE: showing(state("a1", "ACTIVE", 1), now), HOLD: stale(409)}
    async with faked(answers) as (adapter, fake):
        with pytest.raises(InvalidCallState, match="The state has changed"):
            await adapter.hold(CALL)
    assert tokens(fake) == [1]


async def test_asked_again_once_and_no_more() -> None:
    answers: Answers = {STATE: showing(*(state("a1", "ACTIVE", each) for each in range(1, 9))), HOLD: stale(412)}
    async with faked(answers) as (adapter, fake):
        with pytest.raises(InvalidCallState):
            await adapter.hold(CALL)
    assert tokens(fake) == [1, 2]


async def test_a_call_that_ended_meanwhile_is_gone() -> None:
    gone = Answer({"field": [{"code": "callId.does.not.exist"}]}, 404)
    answers: Answers = {STATE: [Answer(state("a1", "ACTIVE", 1)), gone], HOLD: stale(409)}
    async with faked(answers) as (adapter, _):
        with pytest.raises(CallGone):
            await adapter.hold(CALL)


async def test_a_server_without_tokens_is_asked_without() -> None:
    answers: Answers = {STATE: Answer(state("a1", "ACTIVE", 1, stateToken=None)), HOLD: Answer(b"", 204)}
    async with faked(answers) as (adapter, fake):
        await adapter.hold(CALL)
    assert fake.sent("PUT") == [{}]


def two(first: int, second: int, **held: Any) -> dict[str, Any]:
    return {"fullState": True, "calls": [state("a1", "ACTIVE", first), state("a2", "HELD", second, **held)]}


async def test_both_tokens_are_renewed_where_two_calls_are_changed() -> None:
    second = "GET /cti/state/acme.example/anna/calls/a2"
    answers: Answers = {
        USER: Answer(two(1, 11)),
        STATE: Answer(state("a1", "ACTIVE", 1)),
        second: Answer(state("a2", "HELD", 12)),
        f"PUT {CONTROL}/swap": [stale(409), Answer(state("a1", "HELD", 2))],
    }
    async with faked(answers) as (adapter, fake):
        await adapter.swap(CALL)
    assert fake.sent("PUT") == [
        {"stateToken": 1, "targetCallId": "a2", "targetStateToken": 11},
        {"stateToken": 1, "targetCallId": "a2", "targetStateToken": 12},
    ]


async def test_a_swap_that_somebody_else_did_is_not_done_again() -> None:
    answers: Answers = {
        USER: Answer(two(1, 11)),
        STATE: Answer(state("a1", "HELD", 2)),
        "GET /cti/state/acme.example/anna/calls/a2": Answer(state("a2", "ACTIVE", 12)),
        f"PUT {CONTROL}/swap": stale(412),
    }
    async with faked(answers) as (adapter, fake):
        with pytest.raises(InvalidCallState):
            await adapter.swap(CALL)
    assert len(fake.sent("PUT")) == 1


@pytest.mark.parametrize(
    "calls", [[], [state("a1", "ACTIVE", 1)], [state(each, "ACTIVE", 1) for each in ("a1", "a2", "a3")]]
)
async def test_two_calls_are_two(calls: list[dict[str, Any]]) -> None:
    async with faked({USER: Answer({"fullState": True, "calls": calls})}) as (adapter, _):
        with pytest.raises(InvalidCallState, match="takes two calls of anna"):
            await adapter.swap(CALL)


async def test_the_held_call_is_transferred_to_the_one_that_rings() -> None:
    told = {"calls": [state("a1", "RINGING", 1, inbound=False), state("a2", "HELD", 11)]}
    path = "PUT /cti/control/acme.example/anna/calls/a2/transfer/call"
    async with faked({USER: Answer(told), path: Answer(b"", 204)}) as (adapter, fake):
        await adapter.complete_transfer(CALL, None)
    assert fake.sent("PUT") == [{"stateToken": 11, "targetCallId": "a1", "targetStateToken": 1, "waitForAnswer": True}]


async def test_another_call_of_the_user_can_be_the_target() -> None:
    target = CallRef(
        "b1", "connected", (LegRef("b1", leg_id("bob", "b1"), "bob"), LegRef("a2", leg_id("anna", "a2"), "anna"))
    )
    path = "PUT /cti/control/acme.example/anna/calls/a2/transfer/call"
    async with faked({USER: Answer(two(1, 11)), path: Answer(b"", 204)}) as (adapter, fake):
        await adapter.complete_transfer(CALL, target)
        with pytest.raises(InvalidCallState, match="anna is not on the other call"):
            await adapter.conference(CALL, CallRef("b1", "connected", target.legs[:1]))
    assert fake.sent("PUT")[0]["targetCallId"] == "a1"


@pytest.mark.parametrize("status", [409, 412])
async def test_stale_tokens_of_the_sandbox(sandbox: SandboxHandle, status: int) -> None:
    """Between reading the call and changing it, somebody mutes the phone; the change is still sensible."""
    sandbox.set("dialect", COMPANY, stale_token=status, lists="string")
    async with dstny_of(sandbox, users=["wout"]) as adapter:
        ring_in(sandbox)
        await adapter.answer(await call_of(adapter, "wout"), None)
        call, read = await call_of(adapter, "wout"), adapter._state
        changed = False

        async def changes_after_reading(user: str, call_id: str) -> Any:
            nonlocal changed
            found = await read(user, call_id)
            if not changed:
                changed = True
                await adapter._client.call("mute", user, call=call_id, json={})
            return found

        adapter._state = changes_after_reading  # type: ignore[method-assign]
        await adapter.hold(call)
        [event] = shown(await adapter.read_calls("wout"))
        assert own_leg(event) == ("hold", "connected")
