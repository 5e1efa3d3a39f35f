"""Supervisors, agents, call queues, pause codes, extensions, alerts: made, changed, deleted and undeleted."""

from typing import Any

import pytest

from tests.sandbox.eq.client import COMPANY, ZENO, Eq, ring_in
from tests.sandbox_server import SandboxHandle

SUPERVISOR = {
    "username": "piet",
    "firstName": "Piet",
    "password": "geheim",
    "emailAddress": "piet@acme.example",
    "type": "monitorOnly",
}
AGENT = {"number": "77", "firstName": "Bo", "password": "1234"}
QUEUE = {"extension": "650", "name": "Billing", "type": 0}
EXTENSION = {"extension": "550", "name": "Spare desk"}
ALERT = {
    "user": 1,
    "name": "Too many",
    "type": "callQueueCallsHigh",
    "callQueue": "601",
    "threshold": 5,
    "notificationType": "realtime",
    "color": "#FF0000",
    "daysOfWeek": [1, 3, 5],
    "fromTime": "9:00 AM",
    "toTime": "12:00 AM",
}
ENTITIES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("/supervisor", SUPERVISOR, {**SUPERVISOR, "firstName": "Pieter"}),
    ("/agent", AGENT, {**AGENT, "lastName": "Berg"}),
    ("/call_queue", QUEUE, {"name": "Invoices", "type": 1, "weight": 3}),
    ("/pause_code", {"name": "Coffee"}, {"name": "Tea"}),
]
KINDS = [each[0] for each in ENTITIES]


@pytest.mark.parametrize(("path", "data", "changed"), ENTITIES, ids=KINDS)
def test_an_entity_lives_and_is_undeleted(eq: Eq, path: str, data: dict[str, Any], changed: dict[str, Any]) -> None:
    key = eq.done("POST", path, data=data)
    shown = eq.get(f"{path}/{key}")
    assert {name: shown[name] for name in data if name != "password"} | {"deleted": False} == {
        **{name: each for name, each in data.items() if name != "password"},
        "deleted": False,
    }
    assert "password" not in shown
    assert eq.done("PUT", f"{path}/{key}", data={**changed, "password": ""}) is None
    after = eq.get(f"{path}/{key}")
    assert {name: after[name] for name in changed if name != "password"} == {
        name: each for name, each in changed.items() if name != "password"
    }
    eq.done("DELETE", f"{path}/{key}")
    assert eq.get(f"{path}/{key}") == {**after, "deleted": True}
    assert eq.refusal("PUT", f"{path}/{key}", data=changed)[0] == 404
    assert eq.refusal("DELETE", f"{path}/{key}")[0] == 404
    eq.done("PUT", f"{path}/{key}", undelete=1)
    assert eq.get(f"{path}/{key}") == after


@pytest.mark.parametrize("path", [*KINDS, "/extension"])
def test_what_is_not_there_is_not_found(eq: Eq, path: str) -> None:
    for method in ("GET", "PUT", "DELETE"):
        status, ((_, kind),) = eq.refusal(method, f"{path}/9999", data={})
        assert (status, kind) == (404, "nonexistent")


@pytest.mark.parametrize(
    ("path", "data", "errors"),
    [
        ("/supervisor", {**SUPERVISOR, "username": "yara"}, [("username", "in_use")]),
        ("/supervisor", {**SUPERVISOR, "emailAddress": "yara@acme.example"}, [("emailAddress", "in_use")]),
        ("/agent", {**AGENT, "number": "502"}, [("number", "in_use")]),
        ("/agent", {**AGENT, "emailAddress": "zeno@acme.example"}, [("emailAddress", "in_use")]),
        ("/call_queue", {**QUEUE, "extension": "601"}, [("extension", "in_use")]),
        ("/call_queue", {**QUEUE, "extension": "502"}, [("extension", "in_use")]),
        ("/call_queue", {**QUEUE, "name": "Support"}, [("name", "in_use")]),
        ("/pause_code", {"name": "Lunch"}, [("name", "in_use")]),
        ("/extension", {**EXTENSION, "extension": "502"}, [("extension", "in_use")]),
        ("/extension", {**EXTENSION, "extension": "600"}, [("extension", "in_use")]),
        ("/extension", {**EXTENSION, "name": "Zeno Wiersma"}, [("name", "in_use")]),
        (
            "/supervisor",
            {},
            [(each, "blank") for each in ("username", "firstName", "password", "emailAddress", "type")],
        ),
        ("/supervisor", {**SUPERVISOR, "username": "a!", "type": "x"}, [("username", "invalid"), ("type", "invalid")]),
        ("/supervisor", {**SUPERVISOR, "language": "nl"}, [("language", "invalid")]),
        ("/agent", {**AGENT, "number": "012"}, [("number", "invalid")]),
        ("/agent", {**AGENT, "password": "abc"}, [("password", "invalid")]),
        ("/agent", {**AGENT, "emailAddress": "x"}, [("emailAddress", "invalid")]),
        (
            "/call_queue",
            {**QUEUE, "weight": 11, "joinEmpty": "maybe"},
            [("weight", "invalid"), ("joinEmpty", "invalid")],
        ),
        (
            "/call_queue",
            {**QUEUE, "sysResume": 0, "autoAnswerAcd": "x"},
            [("autoAnswerAcd", "invalid"), ("sysResume", "invalid")],
        ),
        ("/pause_code", {"name": "x" * 17}, [("name", "invalid")]),
        ("/extension", {**EXTENSION, "recording": {"inboundExternal": 1}}, [("recording.inboundExternal", "invalid")]),
        ("/extension", {**EXTENSION, "voicemail": {"password": "x"}}, [("voicemail.password", "invalid")]),
    ],
)
def test_rules_and_special_errors(eq: Eq, path: str, data: dict[str, Any], errors: list[tuple[str, str]]) -> None:
    assert eq.refusal("POST", path, data=data) == (400, errors)


def test_an_update_may_keep_what_is_unique(eq: Eq) -> None:
    same = {"name": "Lunch"}
    lunch = next(
        each
        for each in range(1, 20)
        if eq.send("GET", f"/pause_code/{each}").json() == {"id": each, **same, "deleted": False}
    )
    eq.done("PUT", f"/pause_code/{lunch}", data=same)
    assert eq.refusal("PUT", f"/pause_code/{lunch}", data={"name": "Break"}) == (400, [("name", "in_use")])


def test_undeleting_takes_nobodys_name(eq: Eq) -> None:
    first = eq.done("POST", "/pause_code", data={"name": "Coffee"})
    eq.done("DELETE", f"/pause_code/{first}")
    eq.done("POST", "/pause_code", data={"name": "Coffee"})
    assert eq.refusal("PUT", f"/pause_code/{first}", undelete=1) == (400, [("name", "in_use")])


def test_a_new_queue_takes_calls_until_it_is_deleted(eq: Eq, sandbox: SandboxHandle) -> None:
    eq.done("POST", "/call_queue", data=QUEUE)
    eq.agent(ZENO, "signIn", queue="650")
    call = ring_in(sandbox, "650")
    assert eq.get("/queued_calls", queue="650")[0]["ringing"] == ["502"]
    eq.done("DELETE", "/call_queue/650")
    assert eq.get("/queued_calls") == []
    assert sandbox.company(COMPANY)["calls"] == []
    assert [each["id"] for each in sandbox.control("GET", f"/companies/{COMPANY}/calls", ended=1)] == [call]
    assert eq.refusal("GET", "/call_queue_statistics", queue="650") == (400, [("queue", "nonexistent")])
    eq.done("PUT", "/call_queue/650", undelete=1)
    assert eq.get("/call_queue_statistics", queue="650")["agentsSignedIn"] == 0


def test_a_queues_wrap_up_may_be_unlimited_or_none(eq: Eq, sandbox: SandboxHandle) -> None:
    def wrap_up(seconds: int | None) -> float:
        eq.done("PUT", "/call_queue/601", data={"name": "Support", "type": 0, "wrapUpTime": seconds})
        queue = next(each for each in sandbox.company(COMPANY)["extensions"] if each["number"] == "601")
        return float(queue["queue"]["settings"]["wrap_up_s"])

    assert wrap_up(30) == 30
    assert wrap_up(None) == 0
    assert wrap_up(0) > 86400


def test_an_extension_comes_moves_and_goes(eq: Eq, sandbox: SandboxHandle) -> None:
    voicemail = {"password": "1234", "options": {"attach": "yes"}}
    assert eq.done("POST", "/extension", data={**EXTENSION, "voicemail": voicemail, "sip": {"secret": "s"}}) == "550"
    shown = eq.get("/extension/550")
    assert (shown["voicemail"]["options"]["attach"], shown["voicemail"]["context"]) == ("yes", "default")
    assert "password" not in shown["voicemail"]
    assert "secret" not in shown["sip"]
    ring_in(sandbox, "550")
    assert eq.states("550") == [["ringing"]]
    eq.done("PUT", "/extension/550", data={**EXTENSION, "extension": "551"})
    assert eq.states("551") == [["ringing"]]
    assert eq.get("/extension/551")["voicemail"] is None
    eq.sign_in(ZENO, "551", force=1)
    eq.done("DELETE", "/extension/551")
    assert ZENO not in eq.sessions()
    assert eq.refusal("GET", "/extension/551")[0] == 404
    assert sandbox.company(COMPANY)["calls"] == []


def test_a_deleted_user_is_signed_out_and_stays_out(eq: Eq) -> None:
    eq.done("DELETE", f"/agent/{ZENO}")
    assert ZENO not in eq.sessions()
    refused = eq.refusal("POST", "/agent_session", user=ZENO, extension="502")
    assert refused == (400, [("user", "nonexistent")])


def test_alerts_are_made_and_changed_and_gone_for_good(eq: Eq) -> None:
    key = eq.done("POST", "/alert", data=ALERT)
    assert eq.refusal("POST", "/alert", data=ALERT) == (400, [("name", "in_use")])
    mail = {**ALERT, "name": "Mail me", "notificationType": "email"}
    assert eq.refusal("PUT", f"/alert/{key}", data=mail) == (400, [("interval", "blank")])
    eq.done("PUT", f"/alert/{key}", data={**mail, "interval": 10})
    eq.done("DELETE", f"/alert/{key}")
    assert eq.refusal("PUT", f"/alert/{key}", undelete=1)[0] == 404
    assert eq.send("GET", f"/alert/{key}").status == 405


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"user": None}, ("user", "blank")),
        ({"user": ZENO}, ("user", "nonexistent")),
        ({"callQueue": None}, ("callQueue", "blank")),
        ({"callQueue": "699"}, ("callQueue", "nonexistent")),
        ({"threshold": None}, ("threshold", "blank")),
        ({"color": "red"}, ("color", "invalid")),
        ({"type": "emailQueueAgentsLow"}, ("emailQueue", "blank")),
        ({"daysOfWeek": [7]}, ("daysOfWeek", "invalid")),
        ({"fromTime": "25:00 AM"}, ("fromTime", "invalid")),
    ],
)
def test_what_is_wrong_with_an_alert(eq: Eq, changes: dict[str, Any], error: tuple[str, str]) -> None:
    assert eq.refusal("POST", "/alert", data=ALERT | changes) == (400, [error])


def test_a_custom_alert_may_be_for_everybody(eq: Eq) -> None:
    everybody = {**ALERT, "user": None, "notificationType": "custom", "interval": 5}
    assert eq.done("POST", "/alert", data=everybody) > 0
