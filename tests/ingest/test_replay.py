"""Deliveries that weren't understood: shown raw beside what others became, and taken in again once they can be read."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from common.ids import new_uuid
from cti.ingest.models import Delivery
from cti.ingest.pages import SHOWN_CHARACTERS, payload_text
from cti.ingest.replay import NotReplayable, replay_delivery
from tenants.models import AuditEntry, Role
from tenants.rls import tenant_scope
from tests.connected import Connected, connect_account, kwebbl_event

NOW = datetime(2026, 1, 31, 9, 5, tzinfo=UTC)
EARLIER = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)


@pytest.fixture
def connected(db: None) -> Connected:
    return connect_account()


def stored(connected: Connected, body: bytes | dict[str, Any], status: str = "unparsed") -> Delivery:
    """A delivery as it was stored when our reading of it was wrong."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    with tenant_scope(connected.tenant_id):
        return Delivery.objects.create(
            tenant=connected.company.tenant,
            account_id=connected.account.id,
            received_at=EARLIER,
            status=status,
            note="not understood",
            body=raw,
        )


def replay(connected: Connected, delivery: Delivery) -> Delivery:
    return replay_delivery(connected.tenant_id, connected.account.id, delivery.id, NOW)


def test_replay_of_what_can_be_read_now_ends_in_the_log(connected: Connected) -> None:
    delivery = stored(connected, kwebbl_event("ringing"))
    replayed = replay(connected, delivery)
    assert (replayed.status, replayed.note, replayed.received_at) == ("applied", "", EARLIER)
    assert [(event["type"], event["sequence"]) for event in connected.events()] == [
        ("call.originated", 1),
        ("call.delivered", 2),
    ]
    assert {event["data"]["call"]["id"] for event in connected.events()} == {f"call_{replayed.call_id.hex}"}  # type: ignore[union-attr]
    assert connected.deliveries() == [delivery]


def test_replay_continues_the_call_that_later_deliveries_began(connected: Connected) -> None:
    first, second = stored(connected, kwebbl_event("ringing")), stored(connected, kwebbl_event("answered", number=1))
    assert replay(connected, first).call_id == replay(connected, second).call_id
    assert connected.types() == ["call.originated", "call.delivered", "call.established"]


def test_replay_of_what_still_cannot_be_read_changes_nothing_but_the_note(connected: Connected) -> None:
    delivery = stored(connected, b'{"id": ')
    replayed = replay(connected, delivery)
    assert replayed.status == "unparsed"
    assert replayed.note not in {"", "not understood"}
    assert connected.events() == []


def test_replay_of_an_event_that_came_again_meanwhile_is_a_duplicate(connected: Connected) -> None:
    first, again = stored(connected, kwebbl_event("ringing")), stored(connected, kwebbl_event("ringing"))
    replay(connected, first)
    assert replay(connected, again).status == "duplicate"
    assert connected.types() == ["call.originated", "call.delivered"]


def test_replay_joins_a_delivery_that_waited_for_its_call(connected: Connected) -> None:
    nameless = stored(connected, kwebbl_event("created", None))
    assert replay(connected, nameless).status == "waiting"
    named = replay(connected, stored(connected, kwebbl_event("ringing", number=1)))
    with tenant_scope(connected.tenant_id):
        nameless.refresh_from_db()
    assert (nameless.status, nameless.call_id) == ("applied", named.call_id)


def test_replay_refuses_what_was_understood(connected: Connected) -> None:
    delivery = stored(connected, kwebbl_event("ringing"), status="applied")
    with pytest.raises(NotReplayable):
        replay(connected, delivery)
    assert connected.events() == []


def test_page_shows_the_raw_payload_beside_the_events(connected: Connected) -> None:
    body = json.dumps(kwebbl_event("ringing")).encode()
    delivery = replay(connected, stored(connected, body))
    answer = connected.company.browser().get(f"/accounts/{connected.account_id}/deliveries")
    (shown,) = answer.json()["deliveries"]
    assert json.loads(shown["payload"]) == json.loads(body)
    assert (shown["id"], shown["status"], shown["note"]) == (delivery.public_id, "applied", "")
    assert [(each["sequence"], each["type"]) for each in shown["events"]] == [
        (1, "call.originated"),
        (2, "call.delivered"),
    ]
    assert [json.loads(each["body"]) for each in shown["events"]] == connected.events()


def test_page_replays_and_records_who_did(connected: Connected) -> None:
    delivery = stored(connected, kwebbl_event("ringing"))
    path = f"/accounts/{connected.account_id}/deliveries/{delivery.public_id}/replay"
    browser = connected.company.browser()
    assert browser.post(path).json()["status"] == "applied"
    assert browser.post(path).status_code == 409
    with tenant_scope(connected.tenant_id):
        entry = AuditEntry.objects.get(action="delivery.replayed")
    assert (entry.target, entry.detail) == (delivery.public_id, {"status": "applied"})


def test_deliveries_are_for_supervisors_to_see_and_admins_to_replay(connected: Connected) -> None:
    delivery = stored(connected, kwebbl_event("ringing"))
    path = f"/accounts/{connected.account_id}/deliveries"
    agent, supervisor = (
        connected.company.browser(connected.company.member(role).user) for role in (Role.AGENT, Role.SUPERVISOR)
    )
    assert agent.get(path).status_code == 403
    assert supervisor.get(path).status_code == 200
    assert supervisor.post(f"{path}/{delivery.public_id}/replay").status_code == 403
    assert connected.events() == []


def test_another_tenants_deliveries_do_not_exist(connected: Connected) -> None:
    delivery = stored(connected, kwebbl_event("ringing"))
    stranger = connect_account()
    browser = stranger.company.browser()
    theirs = f"/accounts/{connected.account_id}/deliveries"
    assert browser.get(theirs).status_code == 404
    assert browser.post(f"{theirs}/{delivery.public_id}/replay").status_code == 404
    assert browser.post(f"/accounts/{stranger.account_id}/deliveries/{delivery.public_id}/replay").status_code == 404
    assert browser.get(f"/accounts/acc_{new_uuid().hex}/deliveries").status_code == 404
    assert browser.get("/accounts/nonsense/deliveries").status_code == 404


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b'{"a":1.50}', '{\n  "a": 1.50\n}'),
        (b"<b>\xff", "<b>\N{REPLACEMENT CHARACTER}"),
        (b"[" * 5000, "[" * 5000),
        (b"", ""),
    ],
)
def test_payload_is_shown_whatever_it_is(body: bytes, shown: str) -> None:
    assert payload_text(body) == shown


def test_long_payload_is_cut_and_says_so() -> None:
    shown = payload_text(b"x" * (SHOWN_CHARACTERS + 7))
    assert shown == "x" * SHOWN_CHARACTERS + "\n… and 7 more characters"
