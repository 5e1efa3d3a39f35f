""" "Call Queue Agent Status", "Call Queue Agent Action", "Call Queue Statistics"."""

from typing import Any

import pytest

from tests.sandbox.eq.client import COMPANY, NOOR, OLAF, ZENO, Eq, ring_in
from tests.sandbox_server import SandboxHandle, wait_for


def rows(eq: Eq, **query: Any) -> list[tuple[Any, ...]]:
    return [(each["queue"], each["agent"], each["status"]) for each in eq.get("/call_queue_agent_status", **query)]


def answer(eq: Eq, sandbox: SandboxHandle, call: str) -> str:
    """Whoever the queue rings answers; says who."""
    (number,) = next(each["ringing"] for each in eq.get("/queued_calls") if each["uniqueId"] == call)
    sandbox.act(call, "answer", COMPANY, extension=number)
    return str(number)


def test_status_of_all_of_a_queue_and_of_an_agent(eq: Eq) -> None:
    support = [("601", ZENO, "available"), ("601", NOOR, "available"), ("601", OLAF, "available")]
    returns = [("602", NOOR, "available"), ("602", OLAF, "available")]
    assert rows(eq) == [*support, *returns]
    assert rows(eq, queue="602") == returns
    assert rows(eq, agent=NOOR) == [support[1], returns[0]]
    assert eq.refusal("GET", "/call_queue_agent_status", agent=1) == (400, [("agent", "nonexistent")])
    assert eq.refusal("GET", "/call_queue_agent_status", queue="600") == (400, [("queue", "nonexistent")])


def test_combined_status_is_across_all_queues(eq: Eq) -> None:
    eq.agent(NOOR, "pause", queue="601")
    eq.agent(OLAF, "signOut")
    combined = {each["agent"]: each for each in eq.get("/call_queue_agent_status", combined=1)}
    assert [combined[each]["status"] for each in (ZENO, NOOR, OLAF)] == ["available", "available", "signedOut"]
    assert combined[NOOR]["queues"] == ["601", "602"]
    assert combined[OLAF]["signedIn"] is False
    assert len(eq.get("/call_queue_agent_status", combined=1, queue="601")) == 3


def test_sign_out_and_in(eq: Eq) -> None:
    eq.agent(NOOR, "signOut", queue="601")
    assert (eq.status(NOOR)["status"], eq.status(NOOR, "602")["status"]) == ("signedOut", "available")
    eq.agent(NOOR, "signIn", queue="601", skill=1)
    assert (eq.status(NOOR)["status"], eq.status(NOOR)["skill"]) == ("available", 1)
    eq.agent(NOOR, "signOut")
    assert not eq.status(NOOR)["signedIn"]
    assert not eq.status(NOOR, "602")["signedIn"]
    eq.agent(NOOR, "signIn", paused=1)
    assert (eq.status(NOOR)["status"], eq.status(NOOR, "602")["skill"]) == ("paused", 3)


def test_sign_in_to_several_queues_with_skills(eq: Eq) -> None:
    eq.agent(ZENO, "signOut")
    eq.agent(ZENO, "signIn", queues=["601", "602"], skills=[5, 2])
    assert (eq.status(ZENO)["skill"], eq.status(ZENO, "602")["skill"]) == (5, 2)


def test_the_most_skilled_rings_first(eq: Eq, sandbox: SandboxHandle) -> None:
    eq.agent(OLAF, "signOut")
    eq.agent(OLAF, "signIn", skill=1)
    ring_in(sandbox, "601")
    assert eq.get("/queued_calls")[0]["ringing"] == ["504"]
    assert eq.status(OLAF)["status"] == "ringing"


def test_pause_with_a_code_and_resume(eq: Eq) -> None:
    code = eq.done("POST", "/pause_code", data={"name": "Coffee"})
    eq.agent(NOOR, "pause", pauseCode=code)
    status = eq.status(NOOR, "602")
    assert (status["status"], status["pauseCode"], status["pauseCodeName"]) == ("paused", code, "Coffee")
    eq.done("DELETE", f"/pause_code/{code}")
    assert eq.status(NOOR)["pauseCodeName"] == "Coffee"
    eq.agent(NOOR, "resume")
    assert (eq.status(NOOR)["status"], eq.status(NOOR)["pauseCode"]) == ("available", None)


def test_a_pause_at_the_phone(eq: Eq, sandbox: SandboxHandle) -> None:
    sandbox.control("POST", f"/companies/{COMPANY}/queues/601/agents/503/pause", code="lunch")
    assert eq.status(NOOR)["pauseCodeName"] == "Lunch"


def test_wrap_up_is_left_by_itself_or_by_action(eq: Eq, sandbox: SandboxHandle) -> None:
    sandbox.control("PATCH", f"/companies/{COMPANY}/queues/601", wrap_up_s=60)
    agents = {"502": ZENO, "503": NOOR, "504": OLAF}
    who = agents[answer(eq, sandbox, call := ring_in(sandbox, "601"))]
    assert eq.status(who)["status"] == "onCall"
    sandbox.act(call, "hangup", COMPANY)
    assert eq.status(who)["status"] == "wrapUp"
    eq.agent(who, "resume")
    assert eq.status(who)["status"] == "wrapUp"
    eq.agent(who, "exitWrapUp")
    assert eq.status(who)["status"] == "available"
    sandbox.control("PATCH", f"/companies/{COMPANY}/queues/601", wrap_up_s=0.1)
    other = agents[answer(eq, sandbox, call := ring_in(sandbox, "601"))]
    sandbox.act(call, "hangup", COMPANY)
    assert wait_for(lambda: eq.status(other)["status"] == "available")


@pytest.mark.parametrize(
    ("action", "options", "error"),
    [
        ("fly", {"agent": ZENO}, ("action", "invalid")),
        ("signIn", {"queue": "601"}, ("agent", "blank")),
        ("signIn", {"agent": 99}, ("agent", "nonexistent")),
        ("signIn", {"agent": ZENO, "queue": "601"}, ("queue", "already_signed_in")),
        ("signIn", {"agent": ZENO, "queue": "699"}, ("queue", "nonexistent")),
        ("signIn", {"agent": ZENO, "queue": "602", "skill": 6}, ("skill", "invalid")),
        ("signIn", {"agent": ZENO, "queues": ["602"], "skills": [1, 2]}, ("skills", "invalid")),
        ("signIn", {"agent": ZENO, "queues": "602"}, ("queues", "invalid")),
        *(
            (action, {"agent": ZENO, "queue": "602"}, ("queue", "not_signed_in"))
            for action in ("signOut", "pause", "resume", "exitWrapUp")
        ),
        ("pause", {"agent": ZENO, "pauseCode": 99}, ("pauseCode", "nonexistent")),
    ],
)
def test_what_is_wrong_with_an_agents_action(
    eq: Eq, action: str, options: dict[str, Any], error: tuple[str, str]
) -> None:
    assert eq.refusal("POST", "/call_queue_agent_action", action=action, options=options) == (400, [error])


def test_who_is_not_signed_in_to_the_system_can_do_nothing(eq: Eq, sandbox: SandboxHandle) -> None:
    sandbox.control("POST", f"/companies/{COMPANY}/vendor/sign-out-everybody")
    refused = eq.refusal("POST", "/call_queue_agent_action", action="signIn", options={"agent": ZENO})
    assert refused == (400, [("agent", "not_signed_in")])
    assert eq.refusal("POST", "/call_queue_agent_action", action="signIn") == (400, [("options", "blank")])


def test_an_agent_takes_calls_where_they_are_signed_in(eq: Eq, sandbox: SandboxHandle) -> None:
    sandbox.control("POST", f"/companies/{COMPANY}/vendor/sign-out-everybody")
    eq.sign_in(ZENO, "501")
    eq.agent(ZENO, "signIn")
    ring_in(sandbox, "601")
    assert eq.get("/queued_calls")[0]["ringing"] == ["501"]
    assert eq.status(ZENO)["extension"] == "501"


def test_statistics(eq: Eq, sandbox: SandboxHandle) -> None:
    answered, waiting = ring_in(sandbox, "601"), ring_in(sandbox, "601")
    answer(eq, sandbox, answered)
    eq.agent(NOOR, "pause", queue="601")
    support = eq.get("/call_queue_statistics", queue="601")
    assert (support["callsWaiting"], support["callsAnswered"], support["agentsOnCall"]) == (1, 1, 1)
    assert (support["agentsSignedIn"], support["agentsPaused"], support["serviceLevel"]) == (3, 1, 100)
    sandbox.act(waiting, "hangup", COMPANY)
    both = {each["queue"]: each for each in eq.get("/call_queue_statistics")}
    assert sorted(both) == ["601", "602"]
    assert (both["601"]["callsAbandoned"], both["601"]["callsTotal"], both["602"]["callsTotal"]) == (1, 2, 0)
    assert eq.refusal("GET", "/call_queue_statistics", queue="600") == (400, [("queue", "nonexistent")])
