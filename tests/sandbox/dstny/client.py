"""A small client of the emulated API, as one user with one ticket."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from tests.sandbox_server import Answer, SandboxHandle, wait_for

COMPANY = "acme-dstny"
DOMAIN = "acme.example"
EVERYTHING = "USER CONTACT CALLS CALL_CONTROL ACD QUEUE_STATISTICS COMMUNICATION_LOG LINE_STATE VOICEMAIL_SETTINGS SMS"
SERVICE = "cti-service"
CUSTOMER = "31612345678"
_NUMBERS = {"vera": "301", "wout": "302", "xander": "303"}


def ring_in(sandbox: SandboxHandle, to: str = "302") -> str:
    """Jan Jansen calls from outside; answers the id that the console has for the call."""
    return sandbox.ring_in(to, COMPANY, caller=CUSTOMER, name="Jan Jansen")


def password_ticket(user: str, password: str, apis: str = EVERYTHING, domain: str = DOMAIN) -> str:
    """The document's: "D" + base64(domain) + "." + base64("P:" + md5(user + apis + ":" + secret) + ":" + user + apis)."""
    names = "".join(f":{api}" for api in apis.split())
    secret = _md5(f"{user}:{domain}:{password}")
    signed = f"P:{_md5(f'{user}{names}:{secret}')}:{user}{names}"
    return f"D{_base64(domain)}.{_base64(signed)}"


@dataclass(frozen=True)
class Dstny:
    """Paths are below the company's base URL; `{me}` in them stands for domain and user."""

    sandbox: SandboxHandle
    user: str
    token: str
    base: str = f"/dstny/{COMPANY}/api"

    @classmethod
    def of(cls, sandbox: SandboxHandle, user: str, apis: str = EVERYTHING) -> "Dstny":
        return cls(sandbox, user, password_ticket(user, f"demo-{user}", apis))

    def send(self, method: str, path: str, body: Any = None, /, **query: Any) -> Answer:
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        return self.sandbox.send_json(method, self.address(path, **query), body, headers)

    def address(self, path: str, /, **query: Any) -> str:
        address = self.base + path.replace("{me}", f"{DOMAIN}/{self.user}")
        return f"{address}?{urlencode(query, doseq=True)}" if query else address

    def get(self, path: str, /, **query: Any) -> Any:
        return self.done("GET", path, None, **query)

    def done(self, method: str, path: str, body: Any = None, /, **query: Any) -> Any:
        """The answer's JSON (None for no content), which must be a success."""
        answer = self.send(method, path, body, **query)
        assert answer.status in (200, 204), (answer.status, answer.body)
        return json.loads(answer.body) if answer.status == 200 else None

    def text(self, method: str, path: str, /, **query: Any) -> str:
        answer = self.send(method, path, None, **query)
        assert answer.status == 200, (answer.status, answer.body)
        return answer.body.decode()

    def refusal(self, method: str, path: str, body: Any = None, /, **query: Any) -> tuple[int, str]:
        """Status and the error's code."""
        answer = self.send(method, path, body, **query)
        (problem,) = answer.json()["field"]
        assert problem["description"]
        return answer.status, problem["code"]

    # Calls

    @property
    def number(self) -> str:
        return _NUMBERS[self.user]

    @property
    def device(self) -> str:
        """The desk phone's id."""
        return str(self.get("/user/device/{me}", type="DESKPHONE")[0]["deviceId"])

    def calls(self) -> list[dict[str, Any]]:
        return list(self.get("/cti/state/{me}")["calls"])

    def call(self, status: str) -> dict[str, Any]:
        """The only call in that state, once there is one."""

        def look() -> Any:
            return [each for each in self.calls() if each["status"] == status]

        (found,) = wait_for(look)
        return dict(found)

    def act(self, call: dict[str, Any], action: str, method: str = "PUT", /, **body: Any) -> Any:
        return self.done(method, f"/cti/control/{{me}}/calls/{call['callId']}{action}", body)

    def answer(self) -> dict[str, Any]:
        return dict(self.act(self.call("RINGING"), f"/answer/{self.device}"))

    def dial(self, destination: str, /, **body: Any) -> dict[str, Any]:
        path = f"/cti/control/{{me}}/device/{self.device}/calls"
        return dict(self.done("POST", path, {"destination": destination, **body}))

    @contextmanager
    def stream(self, path: str) -> "Iterator[EventStream]":
        """What comes on a stream, read in the background until the test is done with it."""
        parts = urlsplit(self.sandbox.url)
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        connection.request("GET", self.address(path), headers={"Authorization": f"Bearer {self.token}"})
        response = connection.getresponse()
        stream = EventStream(response.status, response.getheader("content-type", ""))
        reader = threading.Thread(target=stream.read_from, args=(response,), daemon=True)
        reader.start()
        try:
            yield stream
        finally:
            if connection.sock:
                connection.sock.close()


def talking(sandbox: SandboxHandle, user: Dstny) -> dict[str, Any]:
    """A call from outside that the user has answered."""
    ring_in(sandbox, user.number)
    return user.answer()


@dataclass
class EventStream:
    """`events` are the data of each; `comments` the keep-alives; `ended` when the other side closed."""

    status: int
    content_type: str
    events: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    ended: bool = False

    def wait(self, count: int) -> list[str]:
        return list(wait_for(lambda: len(self.events) >= count and self.events))

    def read_from(self, response: Any) -> None:
        data: list[str] = []
        try:
            for raw in response:
                line = raw.decode().rstrip("\n")
                if line.startswith(":"):
                    self.comments.append(line)
                elif line.startswith("data: "):
                    data.append(line.removeprefix("data: "))
                elif data:
                    self.events.append("\n".join(data))
                    data = []
        except (OSError, ValueError):
            return
        self.ended = True


def parse_xml(text: str | bytes) -> Element:
    return ElementTree.fromstring(text)  # noqa: S314 - it comes from the sandbox


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
