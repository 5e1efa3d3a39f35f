"""Whose leg a party of a telephony session is, how it stands, and what it tells of the other side.

A party is one end of the call: "Outbound" is the one that calls, "Inbound" one that is called. `from` and `to` describe both
ends as seen from it. A party without an `extensionId` is outside. Notifications leave out parties that the subscriber may not
see (all but one's own, for subscriptions of single extensions), so a user's party also stands for the one at the other end,
as an inferred leg: what its own party says outweighs it.
"""

import re
from collections.abc import Iterator
from enum import StrEnum

from integrations.contract import events as contract
from integrations.contract.errors import MalformedPayload
from integrations.contract.events import Direction, EndReason, LegState, LegView
from integrations.vendors.ringcentral.wire import MAX_NAME, End, Party, Word, text

# "Session Status Info", `code`; the guide writes Voicemail and VMScreening. A caller in Proceeding hears it ring elsewhere.
STATES = {
    "setup": LegState.INITIATED,
    "proceeding": LegState.ALERTING,
    "answered": LegState.CONNECTED,
    "faxreceive": LegState.CONNECTED,
    "hold": LegState.HOLD,
    "parked": LegState.PARKED,
    "voicemail": LegState.NULL,
    "voicemailscreening": LegState.NULL,
    "vmscreening": LegState.NULL,
    "disconnected": LegState.NULL,
    "gone": LegState.NULL,
}
VOICEMAIL_CODES = frozenset({"voicemail", "voicemailscreening", "vmscreening"})
UNTOLD_CODES = frozenset({"tds"})
"""Codes of the API's types that nothing explains: a party in one is left as it was."""

# "Session Status Info", `reason`, and those of the API's types. None: it says nothing about how the conversation ended.
REASONS: dict[str, EndReason | None] = {
    "agentanswered": EndReason.ANSWERED_ELSEWHERE,
    "agentdropped": EndReason.HANGUP,
    "attendedtransfer": EndReason.TRANSFERRED,
    "blindtransfer": EndReason.TRANSFERRED,
    "callerinputredirect": EndReason.TRANSFERRED,
    "calldropped": EndReason.HANGUP,
    "callfinished": EndReason.HANGUP,
    "callflip": None,
    "callpark": EndReason.TRANSFERRED,
    "callredirected": EndReason.TRANSFERRED,
    "callreplied": EndReason.REJECTED,
    "callswitch": None,
    "cancelled": EndReason.CANCELLED,
    "destinationblocked": EndReason.FAILED,
    "dtmftransfer": EndReason.TRANSFERRED,
    "internalerror": EndReason.FAILED,
    "internationaldisabled": EndReason.FAILED,
    "invalidnumber": EndReason.FAILED,
    "noanswer": EndReason.NO_ANSWER,
    "nosuchuser": EndReason.FAILED,
    "notenoughfunds": EndReason.FAILED,
    "parklocation": EndReason.TRANSFERRED,
    "pickup": EndReason.ANSWERED_ELSEWHERE,
    "rcctransfer": EndReason.TRANSFERRED,
    "rejected": EndReason.REJECTED,
    "supervising": EndReason.HANGUP,
    "takeover": EndReason.TRANSFERRED,
    "targetbusy": EndReason.BUSY,
    "timeout": EndReason.NO_ANSWER,
    "voicemail": EndReason.VOICEMAIL,
}
_LEFT_TO_OTHERS = frozenset({EndReason.TRANSFERRED, EndReason.ANSWERED_ELSEWHERE, EndReason.VOICEMAIL})
_SUPERVISING, _ATTENDED = "supervising", "attendedtransfer"
_INFERRED = "~"
_NUMBER = re.compile(r"[+*#]?[0-9*#]{1,39}")
_ANONYMOUS = "anonymous"


class View(StrEnum):
    """What a notification's subscriber sees of the session."""

    ACCOUNT = "account"
    EXTENSION = "extension"
    """One extension's parties alone: what they say of the others may be all that is ever told of these."""
    WHOLE = "whole"
    """All parties, so that nobody has to be inferred."""


def legs_of(party: Party, view: View) -> Iterator[LegView]:
    """The party's leg, and the one at its other end as far as it tells. Raises MalformedPayload for a status that there isn't."""
    code = _key(party.status.code)
    if code in UNTOLD_CODES:
        return
    if code not in STATES:
        raise MalformedPayload(f"RingCentral sent a status that its document doesn't have: {party.status.code[:40]!r}")
    state = _state(code, party)
    reason = _reason(code, party) if state is LegState.NULL else None
    yield LegView(
        vendor_leg_id=party.id,
        party=_own_party(party),
        state=state,
        role=role_of(party),
        muted=bool(party.muted),
        device_id=text((_own_end(party) or End()).device_id),
        reason=reason,
        transfer="attended" if _key(party.status.reason or "") == _ATTENDED else "blind",
        parked_at=text(party.status.park_data) if state is LegState.PARKED else None,
    )
    other = None if view is View.WHOLE else _other_state(code, state, party, view)
    if other is not None:
        yield _inferred_leg(party, other, reason)


def _inferred_leg(party: Party, state: LegState, reason: EndReason | None) -> LegView:
    return LegView(
        vendor_leg_id=party.id + _INFERRED,
        party=_described(_other_end(party)),
        state=state,
        role="callee" if role_of(party) == "caller" else "caller",
        reason=None if reason in _LEFT_TO_OTHERS else reason,
        inferred=True,
    )


def is_inferred(vendor_leg_id: str) -> bool:
    """Whether that leg has no party of its own that could be told to do something."""
    return vendor_leg_id.endswith(_INFERRED)


def role_of(party: Party) -> str:
    """Supervisors are told with a reason of their own, whatever their status."""
    if _key(party.status.reason or "") == _SUPERVISING:
        return "supervisor"
    if _key(party.direction or "") in {"inbound", "outbound"}:
        return "caller" if _key(party.direction or "") == "outbound" else "callee"
    is_caller = party.from_ is not None and text(party.from_.extension_id) == extension_of(party)
    return "caller" if is_caller else "callee"


def direction_of(party: Party) -> Direction | None:
    """The call's direction as far as this party tells; None where it doesn't, as before the dialled number is resolved."""
    own, other, role = extension_of(party), _other_end(party), role_of(party)
    if role == "supervisor" or other is None:
        return None
    is_inside = text(other.extension_id) is not None
    if own is None:
        called_from_inside = Direction.OUTBOUND if is_inside else None
        return Direction.INBOUND if role == "caller" else called_from_inside
    if is_inside:
        return Direction.INTERNAL
    if not _is_outside(other) or (role == "caller" and _key(party.status.code) == "setup"):
        return None
    return Direction.INBOUND if role == "callee" else Direction.OUTBOUND


def extension_of(party: Party) -> str | None:
    """Whose party it is; None for somebody outside. REST answers say it as the owner."""
    return text(party.extension_id) or (text(party.owner.extension_id) if party.owner else None)


def queue_of(party: Party) -> contract.Party | None:
    """The queue that a member was called for, where `to` names it instead of the member."""
    own = _own_end(party)
    if not party.queue_call or own is None or role_of(party) != "callee":
        return None
    if text(own.extension_id) not in {None, extension_of(party)}:
        return _described(own)
    return contract.Party(number=text(own.phone_number)) if _is_outside_number(own.phone_number) else None


def peer_of(party: Party) -> str | None:
    """The session where the conversation lives on; legacy ids are digits alone."""
    peer = party.status.peer_id
    if peer is None:
        return None
    legacy = text(peer.session_id)
    return text(peer.telephony_session_id) or (legacy if legacy and not legacy.isdecimal() else None)


def _state(code: str, party: Party) -> LegState:
    """A supervisor whose party has gone to the supervised session listens there."""
    state, role = STATES[code], role_of(party)
    if role == "caller" and state is LegState.ALERTING:
        return LegState.INITIATED
    return LegState.CONNECTED if role == "supervisor" and code == "gone" else state


def _reason(code: str, party: Party) -> EndReason | None:
    if code in VOICEMAIL_CODES:
        return EndReason.VOICEMAIL
    word = _key(party.status.reason or "")
    reason = REASONS.get(word)
    if word == "pickup" and code == "gone":  # "Call pick up from Park": not of a ringing call
        return EndReason.TRANSFERRED
    if party.missed_call and reason in {None, EndReason.HANGUP}:
        return EndReason.NO_ANSWER
    return reason


def _other_state(code: str, state: LegState, party: Party, view: View) -> LegState | None:
    """How the one at the other end stands then; None where this party doesn't tell it.

    With this party ends what it tells: whoever goes on is told of by other parties.
    """
    other, role = _other_end(party), role_of(party)
    if other is None or role == "supervisor" or extension_of(party) is None or _described(other) == contract.Party():
        return None
    if state is LegState.NULL and code not in VOICEMAIL_CODES:
        return LegState.NULL
    if role == "caller":
        return _called_state(code, other, view)
    return LegState.INITIATED if state in {LegState.INITIATED, LegState.ALERTING} else LegState.CONNECTED


def _called_state(code: str, other: End, view: View) -> LegState | None:
    """A caller is Answered as soon as rules begin to look for a colleague, who may be told of by their own party."""
    if code in {"setup", "proceeding"}:
        return LegState.INITIATED if code == "setup" else LegState.ALERTING
    return LegState.CONNECTED if _is_outside(other) or view is View.EXTENSION else None


def _own_end(party: Party) -> End | None:
    return party.to if role_of(party) == "callee" else party.from_


def _other_end(party: Party) -> End | None:
    return party.from_ if role_of(party) == "callee" else party.to


def _own_party(party: Party) -> contract.Party:
    """For whoever is called, the number is the one that was dialled: a user's own only if it is theirs inside."""
    extension, own = extension_of(party), _own_end(party)
    if extension is None:
        return _described(own)
    if own is None or party.queue_call or text(own.extension_id) not in {None, extension}:
        return contract.Party(extension_id=extension)
    return _as_extension(_described(own), extension)


def _as_extension(described: contract.Party, extension: str) -> contract.Party:
    """The same, as that extension's."""
    number = None if _is_outside_number(described.number) else described.number
    return contract.Party(extension_id=extension, number=number, name=described.name)


def _described(end: End | None) -> contract.Party:
    if end is None:
        return contract.Party()
    extension, word = text(end.extension_id), text(end.phone_number) or text(end.extension_number) or ""
    described = contract.Party(
        number=word if _NUMBER.fullmatch(word) else None,  # a conference's is "conference"
        name=text(end.name, MAX_NAME),
        anonymous=word.lower() == _ANONYMOUS,
    )
    return _as_extension(described, extension) if extension else described


def _is_outside(end: End) -> bool:
    """Numbers without a plus are extensions, or not resolved yet."""
    number = text(end.phone_number) or ""
    return text(end.extension_id) is None and (_is_outside_number(number) or number.lower() == _ANONYMOUS)


def _is_outside_number(number: Word) -> bool:
    return (text(number) or "").startswith("+")


def _key(word: str) -> str:
    return word.strip().lower()
