"""What the control API does beyond plain calls: the same for every vendor, shown here on the RingCentral PBX."""

from typing import Any

import pytest

from tests.sandbox_server import SandboxHandle, wait_for

PBX = "acme-rc"


@pytest.fixture
def connected(sandbox: SandboxHandle) -> str:
    """A customer talking to Rosa on her desk phone."""
    call = sandbox.ring_in("101", PBX)
    sandbox.act(call, "answer", PBX, extension="101", device="Desk phone")
    return call


def act(sandbox: SandboxHandle, call: str, action: str, **fields: Any) -> Any:
    return sandbox.act(call, action, PBX, **fields)


def states(call: Any) -> dict[str, str]:
    """Live legs by number."""
    return {leg["number"]: leg["state"] for leg in call["legs"] if leg["state"] != "ended"}


def control(sandbox: SandboxHandle, method: str, path: str, **fields: Any) -> Any:
    return sandbox.control(method, f"/companies/{PBX}{path}", **fields)


def extension(sandbox: SandboxHandle, number: str) -> Any:
    return next(each for each in sandbox.company(PBX)["extensions"] if each["number"] == number)


def status(sandbox: SandboxHandle, method: str, path: str, **fields: Any) -> int:
    return sandbox.send_json(method, f"/_control/companies/{PBX}{path}", fields).status


def test_every_company_says_whose_it_is(sandbox: SandboxHandle) -> None:
    companies = sandbox.control("GET", "/companies")
    assert {each["company"]: each["tenant"] for each in companies} == {
        "acme": "acme",
        "acme-rc": "acme",
        "acme-dstny": "acme",
        "acme-eq": "acme",
        "acme-callgear": "acme",
        "globex": "globex",
    }


def test_answer_on_a_phone_and_move_to_another(sandbox: SandboxHandle) -> None:
    call = sandbox.ring_in("101", PBX)
    act(sandbox, call, "ignore", extension="101", device="Mobile")
    shown = act(sandbox, call, "answer", extension="101", device="Softphone")
    assert shown["legs"][1]["devices"] == ["Softphone"]
    assert act(sandbox, call, "move", extension="101", device="Desk phone")["legs"][1]["devices"] == ["Desk phone"]
    assert status(sandbox, "POST", f"/calls/{call}/move", extension="101", device="Typewriter") == 400
    assert status(sandbox, "POST", f"/calls/{call}/move", extension="101") == 400


def test_mute_and_keys(sandbox: SandboxHandle, connected: str) -> None:
    assert act(sandbox, connected, "mute", extension="101")["legs"][1]["muted"] is True
    assert act(sandbox, connected, "unmute", extension="101")["legs"][1]["muted"] is False
    assert act(sandbox, connected, "digits", extension="101", digits="42#")["digits"] == ["42#"]
    assert status(sandbox, "POST", f"/calls/{connected}/digits", extension="101", digits="now") == 400


def test_park_and_pick_up(sandbox: SandboxHandle, connected: str) -> None:
    parked = act(sandbox, connected, "park", extension="101", slot="803")
    assert (parked["state"], parked["parked"]) == ("parked", "803")
    assert states(control(sandbox, "POST", "/parked/803/retrieve", extension="102"))["102"] == "connected"
    assert status(sandbox, "POST", "/parked/803/retrieve", extension="102") == 404
    act(sandbox, connected, "park", extension="102")
    assert states(control(sandbox, "POST", "/calls", from_extension="103", to="801"))["103"] == "connected"


def test_forward_and_pick_up_what_rings(sandbox: SandboxHandle) -> None:
    call = sandbox.ring_in("101", PBX)
    assert states(act(sandbox, call, "forward", extension="101", to="102"))["102"] == "alerting"
    assert states(act(sandbox, call, "pick-up", extension="103")) == {"31612345678": "connected", "103": "connected"}


def test_voicemail(sandbox: SandboxHandle) -> None:
    call = sandbox.ring_in("101", PBX)
    assert act(sandbox, call, "forward", extension="101", to="voicemail")["state"] == "voicemail"
    act(sandbox, call, "hangup")
    (message,) = control(sandbox, "GET", "/voicemail")
    (entry,) = control(sandbox, "GET", "/log", extension="101")
    assert (message["caller"]["number"], entry["voicemail_id"], entry["missed"]) == ("31612345678", message["id"], True)


@pytest.mark.parametrize(
    ("mode", "state"),
    [("blind", "alerting"), ("voicemail", "voicemail"), ("camp_on", "alerting"), ("bypass", "alerting")],
)
def test_transfer_modes(sandbox: SandboxHandle, connected: str, mode: str, state: str) -> None:
    assert states(act(sandbox, connected, "transfer", extension="101", to="102", mode=mode))["102"] == state


def test_unknown_transfer_mode(sandbox: SandboxHandle, connected: str) -> None:
    assert status(sandbox, "POST", f"/calls/{connected}/transfer", extension="101", to="102", mode="warm") == 400


def second_call(sandbox: SandboxHandle) -> str:
    """Another customer talking to Rosa."""
    call = sandbox.ring_in("101", PBX, caller="31687654321")
    act(sandbox, call, "answer", extension="101")
    return call


def test_conference_and_removal(sandbox: SandboxHandle, connected: str) -> None:
    call = act(sandbox, connected, "conference", extension="101", **{"with": second_call(sandbox)})
    assert (call["conference"], set(states(call))) == (True, {"31612345678", "101", "31687654321"})
    guest = next(leg["id"] for leg in call["legs"] if leg["number"] == "31687654321")
    assert set(states(act(sandbox, connected, "remove", leg=guest))) == {"31612345678", "101"}


def test_conference_that_is_started_empty(sandbox: SandboxHandle, connected: str) -> None:
    conference = control(sandbox, "POST", "/conferences", extension="102")["id"]
    act(sandbox, connected, "bring-in", **{"with": conference})
    (call,) = control(sandbox, "GET", "/calls")
    assert states(call) == {"102": "connected", "31612345678": "connected"}


def test_calls_are_swapped_and_connected(sandbox: SandboxHandle, connected: str) -> None:
    act(sandbox, connected, "hold", extension="101")
    second = second_call(sandbox)
    assert act(sandbox, second, "swap", extension="101", **{"with": connected})["state"] == "held"
    call = act(sandbox, connected, "transfer-to-call", extension="101", **{"with": second})
    assert states(call) == {"31612345678": "connected", "31687654321": "connected"}


def test_supervisor(sandbox: SandboxHandle, connected: str) -> None:
    call = act(sandbox, connected, "supervise", extension="101", supervisor="103")
    assert call["legs"][2]["supervises"] == "listen"
    call = act(sandbox, connected, "supervise", extension="101", supervisor="103", mode="whisper")
    assert (call["legs"][2]["supervises"], len(call["legs"])) == ("whisper", 3)


def test_recording(sandbox: SandboxHandle, connected: str) -> None:
    for action in ("start", "pause", "resume", "save", "stop"):
        act(sandbox, connected, f"{action}-recording", extension="101")
    (recording,) = control(sandbox, "GET", "/recordings")
    assert (recording["call_id"], recording["state"], recording["saved"]) == (connected, "stored", True)
    act(sandbox, connected, "start-recording")
    act(sandbox, connected, "discard-recording")
    assert control(sandbox, "GET", "/recordings") == [recording]


def test_agents_and_their_queue(sandbox: SandboxHandle) -> None:
    assert control(sandbox, "POST", "/queues/201/agents/102/pause", code="lunch")["pause_code"] == "lunch"
    control(sandbox, "POST", "/queues/201/agents/103/log-out")
    call = sandbox.ring_in("201", PBX)
    queue = extension(sandbox, "201")["queue"]
    assert (queue["waiting"], queue["statistics"]["waiting"]) == ([call], 1)
    assert [agent["state"] for agent in queue["agents"]] == ["paused", "logged_out"]
    control(sandbox, "POST", "/queues/201/agents/102/resume")
    assert states(act(sandbox, call, "answer", extension="102"))["102"] == "connected"
    assert status(sandbox, "POST", "/queues/201/agents/101/pause") == 404
    assert status(sandbox, "POST", "/queues/201/agents/102/sleep") == 400
    assert control(sandbox, "PATCH", "/queues/201", wrap_up_s=0)["wrap_up_s"] == 0
    assert status(sandbox, "PATCH", "/queues/201", overflow="voicemail") == 400


def test_users_settings_and_phones(sandbox: SandboxHandle) -> None:
    assert control(sandbox, "PATCH", "/extensions/101", divert_always="102")["divert_always"] == "102"
    assert states(control(sandbox, "POST", "/calls", to="101"))["102"] == "alerting"
    phone = extension(sandbox, "103")["devices"][0]["id"]
    assert control(sandbox, "PATCH", f"/extensions/103/devices/{phone}", online=False)["online"] is False
    assert status(sandbox, "PATCH", "/extensions/101", dnd="perhaps") == 400
    assert status(sandbox, "PATCH", "/extensions/101", divert_busy="999") == 400
    assert status(sandbox, "PATCH", "/extensions/103/devices/none", online=True) == 404
    control(sandbox, "POST", "/reset")
    assert extension(sandbox, "101")["settings"]["divert_always"] is None
    assert extension(sandbox, "103")["devices"][0]["online"] is True


def test_busy_day_uses_what_the_vendor_knows(sandbox: SandboxHandle) -> None:
    control(sandbox, "POST", "/busy-day", calls_per_minute=6000, seconds=0.24, pace=0.002)
    wait_for(lambda: not sandbox.company(PBX)["traffic"]["running"])
    assert sandbox.company(PBX)["traffic"]["started"] == 24
    assert control(sandbox, "GET", "/calls") == []
    ended = control(sandbox, "GET", "/calls", ended=1)
    assert any(call["conference"] for call in ended)
    assert any(call["voicemail_id"] for call in ended)
    assert extension(sandbox, "201")["queue"]["statistics"]["total"] == 2
