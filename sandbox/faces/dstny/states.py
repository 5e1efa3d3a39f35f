"""The call state object of the "Call Control API" and the "Call State API"."""

from collections.abc import Callable
from typing import Any

from sandbox.engine.directory import Device, DeviceKind, Party
from sandbox.engine.model import TALKING, Call, Cause, Leg, LegState, Role, SupervisionMode
from sandbox.engine.stored import Recording, RecordingState
from sandbox.faces.dstny.devices import device_id
from sandbox.faces.dstny.dialect import Dialect
from sandbox.faces.dstny.people import People

_INTRUSIONS = {SupervisionMode.LISTEN: "MONITOR", SupervisionMode.WHISPER: "WHISPER", SupervisionMode.BARGE: "BARGE"}
_CONFERENCE = {"type": "SERVICE_ID", "displayName": "Conference"}
# DISTRIBUTED and TRANSFERRED are the document's, the others are made after them.
_RETARGET = {Cause.FORWARDED: "FORWARDED", Cause.TIMED_OUT: "TIMEOUT", Cause.NO_ANSWER: "NO_ANSWER"}


class Renderer:
    """`facts` is what a state says but for its identity and its durations; `whole` adds these."""

    def __init__(self, people: People, dialect: Dialect, now: Callable[[], float]) -> None:
        self.people = people
        self.dialect = dialect
        self.now = now

    def whole(self, call_id: str, token: int, call: Call, leg: Leg | None, facts: dict[str, Any]) -> dict[str, Any]:
        shown = {"stateToken": token, "callId": call_id, **facts}
        talks = facts["status"] in ("ACTIVE", "HELD") and leg is not None
        since = max((leg.answered_at if leg else None) or 0.0, call.answered_at or 0.0)
        shown["duration"] = round(self.now() - since) if talks and since else 0
        for field in ("recording", "externalRecording"):
            if facts.get(field):
                shown[f"{field}Duration"] = round(self._recorded(call.recordings[-1]))
        return shown

    def facts(self, call: Call, leg: Leg, transferred_by: Party | None) -> dict[str, Any]:
        """`transferred_by`: who brought this leg onto the call, if somebody did."""
        status = self._status(call, leg)
        shown: dict[str, Any] = {
            "conference": call.conference,
            "inbound": leg.role is Role.CALLEE,
            "intruded": any(each.role is Role.SUPERVISOR for each in call.live),
            "status": status,
            "muted": leg.muted,
            **self._others(call, leg),
            **self._history(call, leg, transferred_by),
        }
        actions = self._actions(call, leg, status)
        devices = [device_id(each) for each in leg.devices]
        shown["deviceIds"] = devices
        if actions:
            shown["actions"] = actions
        if self.dialect.lists == "string":
            shown |= {"deviceIds": _listed(devices), "actions": _listed(actions)}
        if status in ("ACTIVE", "HELD"):
            shown |= self._recording(call)
        if self.dialect.correlation_ids:
            shown["correlationId"] = f"{call.id[:22]}_{int(call.created_at * 1000)}"
        return shown

    def ended(self, before: dict[str, Any]) -> dict[str, Any]:
        """As it was, TERMINATED: nothing more can be done with it."""
        kept = ("remoteParty", "conference", "historyInfo", "inbound", "intruded", "correlationId")
        return {name: before[name] for name in kept if name in before} | {"status": "TERMINATED", "muted": False}

    def answerable(self, leg: Leg) -> list[Device]:
        """The phones of a call that rings that can be answered through the API: "it's not possible … for all devices"."""
        every = self.dialect.answerable == "every_device"
        return [each for each in leg.devices if every or each.kind is not DeviceKind.MOBILE]

    def _status(self, call: Call, leg: Leg) -> str:
        """A call out is INITIATED until somebody's phone rings; whoever is parked or held by others still is ACTIVE."""
        if leg.state is LegState.ALERTING:
            return "RINGING"
        if leg.state is LegState.HELD:
            return "HELD"
        others = {each.state for each in call.participants if each is not leg}
        if leg.state is LegState.INITIATED or not others:
            return "INITIATED"
        if others <= {LegState.ALERTING, LegState.QUEUED}:
            return self.dialect.outbound_ringing
        return "ACTIVE"

    def _others(self, call: Call, leg: Leg) -> dict[str, Any]:
        """Whom this leg is connected to: in a conference, and to who is supervised, everybody, by the ids of their legs."""
        supervisors = [each for each in call.live if each.role is Role.SUPERVISOR and each.state in TALKING]
        remote = _CONFERENCE if call.conference else self._show(call.party(leg.role.other))
        if leg in supervisors or not (call.conference or supervisors):
            return {"remoteParty": remote}
        others = [each for each in [*call.talking, *supervisors] if each is not leg]
        return {"remoteParty": remote, "participants": [self._participant(each) for each in others]}

    def _participant(self, leg: Leg) -> dict[str, Any]:
        shown = self._show(leg.party)
        if leg.supervision is not None:
            shown["intrusionType"] = _INTRUSIONS[leg.supervision.mode]
        return {"id": leg.id, "remoteParty": shown}

    def _history(self, call: Call, leg: Leg, transferred_by: Party | None) -> dict[str, Any]:
        """Whom the call was for before it came here; it comes to nobody who supervises it."""
        if leg.role is Role.SUPERVISOR:
            return {}
        if transferred_by is not None:
            return _retargeted(self._show(transferred_by), "TRANSFERRED")
        if leg.role is not Role.CALLEE:
            return {}
        if call.via is not None and call.via.extension is not None:
            return _retargeted(self._show(call.via), "DISTRIBUTED", call.via.extension.name)
        if call.diversions:
            last = call.diversions[-1]
            return _retargeted(self._show(last.party), _RETARGET.get(last.cause, "DIVERTED"))
        return {}

    def _actions(self, call: Call, leg: Leg, status: str) -> list[dict[str, Any]]:
        """What can be done in this state, as the examples show it."""
        if status == "RINGING" and leg.state is LegState.ALERTING:
            return [{"action": "ANSWER", "deviceIds": [device_id(each) for each in self.answerable(leg)]}]
        if status not in ("ACTIVE", "HELD") or leg.role is Role.SUPERVISOR:
            return []
        held = status == "HELD"
        words = ["MOVE"] if leg.party.extension and len(leg.party.extension.online) > 1 else []
        words += [] if call.conference else ["TRANSFER"]
        words += ["RESUME" if held else "HOLD"]
        words += [] if call.conference else ["PARK"]
        words += ["UNMUTE" if leg.muted else "MUTE"] if not held else []
        return [{"action": each} for each in [*words, *self._recording_actions(call)]]

    def _recording_actions(self, call: Call) -> list[str]:
        recording = _running(call)
        if self.dialect.recording == "on_demand":
            return ["STOP_REC" if recording else "START_REC"]
        if recording is None:
            return []
        paused = recording.state is RecordingState.PAUSED
        return ["DISCARD_REC" if recording.saved else "SAVE_REC", "RESUME_REC" if paused else "PAUSE_REC"]

    def _recording(self, call: Call) -> dict[str, bool]:
        recording = _running(call)
        if self.dialect.recording == "on_demand":
            return {"recordable": True, "recording": recording is not None}
        if recording is None:
            return {}
        paused = recording.state is RecordingState.PAUSED
        return {"externalRecording": True, "externalRecordingPaused": paused}

    def _recorded(self, recording: Recording) -> float:
        running = recording.state is RecordingState.ACTIVE
        return recording.seconds + (self.now() - recording.resumed_at if running else 0.0)

    def _show(self, party: Party) -> dict[str, Any]:
        return self.people.show(party, names=self.dialect.names)


def _running(call: Call) -> Recording | None:
    return next((each for each in call.recordings if each.is_running), None)


def _retargeted(party: dict[str, Any], reason: str, subject: str = "") -> dict[str, Any]:
    history = {"campOn": False, "initialParty": party, "previousParty": party, "previousRetargetReason": reason}
    return {"historyInfo": history | ({"subject": subject} if subject else {})}


def _listed(value: Any) -> str:
    """`[{action: ANSWER, deviceIds: [+1555555]}]`: how the document's generated examples print lists."""
    if isinstance(value, list):
        return "[" + ", ".join(_listed(each) for each in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_listed(each)}" for name, each in value.items()) + "}"
    return str(value)
