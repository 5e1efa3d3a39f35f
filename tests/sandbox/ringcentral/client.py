"""A small client of the emulated API, as one user."""

import base64
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.sandbox.ringcentral.hook import Hook
from tests.sandbox_server import Answer, SandboxHandle

COMPANY = "acme-rc"
ROSA, SEM, TESS = "rosa@acme.example", "sem@acme.example", "tess@acme.example"
SESSIONS = "/account/~/telephony/sessions"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def post_form(sandbox: SandboxHandle, path: str, form: dict[str, str], basic: tuple[str, str] | None = None) -> Answer:
    """A form to an address below `/restapi/oauth`."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if basic is not None:
        headers["Authorization"] = "Basic " + base64.b64encode(":".join(basic).encode()).decode()
    base = urlsplit(sandbox.company(COMPANY)["base_url"]).path
    return sandbox.request("POST", f"{base}/restapi/oauth/{path}", urlencode(form).encode(), headers)


def credentials(sandbox: SandboxHandle) -> tuple[str, str]:
    connection = sandbox.company(COMPANY)["connection"]
    return connection["client_id"], connection["client_secret"]


@dataclass(frozen=True)
class RingCentral:
    """Paths are below `/restapi/v1.0`."""

    sandbox: SandboxHandle
    base: str
    account_id: str
    tokens: dict[str, Any]

    @classmethod
    def logged_in(cls, sandbox: SandboxHandle, email: str = ROSA) -> "RingCentral":
        facts = sandbox.company(COMPANY)
        form = {"grant_type": JWT_BEARER, "assertion": facts["jwts"][email]}
        tokens = post_form(sandbox, "token", form, credentials(sandbox)).json()
        return cls(sandbox, urlsplit(facts["base_url"]).path, facts["account_id"], tokens)

    @property
    def extension_id(self) -> str:
        return str(self.tokens["owner_id"])

    def send(self, method: str, path: str, body: Any = None) -> Answer:
        headers = {"Authorization": f"Bearer {self.tokens['access_token']}"}
        return self.sandbox.send_json(method, f"{self.base}/restapi/v1.0{path}", body, headers)

    def get(self, path: str) -> Any:
        return self.expect(200, "GET", path)

    def post(self, path: str, body: Any = None) -> Any:
        return self.expect(200, "POST", path, body)

    def expect(self, status: int, method: str, path: str, body: Any = None) -> Any:
        """The answer's JSON, None without one. Raises AssertionError for another status."""
        answer = self.send(method, path, body)
        assert answer.status == status, answer.body
        return answer.json() if answer.body else None

    def refusal(self, method: str, path: str, body: Any = None) -> tuple[int, str]:
        """Status and error code; the errors listed must agree."""
        answer = self.send(method, path, body)
        problem = answer.json()
        assert problem["errorCode"] == problem["errors"][0]["errorCode"]
        assert problem["message"] == problem["errors"][0]["message"]
        return answer.status, problem["errorCode"]

    def subscribe(self, hook: Hook, *filters: str, **settings: Any) -> dict[str, Any]:
        """By default to the telephony sessions of the whole account."""
        mode = {"transportType": "WebHook", "address": hook.url, "verificationToken": "hush"}
        body = {"eventFilters": [f"/restapi/v1.0{each}" for each in filters or (SESSIONS,)], "deliveryMode": mode}
        created = self.post("/subscription", {**body, **settings})
        assert isinstance(created, dict)
        return created

    def extension(self, number: str) -> str:
        return str(self.get(f"/account/~/extension?extensionNumber={number}")["records"][0]["id"])

    def device(self, position: int = 0, extension_id: str = "~") -> str:
        """Desk phone, softphone, mobile."""
        return str(self.get(f"/account/~/extension/{extension_id}/device")["records"][position]["id"])

    def session(self, session_id: str) -> Any:
        return self.get(f"{SESSIONS}/{session_id}")

    def party(self, session_id: str, extension_id: str | None = None) -> str:
        """The id of the newest party of an extension, by default the user's own."""
        wanted = extension_id or self.extension_id
        parties = self.session(session_id)["parties"]
        return str(next(each["id"] for each in reversed(parties) if each.get("extensionId") == wanted))

    def act(self, session_id: str, action: str, body: Any = None, status: int = 200) -> Any:
        """`act(session, "hold")` on the user's own party."""
        return self.expect(status, "POST", f"{SESSIONS}/{session_id}/parties/{self.party(session_id)}/{action}", body)

    def codes(self, session_id: str) -> dict[str, str]:
        """Each party's status code, by the number behind its id."""
        return {each["id"].rpartition("-")[2]: each["status"]["code"] for each in self.session(session_id)["parties"]}
