"""What the application lacks a permission for is refused, whoever its user is."""

from typing import Any

import pytest

from tests.sandbox.ringcentral.client import COMPANY, SESSIONS, RingCentral
from tests.sandbox_server import SandboxHandle

OWN = "/account/~/extension/~"


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", f"{SESSIONS}/s-1", "CallControl"),
        ("POST", "/account/~/telephony/call-out", "CallControl"),
        ("GET", f"{OWN}/device", "ReadAccounts"),
        ("PUT", f"{OWN}/caller-id", "EditExtensions"),
        ("GET", f"{OWN}/presence", "ReadPresence"),
        ("PUT", f"{OWN}/presence", "EditPresence"),
        ("PUT", f"{OWN}/call-queue-presence", "EditPresence"),
        ("GET", f"{OWN}/call-log", "ReadCallLog"),
        ("GET", "/account/~/active-calls", "ReadCallLog"),
        ("GET", "/account/~/recording/1/content", "ReadCallRecording"),
        ("GET", f"{OWN}/message-store", "ReadMessages"),
        ("POST", f"{OWN}/sms", "SMS"),
    ],
)
def test_operation_needs_its_permission(
    sandbox: SandboxHandle, rosa: RingCentral, method: str, path: str, scope: str
) -> None:
    scopes: list[Any] = sandbox.company(COMPANY)["connection"]["scopes"]
    body: Any = None if method == "GET" else {}
    assert rosa.send(method, path, body).json().get("errorCode") != "CMN-401"
    sandbox.set("connection", COMPANY, scopes=[each for each in scopes if each != scope])
    assert rosa.refusal(method, path, body) == (403, "CMN-401")
    assert scope in rosa.send(method, path, body).json()["message"]


def test_webhooks_need_theirs(sandbox: SandboxHandle, rosa: RingCentral) -> None:
    sandbox.set("connection", COMPANY, scopes=["CallControl"])
    mode = {"transportType": "WebHook", "address": "http://127.0.0.1:9/"}
    body = {"eventFilters": [f"/restapi/v1.0{SESSIONS}"], "deliveryMode": mode}
    assert rosa.refusal("POST", "/subscription", body) == (403, "CMN-401")


def test_websockets_need_theirs(sandbox: SandboxHandle, rosa: RingCentral) -> None:
    sandbox.set("connection", COMPANY, scopes=["CallControl"])
    headers = {"Authorization": f"Bearer {rosa.tokens['access_token']}"}
    answer = sandbox.send_json("POST", f"{rosa.base}/restapi/oauth/wstoken", {}, headers)
    assert (answer.status, answer.json()["errorCode"]) == (403, "CMN-401")


def test_token_names_the_permissions(sandbox: SandboxHandle) -> None:
    sandbox.set("connection", COMPANY, scopes=["CallControl", "SMS"])
    assert RingCentral.logged_in(sandbox).tokens["scope"] == "CallControl SMS"
