from tenants.models import Scope
from tests.api.world import World


def test_vendors_are_the_catalogue(acme: World) -> None:
    answer = acme.client.get("/api/v1/vendors").json()
    kwebbl = next(vendor for vendor in answer["results"] if vendor["key"] == "kwebbl")
    assert (kwebbl["name"], kwebbl["auth"], kwebbl["event_transport"]) == ("Kwebbl", "oauth2", "webhook")
    assert kwebbl["fields"]["properties"]["credentials"]["required"] == ["client_id", "client_secret"]
    assert "hold" in kwebbl["capabilities"]["calls"]
    assert answer["next"] is None


def test_extensions_are_listed_and_filtered(acme: World, globex: World) -> None:
    everything = acme.client.get("/api/v1/extensions").json()["results"]
    assert [each["name"] for each in everything] == ["Alice", "Sales"]
    assert everything[1] == {
        "id": acme.sales.public_id,
        "account_id": acme.account.public_id,
        "vendor_extension_id": "b" * 32,
        "number": "345",
        "external_number": "+31102612345",
        "name": "Sales",
        "type": "dialplan",
        "member_id": None,
        "presence": None,
        "line_state": None,
    }
    for query in ("type=dialplan", "number=345", "number=010 261 2345", "number=%2B31102612345"):
        assert acme.client.get(f"/api/v1/extensions?{query}").json()["results"] == everything[1:]
    assert acme.client.get(f"/api/v1/extensions?account={globex.account.public_id}").json()["results"] == []


def test_a_list_is_paged_by_cursor(acme: World) -> None:
    first = acme.client.get("/api/v1/extensions?limit=1").json()
    second = acme.client.get(f"/api/v1/extensions?limit=1&cursor={first['next']}").json()
    assert [first["results"][0]["name"], second["results"][0]["name"], second["next"]] == ["Alice", "Sales", None]


def test_an_extension_is_bound_to_a_member_and_freed(acme: World) -> None:
    member = acme.company.member()
    address = f"/api/v1/extensions/{acme.alice.public_id}"
    for member_id in (member.public_id, None):
        bound = acme.client.patch(address, {"member_id": member_id}, content_type="application/json")
        assert (bound.status_code, bound.json()["member_id"]) == (200, member_id)
        assert acme.client.get(address).json() == bound.json()


def test_what_belongs_to_others_is_not_found(acme: World, globex: World) -> None:
    foreign = f"/api/v1/extensions/{globex.alice.public_id}"
    assert acme.client.get(foreign).status_code == 404
    assert acme.client.patch(foreign, {"member_id": None}, content_type="application/json").status_code == 404
    own = f"/api/v1/extensions/{acme.alice.public_id}"
    stranger = {"member_id": globex.company.member().public_id}
    assert acme.client.patch(own, stranger, content_type="application/json").json()["code"] == "not_found"


def test_me_tells_whose_key_it_is(acme: World) -> None:
    key = acme.company.key(Scope.CALLS_READ)
    me = acme.company.program(key).get("/api/v1/me").json()
    assert me["tenant"] == {
        "id": acme.company.tenant.public_id,
        "name": "Acme",
        "slug": acme.company.tenant.slug,
        "region": "NL",
    }
    assert (me["actor"]["type"], me["role"], me["scopes"], me["extensions"]) == ("api_key", None, ["calls:read"], [])


def test_me_tells_a_member_of_the_lines_that_are_bound(acme: World) -> None:
    member = acme.company.member()
    address = f"/api/v1/extensions/{acme.alice.public_id}"
    acme.client.patch(address, {"member_id": member.public_id}, content_type="application/json")
    me = acme.company.browser(member.user).get("/api/v1/me").json()
    assert (me["actor"]["type"], me["role"], me["member_id"]) == ("member", "agent", member.public_id)
    assert [each["id"] for each in me["extensions"]] == [acme.alice.public_id]
