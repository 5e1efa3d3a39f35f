"""What is asked of the vendor, and what is answered when it refuses, is away, or says nothing."""

from collections.abc import Iterator
from typing import Any

import pytest

from cti.calls.models import Call
from integrations.contract.events import EventType
from integrations.models import PbxAccount
from tenants.models import AuditEntry, Scope
from tenants.rls import tenant_scope
from tests.api.vendor import HANG_UP, ScriptedVendor, scripted_vendor
from tests.api.world import World, make_world
from tests.tenancy import make_company

TALKING = (EventType.ORIGINATED, EventType.DELIVERED, EventType.ESTABLISHED)
HELD = (*TALKING, EventType.HELD)
RECORDED = (*TALKING, EventType.RECORDING_STARTED)
ENDED = (*TALKING, EventType.CLEARED)


@pytest.fixture
def vendor() -> Iterator[ScriptedVendor]:
    with scripted_vendor() as running:
        yield running


@pytest.fixture
def acme(committed_db: None, vendor: ScriptedVendor) -> World:
    """As elsewhere, but with a vendor behind it, which is asked in another thread."""
    return make_world(make_company("Acme"), vendor.url)


def post(world: World, path: str, body: Any = None, client: Any = None, **headers: str) -> Any:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return (client or world.client).post(f"/api/v1{path}", body or {}, content_type="application/json", headers=sent)


def act(world: World, call: Call, action: str, body: Any = None, **headers: str) -> Any:
    return post(world, f"/calls/{call.public_id}/{action}", body, **headers)


def new_call(world: World, **changes: Any) -> dict[str, Any]:
    return {
        "account_id": world.account.public_id,
        "from": {"extension_id": world.alice.public_id},
        "to": {"number": "+31 (0)20-308 07 00"},
        **changes,
    }


@pytest.mark.parametrize(
    ("story", "action", "body", "asked"),
    [
        (TALKING, "hangup", None, ("hangup", None)),
        (TALKING, "hold", None, ("hold", None)),
        (HELD, "resume", None, ("resume", None)),
        (TALKING, "transfer", {"to": {"number": "tel:+31612345678"}}, ("+31612345678", "blind")),
        (TALKING, "transfer", {"to": "345", "mode": "attended"}, ("345", "attended")),
        (TALKING, "recording", {"action": "start"}, ("start-recording", None)),
        (RECORDED, "recording", {"action": "stop"}, ("stop-recording", None)),
    ],
)
def test_an_action_is_asked_of_the_vendor_and_answered_with_the_call(
    acme: World, vendor: ScriptedVendor, story: Any, action: str, body: Any, asked: Any
) -> None:
    call = acme.call(*story)
    answer = act(acme, call, action, body)
    assert (answer.status_code, answer.json()["id"]) == (202, call.public_id)
    assert answer["ETag"] == f'"{call.version}"'
    [(where, what)] = vendor.asked
    if action == "transfer":
        assert where.endswith(f"{call.snapshot['vendor_call_id']}/transfer")
        assert what == {"target": {"number": asked[0]}, "transfer_type": asked[1]}
    else:
        assert where.replace("terminate", "hangup").endswith(f"{call.snapshot['vendor_call_id']}/{asked[0]}")
    with tenant_scope(acme.company.tenant.id):
        entry = AuditEntry.objects.get(action="call.commanded")
    assert (entry.target, entry.detail) == (call.public_id, {"action": action})


def test_a_transfer_to_an_extension_names_it_as_the_vendor_does(acme: World, vendor: ScriptedVendor) -> None:
    answer = act(acme, acme.call(*TALKING), "transfer", {"to": {"extension_id": acme.sales.public_id}})
    assert answer.status_code == 202
    assert vendor.asked[0][1]["target"] == {"extension_id": acme.sales.vendor_extension_id}


@pytest.mark.parametrize(
    ("story", "action", "body", "headers", "status", "code"),
    [
        (TALKING, "park", None, {}, 501, "unsupported_by_vendor"),
        (TALKING, "transfer", {"to": "345", "mode": "voicemail"}, {}, 501, "unsupported_by_vendor"),
        (TALKING, "recording", {"action": "pause"}, {}, 501, "unsupported_by_vendor"),
        (TALKING, "hold", {"device_id": "d"}, {}, 501, "unsupported_by_vendor"),
        (TALKING, "transfer", {}, {}, 400, "invalid"),
        (TALKING, "transfer", {"to": "hello"}, {}, 400, "invalid"),
        (TALKING, "recording", {"action": "louder"}, {}, 400, "invalid"),
        (TALKING, "hold", {"leg_id": "leg_" + "0" * 32}, {}, 404, "not_found"),
        (TALKING, "transfer", {"to": {"extension_id": "ext_" + "0" * 32}}, {}, 404, "not_found"),
        (TALKING, "hold", None, {"If_Match": '"99"'}, 412, "version_conflict"),
        (TALKING, "hold", None, {"If_Match": "99"}, 412, "version_conflict"),
        (TALKING, "resume", None, {}, 409, "invalid_call_state"),
        (RECORDED, "recording", {"action": "start"}, {}, 409, "invalid_call_state"),
        (ENDED, "hangup", None, {}, 409, "invalid_call_state"),
        (TALKING, "dance", None, {}, 404, "not_found"),
    ],
)
def test_what_cannot_be_done_is_refused_before_the_vendor_is_asked(
    acme: World,
    vendor: ScriptedVendor,
    story: Any,
    action: str,
    body: Any,
    headers: dict[str, str],
    status: int,
    code: str,
) -> None:
    answer = act(acme, acme.call(*story), action, body, **headers)
    assert (answer.status_code, answer.json()["code"], answer["Content-Type"]) == (
        status,
        code,
        "application/problem+json",
    )
    assert vendor.asked == []


def test_if_match_with_the_current_version_lets_the_command_through(acme: World, vendor: ScriptedVendor) -> None:
    call = acme.call(*TALKING)
    for value in (f'"{call.version}"', f'"99", "{call.version}"', "*"):
        assert act(acme, call, "hold", If_Match=value).status_code == 202


@pytest.mark.parametrize(
    ("status", "error_code", "expected", "code"),
    [
        (400, "validation", 502, "vendor_rejected"),
        (403, "access_denied", 502, "vendor_rejected"),
        (429, None, 503, "vendor_unreachable"),
        (503, None, 503, "vendor_unreachable"),
        (HANG_UP, None, 504, "vendor_timeout"),
    ],
)
def test_what_the_vendor_says_becomes_a_problem(
    acme: World, vendor: ScriptedVendor, status: int, error_code: str | None, expected: int, code: str
) -> None:
    vendor.refuses(status, error_code, Retry_After="7")
    answer = act(acme, acme.call(*TALKING), "hold")
    assert (answer.status_code, answer.json()["code"]) == (expected, code)
    assert answer.headers.get("Retry-After") == ("7" if expected == 503 else None)
    if expected == 502:
        told = answer.json()["vendor"]
        assert (told["name"], told["status"], told["code"]) == ("kwebbl", status, error_code)
        assert "No." in told["message"]


def test_a_call_that_the_vendor_no_longer_has_is_closed_as_lost(acme: World, vendor: ScriptedVendor) -> None:
    vendor.refuses(404, "entity_not_exist")
    call = acme.call(*TALKING)
    answer = act(acme, call, "hold")
    assert (answer.status_code, answer.json()["code"]) == (409, "invalid_call_state")
    closed = acme.client.get(f"/api/v1/calls/{call.public_id}").json()
    assert (closed["state"], closed["end_reason"], closed["actions"]) == ("ended", "lost", [])


def test_a_call_is_placed_from_a_pasted_number(acme: World, vendor: ScriptedVendor) -> None:
    answer = post(acme, "/calls", new_call(acme, external_id="crm-7"))
    call = answer.json()
    assert (answer.status_code, answer["Location"]) == (202, f"/api/v1/calls/{call['id']}")
    assert (call["to"]["number"], call["external_id"], call["state"]) == ("+31203080700", "crm-7", "initiated")
    sent = {"from": {"extension_id": acme.alice.vendor_extension_id}, "to": {"number": "+31203080700"}}
    assert vendor.asked == [("POST /calls", sent)]
    assert [event["type"] for event in acme.client.get("/api/v1/events").json()["results"]] == ["call.originated"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"to": {"number": "call me"}}, "to"),
        ({"to": {"number": ""}}, "to"),
        ({"to": {"number": "1", "extension_id": "ext_" + "0" * 32}}, "to"),
        ({"from": None}, "from"),
        ({"account_id": "acc_nonsense"}, "account_id"),
    ],
)
def test_a_call_that_cannot_be_placed_says_which_field_and_why(
    acme: World, vendor: ScriptedVendor, changes: dict[str, Any], field: str
) -> None:
    answer = post(acme, "/calls", new_call(acme, **changes))
    problem = answer.json()
    assert (answer.status_code, problem["code"], list(problem["errors"])) == (400, "invalid", [field])
    assert problem["detail"].startswith(f"{field}: ")
    assert vendor.asked == []


def test_a_refused_call_never_was_and_one_without_an_answer_stays_pending(acme: World, vendor: ScriptedVendor) -> None:
    vendor.refuses(400, "validation")
    assert post(acme, "/calls", new_call(acme)).status_code == 502
    with tenant_scope(acme.company.tenant.id):
        assert Call.objects.count() == 0
    vendor.refuses(HANG_UP)
    assert post(acme, "/calls", new_call(acme)).status_code == 504
    assert acme.client.get("/api/v1/calls").json()["results"] == []
    with tenant_scope(acme.company.tenant.id):
        assert Call.objects.get().awaiting_vendor


@pytest.mark.parametrize(("status", "times"), [(202, 1), (400, 1), (HANG_UP, 1), (503, 2)])
def test_a_key_rings_once_and_an_unreached_vendor_may_be_tried_again(
    acme: World, vendor: ScriptedVendor, status: int, times: int
) -> None:
    vendor.refuses(status)
    first, second = (post(acme, "/calls", new_call(acme), Idempotency_Key="ring-1") for _ in range(2))
    assert len(vendor.asked) == times
    assert first.status_code == second.status_code
    if times == 1:
        assert (first.content, second["Idempotent-Replayed"]) == (second.content, "true")
        assert first.headers.get("ETag") == second.headers.get("ETag")
    other = post(acme, "/calls", new_call(acme, external_id="other"), Idempotency_Key="ring-1")
    assert (other.status_code == 409) == (times == 1)


def test_a_lost_authorization_is_424_and_shown_on_the_account(acme: World, vendor: ScriptedVendor) -> None:
    vendor.refuses(401, "invalid_grant")
    answer = act(acme, acme.call(*TALKING), "hold")
    assert (answer.status_code, answer.json()["code"]) == (424, "reauthorization_required")
    with tenant_scope(acme.company.tenant.id):
        account = PbxAccount.objects.get()
    assert account.status == PbxAccount.Status.REAUTHORIZATION_REQUIRED


def test_agents_command_their_own_lines_alone(acme: World, vendor: ScriptedVendor) -> None:
    member = acme.company.member()
    browser = acme.company.browser(member.user)
    call = acme.call(*TALKING)
    assert post(acme, f"/calls/{call.public_id}/hold", client=browser).status_code == 404
    assert post(acme, "/calls", new_call(acme), client=browser).status_code == 403
    with tenant_scope(acme.company.tenant.id):
        acme.alice.member = member
        acme.alice.save()
    assert post(acme, f"/calls/{call.public_id}/hold", client=browser).status_code == 202
    assert post(acme, "/calls", new_call(acme), client=browser).status_code == 202
    assert post(acme, "/calls", new_call(acme, **{"from": {"number": "1000"}}), client=browser).status_code == 202


def test_reading_calls_is_not_controlling_them(acme: World, vendor: ScriptedVendor) -> None:
    reader = acme.company.program(acme.company.key(Scope.CALLS_READ))
    call = acme.call(*TALKING)
    answer = post(acme, f"/calls/{call.public_id}/hold", client=reader)
    assert (answer.status_code, answer.json()["code"], vendor.asked) == (403, "permission_denied", [])
