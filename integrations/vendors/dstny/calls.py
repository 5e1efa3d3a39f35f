"""From the state of a user's call to the legs that it shows. Pure."""

import re
from datetime import datetime
from urllib.parse import quote, unquote

from integrations.contract.commands import LegRef
from integrations.contract.events import (
    CtiEvent,
    Direction,
    EndReason,
    EventType,
    LegState,
    LegView,
    Party,
    Recording,
    Transfer,
)
from integrations.vendors.dstny.wire import GONE, TERMINATED, CallState, Participant, RemoteParty, many

# status → how the user's own leg stands, and how the other side's does, seen from here. An outbound call is INITIATED until
# the other side rings; servers that say RINGING then too are understood by `inbound`.
_STATES = {
    "INITIATED": (LegState.INITIATED, LegState.INITIATED),
    "RINGING": (LegState.ALERTING, LegState.CONNECTED),
    "ACTIVE": (LegState.CONNECTED, LegState.CONNECTED),
    "HELD": (LegState.HOLD, LegState.CONNECTED),
    TERMINATED: (LegState.NULL, LegState.NULL),
    GONE: (LegState.NULL, LegState.NULL),
}
_RINGING_OUT = (LegState.INITIATED, LegState.ALERTING)

# `event` of a call that is over. The document shows FAILED and LEFT_CONFERENCE; the others are what its vocabulary suggests
# (previousRetargetReason, actions), looked for as a part of the word. Without one the call just ended.
_REASONS = (
    ("ELSEWHERE", EndReason.ANSWERED_ELSEWHERE),
    ("PICKED_UP", EndReason.ANSWERED_ELSEWHERE),
    ("PICKUP", EndReason.ANSWERED_ELSEWHERE),
    ("VOICEMAIL", EndReason.VOICEMAIL),
    ("TRANSFER", EndReason.TRANSFERRED),
    ("PARK", EndReason.TRANSFERRED),
    ("REJECT", EndReason.REJECTED),
    ("DECLINE", EndReason.REJECTED),
    ("BUSY", EndReason.BUSY),
    ("NO_ANSWER", EndReason.NO_ANSWER),
    ("TIMEOUT", EndReason.NO_ANSWER),
    ("CANCEL", EndReason.CANCELLED),
)
# "Call setup failed with status code 504": SIP's, where they say more than that.
_SIP_REASONS = {
    "408": EndReason.NO_ANSWER,
    "480": EndReason.NO_ANSWER,
    "486": EndReason.BUSY,
    "487": EndReason.CANCELLED,
    "600": EndReason.BUSY,
    "603": EndReason.REJECTED,
}
_STATUS_CODE = re.compile(r"\b[3-6]\d\d\b")
_URI = re.compile(r"(?:tel|sips?):([^;@?]+)", re.IGNORECASE)
_NUMBER = re.compile(r"[+*#]?[\d*#().\- ]{1,39}", re.ASCII)
_MAX_NAME = 200
_PEOPLE = frozenset({"USER_ID", "FUNCTION_NUMBER_ID"})
_SERVICE = "SERVICE_ID"


def observed(user: str, call: CallState, *, identity: str, at: datetime) -> CtiEvent:
    """How a user's call stands."""
    own, remote = _legs(user, call)
    participants = [_participant(user, call, each) for each in many(call.participants)]
    intruders = [each for each in participants if each.role == "supervisor"]
    others = participants if call.conference and participants else [remote, *intruders]
    caller, callee = (remote.party, own.party) if call.inbound else (own.party, remote.party)
    return CtiEvent(
        identity=identity,
        type=EventType.OBSERVED,
        occurred_at=at,
        vendor_call_id=call.call_id,
        direction=_direction(call),
        from_=caller,
        to=callee,
        via=_via(call),
        legs=(own, *others),
        complete=True,
        peers=(call.correlation_id,) if call.correlation_id else (),
        conference=call.conference,
        recording=_recording(call),
        recording_saved=_saved(call),
    )


def may_go_on(call: CallState) -> bool:
    """Whether a call is over that nothing says why. Its conversation may have been transferred: then it goes on as another
    call, which is shown a moment later, and this one's end says nothing new."""
    is_unexplained = call.status.upper() == TERMINATED and not call.event and not call.conference
    return is_unexplained and call.correlation_id is not None


def transferred(user: str, call: CallState, *, identity: str, at: datetime) -> CtiEvent | None:
    """Where the call came to this user by a transfer: that it did."""
    history = call.history_info
    if history is None or history.previous_retarget_reason != "TRANSFERRED" or call.is_over:
        return None
    own, remote, former = Party(extension_id=user), party(call.remote_party), party(history.previous_party)
    mode = "attended" if call.status.upper() in {"ACTIVE", "HELD"} else "blind"
    before, after = ((remote, former), (remote, own)) if call.inbound else ((former, remote), (own, remote))
    return CtiEvent(
        identity=identity,
        type=EventType.TRANSFERRED,
        occurred_at=at,
        vendor_call_id=call.call_id,
        transfer=Transfer(*before, *after, initiator=former, mode=mode),
        peers=(call.correlation_id,) if call.correlation_id else (),
    )


def leg_id(user: str, call_id: str, *more: str) -> str:
    """Tells whose leg it is and on which of their calls, since commands need both: `alice/aaa111bbb`."""
    return "/".join(quote(part, safe="") for part in (user, call_id, *more))


def whose(leg: LegRef) -> tuple[str, str, str]:
    """The user and the call that show this leg, and its participant id where it is somebody else's in a conference."""
    user, _, rest = (leg.vendor_leg_id or "").partition("/")
    call_id, _, more = rest.partition("/")
    kind, _, participant = more.partition("/")
    if not call_id:
        return leg.extension_id or "", leg.vendor_call_id, ""
    return unquote(user), unquote(call_id), unquote(participant) if kind == "participant" else ""


def _legs(user: str, call: CallState) -> tuple[LegView, LegView]:
    """The user's own leg and the other side's, which in a conference is but its bridge."""
    own_state, remote_state = _STATES.get(call.status.upper(), (LegState.CONNECTED, LegState.CONNECTED))
    if call.status.upper() == "RINGING" and not call.inbound:
        own_state, remote_state = _RINGING_OUT
    reason = _reason(call) if own_state is LegState.NULL else None
    if reason is EndReason.TRANSFERRED:  # the other side goes on without this user
        remote_state = LegState.PARKED if "PARK" in (call.event or "").upper() else LegState.CONNECTED
    devices = call.devices()
    own = LegView(
        vendor_leg_id=leg_id(user, call.call_id),
        party=Party(extension_id=user),
        state=own_state,
        role=_role(call, is_own=True),
        muted=bool(call.muted),
        device_id=devices[0] if len(devices) == 1 and own_state is not LegState.ALERTING else None,
        reason=reason,
    )
    remote = LegView(
        vendor_leg_id=leg_id(user, call.call_id, "remote"),
        party=party(call.remote_party),
        state=remote_state,
        role=_role(call, is_own=False),
        inferred=True,
    )
    return own, remote


def _role(call: CallState, *, is_own: bool) -> str:
    """Somebody who listens or intrudes is told by the kind of intrusion; in a conference the other side is the bridge."""
    if not is_own and call.remote_party and call.remote_party.intrusion:
        return "supervisor"
    if call.conference:
        return "participant"
    return "callee" if bool(call.inbound) is is_own else "caller"


def _participant(user: str, call: CallState, each: Participant) -> LegView:
    return LegView(
        vendor_leg_id=leg_id(user, call.call_id, "participant", each.id),
        party=party(each.remote_party),
        state=LegState.NULL if call.is_over else LegState.CONNECTED,
        role="supervisor" if each.remote_party and each.remote_party.intrusion else "participant",
        inferred=True,
    )


def party(remote: RemoteParty | None) -> Party:
    """`telUri` has the number that everybody can dial, `displayNumber` may be a short one."""
    if remote is None:
        return Party()
    uri = _URI.match(remote.tel_uri or "")
    words = (unquote(uri[1]) if uri else "", remote.display_number or "")
    number = next((each.strip() for each in words if each and _NUMBER.fullmatch(each)), None)
    name = (remote.display_name or "").strip()[:_MAX_NAME]
    is_anonymous = number is None and ("ANONYM" in (remote.type or "").upper() or name.lower() in {"", "anonymous"})
    return Party(number=number, name=None if is_anonymous else name or None, anonymous=is_anonymous)


def _direction(call: CallState) -> Direction | None:
    kind = call.remote_party.type if call.remote_party else None
    if kind in _PEOPLE:
        return Direction.INTERNAL
    if kind == _SERVICE or call.inbound is None:
        return None
    return Direction.INBOUND if call.inbound else Direction.OUTBOUND


def _via(call: CallState) -> Party | None:
    """The group that gave the call to the user."""
    history = call.history_info
    if history is None or history.previous_party is None:
        return None
    is_group = history.previous_party.type == "FUNCTION_NUMBER_ID" or history.previous_retarget_reason == "DISTRIBUTED"
    return party(history.previous_party) if is_group else None


def _reason(call: CallState) -> EndReason | None:
    event = (call.event or "").upper()
    for word, reason in _REASONS:
        if word in event:
            return reason
    if event == "FAILED":
        code = _STATUS_CODE.search(call.event_description or "")
        return _SIP_REASONS.get(code[0], EndReason.FAILED) if code else EndReason.FAILED
    return None


def _recording(call: CallState) -> Recording | None:
    """Recording by start and stop is `recording`, on demand of what is recorded anyway `externalRecording`."""
    if call.external_recording:
        return Recording.PAUSED if call.external_recording_paused else Recording.ON
    if call.recording:
        return Recording.ON
    return Recording.OFF if False in {call.recording, call.external_recording} else None


def _saved(call: CallState) -> bool | None:
    """A recording that can be discarded has been saved, one that can be saved hasn't been."""
    allowed = call.allowed()
    if "DISCARD_REC" in allowed:
        return True
    return False if "SAVE_REC" in allowed else None
