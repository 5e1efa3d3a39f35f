"""A small client of the emulated API."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tests.sandbox_server import Answer, SandboxHandle, wait_for

COMPANY = "acme-eq"
KEY = "acme-eq-demo-key"
CUSTOMER = "31612345678"
ZENO, NOOR, OLAF = 2, 3, 4


def ring_in(sandbox: SandboxHandle, to: str = "502") -> str:
    """Jan Jansen calls from outside; answers the id that the console has for the call."""
    return sandbox.ring_in(to, COMPANY, caller=CUSTOMER, name="Jan Jansen")


def talk(sandbox: SandboxHandle, to: str = "502") -> str:
    """The same, answered on the phone."""
    call = ring_in(sandbox, to)
    sandbox.act(call, "answer", COMPANY, extension=to)
    return call


@dataclass(frozen=True)
class Eq:
    """Fields are sent as a form, objects as JSON within it. `auth` is added to every address."""

    sandbox: SandboxHandle
    auth: tuple[tuple[str, str], ...] = (("auth_key", KEY),)
    base: str = f"/eq/{COMPANY}/eq/api/2.0"

    def on_behalf_of(self, session: str, kind: str = "agent") -> "Eq":
        return Eq(self.sandbox, (*self.auth, (f"auth_{kind}_session", session)))

    def address(self, path: str, /, **query: Any) -> str:
        return f"{self.base}{path}?{urlencode([*self.auth, *query.items()])}"

    def send(self, method: str, path: str, /, **fields: Any) -> Answer:
        """Of a GET the fields are its query."""
        if method == "GET":
            return self.sandbox.request("GET", self.address(path, **fields))
        plain = {name: json.dumps(each) if isinstance(each, dict) else each for name, each in fields.items()}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.sandbox.request(method, self.address(path), urlencode(plain).encode(), headers)

    def done(self, method: str, path: str, /, **fields: Any) -> Any:
        """The answer's JSON, or None for nothing, of a success."""
        answer = self.send(method, path, **fields)
        assert answer.status == 200, (answer.status, answer.body)
        return json.loads(answer.body) if answer.body else None

    def get(self, path: str, /, **query: Any) -> Any:
        return self.done("GET", path, **query)

    def refusal(self, method: str, path: str, /, **fields: Any) -> tuple[int, list[tuple[str | None, str]]]:
        """Status, and parameters with types of errors."""
        answer = self.send(method, path, **fields)
        problems = answer.json()
        assert all(each["message"] for each in problems)
        return answer.status, [(each["parameter"], each["type"]) for each in problems]

    def calls(self, extension: str = "502") -> list[dict[str, Any]]:
        return list(self.get("/active_calls", extension=extension))

    def states(self, *extensions: str) -> list[list[str]]:
        """Of each extension, the states of its calls."""
        return [[call["state"] for call in self.calls(each)] for each in extensions]

    def act(self, extension: str, action: str, /, **fields: Any) -> Any:
        return self.done("POST", "/extension_action", extension=extension, action=action, **fields)

    def agent(self, agent: int, action: str, /, **options: Any) -> Any:
        return self.done("POST", "/call_queue_agent_action", action=action, options={"agent": agent} | options)

    def status(self, agent: int, queue: str = "601") -> dict[str, Any]:
        (row,) = (each for each in self.get("/call_queue_agent_status", agent=agent) if each["queue"] == queue)
        return dict(row)

    def sign_in(self, agent: int, extension: str, /, **fields: Any) -> str:
        return str(self.done("POST", "/agent_session", user=agent, extension=extension, **fields))

    def sessions(self, kind: str = "agent") -> dict[int, str]:
        """Extensions by the IDs of users who are signed in."""
        return {each["user"]: each["extension"] for each in self.get(f"/active_{kind}_sessions")}

    def wait_signed_out(self, agent: int) -> None:
        wait_for(lambda: agent not in self.sessions())
