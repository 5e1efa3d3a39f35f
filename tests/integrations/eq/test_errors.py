"""What EQ's refusals, and answers that aren't the document's, are told as."""

from typing import Any

import pytest

from integrations.contract.commands import CallRef, LegRef, RawRequest
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
from integrations.contract.things import AgentAction
from tests.integrations.eq.fake import PROXY, Answers, faked
from tests.integrations.eq.live import COMPANY, KEY, call_of, eq_at, eq_of, ring_in
from tests.integrations.eq.pictures import line
from tests.integrations.fake import Answer
from tests.sandbox_server import SandboxHandle

LEG = LegRef("line:502:x", "502/SIP%2F502-00000002", "502")
CALL = CallRef("line:502:x", "connected", (LEG,), LEG)
ACTION, PHONE, CALLS = "POST /extension_action", "POST /phone_command", "GET /active_calls"


def problems(*pairs: tuple[str | None, str], under: str = "", message: str = "") -> Any:
    told = [{"parameter": parameter, "type": type_, "message": message} for parameter, type_ in pairs]
    return {under: told} if under else told


async def refused(answer: Answer) -> VendorError:
    async with faked({ACTION: answer}) as (adapter, _):
        with pytest.raises(VendorError) as raised:
            await adapter.hangup(CALL)
    return raised.value


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (Answer(problems(("auth_key", "nonexistent")), 401), AuthorizationLost, "auth_key does not exist"),
        (Answer(b"", 401), AuthorizationLost, "no words"),
        (Answer(b"<html>Log in</html>", 401, "text/html"), VendorRejected, "Log in"),
        (Answer(problems(("channel", "nonexistent")), 400), CallGone, "channel does not exist"),
        (Answer(problems(("channel", "nonexistent"), under="errors"), 404), CallGone, "channel does not exist"),
        (Answer(problems(("extension", "nonexistent"), message="Gone fishing"), 404), VendorRejected, "Gone fishing"),
        (Answer(problems((None, "already_signed_in")), 400), VendorRejected, "is already signed in"),
        (Answer(b"<html><h1>Not&nbsp;found</h1></html>", 404, "text/html"), VendorRejected, "Not&nbsp;found"),
        (Answer(b"", 429, headers={"Retry-After": "7"}), VendorUnavailable, "slow down"),
        (Answer(b"<html>Bad gateway</html>", 502, "text/html"), VendorUnavailable, "Bad gateway"),
        (Answer(problems((None, "x" * 5000)), 400), VendorRejected, "x{60}"),
        (Answer({"error": {"message": "No"}}, 400), VendorRejected, "No"),
        (Answer([1, 2], 400), VendorRejected, "no words"),
        (Answer(b"[" * 100_000, 400), VendorRejected, "no words"),
        (Answer(b"\xff\xfe", 400), VendorRejected, "refused"),
        (Answer(b"", 302, headers={"Location": "http://127.0.0.1:1/"}), VendorRejected, "no words"),
    ],
)
async def test_refusals(answer: Answer, kind: type[VendorError], words: str) -> None:
    error = await refused(answer)
    assert type(error) is kind
    with pytest.raises(kind, match=words):
        raise error
    assert len(str(error)) < 400


async def test_special_errors_come_by_field() -> None:
    error = await refused(Answer(problems(("name", "in_use"), ("name", "invalid"), (None, "x")), 400))
    assert isinstance(error, VendorRejected)
    assert error.errors == {"name": ["is already in use", "is not valid"]}
    assert (error.code, error.status) == ("in_use", 400)


async def test_the_key_is_in_no_words() -> None:
    error = await refused(Answer(problems(("auth_key", "invalid"), message=f"Bad key {KEY}!"), 400))
    assert KEY not in str(error)
    async with faked({"GET /license": Answer({"key": KEY})}) as (adapter, fake):
        answer = await adapter.passthrough(RawRequest("GET", "/license", {"auth_key": "another", "x": "1"}))
    assert KEY.encode() not in answer.body
    assert fake.sent("GET /license")[0][0] == {"auth_key": KEY, "x": "1"}


async def test_nobody_listens() -> None:
    async with eq_at("http://127.0.0.1:9/eq/api/2.0") as adapter:
        with pytest.raises(VendorUnavailable):
            await adapter.hangup(CALL)


async def test_an_answer_that_never_comes_leaves_the_outcome_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("common.http.MAX_RESPONSE_BYTES", 10)
    assert isinstance(await refused(Answer(b"x" * 20)), VendorTimeout)


# Bodies.


async def test_commands_are_forms_with_json_within() -> None:
    async with faked({"POST /call_queue_agent_action": Answer(), **_seat()}) as (adapter, fake):
        await adapter.pause_agent(AgentAction("601", "502", pause_code="6"))
    [(query, form)] = fake.sent("POST /call_queue_agent_action")
    assert query == {"auth_key": KEY}
    assert form == {"action": "pause", "options": '{"agent":2,"queue":"601","pauseCode":6}'}


@pytest.mark.parametrize("answer", [Answer(b"", 415), Answer(problems(("extension", "blank")), 400)])
async def test_servers_that_read_no_forms_get_json(answer: Answer) -> None:
    async with faked({ACTION: [answer, Answer()]}) as (adapter, fake):
        await adapter.hangup(CALL)
    assert [form["action"] for _, form in fake.sent(ACTION)] == ["hangUp", "hangUp"]


@pytest.mark.parametrize("bodies", ["form", "json", "either"])
async def test_commands_reach_servers_of_all_kinds(sandbox: SandboxHandle, bodies: str) -> None:
    sandbox.set("dialect", COMPANY, bodies=bodies)
    sandbox.act(ring_in(sandbox), "answer", COMPANY, extension="502")
    async with eq_of(sandbox) as adapter:
        await adapter.hangup(await call_of(adapter, "502"))
        await adapter.pause_agent(AgentAction("601", "503"))
    assert sandbox.control("GET", f"/companies/{COMPANY}/calls") == []


async def test_what_was_refused_for_another_reason_is_not_sent_again() -> None:
    async with faked({ACTION: Answer(problems(("destination", "blank")), 400)}) as (adapter, fake):
        with pytest.raises(VendorRejected):
            await adapter.hangup(CALL)
    assert len(fake.sent(ACTION)) == 1


# What can't be done.


def _seat() -> Answers:
    return {"GET /active_agent_sessions": Answer([{"user": 2, "extension": "502"}])}


@pytest.mark.parametrize(
    "call", [CallRef("x", "queued"), CallRef("x", "connected", (), LegRef("x", "502/1/remote", None))]
)
async def test_nobody_of_ours_can_act(call: CallRef) -> None:
    async with faked({}) as (adapter, fake):
        with pytest.raises(InvalidCallState, match="watched extensions"):
            await adapter.hangup(call)
    assert fake.asked == []


@pytest.mark.parametrize(
    ("parameter", "words"), [("phone", "no phone of a type that it knows"), ("key", "has no key `hold`")]
)
async def test_a_phone_that_cannot(parameter: str, words: str) -> None:
    answers: Answers = {
        CALLS: Answer([line("502", "talking")]),
        PHONE: Answer(problems((parameter, "nonexistent" if parameter == "phone" else "invalid")), 400),
    }
    async with faked(answers) as (adapter, _):
        with pytest.raises(Unsupported, match=words):
            await adapter.hold(CALL)


async def test_keys_are_tried_one_after_the_other() -> None:
    invalid = Answer(problems(("key", "invalid")), 400)
    async with faked({CALLS: Answer([line("502")]), PHONE: [invalid, invalid, Answer()]}) as (adapter, fake):
        await adapter.answer(CALL, None)
    assert [form["key"] for _, form in fake.sent(PHONE)] == ["headset", "speaker", "line1"]


@pytest.mark.parametrize(("name", "state"), [("answer", "ringing"), ("resume", "onHold")])
async def test_no_key_is_pressed_where_it_might_do_something_else(name: str, state: str) -> None:
    other = line("502", "talking", channel="SIP/502-00000099")
    async with faked({CALLS: Answer([line("502", state), other])}) as (adapter, fake):
        with pytest.raises(InvalidCallState, match="another call"):
            await (adapter.answer(CALL, None) if name == "answer" else adapter.resume(CALL))
    assert fake.sent(PHONE) == []


@pytest.mark.parametrize("muted", [True, False])
async def test_a_phone_that_is_shown_as_muted_is_not_unmuted_by_muting_it(*, muted: bool) -> None:
    answers: Answers = {CALLS: Answer([line("502", "talking", muted=muted)]), PHONE: Answer()}
    async with faked(answers) as (adapter, fake):
        await adapter.mute(CALL)
    assert len(fake.sent(PHONE)) == int(not muted)


@pytest.mark.parametrize("answer", [Answer([]), Answer(None), Answer(b"")])
async def test_a_call_that_is_not_shown_any_more_is_gone(answer: Answer) -> None:
    async with faked({CALLS: answer}) as (adapter, _):
        with pytest.raises(CallGone):
            await adapter.hold(CALL)


@pytest.mark.parametrize("paths", [[], ["/etc/passwd"], ["/var/spool/asterisk/monitor/../../x"], [7], {"a": 1}, PROXY])
async def test_recordings_that_cannot_be_fetched(paths: Any) -> None:
    answer = paths if isinstance(paths, Answer) else Answer(paths)
    async with faked({"GET /call_recordings": answer}, recordings_path="/monitor") as (adapter, _):
        with pytest.raises(VendorRejected):
            async with adapter.open_recording("unique:1.2"):
                pass


async def test_an_agent_of_whom_nothing_is_known() -> None:
    async with faked({}) as (adapter, _):
        with pytest.raises(VendorRejected, match="in the setting agents"):
            await adapter.login_agent(AgentAction("601", "502"))
