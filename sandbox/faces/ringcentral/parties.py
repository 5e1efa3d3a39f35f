"""One party of a telephony session: the document's "Session Parties Details", and the REST API's party."""

import hashlib
from dataclasses import dataclass
from typing import Any

from sandbox.engine.directory import DeviceKind, Party
from sandbox.engine.model import Call, Cause, Leg, LegState, Peer, Role
from sandbox.faces.ringcentral.dialect import Dialect

# Why a party is disconnected: "Session Status Info".
REASONS = {
    Cause.HANGUP: "CallFinished",
    Cause.CANCELLED: "Cancelled",
    Cause.ABANDONED: "Cancelled",
    Cause.REJECTED: "Rejected",
    Cause.NO_ANSWER: "NoAnswer",
    Cause.UNREACHABLE: "NoAnswer",
    Cause.BUSY: "TargetBusy",
    Cause.DO_NOT_DISTURB: "TargetBusy",
    Cause.TRANSFERRED: "BlindTransfer",
    Cause.FORWARDED: "BlindTransfer",
    Cause.DIVERTED: "CallRedirected",
    Cause.ANSWERED_ELSEWHERE: "Pickup",
    Cause.PICKED_UP: "Pickup",
    Cause.CONFERENCED: "CallSwitch",
    Cause.REMOVED: "CallDropped",
    Cause.PARKED: "CallPark",
    Cause.RECALLED: "Timeout",
    Cause.TIMED_OUT: "Timeout",
    Cause.CAMP_ON: "CallRedirected",
    Cause.DISTRIBUTED: "AgentAnswered",
}
_MISSED = (Cause.CANCELLED, Cause.ABANDONED, Cause.NO_ANSWER, Cause.UNREACHABLE, Cause.TIMED_OUT)
_MOVED_ON = (Cause.TRANSFERRED, Cause.FORWARDED)
_CODES = {
    LegState.INITIATED: "Setup",
    LegState.ALERTING: "Proceeding",
    LegState.QUEUED: "Proceeding",
    LegState.CONNECTED: "Answered",
    LegState.HELD: "Hold",
    LegState.PARKED: "Answered",
}


@dataclass(slots=True, eq=False)
class TelephonyParty:
    """A leg as RingCentral counts parties: a call that is flipped to another phone goes on as another party.

    `remote`: who was at the other end when it began; `dialled`: the queue that it was reached by.
    `reason`: why it ends, where RingCentral knows better than the engine; `peer`: where its part goes on.
    `flipped`: its leg goes on as another party.
    """

    id: str
    leg: Leg
    remote: Party
    dialled: Party | None = None
    stand_alone: bool = False
    reason: str | None = None
    peer: Peer | None = None
    flipped: bool = False

    @property
    def extension_id(self) -> str | None:
        return self.leg.party.extension_id

    @property
    def is_outbound(self) -> bool:
        """The party that the session began with, or a supervisor; everybody else was called."""
        return self.id.endswith("-1") or self.leg.role is Role.SUPERVISOR


class PartyView:
    """Renders parties as the events and as the REST API have them."""

    def __init__(self, account_id: str, dialect: Dialect) -> None:
        self.account_id = account_id
        self.dialect = dialect

    def event(self, call: Call, party: TelephonyParty, status: dict[str, Any]) -> dict[str, Any]:
        """A party of a notification. `sipData` is in it; whoever didn't ask for it must not get it."""
        body: dict[str, Any] = {"accountId": self.account_id}
        if party.extension_id:
            body["extensionId"] = party.extension_id
        return body | {
            **self._common(call, party, status),
            "missedCall": _is_missed(call, party),
            "sipData": _sip_data(party.leg),
        }

    def rest(self, call: Call, party: TelephonyParty, status: dict[str, Any]) -> dict[str, Any]:
        """A party as call control answers it; somebody outside has no owner."""
        body = self._common(call, party, status)
        if party.extension_id:
            body["owner"] = {"accountId": self.account_id, "extensionId": party.extension_id}
            body |= {"accountId": self.account_id, "extensionId": party.extension_id}
        return body

    def status(self, call: Call, party: TelephonyParty) -> dict[str, Any]:
        """Code, and what belongs to it. Whoever parked a call is Parked until somebody picks it up."""
        leg = party.leg
        if party.flipped:
            return {"code": "Disconnected", "rcc": False, "reason": "CallFlip"}
        if leg.state is LegState.ENDED:
            if leg.cause is Cause.PARKED and call.parking is not None:
                return {"code": "Parked", "rcc": False, "parkData": f"*{call.parking.slot}"}
            return self._ended(call, party)
        status: dict[str, Any] = {"code": self._code(call, leg), "rcc": False}
        if leg.role is Role.SUPERVISOR:
            status["reason"] = "Supervising"
        if leg.state is LegState.ALERTING and any(each.kind is DeviceKind.MOBILE for each in leg.devices):
            status["mobilePickupData"] = _mobile_pickup(call, party)
        return status

    def _code(self, call: Call, leg: Leg) -> str:
        """A caller is Answered only when somebody, or somebody's voicemail box, answered."""
        if leg.state is LegState.VOICEMAIL:
            return self.dialect.voicemail_code
        if leg.state is LegState.CONNECTED and leg.role is Role.CALLER and call.answered_at is None:
            return "Answered" if call.voicemail else "Proceeding"
        return _CODES[leg.state]

    def _ended(self, call: Call, party: TelephonyParty) -> dict[str, Any]:
        leg, cause = party.leg, party.leg.cause or Cause.HANGUP
        reason = party.reason or REASONS[cause]
        if cause is Cause.ANSWERED_ELSEWHERE and party.dialled is not None:
            reason = "AgentAnswered"
        if _is_box(call, leg):
            reason = "Voicemail"
        gone = party.peer or leg.peer or (cause in _MOVED_ON and self.dialect.transferred_code == "Gone")
        return {"code": "Gone" if gone else "Disconnected", "rcc": False, "reason": reason}

    def _common(self, call: Call, party: TelephonyParty, status: dict[str, Any]) -> dict[str, Any]:
        leg = party.leg
        own, remote = _end(leg.party, party.remote, leg), _end(party.remote, leg.party)
        if party.dialled is not None:
            own["phoneNumber"] = _number(party.dialled, party.remote)
        ends = {"from": own, "to": remote} if party.is_outbound else {"from": remote, "to": own}
        body: dict[str, Any] = {
            "id": party.id,
            "direction": "Outbound" if party.is_outbound else "Inbound",
            **ends,
            "queueCall": party.dialled is not None,
            "status": status,
            "standAlone": party.stand_alone,
            "muted": leg.muted,
        }
        if call.conference:
            body["conferenceRole"] = "Host" if party.is_outbound else "Participant"
        recordings = [each for each in call.recordings if each.by in (None, party.extension_id)]
        if recordings and party.extension_id:
            body["recordings"] = [{"id": each.id, "active": each.state == "active"} for each in recordings]
        return body


def _is_missed(call: Call, party: TelephonyParty) -> bool:
    """It rang here, and nobody answered it anywhere, unless the voicemail box did."""
    leg = party.leg
    if leg.role is Role.SUPERVISOR or party.is_outbound or leg.answered_at is not None or leg.party.extension is None:
        return False
    return leg.cause in _MISSED or _is_box(call, leg)


def _is_box(call: Call, leg: Leg) -> bool:
    """The leg was the voicemail box's: it never was answered, and its extension has the message."""
    message = call.voicemail
    return message is not None and message.extension_id == leg.party.extension_id and leg.answered_at is None


def _mobile_pickup(call: Call, party: TelephonyParty) -> dict[str, Any]:
    return {
        "ccMailboxes": [party.extension_id],
        "to": f"#{party.leg.party.number}@sip.ringcentral.example:5060",
        "sid": legacy_id(call.id),
        "srvLvl": "-149699523",
        "srvLvlExt": "390",
    }


def legacy_id(call_id: str) -> str:
    """The `sessionId`: digits, the same for the same call."""
    return str(int.from_bytes(hashlib.blake2b(call_id.encode(), digest_size=5).digest()) % 10**12)


def shown_number(party: Party) -> str:
    """E.164 with its plus for what is outside or was dialled from there, else the internal number."""
    extension = party.extension
    if extension is not None and party.number != extension.external_number:
        return extension.number
    return f"+{party.number}" if party.number else "anonymous"


def _end(party: Party, other: Party, leg: Leg | None = None) -> dict[str, Any]:
    """ "Callee Info" and "Caller Info". Somebody who talks with the outside is known by the number that shows there."""
    body: dict[str, Any] = {}
    if party.number or not party.name:  # a conference has a name only
        body["phoneNumber"] = _number(party, other)
    if party.name:
        body["name"] = party.name
    if party.extension is not None:
        body["extensionId"] = party.extension.id
    if leg is not None and leg.device is not None:
        body["deviceId"] = leg.device.id
    return body


def _number(party: Party, other: Party) -> str:
    extension = party.extension
    if extension is None or other.extension is not None or party.number != extension.number:
        return shown_number(party)
    outside = extension.shown_number or extension.external_number
    return f"+{outside}" if outside and other.number else extension.number


def _sip_data(leg: Leg) -> dict[str, str]:
    tag = hashlib.blake2b(leg.id.encode(), digest_size=12).hexdigest()
    return {"callId": tag, "toTag": tag[:8], "fromTag": tag[8:16]}
