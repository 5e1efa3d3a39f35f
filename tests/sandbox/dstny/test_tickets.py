"""Tickets: "User Tickets API", the password-based ticket, and for whom a ticket may act."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.sandbox.dstny.client import COMPANY, DOMAIN, SERVICE, Dstny, password_ticket
from tests.sandbox_server import SandboxHandle, wait_for


def given(owner: Dstny, user: str, /, **query: object) -> Dstny:
    """A ticket made for that user, as another client."""
    query = {"api": ["USER", "CALL_CONTROL"], "platform": "other", "name": "ALL_CALLS", **query}
    answer = owner.done("POST", f"/user/tickets/{DOMAIN}/{user}", None, **query)
    return Dstny(owner.sandbox, user, answer["token"])


def test_a_password_based_ticket_is_as_the_document_calculates_it(sandbox: SandboxHandle) -> None:
    # md5("wout:acme.example:demo-wout"), then md5("wout:CALLS:USER:" + that), worked out by hand
    token = password_ticket("wout", "demo-wout", "CALLS USER")
    assert token.startswith("DYWNtZS5leGFtcGxl.")
    assert Dstny(sandbox, "wout", token).text("GET", "/user/info/{me}/activity") == "available"


def test_a_ticket_may_come_in_the_query(wout: Dstny) -> None:
    answer = wout.sandbox.request("GET", wout.address("/user/info/{me}/activity", t=wout.token))
    assert (answer.status, answer.body) == (200, b"available")


def test_a_given_ticket_tells_its_apis_and_its_end(wout: Dstny) -> None:
    before = datetime.now(UTC)
    query = {"api": ["CALLS", "USER"], "platform": "other", "name": "ALL_CALLS", "expires": 3600}
    answer = wout.done("POST", "/user/tickets/{me}", None, **query)
    assert answer["name"] == "ALL_CALLS"
    assert answer["allowedApis"] == ["CALLS", "USER"]
    expires = datetime.fromisoformat(answer["expires"])
    assert timedelta(seconds=3590) < expires - before < timedelta(seconds=3610)
    assert Dstny(wout.sandbox, "wout", answer["token"]).text("GET", "/user/info/{me}/activity") == "available"


def test_a_ticket_lives_a_year_by_default(wout: Dstny) -> None:
    answer = wout.done("POST", "/user/tickets/{me}", None, api="USER", platform="other")
    days = (datetime.fromisoformat(answer["expires"]) - datetime.now(UTC)).days
    assert days in (364, 365)


def test_a_ticket_ends_by_itself(wout: Dstny) -> None:
    client = given(wout, "wout", expires=1)
    assert client.text("GET", "/user/info/{me}/activity") == "available"
    assert wait_for(lambda: client.send("GET", "/user/info/{me}/activity").status == 401)


def test_a_ticket_is_deleted_by_its_name(wout: Dstny) -> None:
    client = given(wout, "wout", name="mine")
    assert wout.text("DELETE", "/user/tickets/{me}/mine") == "API ticket deleted successfully"
    assert client.refusal("GET", "/user/device/{me}") == (401, "ticket.invalid")
    assert wout.refusal("DELETE", "/user/tickets/{me}/mine") == (404, "ticket.does.not.exist")


def test_a_ticket_is_only_for_its_apis(sandbox: SandboxHandle) -> None:
    client = Dstny.of(sandbox, "wout", "USER")
    assert client.refusal("GET", "/cti/state/{me}") == (403, "access.denied")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"platform": "other"}, "api.required"),
        ({"api": "USER"}, "platform.required"),
        ({"api": "USER", "platform": "pager"}, "platform.invalid"),
        ({"api": "USER", "platform": "iphone"}, "ver.required"),
        ({"api": "USER", "platform": "iphone", "ver": "1", "number": "+31612345678"}, "number.invalid"),
        ({"api": "NOTHING", "platform": "other"}, "api.invalid"),
        ({"api": "USER", "platform": "other", "name": "x" * 65}, "name.invalid"),
        ({"api": "USER", "platform": "other", "expires": "soon"}, "expires.invalid"),
    ],
)
def test_a_ticket_needs_its_parameters(wout: Dstny, query: dict[str, str], code: str) -> None:
    assert wout.refusal("POST", "/user/tickets/{me}", None, **query) == (400, code)


def test_a_given_ticket_can_make_no_further_ones(wout: Dstny) -> None:
    client = given(wout, "wout")
    answer = client.refusal("POST", "/user/tickets/{me}", None, api="USER", platform="other")
    assert answer == (403, "access.denied")


def test_users_act_for_themselves_alone(wout: Dstny, vera: Dstny, service: Dstny) -> None:
    path = f"/user/info/{DOMAIN}/xander/activity"
    assert wout.refusal("GET", path) == (403, "access.denied")
    assert vera.text("GET", path) == "available"
    assert service.text("GET", path) == "available"
    assert service.refusal("GET", f"/user/info/{DOMAIN}/nobody/activity") == (404, "user.does.not.exist")
    assert service.refusal("GET", "/user/info/other.example/wout/activity") == (404, "domain.does.not.exist")


def test_a_superuser_ticket_makes_tickets_for_everybody(sandbox: SandboxHandle) -> None:
    token = sandbox.company(COMPANY)["connection"]["superuser_ticket"]
    client = given(Dstny(sandbox, SERVICE, token), "xander")
    assert client.get("/cti/state/{me}") == {"fullState": True, "calls": []}
    assert client.refusal("GET", f"/cti/state/{DOMAIN}/wout") == (403, "access.denied")


def test_an_administrator_is_no_service_account(vera: Dstny) -> None:
    query = {"api": "USER", "platform": "other"}
    assert vera.refusal("POST", f"/user/tickets/{DOMAIN}/{SERVICE}", None, **query) == (403, "access.denied")


@pytest.mark.parametrize("token", ["", "x", "D.", "DYWNtZS5leGFtcGxl.UDp4Ondyb25n", "1234.unknown", "é"])
def test_a_bad_token_is_refused(sandbox: SandboxHandle, token: str) -> None:
    answer = sandbox.request("GET", Dstny(sandbox, "wout", token).address("/user/device/{me}", t=token))
    assert answer.status == 401
    assert answer.json()["field"][0]["code"] == "ticket.invalid"
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_wrong_password_is_refused(sandbox: SandboxHandle) -> None:
    client = Dstny(sandbox, "wout", password_ticket("wout", "guessed"))
    assert client.refusal("GET", "/user/device/{me}") == (401, "ticket.invalid")


def test_expired_tickets_can_be_made_anew_but_revoked_logins_cannot(wout: Dstny) -> None:
    client = given(wout, "wout")
    wout.sandbox.control("POST", f"/companies/{COMPANY}/tokens/expire")
    assert client.send("GET", "/user/device/{me}").status == 401
    assert given(wout, "wout").send("GET", "/user/device/{me}").status == 200
    wout.sandbox.control("POST", f"/companies/{COMPANY}/tokens/revoke")
    assert wout.refusal("GET", "/user/device/{me}") == (401, "ticket.invalid")
    wout.sandbox.set("connection", COMPANY, logins_valid=True)
    assert wout.send("GET", "/user/device/{me}").status == 200
