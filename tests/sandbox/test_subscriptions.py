"""Creating, listing, reading and cancelling subscriptions, and what their filters let through."""

from typing import Any

import pytest

from tests.sandbox.kwebbl import BRAM, Kwebbl
from tests.sandbox.receiver import Receiver
from tests.sandbox_server import SandboxHandle

EVERYBODY = [{"field": "*", "extension_id": "*", "number": "*"}]
URL = "http://127.0.0.1:9/hook"


def test_minimal_settings_get_the_defaults(admin: Kwebbl) -> None:
    answer = admin.send("POST", "/subscriptions", {"callback_url": URL})
    body = answer.json()
    assert answer.status == 201
    assert body == {
        "id": body["id"],
        "event_types": ["created", "ringing", "answered", "terminated"],
        "agents": EVERYBODY,
        "mode": "presence",
        "callback_url": URL,
        "callback_content_type": "application/json",
    }


def test_list_says_events_and_get_says_event_types(admin: Kwebbl) -> None:
    created = admin.send("POST", "/subscriptions", {"callback_url": URL, "event_types": ["*"]}).json()
    assert admin.get(f"/subscriptions/{created['id']}") == created
    assert [each["events"] for each in admin.get("/subscriptions")] == [["*"]]
    assert "event_types" not in admin.get("/subscriptions")[0]


def test_cancelled_is_gone(admin: Kwebbl) -> None:
    path = f"/subscriptions/{admin.send('POST', '/subscriptions', {'callback_url': URL}).json()['id']}"
    answer = admin.send("DELETE", path)
    assert (answer.status, answer.json()) == (200, {"ok": True})
    assert admin.refusal("GET", path) == (404, "entity_not_exist")
    assert admin.refusal("DELETE", path) == (404, "entity_not_exist")
    assert admin.refusal("GET", "/subscriptions/what") == (400, "validation")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"callback_url": "/hook"},
        {"callback_url": "ftp://example.com/"},
        {"callback_url": URL, "callback_content_type": "text/xml"},
        {"callback_url": URL, "event_types": ["rang"]},
        {"callback_url": URL, "event_types": "created"},
        {"callback_url": URL, "mode": "full"},
        {"callback_url": URL, "agents": [{"field": "via"}]},
        {"callback_url": URL, "agents": [{"number": "12"}]},
        {"callback_url": URL, "agents": [{"extension_id": "abc"}]},
        ["callback_url"],
    ],
)
def test_validation(admin: Kwebbl, body: Any) -> None:
    assert admin.refusal("POST", "/subscriptions", body) == (400, "validation")


@pytest.mark.parametrize(
    ("agent", "filter_"),
    [
        ({"field": "from"}, {"field": "*", "extension_id": "*", "number": "*"}),
        ({"number": "001"}, {"field": "*", "extension_id": "*", "number": "001"}),
        (
            {"field": "to", "extension_id": "a" * 32, "number": "1001"},
            {"field": "to", "extension_id": "a" * 32, "number": "*"},
        ),
    ],
)
def test_notes_about_agents(admin: Kwebbl, agent: dict[str, str], filter_: dict[str, str]) -> None:
    body = admin.send("POST", "/subscriptions", {"callback_url": URL, "agents": [agent]}).json()
    assert body["agents"] == [filter_]


def test_presence_scope_allows_four_events_in_presence_mode(sandbox: SandboxHandle) -> None:
    presence = Kwebbl.authorized(sandbox, email=BRAM, scope="calls.events.presence")
    assert presence.send("POST", "/subscriptions", {"callback_url": URL}).status == 201
    for more in ({"mode": "detailed"}, {"event_types": ["*"]}, {"event_types": ["holding"]}):
        assert presence.refusal("POST", "/subscriptions", {"callback_url": URL, **more}) == (403, "access_denied")


def test_no_events_scope(sandbox: SandboxHandle) -> None:
    nobody = Kwebbl.authorized(sandbox, scope="company.users")
    assert nobody.refusal("GET", "/subscriptions") == (403, "access_denied")
    assert nobody.refusal("POST", "/subscriptions", {"callback_url": URL}) == (403, "access_denied")


def test_others_subscriptions_take_the_wide_scope(sandbox: SandboxHandle, admin: Kwebbl) -> None:
    admin.send("POST", "/subscriptions", {"callback_url": URL})
    personal = Kwebbl.authorized(sandbox, email=BRAM, scope="calls.events.personal")
    own = personal.send("POST", "/subscriptions", {"callback_url": URL}).json()["id"]
    assert [each["id"] for each in personal.get("/subscriptions")] == [own]
    assert len(admin.get("/subscriptions")) == 2


def play(sandbox: SandboxHandle, to: str, phone: str) -> None:
    call = sandbox.ring_in(to)
    sandbox.act(call, "answer", extension=phone)
    sandbox.act(call, "hangup")


def test_personal_scope_gets_own_events_only(sandbox: SandboxHandle, receiver: Receiver) -> None:
    Kwebbl.authorized(sandbox, email=BRAM, scope="calls.events.personal").subscribe(receiver)
    play(sandbox, "1002", "1002")
    play(sandbox, "1001", "1001")
    assert receiver.types(4) == ["created", "ringing", "answered", "terminated"]
    assert {event["to"]["number"] for event in receiver.events} == {"1001"}


def test_agents_filter_by_field_and_number(sandbox: SandboxHandle, admin: Kwebbl, receiver: Receiver) -> None:
    admin.subscribe(receiver, agents=[{"field": "from", "number": "1001"}])
    play(sandbox, "1001", "1001")
    sandbox.control("POST", "/companies/acme/calls", from_extension="1001", to="1002")
    assert [event["from"]["number"] for event in receiver.wait(2)] == ["1001", "1001"]


def test_event_types_filter_knows_both_spellings(sandbox: SandboxHandle, admin: Kwebbl, receiver: Receiver) -> None:
    admin.subscribe(receiver, event_types=["start-recording", "resumed"])
    call = sandbox.ring_in("1001")
    sandbox.act(call, "answer", extension="1001")
    for action in ("start-recording", "hold", "resume"):
        sandbox.act(call, action)
    assert receiver.types(2) == ["start_recording", "resume"]


def test_dropped_subscriptions_are_gone_silently(sandbox: SandboxHandle, admin: Kwebbl) -> None:
    admin.send("POST", "/subscriptions", {"callback_url": URL})
    assert sandbox.control("POST", "/companies/acme/subscriptions/drop") == {"dropped": 1}
    assert admin.get("/subscriptions") == []
