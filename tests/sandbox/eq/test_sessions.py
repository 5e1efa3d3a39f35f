""" "Supervisor Session", "Agent Session", "User Sessions"."""

import pytest

from tests.sandbox.eq.client import COMPANY, NOOR, ZENO, Eq
from tests.sandbox_server import SandboxHandle


@pytest.fixture
def free(eq: Eq, sandbox: SandboxHandle) -> Eq:
    """Nobody is signed in."""
    sandbox.control("POST", f"/companies/{COMPANY}/vendor/sign-out-everybody")
    return eq


def test_agents_are_signed_in_at_their_phones(eq: Eq) -> None:
    assert eq.sessions() == {2: "502", 3: "503", 4: "504"}
    assert eq.sessions("supervisor") == {}
    zeno = eq.get("/active_agent_sessions")[0]
    assert (zeno["number"], zeno["firstName"], zeno["lastName"]) == ("502", "Zeno", "Wiersma")
    assert zeno["startTime"] > 1_700_000_000


def test_an_agent_signs_in_and_out(free: Eq) -> None:
    token = free.sign_in(ZENO, "502")
    assert len(token.encode()) == 64
    assert free.sessions() == {ZENO: "502"}
    assert free.done("DELETE", f"/agent_session/{token}") is None
    assert free.sessions() == {}
    assert free.refusal("DELETE", f"/agent_session/{token}") == (404, [("token", "nonexistent")])


def test_a_supervisor_needs_no_extension(free: Eq) -> None:
    token = free.done("POST", "/supervisor_session", user=1)
    assert free.sessions("supervisor") == {1: None}
    assert free.refusal("DELETE", f"/agent_session/{token}")[0] == 404
    free.done("DELETE", f"/supervisor_session/{token}")
    free.done("POST", "/supervisor_session", user=1, extension="501")
    assert free.sessions("supervisor") == {1: "501"}


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"extension": "502"}, ("user", "blank")),
        ({"user": 2}, ("extension", "blank")),
        ({"user": 1, "extension": "502"}, ("user", "nonexistent")),
        ({"user": 2, "extension": "599"}, ("extension", "nonexistent")),
        ({"user": 2, "extension": "601"}, ("extension", "nonexistent")),
        ({"user": 2, "extension": "502", "force": "x"}, ("force", "invalid")),
    ],
)
def test_what_is_wrong_with_a_sign_in(free: Eq, fields: dict[str, object], error: tuple[str, str]) -> None:
    assert free.refusal("POST", "/agent_session", **fields) == (400, [error])


def test_one_session_for_a_user_and_one_user_at_an_extension(free: Eq) -> None:
    first = free.sign_in(ZENO, "502")
    refused = free.refusal("POST", "/agent_session", user=ZENO, extension="503")
    assert refused == (400, [(None, "already_signed_in")])
    assert free.refusal("POST", "/agent_session", user=NOOR, extension="502", force=1) == (
        400,
        [("extension", "in_use")],
    )
    free.sign_in(ZENO, "503", force=1)
    assert free.sessions() == {ZENO: "503"}
    assert free.refusal("DELETE", f"/agent_session/{first}")[0] == 404


def test_signing_out_leaves_all_queues(eq: Eq, sandbox: SandboxHandle) -> None:
    assert eq.status(ZENO)["signedIn"]
    token = eq.sign_in(ZENO, "502", force=1)
    assert not eq.status(ZENO)["signedIn"]
    eq.agent(ZENO, "signIn")
    assert eq.status(ZENO)["signedIn"]
    eq.done("DELETE", f"/agent_session/{token}")
    states = {
        each["extension_id"]: each["state"] for each in sandbox.company(COMPANY)["extensions"][-2]["queue"]["agents"]
    }
    assert list(states.values()) == ["logged_out", "ready", "ready"]


def test_a_user_who_timed_out_is_brought_back_by_a_request(eq: Eq, sandbox: SandboxHandle) -> None:
    token = eq.sign_in(ZENO, "502", force=1)
    eq.agent(ZENO, "signIn", queue="601", skill=1, paused=True)
    assert sandbox.control("POST", f"/companies/{COMPANY}/tokens/expire") == {"expired": 1}
    assert eq.sessions() == {3: "503", 4: "504"}
    assert not eq.status(ZENO)["signedIn"]
    eq.on_behalf_of(token).get("/license")
    assert eq.sessions()[ZENO] == "502"
    status = eq.status(ZENO)
    assert (status["status"], status["skill"]) == ("paused", 1)


def test_sessions_time_out_by_themselves(free: Eq, sandbox: SandboxHandle) -> None:
    sandbox.set("connection", COMPANY, session_s=0.2)
    free.sign_in(ZENO, "502")
    free.wait_signed_out(ZENO)
    assert free.sessions() == {}


def test_requests_of_a_session_that_is_gone_fail(free: Eq) -> None:
    token = free.sign_in(ZENO, "502")
    zeno = free.on_behalf_of(token)
    assert zeno.get("/license")["type"] == "demo"
    free.done("DELETE", f"/agent_session/{token}")
    assert zeno.refusal("GET", "/license") == (401, [("auth_agent_session", "nonexistent")])
    assert free.on_behalf_of("x" * 64, "supervisor").refusal("GET", "/license")[0] == 401


def test_a_session_that_cannot_come_back(free: Eq, sandbox: SandboxHandle) -> None:
    token = free.sign_in(ZENO, "502")
    sandbox.control("POST", f"/companies/{COMPANY}/tokens/expire")
    free.sign_in(NOOR, "502")
    assert free.on_behalf_of(token).refusal("GET", "/license") == (401, [("extension", "in_use")])


def test_the_supervisors_session_has_priority(free: Eq) -> None:
    supervisor = free.done("POST", "/supervisor_session", user=1)
    both = free.on_behalf_of("gone").on_behalf_of(supervisor, "supervisor")
    assert both.get("/license")["agents"] == 25
    swapped = free.on_behalf_of(supervisor).on_behalf_of("gone", "supervisor")
    assert swapped.refusal("GET", "/license") == (401, [("auth_supervisor_session", "nonexistent")])


def test_signing_in_to_a_queue_at_the_phone(free: Eq, sandbox: SandboxHandle) -> None:
    sandbox.control("POST", f"/companies/{COMPANY}/queues/601/agents/503/log-in")
    assert free.sessions() == {NOOR: "503"}
    assert free.status(NOOR)["status"] == "available"
