"""Every action of the API: which leg acts, what is asked of the vendor, and when it isn't possible."""

from collections.abc import Callable
from typing import Any

import pytest

from cti.calls.models import Call
from cti.control.actions import ACTIONS
from integrations.contract.commands import Destination, Originate
from integrations.contract.events import LegState, Recording
from integrations.contract.things import VendorDevice
from tenants.models import Role
from tenants.rls import tenant_scope
from tests.api.anything import Anything

Story = Callable[[Anything], Call]
ALICE, CUSTOMER = "p-alice", "p-customer"
TO_BOB = Destination(extension_id="c" * 32)


def post(pbx: Anything, path: str, body: Any = None, client: Any = None) -> Any:
    return (client or pbx.client).post(f"/api/v1{path}", body or {}, content_type="application/json")


def act(pbx: Anything, call: Call, action: str, body: Any = None, client: Any = None) -> Any:
    filled = {
        name: value.format(bob=pbx.bob.public_id, alice=pbx.alice.public_id) if isinstance(value, str) else value
        for name, value in (body or {}).items()
    }
    return post(pbx, f"/calls/{call.public_id}/{action}", filled, client)


def leg_of(call: Call, vendor_leg_id: str) -> str:
    return str(next(leg["id"] for leg in call.snapshot["legs"] if leg["vendor_leg_id"] == vendor_leg_id))


def recorded(pbx: Anything, state: Recording) -> Call:
    return pbx.shown(pbx.customer(), pbx.agent(pbx.alice), recording=state)


ASKED: list[tuple[Story, str, Any, Any]] = [
    (Anything.ringing, "answer", {}, ("answer", ALICE, None)),
    (Anything.ringing, "answer", {"device_id": "desk"}, ("answer", ALICE, "desk")),
    (Anything.ringing, "reject", {}, ("reject", ALICE)),
    (Anything.ringing, "hangup", {}, ("hangup", ALICE)),
    (Anything.talking, "hold", {}, ("hold", ALICE)),
    (Anything.held, "resume", {}, ("resume", ALICE)),
    (Anything.talking, "mute", {}, ("mute", ALICE)),
    (lambda pbx: pbx.talking(muted=True), "unmute", {}, ("unmute", ALICE)),
    (Anything.held, "swap", {}, ("swap", ALICE)),
    (Anything.talking, "park", {}, ("park", ALICE)),
    (Anything.conference, "leave", {}, ("leave", ALICE)),
    (Anything.talking, "transfer", {"to": "{bob}"}, ("transfer", ALICE, TO_BOB, "blind")),
    (Anything.talking, "transfer", {"to": "{bob}", "mode": "attended"}, ("transfer", ALICE, TO_BOB, "attended")),
    (Anything.ringing, "transfer", {"to": "{bob}"}, ("transfer", ALICE, TO_BOB, "blind")),
    (Anything.held, "transfer", {"to": "{bob}", "mode": "voicemail"}, ("transfer", ALICE, TO_BOB, "voicemail")),
    (Anything.held, "transfer", {"to": "{bob}", "mode": "camp_on"}, ("transfer", ALICE, TO_BOB, "camp_on")),
    (Anything.conference, "complete-transfer", {}, ("complete-transfer", ALICE, None)),
    (Anything.conference, "cancel-transfer", {}, ("cancel-transfer", ALICE)),
    (Anything.talking, "consult", {"to": "{bob}"}, ("consult", ALICE, TO_BOB, None)),
    (Anything.talking, "move", {"device_id": "desk"}, ("move", ALICE, "desk")),
    (Anything.parked, "pickup", {"extension_id": "{bob}"}, ("pickup", None, "c" * 32, None)),
    (
        Anything.ringing,
        "pickup",
        {"extension_id": "{bob}", "device_id": "desk"},
        ("pickup", ALICE, "c" * 32, "desk"),
    ),
    (Anything.talking, "dtmf", {"digits": "12#"}, ("dtmf", ALICE, "12#")),
    (Anything.talking, "recording", {"action": "start"}, ("start", ALICE)),
    (lambda pbx: recorded(pbx, Recording.ON), "recording", {"action": "stop"}, ("stop", ALICE)),
    (lambda pbx: recorded(pbx, Recording.ON), "recording", {"action": "pause"}, ("pause", ALICE)),
    (lambda pbx: recorded(pbx, Recording.PAUSED), "recording", {"action": "resume"}, ("resume", ALICE)),
    (lambda pbx: recorded(pbx, Recording.PAUSED), "recording", {"action": "stop"}, ("stop", ALICE)),
    (lambda pbx: recorded(pbx, Recording.OFF), "recording", {"action": "save"}, ("save", ALICE)),
    (lambda pbx: recorded(pbx, Recording.ON), "recording", {"action": "discard"}, ("discard", ALICE)),
    (
        Anything.talking,
        "supervise",
        {"mode": "listen", "extension_id": "{bob}"},
        ("supervise", ALICE, "listen", TO_BOB),
    ),
    (
        Anything.talking,
        "supervise",
        {"mode": "barge", "number": "020 308 0700"},
        ("supervise", ALICE, "barge", Destination(number="+31203080700")),
    ),
    (Anything.talking, "tags", {"add": ["vip"], "remove": ["new"]}, ("tags", ALICE, ("vip",), ("new",))),
    (Anything.ringing, "block", {}, ("block", ALICE)),
]


@pytest.mark.parametrize(("story", "action", "body", "asked"), ASKED)
def test_an_action_is_asked_of_the_vendor_for_the_leg_that_acts(
    anything: Anything, story: Story, action: str, body: Any, asked: Any
) -> None:
    call = story(anything)
    answer = act(anything, call, action, body)
    assert answer.status_code == 202, answer.content
    assert anything.last() == asked
    assert action in call.snapshot["actions"]


def test_every_action_is_tried() -> None:
    with_ids_of_the_call = {"conference", "disconnect-leg"}  # tried by themselves, below
    assert {action for _, action, _, _ in ASKED} == ACTIONS.keys() - with_ids_of_the_call


@pytest.mark.parametrize(
    ("story", "action", "body", "why"),
    [
        (Anything.talking, "answer", {}, "while the line is connected"),
        (Anything.ringing, "hold", {}, "while the call is alerting"),
        (Anything.talking, "resume", {}, "while the call is connected"),
        (lambda pbx: pbx.talking(muted=True), "mute", {}, "already muted"),
        (Anything.talking, "unmute", {}, "not muted"),
        (Anything.talking, "leave", {}, "only two"),
        (Anything.talking, "complete-transfer", {}, "only two"),
        (Anything.talking, "cancel-transfer", {}, "only two"),
        (Anything.talking, "pickup", {"extension_id": "{bob}"}, "while the call is connected"),
        (Anything.held, "dtmf", {"digits": "1"}, "while the line is hold"),
        (Anything.talking, "recording", {"action": "stop"}, "already off"),
        (lambda pbx: recorded(pbx, Recording.ON), "recording", {"action": "start"}, "already on"),
        (Anything.ringing_for_both, "answer", {}, "name one of them as `leg_id`"),
        (Anything.parked, "transfer", {"to": "{bob}"}, "while the call is parked"),
    ],
)
def test_what_is_not_possible_now_is_refused_with_the_reason(
    anything: Anything, story: Story, action: str, body: Any, why: str
) -> None:
    answer = act(anything, story(anything), action, body)
    assert (answer.status_code, answer.json()["code"]) == (409, "invalid_call_state")
    assert why in answer.json()["detail"]
    assert anything.memory.asked == []


@pytest.mark.parametrize(
    ("action", "body", "field"),
    [
        ("dtmf", {"digits": "abc"}, "digits"),
        ("supervise", {"mode": "listen"}, "body"),
        ("supervise", {"mode": "listen", "extension_id": "{bob}", "number": "1"}, "body"),
        ("tags", {}, "body"),
        ("move", {}, "device_id"),
        ("disconnect-leg", {}, "leg_id"),
        ("conference", {}, "target_call_id"),
    ],
)
def test_a_body_that_says_too_little_or_too_much_is_invalid(
    anything: Anything, action: str, body: Any, field: str
) -> None:
    answer = act(anything, anything.talking(), action, body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_the_leg_that_is_named_acts(anything: Anything) -> None:
    call = anything.ringing_for_both()
    assert act(anything, call, "answer", {"leg_id": leg_of(call, "p-bob")}).status_code == 202
    assert anything.last() == ("answer", "p-bob", None)


def test_any_party_can_be_disconnected_by_its_leg(anything: Anything) -> None:
    call = anything.conference()
    assert act(anything, call, "disconnect-leg", {"leg_id": leg_of(call, "p-third")}).status_code == 202
    assert anything.last() == ("disconnect-leg", "p-third")


def test_an_agent_acts_with_their_own_line(anything: Anything) -> None:
    member = anything.company.member(Role.AGENT)
    with tenant_scope(anything.company.tenant.id):
        anything.bob.member = member
        anything.bob.save()
    browser = anything.company.browser(member.user)
    call = anything.ringing_for_both()
    assert act(anything, call, "answer", client=browser).status_code == 202
    assert anything.last() == ("answer", "p-bob", None)
    for action, body in (
        ("answer", {"leg_id": leg_of(call, ALICE)}),
        ("pickup", {"extension_id": "{alice}"}),
        ("supervise", {"mode": "listen", "extension_id": "{bob}", "leg_id": leg_of(call, ALICE)}),
    ):
        refused = act(anything, call, action, body, client=browser)
        assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")


def test_an_agent_has_a_coach_listen_to_themselves_alone(anything: Anything) -> None:
    member = anything.company.member(Role.AGENT)
    with tenant_scope(anything.company.tenant.id):
        anything.alice.member = member
        anything.alice.save()
    browser = anything.company.browser(member.user)
    call = anything.shown(anything.agent(anything.bob), anything.agent(anything.alice))
    body = {"mode": "whisper", "extension_id": "{bob}"}
    assert act(anything, call, "supervise", body, client=browser).status_code == 202
    assert anything.last() == ("supervise", ALICE, "whisper", TO_BOB)
    refused = act(anything, call, "supervise", {**body, "leg_id": leg_of(call, "p-bob")}, client=browser)
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")


def test_a_device_must_be_the_lines_own(anything: Anything) -> None:
    call = anything.ringing()
    answer = act(anything, call, "answer", {"device_id": "somebody-else's"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    anything.memory.devices = (VendorDevice("new", "Softphone"),)
    assert act(anything, call, "answer", {"device_id": "new"}).status_code == 202
    asked = [each[0] for each in anything.memory.asked]
    assert act(anything, call, "answer", {"device_id": "new"}).status_code == 202
    assert [each[0] for each in anything.memory.asked] == [*asked, "answer"]  # it is known by now


def test_a_call_is_placed_from_a_device_with_a_caller_id_and_options(anything: Anything) -> None:
    body = {
        "account_id": anything.account.public_id,
        "from": {"extension_id": anything.alice.public_id},
        "to": {"number": "+31203080700"},
        "device_id": "desk",
        "caller_id": "c1",
        "options": {"country": "NL"},
    }
    answer = post(anything, "/calls", body)
    assert (answer.status_code, answer.json()["vendor_call_id"]) == (202, "placed-1")
    assert anything.last()[1] == Originate(
        from_=Destination(extension_id="a" * 32),
        to=Destination(number="+31203080700"),
        caller_id="c1",
        device_id="desk",
        options={"country": "NL"},
    )
    assert post(anything, "/calls", body | {"device_id": "other"}).status_code == 404


def test_a_consultation_belongs_to_the_call_that_it_was_placed_from(anything: Anything) -> None:
    call = anything.talking()
    anything.memory.consultation = f"consultation of {call.pk}"
    assert act(anything, call, "consult", {"to": "{bob}"}).status_code == 202
    linked = anything.shown(
        anything.agent(anything.bob, LegState.ALERTING), vendor_call_id=anything.memory.consultation
    )
    assert linked.pk == call.pk


def test_a_consultation_is_joined_or_completed_within_its_call(anything: Anything) -> None:
    call = anything.held()
    consultation = anything.memory.consultation = f"consultation of {call.pk}"
    alone = act(anything, call, "conference", {"target_call_id": call.public_id})
    assert (alone.status_code, alone.json()["code"]) == (409, "invalid_call_state")
    assert act(anything, call, "consult", {"to": "{bob}"}).status_code == 202
    parties = anything.agent(anything.alice), anything.agent(anything.bob)
    talking = anything.shown(*parties, vendor_call_id=consultation)
    assert {"complete-transfer", "cancel-transfer", "conference"} <= set(talking.snapshot["actions"])
    assert act(anything, call, "conference", {"target_call_id": call.public_id}).status_code == 202
    assert anything.last() == ("conference", ALICE, consultation)
    assert act(anything, call, "complete-transfer").status_code == 202
    assert anything.last() == ("complete-transfer", ALICE, None)


def test_two_calls_of_the_same_line_are_joined(anything: Anything) -> None:
    call, other = anything.held(), anything.talking()
    body = {"target_call_id": other.public_id}
    for action in ("conference", "complete-transfer"):
        assert act(anything, call, action, body).status_code == 202
        assert anything.last() == (action, ALICE, other.snapshot["vendor_call_id"])
    bobs = anything.shown(anything.customer(), anything.agent(anything.bob))
    refused = act(anything, call, "conference", {"target_call_id": bobs.public_id})
    assert (refused.status_code, refused.json()["code"]) == (409, "invalid_call_state")
    missing = act(anything, call, "conference", {"target_call_id": "call_" + "0" * 32})
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
