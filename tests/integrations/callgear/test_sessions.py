"""Keys: sessions are shared and renewed ahead, one that is over makes one new login; and points are kept to ahead of time."""

import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from common.times import utc_now
from integrations.contract.commands import CallRef, RawRequest
from integrations.contract.errors import AuthorizationLost, Unsupported, VendorUnavailable
from integrations.vendors.callgear.client import data_url, domain_of
from tests.integrations.callgear.fake import Answers, Made, error, faked, result
from tests.integrations.callgear.live import COMPANY, KEY, LOGIN, callgear_at, callgear_of
from tests.integrations.memory_store import MemoryStore
from tests.sandbox_server import SandboxHandle

CALL = CallRef("1", "connected")
REFUSED = error(-32001, "access_token_invalid", "Access token is invalid")


def logged_in(*tokens: str, lasts: float = 3600) -> list[Made]:
    """One session after another."""
    return [result({"access_token": each, "expire_at": int(time.time() + lasts)}) for each in tokens]


def accepting(token: str, data: Any) -> Made:
    """Answers whoever has that key."""
    return lambda asked: (result(data) if asked["params"]["access_token"] == token else REFUSED)(asked)


def kept(token: str, minutes: float) -> dict[str, Any]:
    """What another process has kept of a session."""
    return {"call": {"token": token, "expires_at": (utc_now() + timedelta(minutes=minutes)).isoformat()}}


async def test_a_session_is_used_and_kept() -> None:
    store = MemoryStore()
    answers: Answers = {"login.user": logged_in("first"), "list.calls": accepting("first", [])}
    async with faked(answers, LOGIN, ticket_store=store) as (adapter, fake):
        await adapter.check()
        await adapter.snapshot()
    assert fake.sent("login.user") == [LOGIN]
    assert store.saved["call"]["token"] == "first"


async def test_another_processs_session_is_used_until_it_is_about_to_end() -> None:
    answers: Answers = {"login.user": logged_in("second"), "list.calls": result([])}
    for minutes, token, logins in ((30, "first", 0), (9, "second", 1), (-1, "second", 1)):
        async with faked(answers, LOGIN, tickets=kept("first", minutes)) as (adapter, fake):
            await adapter.snapshot()
        assert fake.sent("list.calls") == [{"access_token": token}]
        assert len(fake.sent("login.user")) == logins


async def test_upkeep_renews_ahead() -> None:
    store = MemoryStore()
    answers: Answers = {"login.user": logged_in("calls", "data")}
    async with faked(answers, LOGIN, tickets=kept("old", 5), ticket_store=store) as (adapter, fake):
        await adapter.renew_credentials()
        await adapter.renew_credentials()
    assert {api: session["token"] for api, session in store.saved.items()} == {"call": "calls", "data": "data"}
    assert len(fake.sent("login.user")) == 2


async def test_an_expired_session_makes_one_new_login() -> None:
    answers: Answers = {"login.user": logged_in("second"), "release.call": accepting("second", {"success": "true"})}
    async with faked(answers, LOGIN, tickets=kept("first", 30)) as (adapter, fake):
        await adapter.hangup(CALL)
        await adapter.hangup(CALL)
    assert [each["access_token"] for each in fake.sent("release.call")] == ["first", "second", "second"]
    assert len(fake.sent("login.user")) == 1


async def test_a_new_session_that_is_refused_too_is_the_end() -> None:
    async with faked({"login.user": logged_in("a", "b"), "list.calls": REFUSED}, LOGIN) as (adapter, fake):
        with pytest.raises(AuthorizationLost, match="Access token is invalid"):
            await adapter.snapshot()
    assert len(fake.sent("login.user")) == 1


async def test_the_session_that_another_process_has_made_meanwhile_is_tried_before_a_new_one() -> None:
    store = MemoryStore(kept("theirs", 30))
    answers: Answers = {"login.user": logged_in("new"), "list.calls": [REFUSED, result([])]}
    async with faked(answers, LOGIN, tickets=kept("first", 30), ticket_store=store) as (adapter, fake):
        await adapter.snapshot()
    assert [each["access_token"] for each in fake.sent("list.calls")] == ["first", "theirs"]
    assert fake.sent("login.user") == []


async def test_a_permanent_key_is_never_exchanged() -> None:
    async with faked({"list.calls": REFUSED}, KEY) as (adapter, fake):
        with pytest.raises(AuthorizationLost, match="key that exists"):
            await adapter.snapshot()
        await adapter.renew_credentials()
    assert [method for method, _ in fake.asked] == ["list.calls"]


async def test_a_wrong_password_is_the_end() -> None:
    wrong = error(-32001, "auth_error", "Login or password is wrong")
    async with faked({"login.user": wrong}, LOGIN) as (adapter, _):
        with pytest.raises(AuthorizationLost, match="Login or password is wrong"):
            await adapter.snapshot()


@pytest.mark.parametrize("expire_at", [None, "soon", 0, -5, 1e30, 1475853742, 4102444800000])
async def test_whatever_the_end_of_a_session_is_told_to_be(expire_at: Any) -> None:
    login = result({"access_token": "first", "expire_at": expire_at})
    store = MemoryStore()
    async with faked({"login.user": login, "list.calls": result([])}, LOGIN, ticket_store=store) as (adapter, fake):
        await adapter.snapshot()
        await adapter.snapshot()
    assert len(fake.sent("login.user")) == 1
    assert store.saved["call"]["token"] == "first"


@pytest.mark.parametrize("data", [None, {}, {"access_token": None}, []])
async def test_a_login_without_a_key_is_an_error(data: Any) -> None:
    async with faked({"login.user": result(data)}, LOGIN) as (adapter, _):
        with pytest.raises(Exception, match=r"login\.user can't be read"):
            await adapter.snapshot()


async def test_the_sandboxs_sessions(sandbox: SandboxHandle) -> None:
    async with callgear_of(sandbox, LOGIN) as adapter:
        assert (await adapter.check()).ok
        assert len(await adapter.list_extensions()) == 3
        sandbox.control("POST", f"/companies/{COMPANY}/tokens/expire")
        assert (await adapter.check()).ok
        sandbox.control("POST", f"/companies/{COMPANY}/tokens/revoke")
        with pytest.raises(AuthorizationLost):
            await adapter.check()


async def test_somebodys_own_request_gets_a_new_session_too() -> None:
    answers: Answers = {"login.user": logged_in("second"), "list.talk_options": accepting("second", [])}
    async with faked(answers, LOGIN, tickets=kept("first", 30)) as (adapter, fake):
        answer = await adapter.passthrough(RawRequest("POST", "", body=b'{"method": "list.talk_options", "id": 7}'))
    assert answer.status == 200
    assert b'"id":7' in answer.body
    assert [each["access_token"] for each in fake.sent("list.talk_options")] == ["first", "second"]


# The Data API.


@pytest.mark.parametrize(
    ("base_url", "domain"),
    [
        ("https://callapi.callgear.com/v4.0", "callgear.com"),
        ("https://callapi.uiscom.ru/v4.0", "uiscom.ru"),
        ("http://127.0.0.1:8000/callgear/acme/v4.0", None),
    ],
)
async def test_the_data_api_is_beside_the_call_api(base_url: str, domain: str | None) -> None:
    async with callgear_at(base_url) as adapter:
        expected = f"https://dataapi.{domain}/v2.0" if domain else None
        assert (domain_of(base_url), data_url(adapter.account)) == (domain, expected)
        assert ("directory.extensions" in adapter.capabilities()) is (domain is not None)
        if domain is None:
            with pytest.raises(Unsupported, match="data_api_url"):
                await adapter.list_extensions()


# Points.


class CountingLimits:
    """RateLimits that say what they were told."""

    def __init__(self, wait: float = 0.0) -> None:
        self.wait = wait
        self.told: list[tuple[Any, ...]] = []

    async def take(self, group: str, *, limit: int, window_s: float) -> float:
        self.told.append(("take", group))
        return self.wait

    async def learn(self, group: str, *, limit: int, remaining: int, window_s: float) -> None:
        self.told.append(("learn", group, limit, remaining))

    async def pause(self, group: str, seconds: float) -> None:
        self.told.append(("pause", group, seconds))


def limits(minute: int, day: int) -> Mapping[str, Any]:
    """What is left of 100 and of 1000."""
    return {
        "limits": {
            "minute_limit": 100,
            "minute_remaining": minute,
            "minute_reset": 20,
            "day_limit": 1000,
            "day_remaining": day,
            "day_reset": 4000,
        }
    }


async def test_nothing_is_asked_that_would_be_refused() -> None:
    async with faked({}, limits=CountingLimits(7.0)) as (adapter, fake):
        with pytest.raises(VendorUnavailable, match="points are spent for now; try again in 7 s") as raised:
            await adapter.hangup(CALL)
    assert (raised.value.retry_after, fake.asked) == (7.0, [])


@pytest.mark.parametrize(
    ("minute", "day", "told"),
    [
        (99, 999, [("learn", "points:call", 100, 99)]),
        (0, 999, [("learn", "points:call", 100, 0), ("pause", "points:call", 20.0)]),
        (5, 0, [("learn", "points:call", 100, 5), ("pause", "points:call", 4000.0)]),
        (500, -3, [("learn", "points:call", 100, 100), ("pause", "points:call", 4000.0)]),
    ],
)
async def test_every_answer_teaches(minute: int, day: int, told: list[Any]) -> None:
    counting = CountingLimits()
    answer = result({"success": True}, **limits(minute, day))
    async with faked({"release.call": answer}, limits=counting) as (adapter, _):
        await adapter.hangup(CALL)
    assert counting.told == [("take", "points:call"), *told]


async def test_a_limit_that_is_exceeded_says_when_to_come_back() -> None:
    counting = CountingLimits()
    refused = error(-32029, "limit_exceeded", "Limit per day", params={"limit_type": "day"}, metadata=limits(50, 0))
    async with faked({"release.call": refused}, limits=counting) as (adapter, _):
        with pytest.raises(VendorUnavailable, match="Limit per day") as raised:
            await adapter.hangup(CALL)
    assert raised.value.retry_after == 4000.0
    assert ("pause", "points:call", 4000.0) in counting.told


async def test_pollers_are_not_counted_while_there_is_enough() -> None:
    counting = CountingLimits()
    answers: Answers = {"list.calls": result([], **limits(90, 900))}
    async with faked(answers, limits=counting) as (adapter, _):
        async for _item in adapter.stream():
            break
    assert counting.told == []


@pytest.mark.parametrize("metadata", [None, 7, {"limits": None}, {"limits": {"minute_limit": "many"}}, {"limits": []}])
async def test_metadata_of_wrong_types_does_no_harm(metadata: Any) -> None:
    def answer(asked: Mapping[str, Any]) -> Any:
        return {"jsonrpc": "2.0", "id": asked["id"], "result": {"data": {"success": "true"}, "metadata": metadata}}

    async with faked({"release.call": answer}, limits=CountingLimits()) as (adapter, fake):
        await adapter.hangup(CALL)
    assert len(fake.asked) == 1
