"""States of users' calls as Dstny's document shows them, and the stories of issue 3's table as sequences of deliveries.

A story is what the hooks of the watched users get, in order: `(user, state)`. Anna and Bob are watched, the customer isn't.
Every state is the call's whole state as that user sees it; `CORRELATION` names the conversation on servers that send it.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from integrations.contract.adapter import WebhookRequest
from integrations.contract.events import CtiEvent, EventType, Ignored
from integrations.vendors.dstny.adapter import DstnyAdapter

ANNA, BOB, CAROL = "anna", "bob", "carol"
CORRELATION = "h4p91mCciTYhnog0PE4aOQ_1716201728788"
T0 = datetime(2026, 1, 31, 9, tzinfo=UTC)
Told = tuple[str, dict[str, Any]]

CUSTOMER = {
    "type": "PHONE_NUMBER_ID",
    "telUri": "tel:+31612345678",
    "displayName": "Jan Jansen",
    "displayNumber": "+31612345678",
}
SWITCHBOARD = {
    "type": "FUNCTION_NUMBER_ID",
    "telUri": "tel:+46277400",
    "displayName": "Switchboard",
    "displayNumber": "7400",
}
BRIDGE = {"type": "SERVICE_ID", "telUri": "tel:+46277100", "displayName": "Conference", "displayNumber": "7100"}
PEOPLE = {
    ANNA: {"type": "USER_ID", "telUri": "tel:+46277463", "displayName": "Anna Alison", "displayNumber": "7463"},
    BOB: {"type": "USER_ID", "telUri": "tel:+46277464", "displayName": "Bob Bobson", "displayNumber": "7464"},
    CAROL: {"type": "USER_ID", "telUri": "tel:+46277465", "displayName": "Carol Carlson", "displayNumber": "7465"},
}
ACTIONS = {
    "RINGING": [{"action": "ANSWER", "deviceIds": ["+1555555"]}],
    "ACTIVE": [{"action": each} for each in ("MOVE", "TRANSFER", "HOLD", "PARK", "MUTE", "START_REC")],
    "HELD": [{"action": each} for each in ("MOVE", "TRANSFER", "RESUME", "PARK")],
}


def state(call_id: str, status: str, token: int, **fields: Any) -> dict[str, Any]:
    """A call's state; the customer calls in unless `fields` say otherwise."""
    shown = {
        "stateToken": token,
        "callId": call_id,
        "remoteParty": CUSTOMER,
        "conference": False,
        "inbound": True,
        "intruded": False,
        "status": status,
        "muted": False,
        "duration": 0,
        "deviceIds": [] if status == "TERMINATED" else ["+1555555"],
        "correlationId": CORRELATION,
    }
    if status in ACTIONS:
        shown["actions"] = ACTIONS[status]
    return {name: value for name, value in (shown | fields).items() if value is not None}


class Story:
    """Makes a sequence; tokens are the numbers of the states, but say nothing to who reads them."""

    def __init__(self) -> None:
        self.told: list[Told] = []

    def show(self, user: str, status: str, call_id: str | None = None, **fields: Any) -> "Story":
        token = 7919 * (len(self.told) + 1) % 5417  # neither growing nor shrinking
        self.told.append((user, state(call_id or f"{user}-1", status, token, **fields)))
        return self


def answered() -> list[Told]:
    """Inbound answered: rings, talks, ends."""
    return Story().show(ANNA, "RINGING").show(ANNA, "ACTIVE").show(ANNA, "TERMINATED").told


def missed() -> list[Told]:
    return Story().show(ANNA, "RINGING").show(ANNA, "TERMINATED").told


def rejected() -> list[Told]:
    """The vendor's word for it, where it says one."""
    return Story().show(ANNA, "RINGING").show(ANNA, "TERMINATED", event="REJECTED").told


def ring_group() -> list[Told]:
    """Three users are rung; Bob answers, the others' calls end."""
    story, via = Story(), {"previousParty": SWITCHBOARD, "previousRetargetReason": "DISTRIBUTED"}
    for user in (ANNA, BOB, CAROL):
        story.show(user, "RINGING", historyInfo=via)
    story.show(BOB, "ACTIVE", historyInfo=via)
    story.show(ANNA, "TERMINATED", event="ANSWERED_ELSEWHERE").show(CAROL, "TERMINATED", event="ANSWERED_ELSEWHERE")
    return story.show(BOB, "TERMINATED").told


def queue_call() -> list[Told]:
    """An agent is rung for a group; that the customer waited is in the group's statistics alone."""
    via = {"subject": "Main Switchboard", "previousParty": SWITCHBOARD, "previousRetargetReason": "DISTRIBUTED"}
    story = Story().show(ANNA, "RINGING", historyInfo=via).show(ANNA, "ACTIVE", historyInfo=via)
    return story.show(ANNA, "TERMINATED", historyInfo=via).told


def blind_transfer() -> list[Told]:
    """Anna's call ends as transferred before Bob's is shown."""
    from_anna = {"previousParty": PEOPLE[ANNA], "previousRetargetReason": "TRANSFERRED"}
    story = Story().show(ANNA, "RINGING").show(ANNA, "ACTIVE").show(ANNA, "TERMINATED", event="TRANSFERRED")
    story.show(BOB, "RINGING", historyInfo=from_anna).show(BOB, "ACTIVE", historyInfo=from_anna)
    return story.show(BOB, "TERMINATED").told


def attended_transfer() -> list[Told]:
    """Anna asks Bob by a call of its own, then connects: Bob's call goes on with the customer, Anna's two end."""
    story = _consulting()
    story.show(BOB, "ACTIVE", remoteParty=CUSTOMER, correlationId=CORRELATION)
    story.show(ANNA, "TERMINATED", event="TRANSFERRED")
    story.show(ANNA, "TERMINATED", "anna-2", event="TRANSFERRED", **_to_bob())
    return story.show(BOB, "TERMINATED").told


def hold() -> list[Told]:
    story = Story().show(ANNA, "RINGING").show(ANNA, "ACTIVE").show(ANNA, "HELD").show(ANNA, "ACTIVE")
    return story.show(ANNA, "TERMINATED").told


def mute() -> list[Told]:
    story = Story().show(ANNA, "RINGING").show(ANNA, "ACTIVE").show(ANNA, "ACTIVE", muted=True, event="MUTED")
    return story.show(ANNA, "ACTIVE", event="UNMUTED").show(ANNA, "TERMINATED").told


def park_and_pickup() -> list[Told]:
    """A parked call leaves Anna's state; Bob picks it up under an id of his own."""
    story = Story().show(ANNA, "RINGING").show(ANNA, "ACTIVE").show(ANNA, "TERMINATED", event="PARKED")
    return story.show(BOB, "ACTIVE").show(BOB, "TERMINATED").told


def record() -> list[Told]:
    """By start and stop."""
    story = Story().show(ANNA, "RINGING").show(ANNA, "ACTIVE", recording=False)
    story.show(ANNA, "ACTIVE", recording=True).show(ANNA, "ACTIVE", recording=False)
    return story.show(ANNA, "TERMINATED").told


def record_on_demand() -> list[Told]:
    """Everything is recorded; it is paused, goes on, and is saved."""
    story = Story().show(ANNA, "RINGING")
    for paused, saved in ((False, False), (True, False), (False, False), (False, True)):
        actions = [{"action": "DISCARD_REC" if saved else "SAVE_REC"}]
        story.show(ANNA, "ACTIVE", externalRecording=True, externalRecordingPaused=paused, actions=actions)
    return story.show(ANNA, "TERMINATED").told


def outbound() -> list[Told]:
    """Placed through the API: the phone is INITIATED first; some servers stay with that while the other side rings."""
    story = Story()
    for status in ("INITIATED", "RINGING", "ACTIVE", "TERMINATED"):
        story.show(ANNA, status, inbound=False)
    return story.told


def internal() -> list[Told]:
    """Anna calls Bob: both tell of it."""
    story = Story().show(ANNA, "INITIATED", inbound=False, remoteParty=PEOPLE[BOB])
    story.show(BOB, "RINGING", remoteParty=PEOPLE[ANNA])
    story.show(ANNA, "RINGING", inbound=False, remoteParty=PEOPLE[BOB])
    story.show(BOB, "ACTIVE", remoteParty=PEOPLE[ANNA])
    story.show(ANNA, "ACTIVE", inbound=False, remoteParty=PEOPLE[BOB])
    story.show(BOB, "TERMINATED", remoteParty=PEOPLE[ANNA])
    return story.show(ANNA, "TERMINATED", inbound=False, remoteParty=PEOPLE[BOB]).told


def consultation() -> list[Told]:
    """Anna asks Bob, ends that, and goes on with the customer."""
    story = _consulting()
    story.show(BOB, "TERMINATED", remoteParty=PEOPLE[ANNA], correlationId="consultation")
    story.show(ANNA, "TERMINATED", "anna-2", **_to_bob())
    return story.show(ANNA, "ACTIVE").show(ANNA, "TERMINATED").told


def conference() -> list[Told]:
    """Anna joins Bob into her call with the customer; Bob leaves; the customer hangs up."""
    story = _consulting()
    everybody = [{"id": "p1", "remoteParty": CUSTOMER}, {"id": "p2", "remoteParty": PEOPLE[BOB]}]
    bridge: dict[str, Any] = {"conference": True, "remoteParty": BRIDGE}
    story.show(ANNA, "ACTIVE", event="PARTICIPANT_ADDED", participants=everybody, **bridge)
    story.show(ANNA, "TERMINATED", "anna-2", event="CONFERENCED", **_to_bob())
    with_anna = [{"id": "p1", "remoteParty": CUSTOMER}, {"id": "p0", "remoteParty": PEOPLE[ANNA]}]
    story.show(BOB, "ACTIVE", participants=with_anna, correlationId=CORRELATION, **bridge)
    story.show(BOB, "TERMINATED", event="LEFT_CONFERENCE", correlationId=CORRELATION, **bridge)
    story.show(ANNA, "ACTIVE", event="PARTICIPANT_LEFT", participants=everybody[:1], **bridge)
    return story.show(ANNA, "TERMINATED", **bridge).told


def voicemail() -> list[Told]:
    """The user's call ends when the voicemail takes it; the message is in the communication log."""
    return Story().show(ANNA, "RINGING").show(ANNA, "TERMINATED", event="VOICEMAIL").told


STORIES = {
    story.__name__: story
    for story in (
        *(answered, missed, rejected, ring_group, queue_call, blind_transfer, attended_transfer, hold, mute),
        *(park_and_pickup, record, record_on_demand, outbound, internal, consultation, conference, voicemail),
    )
}


def requests(told: list[Told]) -> list[WebhookRequest]:
    """A story as the requests of user webhooks that carry what changed, a second apart."""
    return [
        WebhookRequest(
            headers={},
            body=msgspec.json.encode({"fullState": False, "calls": [shown]}),
            query={"user": user},
            received_at=T0 + timedelta(seconds=number),
        )
        for number, (user, shown) in enumerate(told)
    ]


def _to_bob() -> dict[str, Any]:
    return {"inbound": False, "remoteParty": PEOPLE[BOB], "correlationId": "consultation"}


def _consulting() -> Story:
    story = Story().show(ANNA, "RINGING").show(ANNA, "ACTIVE").show(ANNA, "HELD")
    story.show(ANNA, "INITIATED", "anna-2", **_to_bob())
    story.show(BOB, "RINGING", remoteParty=PEOPLE[ANNA], correlationId="consultation")
    story.show(BOB, "ACTIVE", remoteParty=PEOPLE[ANNA], correlationId="consultation")
    return story.show(ANNA, "ACTIVE", "anna-2", **_to_bob())


def request(value: Any, user: str | None = ANNA) -> WebhookRequest:
    """What a user's hook gets; without a user, it must say itself whose calls it is about."""
    body = value if isinstance(value, bytes) else msgspec.json.encode(value)
    return WebhookRequest({}, body, {"user": user} if user else {}, T0)


def one(value: Any, user: str | None = ANNA) -> CtiEvent:
    """The only call that a payload shows."""
    parsed = DstnyAdapter.parse(request(value, user))
    assert not isinstance(parsed, Ignored)
    [event] = [each for each in parsed if isinstance(each, CtiEvent) and each.type is EventType.OBSERVED]
    return event
