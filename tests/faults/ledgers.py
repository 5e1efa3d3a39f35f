"""The three ledgers: what the PBX sent, what the log holds, what a websocket client got. They must agree."""

import threading
from collections import Counter
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import orjson
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from tests.faults.installation import EVENT_TYPES
from tests.sandbox_server import SandboxHandle

LOG_TYPES = dict(
    zip(EVENT_TYPES, ("call.originated", "call.delivered", "call.established", "call.cleared"), strict=True)
)
Told = tuple[str, str]
"""A vendor's call id and what happened to it, as our log calls it."""


def told(event: dict[str, Any]) -> Told:
    return event["data"]["call"]["vendor_call_id"], event["type"]


def sent(sandbox: SandboxHandle) -> Counter[Told]:
    """What the PBX had acknowledged, by call and type; fails when anything was given up."""
    ledger = sandbox.control("GET", "/companies/acme/ledger")
    states = Counter(delivery["state"] for delivery in ledger["deliveries"])
    assert set(states) == {"acknowledged"}, states
    return Counter((delivery["call_id"], LOG_TYPES[delivery["event_type"]]) for delivery in ledger["deliveries"])


def read_log(url: str, api_key: str) -> list[dict[str, Any]]:
    """The whole log through the API, page by page."""
    events: list[dict[str, Any]] = []
    while True:
        after = events[-1]["sequence"] if events else 0
        request = Request(  # noqa: S310 - our own loopback address
            f"{url}/api/v1/events?{urlencode({'after': after, 'limit': 200})}",
            headers={"Authorization": f"Bearer {api_key}"},
        )
        with urlopen(request, timeout=10) as response:  # noqa: S310
            page = orjson.loads(response.read())["results"]
        if not page:
            return events
        events += page


class Follower:
    """A websocket client as a CRM would write it: when the socket breaks it comes back and asks for what follows."""

    def __init__(self, url: str, api_key: str) -> None:
        self.events: list[dict[str, Any]] = []
        self.breaks = 0
        self._url = url.replace("http", "ws", 1) + "/ws/v1/events"
        self._api_key = api_key
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._follow)

    def __enter__(self) -> "Follower":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join(timeout=20)

    def _follow(self) -> None:
        while not self._stopping.is_set():
            try:
                with connect(self._url, open_timeout=2, close_timeout=1, compression=None) as socket:
                    self._listen(socket)
            except (OSError, WebSocketException, TimeoutError):
                self.breaks += 1
                self._stopping.wait(0.1)

    def _listen(self, socket: ClientConnection) -> None:
        after = self.events[-1]["sequence"] if self.events else 0
        socket.send(orjson.dumps({"type": "authenticate", "token": self._api_key}).decode())
        socket.send(orjson.dumps({"type": "subscribe", "after": after}).decode())
        while not self._stopping.is_set():
            try:
                message = orjson.loads(socket.recv(timeout=0.2))
            except TimeoutError:
                continue
            if message["type"] == "event":
                self.events.append(message["event"])
