"""What is behind a line: devices, presence, diversion, caller ids."""

from typing import Any

import pytest

from integrations.contract.errors import VendorUnavailable
from integrations.contract.things import VendorDevice
from integrations.directory import sync_directory
from integrations.models import Device, OAuthGrant
from tenants.models import AuditEntry, Role
from tenants.rls import tenant_scope
from tests.api.anything import Anything
from tests.api.world import World
from tests.everything import NOON, EverythingPbx

EXPIRES = "2026-02-01T08:00:00.000Z"


def line(pbx: World, what: str) -> str:
    return f"/api/v1/extensions/{pbx.alice.public_id}/{what}"


def put(pbx: Anything, what: str, body: Any, client: Any = None) -> Any:
    return (client or pbx.client).put(line(pbx, what), body, content_type="application/json")


def test_devices_are_the_vendors_of_now(anything: Anything) -> None:
    [device] = anything.client.get(line(anything, "devices")).json()["results"]
    assert device == {"device_id": "desk", "name": "Desk phone", "type": "hard", "online": True, "active": True}
    anything.memory.devices = (VendorDevice("soft", "Softphone"),)
    [other] = anything.client.get(line(anything, "devices")).json()["results"]
    assert (other["device_id"], other["online"]) == ("soft", None)
    with tenant_scope(anything.company.tenant.id):
        assert [each.vendor_device_id for each in Device.objects.filter(gone_at=None)] == ["soft"]


def test_devices_come_with_the_directory_as_far_as_the_vendor_lets_us_ask(
    anything: Anything, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sync() -> list[tuple[str, bool]]:
        sync_directory(anything.company.tenant.id, anything.account.id, now=NOON)
        with tenant_scope(anything.company.tenant.id):
            return [(each.vendor_device_id, each.gone_at is None) for each in Device.objects.order_by("id")]

    async def too_many(*_: object) -> None:
        raise VendorUnavailable("Too many requests.", retry_after=30)

    with monkeypatch.context() as patched:
        patched.setattr(EverythingPbx, "list_devices", too_many)
        assert sync() == []
    assert sync() == [("desk", True)]
    anything.memory.devices = ()
    assert sync() == [("desk", False)]


def test_presence_is_read_changed_and_remembered(anything: Anything) -> None:
    told = {"activity": "office", "available": True, "note": None, "expires_at": None}
    assert anything.client.get(line(anything, "presence")).json() == told
    change = {"activity": "lunch", "available": False, "expires_at": EXPIRES}
    answer = put(anything, "presence", change)
    assert (answer.status_code, answer.json()) == (200, {**change, "note": None})
    listed = anything.client.get(f"/api/v1/extensions/{anything.alice.public_id}").json()
    assert listed["presence"] == {**change, "note": None}
    with tenant_scope(anything.company.tenant.id):
        entry = AuditEntry.objects.get(action="extension.presence_set")
    assert entry.detail == {"fields": ["activity", "available", "expires_at"]}


def test_a_diversion_is_replaced(anything: Anything) -> None:
    assert anything.client.get(line(anything, "diversion")).json() == {"active": False, "number": None, "rules": {}}
    diversion = {"active": True, "number": "+31612345678", "rules": {"busy": "voicemail"}}
    assert put(anything, "diversion", diversion).json() == diversion
    assert anything.client.get(line(anything, "diversion")).json() == diversion
    assert put(anything, "diversion", {"number": "1"}).json()["errors"].keys() == {"active"}


def test_agents_change_their_own_lines_alone(anything: Anything) -> None:
    member = anything.company.member(Role.AGENT)
    browser = anything.company.browser(member.user)
    assert put(anything, "presence", {"activity": "lunch"}, browser).status_code == 403
    assert put(anything, "diversion", {"active": False}, browser).status_code == 403
    with tenant_scope(anything.company.tenant.id):
        anything.alice.member = member
        anything.alice.save()
    assert put(anything, "presence", {"activity": "lunch"}, browser).status_code == 200


each_thing = pytest.mark.parametrize("what", ["devices", "presence", "diversion"])
SCOPES_WITHOUT_THE_DIRECTORY = ["calls.events", "calls.manage"]


def test_a_caller_id_that_shows_none_has_no_number(anything: Anything) -> None:
    listed = anything.client.get(line(anything, "caller-ids")).json()["results"]
    assert [(each["caller_id"], each["number"]) for each in listed] == [("c1", "+31203080700"), ("withheld", None)]


def test_caller_ids_take_the_vendors_permission(acme: World) -> None:
    with tenant_scope(acme.company.tenant.id):
        OAuthGrant.objects.update(scopes=SCOPES_WITHOUT_THE_DIRECTORY)
    assert acme.client.get(line(acme, "caller-ids")).json()["code"] == "unsupported_by_vendor"
    answer = acme.client.put(line(acme, "caller-id"), {"caller_id": "c"}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (501, "unsupported_by_vendor")


@each_thing
def test_what_the_vendor_cannot_do_is_unsupported(acme: World, what: str) -> None:
    unable = acme.client.get(line(acme, what))
    assert (unable.status_code, unable.json()["code"]) == (501, "unsupported_by_vendor")


@each_thing
def test_a_vendor_that_is_away_is_told_of(anything: Anything, what: str) -> None:
    anything.memory.refusal = VendorUnavailable("Maintenance.", retry_after=30)
    away = anything.client.get(line(anything, what))
    assert (away.status_code, away.json()["code"], away["Retry-After"]) == (503, "vendor_unreachable", "30")
