"""A small client of the emulated APIs, with one access token."""

import itertools
from dataclasses import dataclass, field
from typing import Any

from tests.sandbox_server import SandboxHandle, wait_for

COMPANY = "acme-callgear"
KEY = "acme-callgear-demo-access-token"
LOGIN = {"login": "iris@acme.example", "password": "demo-iris"}
RECEPTION, SALES, SERVICE, NOWHERE = "31705550700", "31705550701", "31705550702", "31705550709"
CUSTOMER = "31612345678"
TTS = {"type": "tts", "value": "One moment please"}


@dataclass(frozen=True)
class CallGear:
    sandbox: SandboxHandle
    token: str = KEY
    path: str = f"/callgear/{COMPANY}/v4.0"
    ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def at_data_api(self) -> "CallGear":
        return CallGear(self.sandbox, self.token, f"/callgear/{COMPANY}/data/v2.0")

    def send(self, body: Any) -> Any:
        """The answer's JSON to any body; HTTP is 200 whatever it says."""
        answer = self.sandbox.send_json("POST", self.path, body)
        assert answer.status == 200
        return answer.json()

    def ask(self, method: str, /, **params: Any) -> Any:
        """The whole answer, to a request with the token; its id is the request's."""
        request = {"jsonrpc": "2.0", "id": f"req{next(self.ids)}", "method": method}
        answer = self.send({**request, "params": {"access_token": self.token, **params}})
        assert (answer["jsonrpc"], answer["id"]) == ("2.0", request["id"])
        return answer

    def do(self, method: str, /, **params: Any) -> Any:
        """The data of an answer that is no error."""
        answer = self.ask(method, **params)
        assert "error" not in answer, answer
        return answer["result"]["data"]

    def refusal(self, method: str, /, **params: Any) -> tuple[int, str, str | None]:
        """Code, mnemonic and field of an error."""
        error = self.ask(method, **params)["error"]
        assert error["message"]
        return error["code"], error["data"]["mnemonic"], error["data"]["field"]

    # Calls

    def sessions(self) -> list[dict[str, Any]]:
        return list(self.do("list.calls"))

    def session(self) -> dict[str, Any]:
        """The only one."""
        (found,) = self.sessions()
        return dict(found)

    def legs(self) -> dict[str | None, str]:
        """The states of the only session's legs, by employee; None is the contact, or whoever else is none."""
        return {each["employee_full_name"]: each["state"] for each in self.session()["legs"]}

    def leg(self, employee: str | None) -> int:
        legs = self.session()["legs"]
        return int(next(each["leg_id"] for each in legs if each["employee_full_name"] == employee))

    def wait_until_gone(self) -> None:
        assert wait_for(lambda: not self.sessions())

    # People

    def ring_in(self, to: str = RECEPTION, /, **fields: Any) -> int:
        """Jan Jansen calls; answers the session's id."""
        return int(self.sandbox.ring_in(to, COMPANY, **{"caller": CUSTOMER, "name": "Jan Jansen", **fields}))

    def act(self, session_id: int, action: str, /, **fields: Any) -> Any:
        """With a phone, or without `extension` as the customer."""
        return self.sandbox.act(str(session_id), action, COMPANY, **fields)

    def talk(self, to: str = RECEPTION, extension: str = "701") -> int:
        """A customer's call that this employee has answered."""
        session_id = self.ring_in(to)
        self.act(session_id, "answer", extension=extension)
        return session_id

    def consulted(self, action: str, extension: str) -> None:
        """Whoever is consulted does that with their phone."""
        calls = self.sandbox.company(COMPANY)["calls"]
        consultation = next(each for each in calls if each["consultation_for"])
        self.sandbox.act(consultation["id"], action, COMPANY, extension=extension)

    def employee(self, number: str) -> int:
        """The id of the employee with that extension."""
        extensions = self.sandbox.company(COMPANY)["extensions"]
        return int(next(each["id"] for each in extensions if each["number"] == number))

    def set(self, group: str, /, **values: Any) -> None:
        self.sandbox.set(group, COMPANY, **values)
