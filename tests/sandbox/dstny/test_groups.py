"""ACD and distribution groups, their call logs and statistics, and the streams of these."""

from typing import Any

import pytest

from tests.sandbox.dstny.client import COMPANY, CUSTOMER, DOMAIN, Dstny, parse_xml, ring_in
from tests.sandbox_server import SandboxHandle, wait_for

SERVICE_NUMBER = "31405550401"


@pytest.fixture
def queue_call(sandbox: SandboxHandle, wout: Dstny) -> str:
    """The agents of Service are Wout and Xander; Xander is logged out, so it rings at Wout."""
    Dstny.of(sandbox, "xander").done("DELETE", f"/distributiongroup/{{me}}/401/{DOMAIN}")
    return ring_in(sandbox, SERVICE_NUMBER)


def item_of(log: dict[str, Any]) -> dict[str, Any]:
    (item,) = log["callLogItem"]
    return dict(item)


def test_a_users_groups_are_listed(wout: Dstny, vera: Dstny) -> None:
    names = [
        (each["id"], each["name"], each["type"], each["loggedIn"])
        for each in wout.get("/distributiongroup/{me}")["group"]
    ]
    assert names == [(400, "Reception", "ATTENDANT", True), (401, "Service", "ACD", True)]
    assert wout.get("/distributiongroup/{me}")["group"][1] == {
        "id": 401,
        "domain": DOMAIN,
        "name": "Service",
        "type": "ACD",
        "loggedIn": True,
        "nightMode": False,
        "loggedInAgents": 2,
        "freeAgents": 2,
        "callsWaiting": 0,
    }
    assert [each["id"] for each in vera.get("/distributiongroup/{me}")["group"]] == [400]


def test_agents_log_in_and_out(wout: Dstny, vera: Dstny) -> None:
    out = wout.done("DELETE", f"/distributiongroup/{{me}}/401/{DOMAIN}")["group"][1]
    assert (out["loggedIn"], out["loggedInAgents"], out["freeAgents"]) == (False, 1, 1)
    assert wout.done("PUT", f"/distributiongroup/{{me}}/401/{DOMAIN}", None, ignoreStatistics="true") is None
    assert wout.get("/distributiongroup/{me}")["group"][1]["loggedIn"] is True
    assert vera.refusal("PUT", f"/distributiongroup/{{me}}/401/{DOMAIN}") == (403, "access.denied")
    assert vera.refusal("PUT", f"/distributiongroup/{{me}}/999/{DOMAIN}") == (404, "group.does.not.exist")
    assert vera.refusal("DELETE", f"/distributiongroup/{{me}}/400/{DOMAIN}") == (409, "call.wrong.state")


def test_acd_groups_tell_of_their_agents(wout: Dstny) -> None:
    (_, group) = wout.get("/acd/{me}/groups")["groups"]
    assert (group["id"], group["loggedIn"], group["statistic"]["numberOfLoggedInAgents"]) == (401, True, 2)
    agent = {"firstName": "Wout", "lastName": "Hendriks", "skillLevel": 3, "isLoggedIn": True, "isAvailable": True}
    assert group["agents"][0] == {**agent, "activity": "Available"}
    assert wout.get(f"/acd/{{me}}/groups/401/{DOMAIN}") == group
    (_, brief) = wout.get("/acd/{me}/groups", ignoreAgents="true", ignoreStatistics="true")["groups"]
    assert not {"agents", "statistic"} & brief.keys()


def test_an_agents_login_is_set_by_themselves_or_an_administrator(wout: Dstny, xander: Dstny, vera: Dstny) -> None:
    path = f"/acd/{DOMAIN}/groups/401/wout@{DOMAIN}"
    assert wout.done("PUT", path, None, action="logout") == "logout"
    assert xander.refusal("PUT", path, None, action="login") == (403, "access.denied")
    assert wout.refusal("PUT", path, None, action="dance") == (400, "action.invalid")
    assert vera.done("PUT", path, None, action="login") == "login"
    assert wout.get("/distributiongroup/{me}")["group"][1]["loggedIn"] is True


def test_a_call_to_a_queue_is_logged_and_assigned(sandbox: SandboxHandle, wout: Dstny, queue_call: str) -> None:
    state = wout.call("RINGING")
    assert state["historyInfo"]["previousRetargetReason"] == "DISTRIBUTED"
    wout.act(wout.answer(), "", "DELETE")
    item = item_of(wout.get("/distributiongroup/{me}/calllog/401"))
    assert (item["groupId"], item["itemType"], item["callCount"]) == (401, "ANSWERED", 1)
    assert (item["callerNumber"], item["agent"]["userId"]) == (f"+{CUSTOMER}", "wout")
    path = f"/distributiongroup/{{me}}/calllog/item/{item['itemId']}"
    assigned = wout.done("PUT", path, {"state": "INPROGRESS", "note": "Wants to be called back on friday"})
    assert assigned["handledStatus"]["note"] == "Wants to be called back on friday"
    assert assigned["handledStatus"]["agent"] == {"name": "Wout Hendriks", "number": "+31405550302", "userId": "wout"}
    assert item_of(wout.get("/distributiongroup/{me}/assigned")) == assigned
    assert item_of(wout.get("/distributiongroup/{me}/assigned/401")) == assigned
    assert Dstny.of(sandbox, "xander").get("/distributiongroup/{me}/assigned")["callLogItem"] == []
    assert wout.refusal("PUT", f"{path}9", {"state": "HANDLED"}) == (404, "itemid.does.not.exist")
    assert wout.refusal("PUT", path, {"state": "FORGOTTEN"}) == (400, "state.invalid")


def test_missed_calls_are_gathered_by_caller(sandbox: SandboxHandle, wout: Dstny) -> None:
    for _ in range(2):
        sandbox.act(ring_in(sandbox, SERVICE_NUMBER), "hangup", COMPANY)
    log = wout.get("/distributiongroup/{me}/calllog")
    assert (log["callCountMissed"], log["callCountAnswered"], log["hintCount"]) == (2, 0, 1)
    assert item_of(log)["callCount"] == 2
    query = {"callerNumber": f"+{CUSTOMER}", "itemType": "MISSED"}
    items = wout.get("/distributiongroup/{me}/calllog", **query)["callLogItem"]
    assert [each["itemId"] for each in items] == [1, 2]
    assert wout.get("/distributiongroup/{me}/calllog", itemType="ANSWERED")["callLogItem"] == []
    assert [each["itemId"] for each in wout.get("/distributiongroup/{me}/calllog", since=1)["callLogItem"]] == [2]
    assert [each["itemId"] for each in wout.get("/distributiongroup/{me}/calllog", olderThan=2)["callLogItem"]] == [1]


def test_queue_statistics_count(sandbox: SandboxHandle, wout: Dstny, queue_call: str) -> None:
    waiting = wout.get(f"/queuestatistics/{DOMAIN}/queue/401")
    assert (waiting["queueLength"], waiting["availableAgents"], waiting["loggedInAgents"]) == (1, 0, 1)
    assert waiting["current-agent-presence"] == [{"name": "Available", "count": 1}]
    wout.text("PUT", "/user/info/{me}/activity/out_of_office")
    assert wout.text("GET", "/user/info/{me}/activity") == "out_of_office"
    present = wout.get(f"/queuestatistics/{DOMAIN}/queue/401")["current-agent-presence"]
    assert present == [{"name": "Out of office", "count": 1}]
    wout.act(wout.answer(), "", "DELETE")
    after = wout.get(f"/queuestatistics/{DOMAIN}")["queue"]
    assert [(each["name"], each["totalCallsForPeriod"], each["answeredCallsLast24h"]) for each in after] == [
        ("Reception", 0, 0),
        ("Service", 1, 1),
    ]
    assert (after[1]["number"], after[1]["queueLength"], after[1]["domain"]) == (f"+{SERVICE_NUMBER}", 0, DOMAIN)
    assert wout.refusal("GET", f"/queuestatistics/{DOMAIN}/queue/1") == (404, "group.does.not.exist")


def test_queue_statistics_of_a_supervisor(vera: Dstny) -> None:
    found = vera.get(f"/queuestatistics/{DOMAIN}/user/xander")["queue"]
    assert [each["id"] for each in found] == [401]


def test_queue_statistics_are_streamed(sandbox: SandboxHandle, wout: Dstny, xander: Dstny) -> None:
    with wout.stream("/distributiongroup/{me}/events") as stream:
        first = parse_xml(stream.wait(1)[0].encode())
        assert [each.findtext("name") for each in first.iter("queue")] == ["Reception", "Service"]
        xander.done("DELETE", f"/distributiongroup/{{me}}/401/{DOMAIN}")
        ring_in(sandbox, SERVICE_NUMBER)

        def told() -> list[tuple[str | None, str | None]]:
            service = list(parse_xml(stream.events[-1].encode()).iter("queue"))[1]
            return [(service.findtext("loggedInAgents"), service.findtext("queueLength"))]

        assert wait_for(lambda: told() == [("1", "1")])
