from datetime import timedelta

from common.times import rfc3339
from cti.calls import store
from cti.calls.models import Call
from integrations.contract.events import Party
from tenants.rls import tenant_scope
from tests.api.world import World


def test_a_call_is_read_with_its_etag(acme: World) -> None:
    call = acme.call()
    answer = acme.client.get(f"/api/v1/calls/{call.public_id}")
    body = answer.json()
    assert answer["ETag"] == f'"{body["version"]}"'
    assert (body["id"], body["state"], body["vendor"]) == (call.public_id, "initiated", "kwebbl")
    assert (body["from"]["extension_id"], body["to"]["number"]) == (acme.alice.public_id, "+31612345678")
    assert (body["actions"], body["contact"]) == (["hangup"], None)
    for known in (answer["ETag"], f'"0", W/{answer["ETag"]}', "*"):  # proxies that compress make tags weak
        again = acme.client.get(f"/api/v1/calls/{call.public_id}", headers={"If-None-Match": known})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", answer["ETag"])
    other = acme.client.get(f"/api/v1/calls/{call.public_id}", headers={"If-None-Match": '"0"'})
    assert other.status_code == 200


def test_calls_are_listed_newest_first_and_paged(acme: World) -> None:
    made = [acme.call(to=f"3161234567{digit}").public_id for digit in range(3)]
    first = acme.client.get("/api/v1/calls?limit=2").json()
    second = acme.client.get(f"/api/v1/calls?limit=2&cursor={first['next']}").json()
    assert [call["id"] for call in first["results"] + second["results"]] == made[::-1]
    assert second["next"] is None


def test_calls_are_filtered(acme: World) -> None:
    call = acme.call(to="31201234567")
    later = rfc3339(call.started_at + timedelta(hours=1)).replace("+", "%2B")
    found = {
        "state=active": 1,
        "state=ended": 0,
        f"extension={acme.alice.public_id}": 1,
        f"extension={acme.sales.public_id}": 0,
        f"account={acme.account.public_id}": 1,
        "number=020 123 4567": 1,
        "number=020 123 4568": 0,
        f"since={rfc3339(call.started_at)}": 1,
        f"since={later}": 0,
    }
    counts = {query: len(acme.client.get(f"/api/v1/calls?{query}").json()["results"]) for query in found}
    assert counts == found


def test_a_call_that_no_vendor_accepted_is_shown_to_nobody(acme: World) -> None:
    pending = store.expect_outbound(
        acme.company.tenant.id, acme.account.id, from_=Party(number="1000"), to=Party(number="1001")
    )
    assert acme.client.get("/api/v1/calls").json()["results"] == []
    assert acme.client.get(f"/api/v1/calls/{pending.public_id}").status_code == 404


def test_a_call_that_another_took_over_is_told_but_not_listed(acme: World) -> None:
    survivor, taken_over = acme.call(), acme.call()
    with tenant_scope(acme.company.tenant.id):
        Call.objects.filter(pk=taken_over.pk).update(merged_into=survivor.pk)
    assert [call["id"] for call in acme.client.get("/api/v1/calls").json()["results"]] == [survivor.public_id]
    assert acme.client.get(f"/api/v1/calls/{taken_over.public_id}").status_code == 200


def test_agents_see_the_calls_of_their_own_lines(acme: World) -> None:
    call = acme.call()
    member = acme.company.member()
    browser = acme.company.browser(member.user)
    assert browser.get("/api/v1/calls").json()["results"] == []
    assert browser.get(f"/api/v1/calls/{call.public_id}").status_code == 404
    address = f"/api/v1/extensions/{acme.alice.public_id}"
    acme.client.patch(address, {"member_id": member.public_id}, content_type="application/json")
    assert [each["id"] for each in browser.get("/api/v1/calls").json()["results"]] == [call.public_id]
    assert browser.get(f"/api/v1/calls/{call.public_id}").status_code == 200


def test_foreign_calls_are_not_found(acme: World, globex: World) -> None:
    foreign = globex.call()
    assert acme.client.get(f"/api/v1/calls/{foreign.public_id}").status_code == 404
    assert acme.client.get("/api/v1/calls").json() == {"results": [], "next": None}
