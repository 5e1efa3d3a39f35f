"""The sandbox as a process of its own, for every test that needs a PBX. Needs neither Django nor a database."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

_ROOT = Path(__file__).parents[1]
_START_WITHIN_S = 30
_STOP_WITHIN_S = 5


@dataclass(frozen=True)
class Answer:
    """What came back from the sandbox."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class SandboxHandle:
    """`url` is the sandbox's own address, without a slash at the end."""

    url: str
    process: "subprocess.Popen[str]"

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """One HTTP request; redirects are not followed. Header names of the answer are lower case."""
        parts = urlsplit(self.url)
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=15)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            names = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, names, response.read())
        finally:
            connection.close()

    def send_json(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        content = None if body is None else json.dumps(body).encode()
        return self.request(method, path, content, {"Content-Type": "application/json", **(headers or {})})

    def control(self, method: str, path: str, /, **fields: Any) -> Any:
        """`control("POST", "/companies/acme/calls", to="2001")` → the answer's JSON. Raises AssertionError with the refusal."""
        if method == "GET":
            answer = self.request("GET", f"/_control{path}?{urlencode(fields)}")
        else:
            answer = self.send_json(method, f"/_control{path}", fields)
        if answer.status != 200:
            raise AssertionError(f"{method} {path}: {answer.status} {answer.body.decode()}")
        return answer.json()

    def company(self, company: str = "acme") -> Any:
        """Everything about the company: base_url, users, extensions, connection (client id and secret), calls …"""
        return self.control("GET", f"/companies/{company}")

    def ring_in(self, to: str, company: str = "acme", /, **fields: Any) -> str:
        """A customer calls; answers the call's id."""
        return str(self.control("POST", f"/companies/{company}/calls", to=to, **fields)["id"])

    def act(self, call_id: str, action: str, company: str = "acme", /, **fields: Any) -> Any:
        """`act(call_id, "answer", extension="1001")`."""
        return self.control("POST", f"/companies/{company}/calls/{call_id}/{action}", **fields)

    def set(self, group: str, company: str = "acme", /, **values: Any) -> Any:
        """Changes settings: group is faults, dialect, behaviour, delivery or connection."""
        return self.control("PATCH", f"/companies/{company}/{group}", **values)

    def authorize(self, authorize_url: str, email: str, password: str, decision: str = "allow") -> str:
        """Does what a user does on the consent page; answers the address that the browser is sent to."""
        parts = urlsplit(authorize_url)
        form = urlencode({"email": email, "password": password, "decision": decision}).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self.request("POST", f"{parts.path}?{parts.query}", form, headers)
        if answer.status != 302:
            raise AssertionError(f"No redirect from the consent page: {answer.status} {answer.body.decode()}")
        return answer.headers["location"]

    def tokens(self, company: str = "acme", email: str | None = None, scope: str | None = None) -> Any:
        """The token answer for a user (by default the admin), got by the whole authorization code flow."""
        facts = self.company(company)
        user = next(each for each in facts["users"] if (each["email"] == email if email else each["is_admin"]))
        client, path = facts["connection"], urlsplit(facts["base_url"]).path
        redirect_uri = "http://127.0.0.1/callback"
        query = {"response_type": "code", "client_id": client["client_id"], "redirect_uri": redirect_uri}
        if scope is not None:
            query["scope"] = scope
        location = self.authorize(f"{path}/authorize?{urlencode(query)}", user["email"], user["password"])
        body = {
            "grant_type": "authorization_code",
            "code": parse_qs(urlsplit(location).query)["code"][0],
            "redirect_uri": redirect_uri,
            "client_id": client["client_id"],
            "client_secret": client["client_secret"],
        }
        return self.send_json("POST", f"{path}/token", body).json()


@contextmanager
def running_sandbox(host: str = "127.0.0.1") -> Iterator[SandboxHandle]:
    """Starts `python -m sandbox` on a free port and stops it afterwards."""
    port = _free_port(host)
    command = [sys.executable, "-m", "sandbox", "--host", host, "--port", str(port)]
    with subprocess.Popen(command, cwd=_ROOT, text=True) as process:
        try:
            _wait_until_it_listens(process, host, port)
            yield SandboxHandle(f"http://{host}:{port}", process)
        finally:
            process.terminate()
            try:
                process.wait(_STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


def wait_for(look: Callable[[], Any], seconds: float = 10) -> Any:
    """The first truthy answer of `look`. Raises AssertionError when there is none in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.02)
    raise AssertionError(f"Nothing came within {seconds} s; the last answer was {look()!r}")


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _wait_until_it_listens(process: "subprocess.Popen[str]", host: str, port: int) -> None:
    deadline = time.monotonic() + _START_WITHIN_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise AssertionError(f"The sandbox ended with status {process.returncode}")
        with suppress(OSError), socket.create_connection((host, port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError("The sandbox doesn't listen")
