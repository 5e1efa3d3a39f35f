"""A small client of the emulated API, as one user with some scopes."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.sandbox.receiver import Receiver
from tests.sandbox_server import Answer, SandboxHandle

BRAM = "bram@acme.example"


@dataclass(frozen=True)
class Kwebbl:
    """Paths are below the company's base URL."""

    sandbox: SandboxHandle
    base: str
    tokens: dict[str, Any]

    @classmethod
    def authorized(
        cls, sandbox: SandboxHandle, company: str = "acme", email: str | None = None, scope: str | None = None
    ) -> "Kwebbl":
        base = urlsplit(sandbox.company(company)["base_url"]).path
        return cls(sandbox, base, sandbox.tokens(company, email, scope))

    def send(self, method: str, path: str, body: Any = None) -> Answer:
        headers = {"Authorization": f"Bearer {self.tokens['access_token']}"}
        return self.sandbox.send_json(method, self.base + path, body, headers)

    def get(self, path: str) -> Any:
        return self.send("GET", path).json()

    def refusal(self, method: str, path: str, body: Any = None) -> tuple[int, str | None]:
        """Status and error code; the body's own status must agree."""
        answer = self.send(method, path, body)
        problem = answer.json()
        assert problem["status_code"] == answer.status
        assert problem["message"]
        return answer.status, problem.get("error_code")

    def subscribe(self, receiver: Receiver, **settings: Any) -> str:
        body = {"event_types": ["*"], "mode": "detailed", "callback_url": receiver.url, **settings}
        answer = self.send("POST", "/subscriptions", body)
        assert answer.status == 201, answer.body
        return str(answer.json()["id"])

    def extension(self, number: str) -> str:
        return str(next(each["id"] for each in self.get("/extensions") if each["number"] == number))
