"""Rate-limit groups, their headers, and the penalty."""

import pytest

from tests.sandbox.ringcentral.client import COMPANY, RingCentral
from tests.sandbox_server import SandboxHandle, wait_for

DEVICES, PRESENCE = "/account/~/extension/~/device", "/account/~/presence"


def spend(user: RingCentral, path: str, times: int) -> list[int]:
    return [user.send("GET", path).status for _ in range(times)]


@pytest.mark.parametrize(
    ("path", "group", "limit"), [("/account/~", "light", 50), (DEVICES, "medium", 40), (PRESENCE, "heavy", 10)]
)
def test_answers_say_where_one_stands(rosa: RingCentral, path: str, group: str, limit: int) -> None:
    headers = rosa.send("GET", path).headers
    assert {name: headers[f"x-rate-limit-{name}"] for name in ("group", "limit", "remaining", "window")} == {
        "group": group,
        "limit": str(limit),
        "remaining": str(limit - 1),
        "window": "60",
    }


def test_eleventh_heavy_request_is_refused(rosa: RingCentral, tess: RingCentral) -> None:
    assert spend(rosa, PRESENCE, 11) == [200] * 10 + [429]
    answer = rosa.send("GET", PRESENCE)
    assert (answer.json()["errorCode"], answer.headers["retry-after"]) == ("CMN-301", "60")
    assert answer.headers["x-rate-limit-remaining"] == "0"
    assert rosa.send("GET", DEVICES).status == 200  # another group
    assert tess.send("GET", PRESENCE).status == 200  # another user


def test_each_request_restarts_the_penalty(sandbox: SandboxHandle, rosa: RingCentral) -> None:
    sandbox.set("connection", COMPANY, heavy=1, rate_window_s=0.2, penalty_s=0.6)
    assert spend(rosa, PRESENCE, 2) == [200, 429]
    assert spend(rosa, PRESENCE, 3) == [429] * 3
    sandbox.set("connection", COMPANY, penalty_s=0.01)
    assert rosa.send("GET", PRESENCE).status == 429  # restarts it, shorter
    wait_for(lambda: rosa.send("GET", PRESENCE).status == 200)


def test_login_counts_for_its_user(sandbox: SandboxHandle) -> None:
    for _ in range(5):
        assert "access_token" in RingCentral.logged_in(sandbox).tokens
    assert RingCentral.logged_in(sandbox).tokens["errorCode"] == "CMN-301"
    assert "access_token" in RingCentral.logged_in(sandbox, "sem@acme.example").tokens


def test_limits_can_be_lifted(sandbox: SandboxHandle, rosa: RingCentral) -> None:
    sandbox.set("connection", COMPANY, rate_limits=False)
    answer = rosa.send("GET", PRESENCE)
    assert not [name for name in answer.headers if name.startswith("x-rate-limit")]
    assert spend(rosa, PRESENCE, 12) == [200] * 12


def test_faults_are_answered_as_ringcentral_does(sandbox: SandboxHandle, rosa: RingCentral) -> None:
    sandbox.set("faults", COMPANY, rate_limited=1)
    assert rosa.refusal("GET", "/account/~") == (429, "CMN-301")
    sandbox.set("faults", COMPANY, rate_limited=0, server_errors=1)
    assert rosa.refusal("GET", "/account/~") == (503, "CMN-201")


def test_unknown_address_is_an_error_body(rosa: RingCentral) -> None:
    assert rosa.refusal("GET", "/account/~/nothing") == (404, "CMN-120")
    assert rosa.refusal("GET", "/account/12") == (404, "CMN-102")
    assert rosa.refusal("GET", "/account/~/extension/12") == (404, "CMN-102")
