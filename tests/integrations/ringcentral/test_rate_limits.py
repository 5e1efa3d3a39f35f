"""RingCentral's rate limits are kept ahead of time: never a request that would be refused."""

from collections.abc import Callable

import pytest
from aiohttp import web

from integrations.contract.commands import CallRef, LegRef, RawRequest
from integrations.contract.errors import VendorUnavailable
from tests.integrations.http_server import vendor
from tests.integrations.kwebbl_live import ListedTokens
from tests.integrations.ringcentral.live import ringcentral_at, ringcentral_of
from tests.sandbox.ringcentral.client import COMPANY
from tests.sandbox_server import SandboxHandle

CALL = CallRef("s-1", "connected", acting=LegRef("s-1", "p-1-2", extension_id="101"))


class Ledger:
    """RateLimits that remember what they are told, and refuse what was set."""

    def __init__(self, **waits: float) -> None:
        self.waits = waits
        self.taken: list[tuple[str, int]] = []
        self.learnt: list[tuple[str, int, int, float]] = []
        self.paused: list[tuple[str, float]] = []

    async def take(self, group: str, *, limit: int, window_s: float) -> float:
        assert window_s == 60
        self.taken.append((group, limit))
        return self.waits.get(group, 0)

    async def learn(self, group: str, *, limit: int, remaining: int, window_s: float) -> None:
        self.learnt.append((group, limit, remaining, window_s))

    async def pause(self, group: str, seconds: float) -> None:
        self.paused.append((group, seconds))


def answering(headers: dict[str, str], status: int = 200) -> Callable[[web.Request], web.Response]:
    shown = {f"X-Rate-Limit-{name}": value for name, value in headers.items() if name != "retry"}
    retry = {"Retry-After": headers["retry"]} if "retry" in headers else {}
    return lambda _: web.json_response({"records": []}, status=status, headers=shown | retry)


async def test_nothing_is_sent_that_would_be_refused() -> None:
    seen: list[str] = []

    def answer(request: web.Request) -> web.Response:
        seen.append(request.path)
        return web.json_response({"records": []})

    async with vendor(answer) as url, ringcentral_at(url, ListedTokens("t"), limits=Ledger(light=12.0)) as adapter:
        with pytest.raises(VendorUnavailable, match="in 12 s") as raised:
            await adapter.hold(CALL)
        assert raised.value.retry_after == 12
        await adapter.list_queues()
    assert seen == ["/restapi/v1.0/account/~/call-queues"]


async def test_groups() -> None:
    limits = Ledger()
    async with vendor(answering({})) as url, ringcentral_at(url, ListedTokens("t"), limits=limits) as adapter:
        await adapter.hold(CALL)
        await adapter.list_queues()
        await adapter.passthrough(RawRequest("GET", "/restapi/v1.0/account/123/call-log"))
        await adapter.passthrough(RawRequest("GET", "/restapi/v1.0/account/~/call-queues/7"))
        await adapter.passthrough(RawRequest("GET", "/restapi/v1.0/something/else"))
    assert limits.taken == [("light", 50), ("medium", 40), ("heavy", 10), ("light", 50), ("light", 50)]


async def test_answers_teach() -> None:
    limits = Ledger()
    headers = {"Group": "light", "Limit": "1000", "Remaining": "999", "Window": "60"}
    async with vendor(answering(headers)) as url, ringcentral_at(url, ListedTokens("t"), limits=limits) as adapter:
        await adapter.hold(CALL)
    assert limits.learnt == [("light", 1000, 999, 60.0)]


async def test_answer_to_what_we_do_not_know_teaches_its_own_group() -> None:
    limits = Ledger()
    headers = {"Group": "heavy", "Limit": "10", "Remaining": "3", "Window": "60"}
    async with vendor(answering(headers)) as url, ringcentral_at(url, ListedTokens("t"), limits=limits) as adapter:
        await adapter.passthrough(RawRequest("GET", "/restapi/v1.0/account/~/active-calls"))
    assert limits.learnt == [("heavy", 10, 3, 60.0)]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Limit": "50"},
        {"Limit": "many", "Remaining": "1", "Window": "60"},
        {"Limit": "0", "Remaining": "0", "Window": "60"},
        {"Limit": "50", "Remaining": "-1", "Window": "60"},
        {"Limit": "9" * 5000, "Remaining": "1", "Window": "60"},
    ],
)
async def test_headers_that_teach_nothing(headers: dict[str, str]) -> None:
    limits = Ledger()
    async with vendor(answering(headers)) as url, ringcentral_at(url, ListedTokens("t"), limits=limits) as adapter:
        await adapter.hold(CALL)
    assert limits.learnt == []


@pytest.mark.parametrize(("headers", "seconds"), [({"retry": "60"}, 60.0), ({}, 30.0), ({"retry": "99999"}, 600.0)])
async def test_penalty_is_waited_out(headers: dict[str, str], seconds: float) -> None:
    limits = Ledger()
    async with (
        vendor(answering(headers, 429)) as url,
        ringcentral_at(url, ListedTokens("t"), limits=limits) as adapter,
    ):
        with pytest.raises(VendorUnavailable, match="slow down"):
            await adapter.hold(CALL)
    assert limits.paused == [("light", seconds)]


async def test_no_storm_against_the_sandbox(sandbox: SandboxHandle) -> None:
    """The sandbox takes three heavy requests; with our count the fourth never reaches it."""
    sandbox.set("connection", COMPANY, heavy=3)
    counted = [0]

    class Three(Ledger):
        async def take(self, group: str, *, limit: int, window_s: float) -> float:
            counted[0] += group == "heavy"
            return 60.0 if counted[0] > 3 else 0.0

    limits = Three()
    async with ringcentral_of(sandbox, limits=limits) as adapter:
        for _ in range(3):
            await adapter.read_call_log(None, None, None, 10)
        for _ in range(5):
            with pytest.raises(VendorUnavailable) as raised:
                await adapter.read_call_log(None, None, None, 10)
            assert raised.value.retry_after == 60
    assert [each for each in limits.learnt if each[0] == "heavy"] == [
        ("heavy", 3, remaining, 60.0) for remaining in (2, 1, 0)
    ]
    assert limits.paused == []
