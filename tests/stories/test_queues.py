"""Agents at work through the API at each vendor's sandbox PBX: what they do is one event, and known without asking again."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.servers import wait_until
from tests.stories.telling import HEARD_WITHIN, Telling

pytestmark = pytest.mark.slow
Connect = Callable[[str], Telling]


def get(pbx: Telling, path: str) -> Any:
    status, answer = pbx.api("GET", path)
    assert status == 200, answer
    return answer


def queue_and_agent(pbx: Telling) -> tuple[Any, str]:
    """The queue, and the public id of Bob's line, who answers it."""
    bob = pbx.line(pbx.office.bob).public_id
    queues = get(pbx, f"/queues?extension={bob}")["results"]
    return next(each for each in queues if each["number"].endswith(pbx.office.queue)), bob


def states_told(pbx: Telling, queue: Any, agent: str) -> list[tuple[str, str | None]]:
    """What the log tells of the agent in this queue, but for what it was at first."""
    data = [event["data"] for event in pbx.log() if event["type"] == "agent.state_changed"]
    mine = [each for each in data if (each["queue_id"], each["extension_id"]) == (queue["id"], agent)]
    return [(each["state"], each.get("pause_code")) for each in mine]


def act(pbx: Telling, queue: Any, agent: str, action: str, **body: str) -> None:
    status, answer = pbx.api("POST", f"/queues/{queue['id']}/agents/{agent}/{action}", body)
    assert status == 202, answer


def test_an_eq_agents_pause_is_told_once_with_its_code(telling: Connect) -> None:
    pbx = telling("eq")
    queue, bob = queue_and_agent(pbx)
    code = next(each["code"] for each in queue["pause_codes"] if each["name"] == "Lunch")
    status, answer = pbx.api("POST", f"/queues/{queue['id']}/agents/{bob}/pause", {"pause_code": "0"})
    assert (status, answer["code"], list(answer["errors"])) == (400, "invalid", ["pause_code"])

    act(pbx, queue, bob, "pause", pause_code=code)
    wait_until(lambda: ("paused", code) in states_told(pbx, queue, bob), HEARD_WITHIN, "the pause is told")
    act(pbx, queue, bob, "resume")
    wait_until(lambda: states_told(pbx, queue, bob)[-1] == ("available", None), HEARD_WITHIN, "its end is told")
    assert states_told(pbx, queue, bob)[-2:] == [("paused", code), ("available", None)]
    [agent] = [each for each in get(pbx, f"/queues/{queue['id']}/agents")["results"] if each["extension_id"] == bob]
    assert (agent["state"], agent["pause_code"]) == ("available", None)


@pytest.mark.parametrize("vendor", ["ringcentral", "dstny"])
def test_what_no_notice_tells_is_read_and_told(telling: Connect, vendor: str) -> None:
    pbx = telling(vendor)
    queue, bob = queue_and_agent(pbx)
    assert states_told(pbx, queue, bob) == []
    for action in ("logout", "login"):
        act(pbx, queue, bob, action)
    assert states_told(pbx, queue, bob) == [("logged_out", None), ("available", None)]


def test_a_caller_is_taken_out_of_an_eq_queue(telling: Connect) -> None:
    pbx = telling("eq")
    queue, bob = queue_and_agent(pbx)
    for number in ("502", "503", "504"):
        pbx.sandbox.control("POST", f"/companies/{pbx.office.slug}/queues/{pbx.office.queue}/agents/{number}/pause")
    call_id = pbx.customer_calls(pbx.office.queue)
    pbx.hears("call.queued")
    call = pbx.the_call().public_id
    [waiting] = get(pbx, f"/queues/{queue['id']}/calls")["results"]
    assert waiting["call_id"] == call
    status, answer = pbx.api("POST", f"/queues/{queue['id']}/calls/{call}/steal", {"to": {"extension_id": bob}})
    assert status == 202, answer
    pbx.hears("call.delivered")
    pbx.act(call_id, "answer", extension=pbx.office.bob)
    pbx.hears("call.established")
    status, answer = pbx.api("POST", f"/queues/{queue['id']}/calls/{call}/steal", {"to": {"extension_id": bob}})
    assert (status, answer["code"]) == (409, "invalid_call_state")
