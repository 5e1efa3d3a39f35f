"""Requests to a hook that arrive whole take a shorter way (`config.http`): on the wire nobody can tell."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPMessage, parse_headers
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from cti.ingest.batcher import Overloaded, StorageUnavailable
from cti.ingest.hooks import MAX_BODY, Hooks
from cti.ingest.routes import Route
from tests.connected import connect_account, kwebbl_event
from tests.servers import Server, wait_until

TOKEN = "t" * 43
PATH = f"/hooks/kwebbl/{TOKEN}"


def request(path: str, event: dict[str, Any], *headers: str) -> bytes:
    body = json.dumps(event).encode()
    lines = [f"POST {path} HTTP/1.1", "Host: pbx.example", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join((*lines, "", "")).encode() + body


class Wire:
    """A connection that may send as it likes."""

    def __init__(self, connected: socket.socket) -> None:
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.send = connected.sendall
        self._heard = connected.makefile("rb")

    def answer(self) -> tuple[int, HTTPMessage]:
        """The status and headers of the next response, which has no body."""
        status = int(self._heard.readline().split()[1])
        return status, parse_headers(self._heard)

    def is_closed(self) -> bool:
        return self._heard.read(1) == b""


@contextmanager
def connection(server: Server) -> Iterator[Wire]:
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=20) as made:
        yield Wire(made)


@pytest.mark.usefixtures("committed_db")
def test_one_connection_carries_request_after_request(web_server: Server) -> None:
    connected = connect_account()
    with connection(web_server) as wire:
        for number, kind in enumerate(("ringing", "answered", "terminated")):
            wire.send(request(connected.hook, kwebbl_event(kind, number=number), f"X-Request-ID: request-{number}"))
            status, headers = wire.answer()
            assert (status, headers["X-Request-ID"]) == (200, f"request-{number}")
            assert len(connected.deliveries()) == number + 1
    assert connected.types()[-2:] == ["call.established", "call.cleared"]


@pytest.mark.usefixtures("committed_db")
def test_requests_in_pieces_and_several_at_once_are_answered_in_order(web_server: Server) -> None:
    connected = connect_account()
    first, second, third = (
        request(connected.hook, kwebbl_event(kind, number=number), f"X-Request-ID: request-{number}")
        for number, kind in enumerate(("ringing", "answered", "terminated"))
    )
    with connection(web_server) as wire:
        wire.send(request(connected.hook, kwebbl_event("created", number=9)))
        assert wire.answer()[0] == 200  # the hook is known from here on
        wire.send(first[:-40])
        wire.send(first[-40:] + second + third)
        heard = [wire.answer() for _ in range(3)]
    assert [(status, headers["X-Request-ID"]) for status, headers in heard] == [
        (200, f"request-{number}") for number in range(3)
    ]
    assert connected.types()[-2:] == ["call.established", "call.cleared"]


@pytest.mark.usefixtures("committed_db")
def test_connection_is_closed_for_who_asks_for_it(web_server: Server) -> None:
    connected = connect_account()
    for kind in ("ringing", "answered"):
        with connection(web_server) as wire:
            wire.send(request(connected.hook, kwebbl_event(kind), "Connection: close"))
            status, headers = wire.answer()
            assert (status, headers["Connection"], wire.is_closed()) == (200, "close", True)


@pytest.mark.usefixtures("committed_db")
def test_what_a_vendor_sent_is_stored_though_it_hangs_up(web_server: Server) -> None:
    connected = connect_account()
    with connection(web_server) as wire:
        wire.send(request(connected.hook, kwebbl_event("ringing")))
        assert wire.answer()[0] == 200
        wire.send(request(connected.hook, kwebbl_event("answered", number=1)))
    wait_until(lambda: len(connected.deliveries()) == 2, 20, "the delivery is stored")
    assert connected.types()[-1] == "call.established"


class Known:
    """Routes that know one hook."""

    def recall(self, token: str) -> Route | None:
        return Route(uuid4(), uuid4(), uuid4(), "kwebbl", "", 0.0) if token == TOKEN else None


class Taking:
    """A batcher that keeps what it is given, or is full."""

    def __init__(self, *, is_full: bool = False) -> None:
        self.is_full = is_full
        self.put_in: list[Any] = []

    def put(self, *delivery: Any) -> None:
        if self.is_full:
            raise Overloaded
        self.put_in.append(delivery)


def hooks(batcher: Taking) -> Hooks:
    return Hooks(Known(), batcher)  # type: ignore[arg-type]


def scope(**changed: Any) -> dict[str, Any]:
    return {"path": PATH, "method": "POST", "headers": [], "query_string": b"", **changed}


def test_answer_waits_for_the_commit_and_says_how_it_went() -> None:
    batcher, heard = Taking(), list[tuple[int, bytes | None]]()
    for error in (None, StorageUnavailable()):
        taken = hooks(batcher).take_whole(
            scope(), b"{}", lambda status, headers: heard.append((status, dict(headers).get(b"retry-after")))
        )
        assert (taken, len(heard)) == (True, len(batcher.put_in) - 1)
        batcher.put_in[-1][-1](error)
    assert heard == [(200, None), (503, b"2")]


@pytest.mark.parametrize(
    ("changed", "body", "is_full"),
    [
        ({"path": "/hooks/kwebbl/" + "u" * 43}, b"{}", False),
        ({"path": PATH.replace("kwebbl", "nobody")}, b"{}", False),
        ({"method": "GET"}, b"", False),
        ({}, b" " * (MAX_BODY + 1), False),
        ({}, b"{}", True),
    ],
    ids=["unknown", "another vendor's", "not a POST", "too large", "too much waits"],
)
def test_whatever_is_not_plain_is_left_to_the_application(
    changed: dict[str, Any], body: bytes, *, is_full: bool
) -> None:
    batcher, heard = Taking(is_full=is_full), list[int]()
    assert not hooks(batcher).take_whole(scope(**changed), body, lambda status, _: heard.append(status))
    assert (heard, batcher.put_in) == ([], [])
