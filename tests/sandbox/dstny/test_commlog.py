"""The "Communication Log API"."""

from typing import Any

import pytest

from tests.sandbox.dstny.client import COMPANY, CUSTOMER, Dstny, ring_in
from tests.sandbox_server import SandboxHandle

PATH = "/commlog/{me}"


@pytest.fixture
def calls(sandbox: SandboxHandle, wout: Dstny) -> list[dict[str, Any]]:
    """One call in, one out, one missed."""
    ring_in(sandbox)
    wout.act(wout.answer(), "", "DELETE")
    wout.act(wout.dial("tel:301"), "", "DELETE")
    sandbox.act(ring_in(sandbox), "hangup", COMPANY)
    return items(wout.get(PATH))


def items(log: dict[str, Any]) -> list[dict[str, Any]]:
    return [item for each in log["historyItems"] for item in each.values()]


def ids(user: Dstny, **query: Any) -> list[int]:
    return [each["itemId"] for each in items(user.get(PATH, **query))]


def test_calls_are_listed_as_the_document_shows_them(wout: Dstny, calls: list[dict[str, Any]]) -> None:
    assert [each["itemType"] for each in calls] == ["INCOMING_CALL", "OUTGOING_CALL", "MISSED_CALL"]
    assert calls[0]["remoteParty"] == {"number": f"+{CUSTOMER}", "displayName": "Jan Jansen"}
    assert calls[1]["remoteParty"] == {"number": "+31405550301", "displayName": "Vera Prins"}
    assert (calls[2]["isSeen"], calls[2]["duration"]) == (False, 0)
    log = wout.get(PATH)
    assert [list(each) for each in log["historyItems"]] == [[".CallDTO"]] * 3
    assert (log["flushCache"], log["hintCount"]) == (True, 3)
    one = wout.get(f"{PATH}/{calls[0]['itemId']}")
    assert items(one) == [calls[0]]
    assert wout.refusal("GET", f"{PATH}/1") == (404, "itemId.does.not.exist")


def test_items_are_filtered(wout: Dstny, calls: list[dict[str, Any]]) -> None:
    first, second, third = (each["itemId"] for each in calls)
    assert ids(wout, since=first) == [second, third]
    assert ids(wout, olderThan=third) == [first, second]
    assert ids(wout, limit=1) == [third]
    assert ids(wout, since=first, limit=1) == [second]
    assert ids(wout, itemType=["MISSED_CALL", "OUTGOING_CALL"]) == [second, third]
    assert ids(wout, number=f"+{CUSTOMER}") == [first, third]
    assert ids(wout, number="+31405550301") == ids(wout, number="301") == [second]
    assert ids(wout, contactId="vera@acme.example") == [second]
    assert ids(wout, sinceTime="2090-01-01T00:00:00Z") == []
    assert ids(wout, untilTime="2090-01-01T00:00:00Z") == [first, second, third]
    assert wout.get(PATH, count="true") == 3
    assert wout.refusal("GET", PATH, None, itemType="TELEGRAM") == (400, "itemType.invalid")
    assert wout.refusal("GET", PATH, None, sinceTime="once") == (400, "sinceTime.invalid")


def test_items_are_marked(wout: Dstny, calls: list[dict[str, Any]]) -> None:
    first, second, third = (each["itemId"] for each in calls)
    marks = {"isSeen": "true", "isPlayed": "false", "updateCallItem": "true"}
    wout.done("PUT", f"{PATH}/{third}", None, **marks)
    assert items(wout.get(f"{PATH}/{third}"))[0]["isSeen"] is True
    assert wout.done("PUT", PATH, None, itemId=[first, 7], **marks) == "7"
    assert wout.done("PUT", PATH, None, untilItemId=second, itemType="OUTGOING_CALL", **marks) is None
    assert [each["isSeen"] for each in items(wout.get(PATH))] == [True, True, True]


def test_items_go_to_the_trash_and_are_deleted(wout: Dstny, calls: list[dict[str, Any]]) -> None:
    first, second, third = (each["itemId"] for each in calls)
    wout.done("PUT", f"{PATH}/{first}/deleted", None, delete="true")
    assert (ids(wout), ids(wout, markAsDelete="true")) == ([second, third], [first])
    wout.done("PUT", f"{PATH}/{first}/deleted", None, delete="false")
    wout.done("DELETE", f"{PATH}/{second}")
    assert (ids(wout), ids(wout, deleted="true")) == ([first, third], [second])
    assert wout.refusal("DELETE", f"{PATH}/{second}") == (404, "itemId.does.not.exist")
    assert wout.refusal("DELETE", PATH) == (400, "itemId.required")
    wout.done("DELETE", PATH, None, untilItemId=third, itemType="MISSED_CALL")
    assert ids(wout) == [first]


def test_voicemail_is_an_item_of_its_own(sandbox: SandboxHandle, wout: Dstny, vera: Dstny) -> None:
    vera.dial("tel:302", type="VOICEMAIL")
    sandbox.act(sandbox.company(COMPANY)["calls"][0]["id"], "hangup", COMPANY, extension="301")
    (message,) = items(wout.get(PATH, itemType="VOICEMAIL"))
    assert (message["isPlayed"], message["remoteParty"]["displayName"]) == (False, "Vera Prins")
    wout.done("PUT", f"{PATH}/{message['itemId']}", None, isPlayed="true")
    log = wout.get(f"{PATH}/{message['itemId']}")
    assert log["historyItems"][0][".VoiceMailDTO"]["isPlayed"] is True


def test_the_group_inbox_is_empty(wout: Dstny) -> None:
    assert wout.get(f"{PATH}/groupinbox")["historyItems"] == []
