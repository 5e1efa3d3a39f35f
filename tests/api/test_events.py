from tests.api.world import World


def test_events_follow_the_sequence_that_is_known(acme: World) -> None:
    for _ in range(3):
        acme.call()
    events = acme.client.get("/api/v1/events?after=0").json()["results"]
    assert [event["sequence"] for event in events] == [1, 2, 3]
    assert {event["type"] for event in events} == {"call.originated"}
    assert events[0]["data"]["call"]["account_id"] == acme.account.public_id
    assert acme.client.get("/api/v1/events?after=2").json() == {"results": events[2:], "next": None}


def test_events_are_paged_and_filtered(acme: World) -> None:
    for _ in range(3):
        acme.call()
    first = acme.client.get("/api/v1/events?after=0&limit=2").json()
    second = acme.client.get(f"/api/v1/events?after=0&limit=2&cursor={first['next']}").json()
    assert [event["sequence"] for event in first["results"] + second["results"]] == [1, 2, 3]
    assert second["next"] is None
    assert len(acme.client.get("/api/v1/events?types=call.cleared,call.originated").json()["results"]) == 3
    assert acme.client.get("/api/v1/events?types=call.cleared").json()["results"] == []
    assert len(acme.client.get(f"/api/v1/events?account={acme.account.public_id}").json()["results"]) == 3


def test_events_are_the_tenants_own(acme: World, globex: World) -> None:
    globex.call()
    assert acme.client.get("/api/v1/events?after=0").json() == {"results": [], "next": None}
    assert acme.client.get(f"/api/v1/events?account={globex.account.public_id}").json()["results"] == []


def test_agents_get_the_events_of_their_own_calls(acme: World) -> None:
    acme.call()
    member = acme.company.member()
    browser = acme.company.browser(member.user)
    assert browser.get("/api/v1/events").json()["results"] == []
    address = f"/api/v1/extensions/{acme.alice.public_id}"
    acme.client.patch(address, {"member_id": member.public_id}, content_type="application/json")
    assert len(browser.get("/api/v1/events").json()["results"]) == 1
