"""What vendors shouldn't send, or do: shown in words, kept to the account, and over when it is over."""

import contextlib
import gzip
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from integrations.models import PbxAccount
from integrations.status import set_status
from tenants.rls import tenant_scope
from tests.connected import kwebbl_event
from tests.servers import Server, wait_until
from tests.streams.conftest import SOON, Stream_, Streamed
from tests.streams.vendor import Answer, Vendor

pytestmark = pytest.mark.usefixtures("streams")
LARGE = "x" * (1024 * 1024 + 1)
HALF_A_CHUNK = b"7\r\ndata: {\r\n"
HALF_A_FRAME = b"\x81\x7eAB"


def works_again(streamed: Streamed) -> None:
    """Later events arrive, and nothing is shown as wrong any more."""
    streamed.line.answer = None
    streamed.wait_until_connected()
    streamed.send(kwebbl_event("ringing"))
    streamed.wait_for("call.originated", "call.delivered")
    assert (streamed.subscription().last_error, streamed.stream().last_error) == ("", "")


def wait_for_words(streamed: Streamed, words: str) -> None:
    """The subscription is shown as failed, with these words, or those on the other side of a `|`."""
    with contextlib.suppress(AssertionError):
        wait_until(lambda: any(each in _errors(streamed) for each in words.split("|")), SOON, "the words are shown")
    assert any(each in _errors(streamed) for each in words.split("|")), _errors(streamed)


def _errors(streamed: Streamed) -> str:
    """All that was ever told to be wrong with the subscription."""
    told = [event["data"] for event in streamed.events() if event["type"] == "subscription.status_changed"]
    return " | ".join(each["subscription"]["last_error"] for each in told)


@pytest.mark.parametrize(
    ("key", "misbehave", "words"),
    [
        ("ssestreamer", lambda vendor, name: vendor.hang_up(name), "the connection broke"),
        ("socketstreamer", lambda vendor, name: vendor.hang_up(name), "the connection broke"),
        ("ssestreamer", lambda vendor, name: vendor.send_raw(name, HALF_A_CHUNK, hang_up=True), "the connection broke"),
        (  # what the HTTP library makes of it depends on what was read before
            "ssestreamer",
            lambda vendor, name: vendor.send_raw(name, b"<html>\r\n"),
            "The PBX said nothing for 2 s.|the connection broke",
        ),
        (
            "socketstreamer",
            lambda vendor, name: vendor.send_raw(name, HALF_A_FRAME, hang_up=True),
            "the connection broke",
        ),
        ("socketstreamer", lambda vendor, name: vendor.send_raw(name, b"<html>oops</html>"), "the connection broke"),
        ("ssestreamer", lambda vendor, name: vendor.send(name, LARGE), "larger than 1024 KiB"),
        ("socketstreamer", lambda vendor, name: vendor.send(name, LARGE), "larger than 1024 KiB"),
    ],
    ids=[
        "SSE hangs up",
        "websocket hangs up",
        "half an SSE chunk",
        "a page amid SSE",
        "half a frame",
        "a page amid frames",
        "an SSE event too large",
        "a message too large",
    ],
)
def test_a_connection_that_breaks(
    connect: Stream_, key: str, misbehave: Callable[[Vendor, str], None], words: str
) -> None:
    streamed = connect(key)
    streamed.wait_until_connected()
    misbehave(streamed.vendor, streamed.name)
    wait_for_words(streamed, words)
    works_again(streamed)


async def _page(_: web.Request) -> web.StreamResponse:
    return web.Response(text="<h1>Down for maintenance</h1>", content_type="text/html")


async def _bomb(request: web.Request) -> web.StreamResponse:
    headers = {"Content-Type": "text/event-stream", "Content-Encoding": "gzip"}
    return web.Response(body=gzip.compress(b"data: " + b"0" * (100 * 1024 * 1024)), headers=headers)


async def _busy(_: web.Request) -> web.StreamResponse:
    return web.Response(status=503, text="too many connections", headers={"Retry-After": "1"})


@pytest.mark.parametrize(
    ("key", "answer", "words"),
    [
        ("ssestreamer", _page, "no stream of events (200): <h1>Down for maintenance</h1>"),
        ("socketstreamer", _page, "no stream of events (200)"),
        ("ssestreamer", _bomb, "larger than 1024 KiB"),
        ("ssestreamer", _busy, "no stream of events (503): too many connections"),
        ("socketstreamer", _busy, "no stream of events (503)"),
    ],
    ids=["a page for SSE", "a page for a websocket", "gzip bomb", "SSE is busy", "websocket is busy"],
)
def test_an_answer_that_is_no_stream(connect: Stream_, vendor: Vendor, key: str, answer: Answer, words: str) -> None:
    streamed = connect(key, answer=answer)
    wait_for_words(streamed, words)
    works_again(streamed)


def test_repeated_failures_degrade_the_account_until_it_connects(connect: Stream_) -> None:
    streamed = connect(answer=_page)
    wait_until(lambda: streamed.reload().status == "degraded", SOON, "the account is degraded")
    assert "Down for maintenance" in streamed.reload().status_detail
    assert streamed.stream().attempts >= 3
    works_again(streamed)
    assert (streamed.reload().status, streamed.reload().status_detail) == ("active", "")


def test_lost_authorization_is_for_a_person_to_mend(connect: Stream_) -> None:
    async def unauthorized(_: web.Request) -> web.StreamResponse:
        return web.Response(status=401)

    streamed = connect("socketstreamer", answer=unauthorized)
    wait_until(lambda: streamed.reload().status == "reauthorization_required", SOON, "the account is to be mended")
    assert streamed.reload().status_detail == "The PBX no longer knows the password."
    tries = len(streamed.line.connected_at)
    wait_for_words(streamed, "no longer knows the password")
    with tenant_scope(streamed.tenant_id):
        set_status(streamed.reload(), PbxAccount.Status.CONNECTING)
    works_again(streamed)
    assert (tries, len(streamed.line.connected_at)) == (1, 2)


def test_accounts_that_change_connect_anew_and_those_that_go_hang_up(connect: Stream_) -> None:
    streamed = connect()
    streamed.wait_until_connected()
    change(streamed, base_url=streamed.vendor.url("elsewhere"))
    wait_until(lambda: len(streamed.vendor.lines["elsewhere"].open) == 1, SOON, "it connects to the new address")
    assert streamed.line.open == []
    change(streamed, settings={"stream": False})
    wait_until(lambda: not streamed.vendor.lines["elsewhere"].open, SOON, "it hangs up")
    assert streamed.subscription_status() == "ended"
    change(streamed, settings={}, base_url=streamed.vendor.url(streamed.name))
    wait_until(lambda: len(streamed.line.open) == 1, SOON, "it connects again")
    with tenant_scope(streamed.tenant_id):
        PbxAccount.objects.filter(pk=streamed.account.pk).delete()
    wait_until(lambda: not streamed.line.open, SOON, "it hangs up for good")


def change(streamed: Streamed, **fields: Any) -> None:
    with tenant_scope(streamed.tenant_id):
        account = PbxAccount.objects.get(pk=streamed.account.pk)
        for name, value in fields.items():
            setattr(account, name, value)
        account.save()


def test_a_defect_of_an_adapter_concerns_its_account_alone(connect: Stream_, streams: Server) -> None:
    broken, fine = connect("brokenstreamer"), connect()
    wait_for_words(broken, "A fault of Patchbay's own (KeyError)")
    fine.wait_until_connected()
    assert streams.process.poll() is None
