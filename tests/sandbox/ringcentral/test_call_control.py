"""Call control: every operation of the table, the states in which it works, and who may do it."""

from typing import Any

import pytest

from tests.sandbox.ringcentral.client import COMPANY, SESSIONS, RingCentral
from tests.sandbox.ringcentral.hook import Hook
from tests.sandbox_server import SandboxHandle, wait_for

CALL_OUT = "/account/~/telephony/call-out"
CUSTOMER = "+31612345678"


@pytest.fixture(autouse=True)
def unlimited(sandbox: SandboxHandle) -> None:
    """These tests look at everything between steps, which costs requests."""
    sandbox.set("connection", COMPANY, rate_limits=False)


@pytest.fixture
def ringing(sandbox: SandboxHandle) -> str:
    """A customer rings Rosa."""
    return sandbox.ring_in("101", COMPANY)


@pytest.fixture
def talking(sandbox: SandboxHandle, ringing: str) -> str:
    """Rosa has answered the customer."""
    sandbox.act(ringing, "answer", COMPANY, extension="101")
    return ringing


def call_out(user: RingCentral, **to: str) -> str:
    return str(user.post(CALL_OUT, {"from": {"deviceId": user.device()}, "to": to})["session"]["id"])


def party_path(user: RingCentral, session_id: str, extension_id: str | None = None) -> str:
    return f"{SESSIONS}/{session_id}/parties/{user.party(session_id, extension_id)}"


def test_call_out_answers_the_session(sandbox: SandboxHandle, rosa: RingCentral) -> None:
    device = rosa.device()
    session = rosa.post(CALL_OUT, {"from": {"deviceId": device}, "to": {"phoneNumber": CUSTOMER}})["session"]
    own, other = session["parties"]
    assert (own["direction"], own["status"]["code"], own["from"]["deviceId"]) == ("Outbound", "Proceeding", device)
    assert own["owner"] == {"accountId": rosa.account_id, "extensionId": rosa.extension_id}
    assert (other["to"], "owner" in other) == ({"phoneNumber": CUSTOMER}, False)
    assert other["from"]["phoneNumber"] == own["from"]["phoneNumber"]
    sandbox.act(session["id"], "answer", COMPANY)
    assert rosa.codes(session["id"]) == {"1": "Answered", "2": "Answered"}


def test_call_out_may_ring_the_callers_phone_first(sandbox: SandboxHandle, rosa: RingCentral) -> None:
    sandbox.set("behaviour", COMPANY, auto_pickup=False)
    session_id = call_out(rosa, extensionNumber="102")
    assert rosa.codes(session_id) == {"1": "Setup"}
    rosa.act(session_id, "answer", {"deviceId": rosa.device()})
    assert rosa.codes(session_id) == {"1": "Proceeding", "2": "Proceeding"}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "CMN-101"),
        ({"from": {"deviceId": "1"}, "to": {"phoneNumber": CUSTOMER}}, 404, "CMN-102"),
        ({"from": {"deviceId": "own"}, "to": {}}, 400, "CMN-101"),
        ({"from": {"deviceId": "own"}, "to": {"phoneNumber": "x"}}, 400, "CMN-101"),
        ({"from": {"deviceId": "own"}, "to": {"extensionNumber": "999"}}, 404, "CMN-102"),
        ({"from": {"deviceId": "own"}, "to": {"phoneNumber": CUSTOMER, "extensionNumber": "102"}}, 400, "CMN-101"),
        ({"from": {"deviceId": "rosa's"}, "to": {"phoneNumber": CUSTOMER}}, 403, "CMN-408"),
        ({"from": "desk", "to": {"phoneNumber": CUSTOMER}}, 400, "CMN-101"),
    ],
)
def test_call_out_refusals(rosa: RingCentral, sem: RingCentral, body: dict[str, Any], status: int, code: str) -> None:
    devices = {"own": sem.device(), "rosa's": rosa.device()}
    if isinstance(body.get("from"), dict):
        body = {**body, "from": {"deviceId": devices.get(body["from"]["deviceId"], "1")}}
    assert sem.refusal("POST", CALL_OUT, body) == (status, code)


def test_answer_on_a_device(rosa: RingCentral, ringing: str) -> None:
    softphone = rosa.device(1)
    party = rosa.act(ringing, "answer", {"deviceId": softphone})
    assert (party["status"]["code"], party["to"]["deviceId"]) == ("Answered", softphone)


def test_answer_needs_an_own_device(rosa: RingCentral, sem: RingCentral, ringing: str) -> None:
    path = party_path(rosa, ringing) + "/answer"
    assert rosa.refusal("POST", path) == (400, "CMN-101")
    assert rosa.refusal("POST", path, {"deviceId": sem.device()}) == (400, "CMN-101")
    assert rosa.refusal("POST", path, {"deviceId": "1"}) == (404, "CMN-102")


def test_ignore_silences_one_phone(rosa: RingCentral, ringing: str) -> None:
    rosa.act(ringing, "ignore", {"deviceId": rosa.device(1)}, status=204)
    assert rosa.codes(ringing)["2"] == "Proceeding"
    path = party_path(rosa, ringing) + "/answer"
    assert rosa.refusal("POST", path, {"deviceId": rosa.device(1)}) == (409, "TAS-106")
    assert rosa.act(ringing, "answer", {"deviceId": rosa.device(0)})["status"]["code"] == "Answered"


def test_reject_ends_the_call(sandbox: SandboxHandle, rosa: RingCentral, ringing: str, hook: Hook) -> None:
    rosa.subscribe(hook)
    rosa.act(ringing, "reject", status=204)
    hook.until("Disconnected", "2")
    assert ("2", "Disconnected", "Rejected") in hook.story()


def test_reject_may_go_to_voicemail(sandbox: SandboxHandle, rosa: RingCentral, ringing: str) -> None:
    sandbox.set("dialect", COMPANY, reject="voicemail", empty_results=200)
    assert rosa.act(ringing, "reject") is None
    assert rosa.codes(ringing) == {"1": "Answered", "2": "VoiceMail"}


@pytest.mark.parametrize("target", ["phoneNumber", "extensionNumber", "extensionId"])
def test_forward_before_the_answer(rosa: RingCentral, sem: RingCentral, ringing: str, target: str) -> None:
    values = {"phoneNumber": "+31699999999", "extensionNumber": "102", "extensionId": sem.extension_id}
    party = rosa.act(ringing, "forward", {target: values[target]})
    assert party["status"] == {"code": "Disconnected", "rcc": False, "reason": "BlindTransfer"}
    assert rosa.codes(ringing) == {"1": "Proceeding", "2": "Disconnected", "3": "Proceeding"}


def test_forward_to_voicemail(rosa: RingCentral, sem: RingCentral, ringing: str) -> None:
    assert rosa.act(ringing, "forward", {"voicemail": rosa.extension_id})["status"]["code"] == "VoiceMail"
    assert rosa.refusal("POST", party_path(rosa, ringing) + "/forward", {"extensionNumber": "102"}) == (409, "TAS-106")


def test_forward_works_only_before_and_transfer_only_after_the_answer(
    sandbox: SandboxHandle, rosa: RingCentral, ringing: str
) -> None:
    path = party_path(rosa, ringing)
    assert rosa.refusal("POST", path + "/transfer", {"extensionNumber": "102"}) == (409, "TAS-106")
    assert rosa.refusal("POST", path + "/hold") == (409, "TAS-106")
    sandbox.act(ringing, "answer", COMPANY, extension="101")
    assert rosa.refusal("POST", path + "/forward", {"extensionNumber": "102"}) == (409, "TAS-106")
    assert rosa.refusal("POST", path + "/reject") == (409, "TAS-106")
    assert rosa.refusal("POST", path + "/unhold") == (409, "TAS-106")


@pytest.mark.parametrize("status", [400, 403, 409])
def test_wrong_state_has_several_statuses(sandbox: SandboxHandle, rosa: RingCentral, ringing: str, status: int) -> None:
    sandbox.set("dialect", COMPANY, wrong_state=status)
    assert rosa.refusal("POST", party_path(rosa, ringing) + "/hold") == (status, "TAS-106")


def test_hold_and_unhold(rosa: RingCentral, talking: str) -> None:
    assert rosa.act(talking, "hold")["status"]["code"] == "Hold"
    assert rosa.codes(talking) == {"1": "Answered", "2": "Hold"}
    assert rosa.act(talking, "unhold")["status"]["code"] == "Answered"


@pytest.mark.parametrize("wrapped", [True, False])
def test_mute(rosa: RingCentral, talking: str, wrapped: bool) -> None:
    path = party_path(rosa, talking)
    for muted in (True, False):
        body = {"party": {"muted": muted}} if wrapped else {"muted": muted}
        assert rosa.expect(200, "PATCH", path, body)["muted"] is muted
        assert rosa.get(path)["muted"] is muted
    assert rosa.refusal("PATCH", path, {"muted": "yes"}) == (400, "CMN-101")


def test_stand_alone_is_told(rosa: RingCentral, talking: str, hook: Hook) -> None:
    rosa.subscribe(hook)
    assert rosa.expect(200, "PATCH", party_path(rosa, talking), {"standAlone": True})["standAlone"] is True
    assert hook.wait(1)[0]["body"]["parties"][0]["standAlone"] is True


def test_blind_transfer(sandbox: SandboxHandle, rosa: RingCentral, talking: str) -> None:
    party = rosa.act(talking, "transfer", {"phoneNumber": "+31699999999"})
    assert party["status"] == {"code": "Disconnected", "rcc": False, "reason": "BlindTransfer"}
    assert rosa.codes(talking) == {"1": "Answered", "2": "Disconnected", "3": "Proceeding"}


def test_transfer_to_voicemail(rosa: RingCentral, sem: RingCentral, talking: str) -> None:
    rosa.act(talking, "transfer", {"voicemail": sem.extension_id})
    assert rosa.codes(talking) == {"1": "Answered", "2": "Disconnected", "3": "VoiceMail"}


def test_park_and_pick_up(rosa: RingCentral, sem: RingCentral, talking: str) -> None:
    parked = rosa.act(talking, "park")
    assert parked["status"] == {"code": "Parked", "rcc": False, "parkData": "*801"}
    party = sem.post(party_path(rosa, talking) + "/pickup", {"deviceId": sem.device()})
    assert (party["extensionId"], party["status"]["code"]) == (sem.extension_id, "Answered")
    assert rosa.codes(talking) == {"1": "Answered", "2": "Disconnected", "3": "Answered"}


def test_pick_up_on_a_colleagues_phone_is_for_administrators(rosa: RingCentral, sem: RingCentral, talking: str) -> None:
    rosa.act(talking, "park")
    path = party_path(rosa, talking) + "/pickup"
    assert sem.refusal("POST", path, {"deviceId": rosa.device()}) == (400, "CMN-101")
    assert rosa.post(path, {"deviceId": sem.device()})["extensionId"] == sem.extension_id


def test_call_out_to_an_orbit_picks_up(rosa: RingCentral, sem: RingCentral, talking: str) -> None:
    rosa.act(talking, "park")
    assert call_out(sem, phoneNumber="*801") == talking
    assert rosa.codes(talking) == {"1": "Answered", "2": "Disconnected", "3": "Answered"}


def test_transfer_to_an_orbit(sandbox: SandboxHandle, rosa: RingCentral, talking: str) -> None:
    path = party_path(rosa, talking) + "/transfer"
    assert rosa.refusal("POST", path, {"parkOrbit": "999"}) == (404, "CMN-102")
    assert rosa.post(path, {"parkOrbit": "803"})["status"]["parkData"] == "*803"


def test_pick_up_what_rings_at_a_colleague(rosa: RingCentral, sem: RingCentral, ringing: str) -> None:
    path = party_path(rosa, ringing) + "/pickup"
    assert sem.refusal("POST", path) == (400, "CMN-101")
    assert sem.post(path, {"deviceId": sem.device()})["status"]["code"] == "Answered"
    assert rosa.codes(ringing) == {"1": "Answered", "2": "Disconnected", "3": "Answered"}


def test_flip_goes_on_as_another_party(rosa: RingCentral, talking: str) -> None:
    mobile = rosa.get("/account/~/extension/~/forwarding-number")["records"][2]
    rosa.act(talking, "flip", {"callFlipId": mobile["flipNumber"]}, status=204)
    parties = rosa.session(talking)["parties"]
    assert parties[1]["status"] == {"code": "Disconnected", "rcc": False, "reason": "CallFlip"}
    assert (parties[2]["status"]["code"], parties[2]["to"]["deviceId"]) == ("Answered", mobile["device"]["id"])
    assert rosa.refusal("POST", party_path(rosa, talking) + "/flip", {"callFlipId": "9"}) == (400, "CMN-101")


def test_warm_transfer(sandbox: SandboxHandle, rosa: RingCentral, sem: RingCentral, talking: str) -> None:
    rosa.act(talking, "hold")
    second = call_out(rosa, extensionNumber="102")
    path = party_path(rosa, talking) + "/bridge"
    body = {"telephonySessionId": second, "partyId": rosa.party(second)}
    sandbox.act(second, "answer", COMPANY, extension="102")
    party = rosa.post(path, body)
    assert (party["status"]["code"], party["status"]["reason"]) == ("Gone", "AttendedTransfer")
    assert party["status"]["peerId"]["telephonySessionId"] == second
    assert rosa.refusal("GET", f"{SESSIONS}/{talking}") == (404, "CMN-102")
    assert rosa.codes(second) == {"1": "Disconnected", "2": "Answered", "3": "Answered"}


def test_bridge_with_nobody_is_refused(rosa: RingCentral, sem: RingCentral, talking: str) -> None:
    rosa.act(talking, "hold")
    path = party_path(rosa, talking) + "/bridge"
    own = {"telephonySessionId": talking, "partyId": rosa.party(talking)}
    assert rosa.refusal("POST", path, own) == (409, "TAS-106")
    assert rosa.refusal("POST", path, {"telephonySessionId": "s-1", "partyId": "p-1"}) == (404, "CMN-102")
    assert rosa.codes(talking)["2"] == "Hold"


def test_reply_ends_the_call_with_words(rosa: RingCentral, ringing: str, hook: Hook) -> None:
    rosa.subscribe(hook)
    path = party_path(rosa, ringing) + "/reply"
    assert rosa.refusal("POST", path, {"replyWithPattern": {"pattern": "Nonsense"}}) == (400, "CMN-101")
    party = rosa.post(path, {"replyWithPattern": {"pattern": "CallMeBack", "time": 5, "timeUnit": "Minute"}})
    assert party["status"]["reason"] == "CallReplied"
    hook.until("Disconnected", "2")


def test_recording_runs_and_pauses(rosa: RingCentral, talking: str, hook: Hook) -> None:
    rosa.subscribe(hook, f"{SESSIONS}?withRecordings=true")
    recording = rosa.act(talking, "recordings")
    assert recording["active"] is True
    path = f"{party_path(rosa, talking)}/recordings/{recording['id']}"
    for active in (False, False, True):
        assert rosa.expect(200, "PATCH", path, {"active": active})["active"] is active
    assert rosa.refusal("PATCH", path, {}) == (400, "CMN-101")
    assert rosa.refusal("PATCH", path[:-4] + "none", {"active": True}) == (404, "CMN-102")
    told = [each["recordings"] for each in wait_for(lambda: len(hook.parties()) == 3 and hook.parties())]
    assert told == [[{"id": recording["id"], "active": active}] for active in (True, False, True)]


@pytest.mark.parametrize("by_party", [True, False])
def test_supervision(
    sandbox: SandboxHandle, rosa: RingCentral, tess: RingCentral, talking: str, by_party: bool
) -> None:
    body = {"mode": "Listen", "supervisorDeviceId": tess.device(), "agentExtensionNumber": "101"}
    path = f"{party_path(rosa, talking)}/supervise" if by_party else f"{SESSIONS}/{talking}/supervise"
    assert tess.refusal("POST", path, {**body, "mode": "Shout"}) == (400, "CMN-101")
    party = tess.post(path, body)
    assert party["status"] == {"code": "Answered", "rcc": False, "reason": "Supervising"}
    assert party["extensionId"] == tess.extension_id
    assert tess.refusal("POST", path, body) == (409, "TAS-106")


def test_supervision_may_ring_first(rosa: RingCentral, tess: RingCentral, talking: str) -> None:
    body = {"mode": "Listen", "supervisorDeviceId": tess.device(), "agentExtensionId": rosa.extension_id}
    party = tess.post(f"{SESSIONS}/{talking}/supervise", {**body, "autoAnswer": False})
    assert party["status"]["code"] == "Proceeding"
    assert tess.act(talking, "answer", {"deviceId": tess.device()})["status"]["reason"] == "Supervising"


def test_conference(sandbox: SandboxHandle, rosa: RingCentral, sem: RingCentral, talking: str) -> None:
    session = rosa.post("/account/~/telephony/conference")["session"]
    assert (session["origin"], session["voiceCallToken"][:5]) == ({"type": "Conference"}, "conf_")
    path = f"{SESSIONS}/{session['id']}"
    guest = {"sessionId": talking, "partyId": f"p{talking[1:]}-1"}
    assert rosa.refusal("POST", f"{path}/parties/bring-in", {**guest, "partyId": "p-1"}) == (404, "CMN-102")
    assert rosa.post(f"{path}/parties/bring-in", guest)["conferenceRole"] == "Participant"
    second = call_out(rosa, extensionNumber="102")
    sandbox.act(second, "answer", COMPANY, extension="102")
    rosa.post(f"{path}/parties/bring-in", {"sessionId": second, "partyId": f"p{second[1:]}-2"})
    roles = [each["conferenceRole"] for each in rosa.get(path)["parties"]]
    assert roles == ["Host", "Participant", "Participant"]
    rosa.expect(204, "DELETE", f"{path}/parties/p{session['id'][1:]}-2")
    assert rosa.codes(session["id"]) == {"1": "Answered", "2": "Disconnected", "3": "Answered"}
    rosa.expect(204, "DELETE", path)
    assert rosa.refusal("GET", path) == (404, "CMN-102")


def test_only_conferences_take_others_in(rosa: RingCentral, talking: str) -> None:
    guest = {"sessionId": talking, "partyId": f"p{talking[1:]}-1"}
    assert rosa.refusal("POST", f"{SESSIONS}/{talking}/parties/bring-in", guest) == (409, "TAS-106")


def test_hang_up_a_party_and_a_session(sandbox: SandboxHandle, rosa: RingCentral, talking: str) -> None:
    rosa.expect(204, "DELETE", party_path(rosa, talking))
    assert rosa.refusal("GET", f"{SESSIONS}/{talking}") == (404, "CMN-102")
    another = sandbox.ring_in("101", COMPANY)
    rosa.expect(204, "DELETE", f"{SESSIONS}/{another}")
    assert rosa.refusal("DELETE", f"{SESSIONS}/{another}") == (404, "CMN-102")


def test_others_calls_are_out_of_reach(rosa: RingCentral, sem: RingCentral, talking: str) -> None:
    assert sem.refusal("GET", f"{SESSIONS}/{talking}") == (403, "CMN-408")
    assert sem.refusal("POST", party_path(rosa, talking) + "/hold") == (403, "CMN-408")
    second = call_out(sem, extensionNumber="103")
    rosa.expect(204, "DELETE", f"{SESSIONS}/{second}")  # an administrator may


@pytest.mark.parametrize(
    ("path", "code"), [("s-1", "CMN-102"), ("s-1/parties/p-1", "CMN-102"), ("{talking}/parties/p-1", "CMN-102")]
)
def test_unknown_sessions_and_parties(rosa: RingCentral, talking: str, path: str, code: str) -> None:
    assert rosa.refusal("GET", f"{SESSIONS}/{path.format(talking=talking)}") == (404, code)


def test_body_that_is_no_json(sandbox: SandboxHandle, rosa: RingCentral) -> None:
    headers = {"Authorization": f"Bearer {rosa.tokens['access_token']}", "Content-Type": "application/json"}
    for body in (b"{", b"[]", b"\xff"):
        answer = sandbox.request("POST", f"{rosa.base}/restapi/v1.0{CALL_OUT}", body, headers)
        assert (answer.status, answer.json()["errorCode"]) == (400, "CMN-103")
