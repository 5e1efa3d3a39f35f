"""What Dstny's refusals, and answers that aren't the document's, are told as."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from integrations.contract.commands import CallRef, Destination, LegRef, Originate
from integrations.contract.errors import (
    AuthorizationLost,
    CallGone,
    InvalidCallState,
    Unsupported,
    VendorError,
    VendorRejected,
    VendorTimeout,
    VendorUnavailable,
)
from integrations.contract.things import Diversion
from integrations.vendors.dstny.adapter import DstnyAdapter
from tests.integrations.dstny.fake import CALL, CONTROL, STATE, faked
from tests.integrations.dstny.live import COMPANY, dstny_at, dstny_of
from tests.integrations.dstny.payloads import state
from tests.integrations.fake import Answer
from tests.sandbox_server import SandboxHandle

BILLION_LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;">]>
<status><field><description>&lol2;</description></field></status>"""


def problem(code: str = "user.does.not.exist", description: str = "There is no such user", field: str = "") -> Any:
    """The document's error object."""
    return {"field": [{"fieldName": field, "code": code, "description": description, "name": "x"}], "warning": []}


async def refused(answer: Answer, act: Callable[[DstnyAdapter], Awaitable[Any]]) -> VendorError:
    """What the adapter raises when everything is answered so."""
    answers: dict[str, Answer | list[Answer]] = {
        f"{method} {path}": answer
        for method in ("GET", "PUT", "POST", "DELETE")
        for path in (CONTROL, f"{CONTROL}/hold", STATE.removeprefix("GET "), "/cti/state/acme.example/anna")
    }
    async with faked(answers) as (adapter, _):
        with pytest.raises(VendorError) as raised:
            await act(adapter)
    return raised.value


async def hang_up(adapter: DstnyAdapter) -> None:
    await adapter.hangup(CALL)


async def check(adapter: DstnyAdapter) -> None:
    await adapter.check()


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (Answer(problem("ticket.invalid", "The ticket has expired"), 401), AuthorizationLost, "The ticket has expired"),
        (Answer(b"<html>Log in</html>", 401, "text/html"), VendorRejected, "Log in"),
        (Answer(problem("access.denied", "No licence"), 403), VendorRejected, "No licence.*licence"),
        (Answer(problem("callId.does.not.exist", "There is no call"), 404), CallGone, "There is no call"),
        (Answer(problem(field="user"), 404), VendorRejected, "no such user"),
        (Answer(b"<html><h1>Not&nbsp;found</h1></html>", 404, "text/html"), VendorRejected, "Not&nbsp;found"),
        (Answer(problem("x", "Wrong state"), 409), InvalidCallState, "Wrong state"),
        (Answer(problem("x", "Stale"), 412), InvalidCallState, "Stale"),
        (Answer(problem("too.many", "Slowly"), 429, headers={"Retry-After": "7"}), VendorUnavailable, "slow down"),
        (Answer(b"<html>Bad gateway</html>", 502, "text/html"), VendorUnavailable, "Bad gateway"),
        (Answer(BILLION_LAUGHS, 400, "application/xml"), VendorRejected, "&lol2;"),
        (Answer({"warning": {"code": "only.a.code"}}, 400), VendorRejected, "only.a.code"),
        (Answer(b"", 302, headers={"Location": "http://127.0.0.1:1/"}), VendorRejected, "no words"),
    ],
)
async def test_refusals_of_commands(answer: Answer, kind: type[VendorError], words: str) -> None:
    error = await refused(answer, hang_up)
    assert type(error) is kind
    pattern = pytest.raises(kind, match=words)
    with pattern:
        raise error


async def test_retry_after_is_kept() -> None:
    error = await refused(Answer(problem(), 429, headers={"Retry-After": "7"}), hang_up)
    assert isinstance(error, VendorUnavailable)
    assert error.retry_after == 7


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"<html>Welcome</html>",
        b'{"callId": "a1", "inbound": 7}',
        b"\xff\xfe",
        b"[" * 3000,
        BILLION_LAUGHS,
    ],
)
async def test_answers_that_cannot_be_read_are_told(body: bytes) -> None:
    error = await refused(Answer(body), lambda adapter: adapter.hold(CALL))
    assert isinstance(error, VendorRejected)
    assert "can't be read" in str(error)
    assert "lollol" not in str(error)


@pytest.mark.parametrize("body", [b"<html>Welcome</html>", b'{"calls": 5}', b"\xff\xfe"])
async def test_a_wrong_address_is_noticed_by_the_check(body: bytes) -> None:
    assert "can't be read" in str(await refused(Answer(body), check))


async def test_words_are_cut() -> None:
    assert len(str(await refused(Answer(problem(description="x" * 10_000), 400), hang_up))) < 300


async def test_nobody_listens() -> None:
    async with dstny_at("http://127.0.0.1:9/api", settings={"users": ["anna"]}) as adapter:
        with pytest.raises(VendorUnavailable):
            await adapter.hangup(CALL)


async def test_an_oversized_answer_leaves_a_commands_outcome_open() -> None:
    huge = b'{"x": "' + b"x" * (5 * 1024 * 1024) + b'"}'
    assert isinstance(await refused(Answer(huge), hang_up), VendorTimeout)
    assert isinstance(await refused(Answer(huge), check), VendorUnavailable)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (Originate(Destination("anna"), Destination(number="1"), options={"auto": True}), "no options auto"),
        (Originate(None, Destination(number="1")), "from which extension"),
    ],
)
async def test_what_dstny_has_not(command: Originate, words: str) -> None:
    async with faked({}) as (adapter, fake):
        with pytest.raises(Unsupported, match=words):
            await adapter.originate(command)
    assert fake.asked == []


async def test_nobody_of_ours_is_on_the_call() -> None:
    async with faked({}) as (adapter, _):
        for acting in (None, LegRef("a1", None, None, "+31612345678")):
            with pytest.raises(InvalidCallState, match="None of Dstny's watched users"):
                await adapter.hold(CallRef("a1", "connected", (), acting))


async def test_no_phone_can_be_reached() -> None:
    answers: dict[str, Answer | list[Answer]] = {"GET /user/device/acme.example/anna/active": Answer(b"")}
    async with faked(answers) as (adapter, _):
        with pytest.raises(InvalidCallState, match="No phone of anna"):
            await adapter.originate(Originate(Destination("anna"), Destination(number="1")))


async def test_queues_without_the_licence_are_those_of_members() -> None:
    group = {"id": 35, "domain": "acme.example", "name": "Service", "callsWaiting": 1}
    answers: dict[str, Answer | list[Answer]] = {
        "GET /queuestatistics/acme.example": Answer(problem("access.denied", "No licence"), 403),
        "GET /queuestatistics/acme.example/queue/35": Answer(problem("access.denied", "No licence"), 403),
        "GET /distributiongroup/acme.example/anna": Answer({"group": group}),
    }
    async with faked(answers) as (adapter, _):
        [queue] = await adapter.list_queues()
        assert (queue.vendor_queue_id, queue.stats.waiting) == ("35@acme.example", 1)
        assert await adapter.get_queue("35@acme.example") == queue


async def test_presence_with_a_time_that_is_none() -> None:
    answers: dict[str, Answer | list[Answer]] = {
        "GET /user/info/acme.example/anna/presence": Answer({"activity": {"id": "lunch", "expiration": "soon"}})
    }
    async with faked(answers) as (adapter, _):
        with pytest.raises(VendorRejected, match="isn't ISO 8601"):
            await adapter.read_presence("anna")


async def test_a_server_that_knows_no_diversions() -> None:
    async with faked({}) as (adapter, _):
        with pytest.raises(VendorRejected, match=r"not\.found"):
            await adapter.set_diversion("anna", Diversion(active=True, number="+31612345678"))


@pytest.mark.parametrize("fault", [{"server_errors": 1.0}, {"rate_limited": 1.0}])
async def test_faults_of_the_sandbox(sandbox: SandboxHandle, fault: dict[str, float]) -> None:
    sandbox.set("faults", COMPANY, **fault)
    async with dstny_of(sandbox, users=["wout"]) as adapter:
        with pytest.raises(VendorUnavailable):
            await adapter.check()


async def test_ended_call_is_gone(sandbox: SandboxHandle) -> None:
    async with dstny_of(sandbox) as adapter:
        gone = CallRef("nothing", "connected", (), LegRef("nothing", "wout/nothing", "wout"))
        for act in (adapter.hold, adapter.hangup, adapter.park):
            with pytest.raises(CallGone):
                await act(gone)


async def test_state_is_read_even_where_everything_is_text() -> None:
    told = state("a1", "ACTIVE", 48, actions="[{action: HOLD}]", deviceIds="[+1555555]") | {
        "stateToken": "48",
        "inbound": "true",
        "muted": "false",
    }
    async with faked({STATE: Answer({".CallDTO": told}), f"PUT {CONTROL}/hold": Answer(told)}) as (adapter, fake):
        await adapter.hold(CALL)
    assert fake.sent("PUT") == [{"stateToken": 48}]
