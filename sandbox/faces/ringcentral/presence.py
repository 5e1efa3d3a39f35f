"""Presence: whether somebody is there, and what calls they have ("Detailed Extension Presence Event")."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.engine.directory import AgentState, Extension
from sandbox.engine.model import Leg, LegState, Role
from sandbox.engine.switch import Switch
from sandbox.faces.ringcentral.errors import forbidden, invalid
from sandbox.faces.ringcentral.parties import legacy_id, shown_number
from sandbox.faces.ringcentral.requests import Ask, page
from sandbox.faces.ringcentral.sessions import Session, Sessions
from sandbox.faces.ringcentral.times import iso

USER_STATUSES = ("Offline", "Busy", "Available")
DND_STATUSES = ("TakeAllCalls", "DoNotAcceptAnyCalls", "DoNotAcceptDepartmentCalls", "TakeDepartmentCallsOnly")
MOST_ACTIVE_CALLS = 7
_FLAGS = ("allowSeeMyPresence", "ringOnMonitoredCall", "pickUpCallsOnHold")
_RINGING, _TALKING = "Ringing", "CallConnected"
_STATUSES = {
    LegState.INITIATED: _RINGING,
    LegState.ALERTING: _RINGING,
    LegState.QUEUED: _RINGING,
    LegState.CONNECTED: _TALKING,
    LegState.VOICEMAIL: _TALKING,
    LegState.HELD: "OnHold",
    LegState.PARKED: "ParkedCall",
}
_MOST_TELLING = (_RINGING, "OnHold", _TALKING, "ParkedCall")


@dataclass(slots=True)
class Presence:
    """Of one account's extensions. What users chose here is the face's own where the engine has no such thing."""

    switch: Switch
    sessions: Sessions
    chosen: dict[str, dict[str, bool]] = field(default_factory=dict)
    department_only: set[str] = field(default_factory=set)
    _sequences: dict[str, int] = field(default_factory=dict)
    _told: dict[str, dict[str, Any]] = field(default_factory=dict)

    def reset(self) -> None:
        for kept in (self.chosen, self.department_only, self._sequences, self._told):
            kept.clear()

    def get(self, ask: Ask) -> dict[str, Any]:
        return self._record(ask, ask.extension)

    def all(self, ask: Ask) -> dict[str, Any]:
        """Of everybody, in pages."""
        users = [each for each in self.switch.company.extensions.values() if each.is_user]
        records = [self._record(ask, each) for each in users]
        return page(ask, f"{ask.account_uri}/presence", records)

    def put(self, ask: Ask) -> dict[str, Any]:
        """Changes what the body names. Somebody else's only an administrator may."""
        if not ask.is_own and not ask.grant.user.is_admin:
            raise forbidden("EditPresenceStatus")
        extension, body = ask.extension, ask.body
        changes: dict[str, Any] = {}
        if "userStatus" in body:
            changes["activity"] = _one_of(ask, "userStatus", USER_STATUSES)
        if "message" in body:
            changes["note"] = ask.text("message") or ""
        if "dndStatus" in body:
            changes["dnd"] = self._set_dnd(extension, _one_of(ask, "dndStatus", DND_STATUSES))
        flags = {name: body[name] for name in _FLAGS if name in body}
        if not all(isinstance(value, bool) for value in flags.values()):
            raise invalid(next(name for name, value in flags.items() if not isinstance(value, bool)))
        self.chosen.setdefault(extension.id, {}).update(flags)
        self.switch.lines.change(extension, **changes)
        return self._record(ask, extension)

    def changed(self, extension: Extension) -> dict[str, Any] | None:
        """The body of a presence event, with every detail; None when it is as it was told last."""
        view = self._view(extension)
        if self._told.get(extension.id) == view:
            return None
        self._told[extension.id] = view
        self._sequences[extension.id] = self._sequences.get(extension.id, 0) + 1
        return {"extensionId": extension.id, "sequence": self._sequences[extension.id], **view}

    def _record(self, ask: Ask, extension: Extension) -> dict[str, Any]:
        uri = f"{ask.account_uri}/extension/{extension.id}"
        who = {"uri": uri, "id": extension.id, "extensionNumber": extension.number}
        view = narrow(self._view(extension), ask.query)
        return {"uri": f"{uri}/presence", "extension": who, "message": extension.settings.note, **view}

    def _view(self, extension: Extension) -> dict[str, Any]:
        calls = [
            self._active_call(session, leg)
            for session in self.sessions.live()
            for leg in session.call.live
            if leg.party.extension is extension
        ]
        telephony = next((each for each in _MOST_TELLING if any(c["telephonyStatus"] == each for c in calls)), "NoCall")
        status, dnd = extension.settings.activity, self._dnd(extension)
        user_status = status if status in USER_STATUSES else "Available"
        busy = telephony != "NoCall" or dnd == "DoNotAcceptAnyCalls"
        flags = {"allowSeeMyPresence": True, "ringOnMonitoredCall": False, "pickUpCallsOnHold": False}
        return {
            "telephonyStatus": telephony,
            "activeCalls": calls[:MOST_ACTIVE_CALLS],
            "presenceStatus": "Busy" if busy and user_status != "Offline" else user_status,
            "userStatus": user_status,
            "meetingStatus": "Disconnected",
            "dndStatus": dnd,
            **flags,
            **self.chosen.get(extension.id, {}),
            "totalActiveCalls": len(calls),
        }

    def _active_call(self, session: Session, leg: Leg) -> dict[str, Any]:
        call, party = session.call, session.party_of(leg)
        outbound = party is None or party.is_outbound
        remote = party.remote if party else call.dialled
        own, other = ("from", "to") if outbound else ("to", "from")
        tag = hashlib.blake2b(leg.id.encode(), digest_size=8).hexdigest()
        return {
            "id": tag,
            "direction": "Outbound" if outbound else "Inbound",
            "queueCall": party is not None and party.dialled is not None and leg.role is Role.CALLEE,
            own: shown_number(leg.party),
            f"{own}Name": leg.party.name,
            other: shown_number(remote),
            f"{other}Name": remote.name,
            "startTime": iso(leg.started_at),
            "telephonyStatus": _STATUSES[leg.state],
            "sipData": {"toTag": tag[:8], "fromTag": tag[8:], "remoteUri": "-", "localUri": "-"},
            "sessionId": legacy_id(call.id),
            "telephonySessionId": call.id,
            "partyId": party.id if party else "",
        }

    def _dnd(self, extension: Extension) -> str:
        """No department calls: the agent isn't ready in any of their queues."""
        if extension.settings.dnd:
            return "DoNotAcceptAnyCalls"
        if extension.id in self.department_only:
            return "TakeDepartmentCallsOnly"
        queues = self.switch.queues.of_agent(extension)
        agents = [self.switch.queues.agent(queue, extension) for queue in queues]
        off = bool(agents) and all(each.state in (AgentState.LOGGED_OUT, AgentState.PAUSED) for each in agents)
        return "DoNotAcceptDepartmentCalls" if off else "TakeAllCalls"

    def _set_dnd(self, extension: Extension, status: str) -> bool:
        """Whether the line takes no call at all; queues are left and joined here."""
        self.department_only.discard(extension.id)
        if status == "TakeDepartmentCallsOnly":
            self.department_only.add(extension.id)
        for queue in self.switch.queues.of_agent(extension):
            if status == "DoNotAcceptDepartmentCalls":
                self.switch.queues.log_out(queue, extension)
            elif status != "DoNotAcceptAnyCalls":
                self.switch.queues.log_in(queue, extension)
        return status == "DoNotAcceptAnyCalls"


def narrow(view: dict[str, Any], query: Mapping[str, str]) -> dict[str, Any]:
    """Without the details that weren't asked for: `detailedTelephonyState`, `sipData`."""
    if query.get("detailedTelephonyState") != "true":
        return {name: value for name, value in view.items() if name not in ("activeCalls", "totalActiveCalls")}
    if query.get("sipData") == "true":
        return view
    calls = [{name: value for name, value in call.items() if name != "sipData"} for call in view["activeCalls"]]
    return view | {"activeCalls": calls}


def _one_of(ask: Ask, name: str, values: tuple[str, ...]) -> str:
    value = ask.text(name)
    if value not in values:
        raise invalid(name)
    return value
