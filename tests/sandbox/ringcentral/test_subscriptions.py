"""Subscriptions by WebHook: handshake, filters, renewal, expiry, blacklisting, verification, reminders."""

from typing import Any

import pytest

from tests.sandbox.ringcentral.client import COMPANY, ROSA, SESSIONS, RingCentral, credentials, post_form
from tests.sandbox.ringcentral.hook import Hook
from tests.sandbox_server import SandboxHandle, wait_for

OWN = "/account/~/extension/~"


def test_creation_shakes_hands_and_answers_the_subscription(rosa: RingCentral, hook: Hook) -> None:
    created = rosa.subscribe(hook, SESSIONS, f"{OWN}/presence?detailedTelephonyState=true", expiresIn=3600)
    account = f"/restapi/v1.0/account/{rosa.account_id}"
    assert created["eventFilters"] == [
        f"{account}/telephony/sessions",
        f"{account}/extension/{rosa.extension_id}/presence?detailedTelephonyState=true",
    ]
    assert (created["status"], created["expiresIn"]) == ("Active", 3600)
    assert created["deliveryMode"] == {
        "transportType": "WebHook",
        "encryption": False,
        "address": hook.url,
        "verificationToken": "hush",
    }
    assert created["uri"].endswith(f"/subscription/{created['id']}")
    assert (len(hook.handshakes), hook.handshakes[0]["verification-token"], hook.events) == (1, "hush", [])


@pytest.mark.parametrize(
    "misbehaviour",
    [
        {"handshake_status": 404},
        {"echo": False},
        {"handshake_body": b"x" * 1025},
        {"content_type": "text/html"},
        {"handshake_delay_s": 0.6},
    ],
)
def test_failed_handshake_is_sub_525(
    sandbox: SandboxHandle, rosa: RingCentral, hook: Hook, misbehaviour: dict[str, Any]
) -> None:
    sandbox.set("connection", COMPANY, handshake_s=0.3)
    for name, value in misbehaviour.items():
        setattr(hook, name, value)
    body = {
        "eventFilters": [f"/restapi/v1.0{SESSIONS}"],
        "deliveryMode": {"transportType": "WebHook", "address": hook.url},
    }
    assert rosa.refusal("POST", "/subscription", body) == (400, "SUB-525")
    assert rosa.get("/subscription")["records"] == []


def test_address_that_nobody_listens_at_is_sub_525(rosa: RingCentral) -> None:
    mode = {"transportType": "WebHook", "address": "http://127.0.0.1:9/hook"}
    body = {"eventFilters": [f"/restapi/v1.0{SESSIONS}"], "deliveryMode": mode}
    assert rosa.refusal("POST", "/subscription", body) == (400, "SUB-525")


@pytest.mark.parametrize(
    "text",
    [
        "/restapi/v1.0/account/~/telephony",
        "/restapi/v1.0/account/1/telephony/sessions",
        "/restapi/v1.0/account/~/extension/1/telephony/sessions",
        "/restapi/v1.0/account/~/telephony/sessions?statusCode=Humming",
        "/restapi/v1.0/account/~/telephony/sessions?direction=Sideways",
        "/restapi/v1.0/account/~/voicemail",
        "/restapi/v1.0/subscription/~?threshold=x&interval=1",
    ],
)
def test_unknown_filter_is_sub_508(rosa: RingCentral, hook: Hook, text: str) -> None:
    body = {"eventFilters": [text], "deliveryMode": {"transportType": "WebHook", "address": hook.url}}
    assert rosa.refusal("POST", "/subscription", body) == (400, "SUB-508")


def test_filters_that_the_sandbox_never_tells_of_are_known(rosa: RingCentral, hook: Hook) -> None:
    quiet = ("/account/~/extension", f"{OWN}/presence/line", OWN, "/account/~/directory/entries")
    assert len(rosa.subscribe(hook, *quiet)["eventFilters"]) == 4


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"eventFilters": []},
        {"eventFilters": [1]},
        {"eventFilters": [f"/restapi/v1.0{SESSIONS}"]},
        {"eventFilters": [f"/restapi/v1.0{SESSIONS}"], "deliveryMode": {"transportType": "WebSocket"}},
        {
            "eventFilters": [f"/restapi/v1.0{SESSIONS}"],
            "deliveryMode": {"transportType": "WebHook", "address": "ftp://x"},
        },
        {"eventFilters": [f"/restapi/v1.0{SESSIONS}"], "expiresIn": "soon"},
    ],
)
def test_malformed_subscriptions_are_refused(rosa: RingCentral, body: dict[str, Any]) -> None:
    assert rosa.refusal("POST", "/subscription", body) == (400, "CMN-101")


def test_too_many_are_sub_505(sandbox: SandboxHandle, rosa: RingCentral, hook: Hook) -> None:
    sandbox.set("connection", COMPANY, subscriptions_per_user=1)
    rosa.subscribe(hook)
    body = {
        "eventFilters": [f"/restapi/v1.0{SESSIONS}"],
        "deliveryMode": {"transportType": "WebHook", "address": hook.url},
    }
    assert rosa.refusal("POST", "/subscription", body) == (403, "SUB-505")


def test_filters_without_permission_are_disabled(sem: RingCentral, hook: Hook) -> None:
    created = sem.subscribe(hook, SESSIONS, f"{OWN}/telephony/sessions")
    assert [each.rpartition("/extension/")[2] for each in created["eventFilters"]] == [
        f"{sem.extension_id}/telephony/sessions"
    ]
    assert [(each["filter"], each["reason"]) for each in created["disabledFilters"]] == [
        (f"/restapi/v1.0/account/{sem.account_id}/telephony/sessions", "CMN-408")
    ]
    body = {
        "eventFilters": [f"/restapi/v1.0{SESSIONS}"],
        "deliveryMode": {"transportType": "WebHook", "address": hook.url},
    }
    assert sem.refusal("POST", "/subscription", body) == (403, "CMN-408")


def test_filters_without_application_permission_are_disabled(
    sandbox: SandboxHandle, rosa: RingCentral, hook: Hook
) -> None:
    sandbox.set("connection", COMPANY, scopes=["SubscriptionWebhook", "ReadPresence"])
    created = rosa.subscribe(hook, SESSIONS, "/account/~/presence")
    assert [each["reason"] for each in created["disabledFilters"]] == ["CMN-401"]
    assert [each.rpartition("/")[2] for each in created["eventFilters"]] == ["presence"]


def test_only_the_owner_sees_it(rosa: RingCentral, sem: RingCentral, hook: Hook) -> None:
    created = rosa.subscribe(hook)
    path = f"/subscription/{created['id']}"
    assert [each["id"] for each in rosa.get("/subscription")["records"]] == [created["id"]]
    assert sem.get("/subscription")["records"] == []
    assert sem.refusal("GET", path) == (404, "CMN-102")
    assert sem.refusal("DELETE", path) == (404, "CMN-102")
    assert rosa.get(path)["id"] == created["id"]
    rosa.expect(204, "DELETE", path)
    assert rosa.refusal("GET", path) == (404, "CMN-102")


def test_update_changes_filters_and_renews(rosa: RingCentral, hook: Hook) -> None:
    path = f"/subscription/{rosa.subscribe(hook, expiresIn=60)['id']}"
    changed = rosa.expect(200, "PUT", path, {"eventFilters": [f"/restapi/v1.0{OWN}/presence"], "expiresIn": 7200})
    assert changed["eventFilters"] == [
        f"/restapi/v1.0/account/{rosa.account_id}/extension/{rosa.extension_id}/presence"
    ]
    assert changed["expiresIn"] == 7200
    assert len(hook.handshakes) == 1


def test_refused_update_changes_nothing(rosa: RingCentral, hook: Hook) -> None:
    created = rosa.subscribe(hook)
    path = f"/subscription/{created['id']}"
    mode = {"transportType": "WebHook", "address": "http://127.0.0.1:9/hook"}
    body = {"eventFilters": [f"/restapi/v1.0{OWN}/presence"], "deliveryMode": mode}
    assert rosa.refusal("PUT", path, body) == (400, "SUB-525")
    after = rosa.get(path)
    assert (after["eventFilters"], after["deliveryMode"]) == (created["eventFilters"], created["deliveryMode"])


def test_renewal_postpones_the_end(rosa: RingCentral, hook: Hook) -> None:
    created = rosa.subscribe(hook, expiresIn=3600)
    renewed = rosa.post(f"/subscription/{created['id']}/renew")
    assert renewed["expirationTime"] > created["expirationTime"]
    assert renewed["expiresIn"] == 3600


def test_expired_subscription_is_gone(sandbox: SandboxHandle, rosa: RingCentral, hook: Hook) -> None:
    sandbox.set("connection", COMPANY, rate_limits=False)
    path = f"/subscription/{rosa.subscribe(hook, expiresIn=0.1)['id']}"
    assert wait_for(lambda: rosa.send("GET", path).status == 404)


def test_console_drops_subscriptions_silently(sandbox: SandboxHandle, rosa: RingCentral, hook: Hook) -> None:
    rosa.subscribe(hook)
    assert sandbox.control("POST", f"/companies/{COMPANY}/subscriptions/drop") == {"dropped": 1}
    assert rosa.get("/subscription")["records"] == []


def test_subscription_survives_the_refresh_of_its_tokens(sandbox: SandboxHandle, rosa: RingCentral, hook: Hook) -> None:
    created = rosa.subscribe(hook)
    form = {"grant_type": "refresh_token", "refresh_token": rosa.tokens["refresh_token"]}
    tokens = post_form(sandbox, "token", form, credentials(sandbox)).json()
    fresh = RingCentral(sandbox, rosa.base, rosa.account_id, tokens)
    assert fresh.get(f"/subscription/{created['id']}")["status"] == "Active"


@pytest.mark.parametrize(
    ("spelling", "header"), [("verificationToken", "verification-token"), ("validationToken", "validation-token")]
)
def test_deliveries_carry_the_subscribers_token(
    sandbox: SandboxHandle, rosa: RingCentral, hook: Hook, spelling: str, header: str
) -> None:
    sandbox.set("dialect", COMPANY, verification=spelling)
    assert rosa.subscribe(hook)["deliveryMode"][spelling] == "hush"
    sandbox.ring_in("101", COMPANY)
    hook.wait(1)
    assert hook.headers[0][header] == "hush"
    ledger = sandbox.control("GET", f"/companies/{COMPANY}/ledger")
    assert "hush" not in str(ledger)
    assert "secret" not in str(sandbox.company(COMPANY)["subscriptions"])


def test_failing_deliveries_blacklist_for_good(sandbox: SandboxHandle, rosa: RingCentral, hook: Hook) -> None:
    created = rosa.subscribe(hook)
    path = f"/subscription/{created['id']}"
    sandbox.set("delivery", COMPANY, attempts=2, first_retry_s=0.01)
    sandbox.set("connection", COMPANY, rate_limits=False)
    hook.status = 500
    sandbox.ring_in("101", COMPANY)
    wait_for(lambda: rosa.get(path)["status"] == "Blacklisted")
    assert rosa.get(path)["blacklistedData"]["reason"] == "HTTP status is 500"
    assert rosa.post(path + "/renew")["status"] == "Blacklisted"
    hook.status = 200
    sandbox.ring_in("102", COMPANY)
    assert rosa.subscribe(hook)["status"] == "Active"
    sandbox.ring_in("103", COMPANY)
    assert {each["subscriptionId"] for each in hook.wait(1)} - {created["id"]}


def test_console_blacklists(sandbox: SandboxHandle, rosa: RingCentral, hook: Hook) -> None:
    created = rosa.subscribe(hook)
    answer = sandbox.control("POST", f"/companies/{COMPANY}/vendor/blacklist-subscriptions")
    assert answer == {"blacklisted": 1}
    facts = rosa.get(f"/subscription/{created['id']}")
    assert (facts["status"], facts["blacklistedData"]["reason"]) == (
        "Blacklisted",
        "I/O operation is failed. Details: [Read timed out]",
    )


def test_unknown_vendor_control_is_refused(sandbox: SandboxHandle) -> None:
    answer = sandbox.send_json("POST", f"/_control/companies/{COMPANY}/vendor/nothing", {})
    assert (answer.status, "drop-websockets" in answer.json()["error"]) == (400, True)


def test_reminder_comes_before_the_end(rosa: RingCentral, hook: Hook) -> None:
    rosa.subscribe(hook, "/subscription/~?threshold=5&interval=1", SESSIONS, expiresIn=5.2)
    event = hook.wait(1)[0]
    assert event["event"] == "/restapi/v1.0/subscription/~?threshold=5&interval=1"
    assert event["body"] == {"expiresIn": 5}


def test_owner_is_named(rosa: RingCentral, sandbox: SandboxHandle, hook: Hook) -> None:
    created = rosa.subscribe(hook)
    sandbox.ring_in("101", COMPANY)
    event = hook.wait(1)[0]
    assert (event["subscriptionId"], event["ownerId"]) == (created["id"], rosa.extension_id)
    assert sandbox.company(COMPANY)["subscriptions"][0]["owner"] == ROSA
