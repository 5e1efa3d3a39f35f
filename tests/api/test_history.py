"""The call log, recordings and voicemails."""

from typing import Any

import pytest

from cti.history.recordings import recording_id
from integrations.contract.events import EventType, LegState
from integrations.contract.things import Message
from tenants.models import AuditEntry, Role
from tenants.rls import tenant_scope
from tests.api.anything import Anything
from tests.api.world import World

TALKED = (EventType.ORIGINATED, EventType.DELIVERED, EventType.ESTABLISHED, EventType.CLEARED)


def results(pbx: World, address: str, client: Any = None) -> list[dict[str, Any]]:
    answer = (client or pbx.client).get(f"/api/v1{address}")
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def agent_of(pbx: World) -> Any:
    """A browser of an agent whose line is Alice's."""
    member = pbx.company.member(Role.AGENT)
    with tenant_scope(pbx.company.tenant.id):
        pbx.alice.member = member
        pbx.alice.save()
    return pbx.company.browser(member.user)


def test_the_call_log_has_our_calls_that_ended(acme: World) -> None:
    acme.call(EventType.ORIGINATED)
    ended = acme.call(*TALKED)
    [item] = results(acme, "/call-log")
    assert item == {
        "source": "patchbay",
        "call_id": ended.public_id,
        "account_id": acme.account.public_id,
        "direction": "outbound",
        "from": {"number": "1000", "name": "Alice"},
        "to": {"number": "+31612345678", "name": None},
        "extension_id": acme.alice.public_id,
        "started_at": ended.snapshot["started_at"],
        "ended_at": ended.snapshot["ended_at"],
        "duration_s": 0.001,
        "missed": False,
        "result": "hangup",
        "recording_id": None,
        "vendor_item_id": None,
    }


def test_the_call_log_is_filtered_and_paged(acme: World) -> None:
    calls = [acme.call(*TALKED, to=f"3161234567{number}") for number in range(3)]
    first = acme.client.get("/api/v1/call-log?limit=2").json()
    second = acme.client.get(f"/api/v1/call-log?limit=2&cursor={first['next']}").json()
    newest_first = [call.public_id for call in reversed(calls)]
    assert [item["call_id"] for item in first["results"] + second["results"]] == newest_first
    assert [item["call_id"] for item in results(acme, "/call-log?number=06 12345671")] == [calls[1].public_id]
    assert results(acme, "/call-log?until=2026-01-01T00:00:00Z") == []


def test_the_vendors_own_log_is_read_page_by_page(anything: Anything) -> None:
    answer = anything.client.get("/api/v1/call-log?source=vendor&since=2026-01-01T00:00:00Z&limit=7").json()
    [item] = answer["results"]
    assert item | {"recording_id": "rec_"} == {
        "source": "vendor",
        "call_id": None,
        "account_id": anything.account.public_id,
        "direction": "inbound",
        "from": {"number": "+31612345678", "name": None},
        "to": {"number": None, "name": None},
        "extension_id": anything.alice.public_id,
        "started_at": "2026-01-31T12:00:00.000Z",
        "ended_at": None,
        "duration_s": 61.0,
        "missed": False,
        "result": "Answered",
        "recording_id": "rec_",
        "vendor_item_id": "item-2",
    }
    following = anything.client.get(f"/api/v1/call-log?source=vendor&cursor={answer['next']}").json()
    assert ([each["vendor_item_id"] for each in following["results"]], following["next"]) == (["item-1"], None)
    assert anything.last()[3:] == ("page-2", 50)


def test_lists_of_vendors_know_their_limits(anything: Anything, acme: World) -> None:
    for query in ("number=1", f"extension={anything.alice.public_id}", "cursor=nonsense", "cursor=bnVsbA"):
        answer = anything.client.get(f"/api/v1/call-log?source=vendor&{query}")
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert results(acme, "/call-log?source=vendor") == results(acme, "/voicemails") == []
    unable = acme.client.get(f"/api/v1/voicemails?account={acme.account.public_id}")
    assert (unable.status_code, unable.json()["code"]) == (501, "unsupported_by_vendor")
    foreign = acme.client.get(f"/api/v1/voicemails?account={anything.account.public_id}")
    assert (foreign.status_code, foreign.json()["code"]) == (404, "not_found")


def test_agents_see_what_was_on_their_lines(anything: Anything) -> None:
    browser = agent_of(anything)
    first = browser.get("/api/v1/call-log?source=vendor").json()
    assert [each["vendor_item_id"] for each in first["results"]] == ["item-2"]
    assert results(anything, f"/call-log?source=vendor&cursor={first['next']}", browser) == []
    assert len(results(anything, "/voicemails", browser)) == 1


def test_a_recording_is_fetched_by_the_id_of_the_log(anything: Anything) -> None:
    [item] = results(anything, "/call-log?source=vendor")
    answer = anything.client.head(f"/api/v1/recordings/{item['recording_id']}")
    assert (answer.status_code, answer["Content-Length"], answer["Content-Type"]) == (200, "5", "audio/mpeg")
    assert answer["Content-Disposition"] == f'inline; filename="recording-{item["recording_id"][-12:]}.mp3"'
    assert anything.last() == ("open_recording", "recording/../1")


def test_a_recording_of_ours_has_an_id_too(anything: Anything) -> None:
    left = (each(LegState.NULL) for each in (anything.customer,))
    anything.shown(*left, recording_id="rec-7", complete=True)
    [item] = results(anything, "/call-log")
    assert anything.client.head(f"/api/v1/recordings/{item['recording_id']}").status_code == 200
    assert anything.last() == ("open_recording", "rec-7")


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "audio"])
def test_what_is_no_sound_is_never_shown_as_a_page(anything: Anything, kind: str) -> None:
    anything.memory.sound_type = kind
    [item] = results(anything, "/call-log?source=vendor")
    answer = anything.client.head(f"/api/v1/recordings/{item['recording_id']}")
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("application/octet-stream", "nosniff")
    assert answer["Content-Disposition"].startswith("attachment;")


def test_recordings_ids_cannot_be_made_up_or_borrowed(anything: Anything, globex: World) -> None:
    tenant, account = anything.company.tenant.id, anything.account.id
    genuine = recording_id(tenant, account, "rec-7")
    changed = genuine[:-4] + ("aaaa" if not genuine.endswith("aaaa") else "bbbb")
    foreign = recording_id(globex.company.tenant.id, account, "rec-7")
    for text in (changed, foreign, genuine.removeprefix("rec_"), "rec_", "rec_!!", "rec_" + "a" * 52):
        assert anything.client.get(f"/api/v1/recordings/{text}").status_code == 404, text
    assert globex.client.get(f"/api/v1/recordings/{genuine}").status_code == 404
    assert anything.memory.asked == []


def test_voicemails_are_the_vendors_of_now(anything: Anything) -> None:
    assert results(anything, "/voicemails") == [
        {
            "vendor_voicemail_id": "vm-1",
            "account_id": anything.account.public_id,
            "extension_id": anything.alice.public_id,
            "from": {"number": "+31612345678", "name": "Jansen"},
            "received_at": "2026-01-31T12:00:00.000Z",
            "duration_s": 12.0,
            "heard": False,
        }
    ]


def test_a_message_is_sent_once_from_ones_own_line(anything: Anything) -> None:
    body = {
        "account_id": anything.account.public_id,
        "from": {"extension_id": anything.alice.public_id},
        "to": "06 12345678",
        "text": " Hello ",
    }
    headers = {"idempotency-key": "hello"}
    for _ in range(2):
        answer = anything.client.post("/api/v1/messages", body, "application/json", headers=headers)
        assert answer.status_code == 202, answer.content
        assert answer.json()["vendor_message_id"] == "message-1"
    assert anything.memory.asked == [("send_message", Message("a" * 32, "+31612345678", " Hello "))]
    with tenant_scope(anything.company.tenant.id):
        entry = AuditEntry.objects.get(action="message.sent")
    assert entry.detail == {"to": "+31612345678"}  # who was written to, not what
    for sender in ("1000", "+31102612345"):
        anything.client.post("/api/v1/messages", body | {"from": sender}, "application/json")
    assert [each.from_ for _, each in anything.memory.asked[1:]] == ["a" * 32, "+31102612345"]
    browser = agent_of(anything)
    others = body | {"from": {"extension_id": anything.bob.public_id}}
    assert browser.post("/api/v1/messages", others, "application/json").status_code == 403
    assert browser.post("/api/v1/messages", body, "application/json").status_code == 202
    assert browser.post("/api/v1/messages", body | {"to": "you"}, "application/json").status_code == 400
