"""Users' sessions: in whose name commands are, what keeps them alive, and what happens when they are lost."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrations.contract.commands import CallRef, LegRef
from integrations.contract.errors import AuthorizationLost, VendorRejected
from integrations.contract.things import AgentAction
from integrations.vendors.eq.sessions import KEEP_ALIVE_EVERY
from tests.integrations.eq.fake import Answers, faked
from tests.integrations.eq.live import COMPANY, KEY, eq_of
from tests.integrations.fake import Answer
from tests.integrations.memory_store import MemoryStore
from tests.sandbox_server import SandboxHandle

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
LEG = LegRef("line:502:x", "502/SIP%2F502-1", "502")
CALL = CallRef("line:502:x", "connected", (LEG,), LEG)
ACTION, SIGN_IN = "POST /extension_action", "POST /agent_session"
SUPERVISOR_SIGN_IN, SESSIONS = "POST /supervisor_session", "GET /active_agent_sessions"
LOST = Answer([{"parameter": "auth_agent_session", "type": "nonexistent", "message": "Gone"}], 401)
ELSEWHERE = Answer([{"parameter": None, "type": "already_signed_in"}], 400)


def kept(token: str = "old") -> MemoryStore:
    return MemoryStore({"agent:2": {"token": token, "user": "2", "extension": "502"}})


async def test_commands_are_in_the_name_of_who_sits_there() -> None:
    async with faked({ACTION: Answer()}, kept()) as (adapter, fake):
        await adapter.park(CALL)
    assert fake.sent(ACTION)[0][0] == {"auth_key": KEY, "auth_agent_session": "old"}


async def test_else_in_the_name_of_the_supervisor_whom_the_settings_name() -> None:
    store = MemoryStore()
    async with faked({ACTION: Answer(), SUPERVISOR_SIGN_IN: Answer("s" * 64)}, store, supervisor="1") as (
        adapter,
        fake,
    ):
        await adapter.park(CALL)
        await adapter.park(CALL)
    assert [query for query, _ in fake.sent(ACTION)] == [{"auth_key": KEY, "auth_supervisor_session": "s" * 64}] * 2
    assert [form for _, form in fake.sent(SUPERVISOR_SIGN_IN)] == [{"user": "1"}]
    assert store.saved["supervisor"]["token"] == "s" * 64


async def test_a_supervisor_who_is_signed_in_elsewhere_stops_nothing() -> None:
    async with faked({ACTION: Answer(), SUPERVISOR_SIGN_IN: ELSEWHERE}, supervisor="1") as (adapter, fake):
        await adapter.park(CALL)
    assert [query for query, _ in fake.sent(ACTION)] == [{"auth_key": KEY}]


async def test_a_session_that_is_lost_is_made_anew_and_the_command_sent_again() -> None:
    store = kept()
    async with faked({ACTION: [LOST, Answer()], SIGN_IN: Answer("new")}, store) as (adapter, fake):
        await adapter.park(CALL)
    assert [query["auth_agent_session"] for query, _ in fake.sent(ACTION)] == ["old", "new"]
    assert fake.sent(SIGN_IN)[0][1] == {"user": "2", "extension": "502"}
    assert store.saved["agent:2"]["token"] == "new"


async def test_who_is_signed_in_elsewhere_by_now_is_let_be() -> None:
    store = kept()
    async with faked({ACTION: [LOST, Answer()], SIGN_IN: ELSEWHERE}, store) as (adapter, fake):
        await adapter.park(CALL)
    assert "auth_agent_session" not in fake.sent(ACTION)[1][0]
    assert store.saved == {}


async def test_a_key_that_is_refused_is_no_lost_session() -> None:
    problem = Answer([{"parameter": "auth_key", "type": "nonexistent"}], 401)
    async with faked({ACTION: problem}, kept()) as (adapter, fake):
        with pytest.raises(AuthorizationLost):
            await adapter.park(CALL)
    assert fake.sent(SIGN_IN) == []


@pytest.mark.parametrize("token", [None, "", 7, [], {"token": ""}])
async def test_a_sign_in_without_a_token_is_told(token: Any) -> None:
    statuses = Answer([{"queue": "601", "agent": 2, "extension": "502", "status": "signedOut"}])
    answers: Answers = {SIGN_IN: Answer(token), "GET /call_queue_agent_status": statuses}
    async with faked(answers) as (adapter, _):
        with pytest.raises(VendorRejected, match="no token"):
            await adapter.login_agent(AgentAction("601", "502"))


@pytest.mark.parametrize("answer", [Answer(b"<html>Not found</html>", 404, "text/html"), LOST, Answer()])
async def test_a_server_that_cannot_sign_agents_out_lets_them_time_out(answer: Answer) -> None:
    store = kept()
    statuses = Answer([{"queue": "601", "agent": 2, "extension": "502", "status": "signedOut"}])
    answers: Answers = {
        "POST /call_queue_agent_action": Answer(),
        "GET /call_queue_agent_status": statuses,
        "DELETE /agent_session/old": answer,
    }
    async with faked(answers, store) as (adapter, fake):
        await adapter.logout_agent(AgentAction("601", "502"))
    assert len(fake.sent("DELETE /agent_session/old")) == 1
    assert store.saved == {}


async def test_keeping_alive_asks_with_each_session_now_and_then() -> None:
    async with faked({}, kept()) as (adapter, fake):
        for seconds in (0, 10, 29, 30, 31):
            await adapter._sessions.keep_alive(NOON + timedelta(seconds=seconds), may_be_more=False)
    asked = [query.get("auth_agent_session") for query, _ in fake.sent(SESSIONS)]
    assert asked == ["old", "old"]
    assert timedelta(seconds=30) == KEEP_ALIVE_EVERY


async def test_keeping_alive_finds_what_others_have_made_and_makes_anew_what_is_lost() -> None:
    store = MemoryStore()
    async with faked({SESSIONS: LOST, SIGN_IN: Answer("new")}, store) as (adapter, fake):
        await adapter._sessions.keep_alive(NOON, may_be_more=False)
        assert fake.asked == []
        await store.put("agent:2", kept().saved["agent:2"])
        await adapter._sessions.keep_alive(NOON + KEEP_ALIVE_EVERY, may_be_more=True)
    assert store.saved["agent:2"]["token"] == "new"


async def test_an_agent_who_timed_out_comes_back_by_being_kept_alive(sandbox: SandboxHandle) -> None:
    """ "As soon as the user pings the system again, the session is reactivated"."""
    sandbox.control("POST", f"/companies/{COMPANY}/vendor/sign-out-everybody")
    store = MemoryStore()
    async with eq_of(sandbox, store) as adapter:
        await adapter.login_agent(AgentAction("601", "503"))
        sandbox.control("POST", f"/companies/{COMPANY}/tokens/expire")
        assert sandbox.company(COMPANY)["sessions"]["agent"] == 0
    async with eq_of(sandbox, store) as adapter:
        await adapter._sessions.keep_alive(NOON, may_be_more=False)
        assert sandbox.company(COMPANY)["sessions"]["agent"] == 1
        [agent] = [each for each in await adapter.list_queue_agents("601") if each.vendor_extension_id == "503"]
        assert agent.state == "available"
