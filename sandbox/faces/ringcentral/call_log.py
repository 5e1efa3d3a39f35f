"""Past calls, calls that go on, and recordings ("Call Log" and "Recordings" in the API reference)."""

from typing import Any

from starlette.responses import Response

from sandbox.engine.directory import Extension, Party
from sandbox.engine.errors import UnknownRecording
from sandbox.engine.model import Call, Cause
from sandbox.engine.recordings import audio
from sandbox.engine.stored import LogDirection, LogEntry, Recording
from sandbox.engine.switch import Switch
from sandbox.faces.ringcentral.client_app import ClientApp
from sandbox.faces.ringcentral.errors import forbidden, not_found
from sandbox.faces.ringcentral.parties import legacy_id
from sandbox.faces.ringcentral.requests import Ask, page
from sandbox.faces.ringcentral.sessions import Sessions
from sandbox.faces.ringcentral.times import asked_period, iso

_RESULTS = {
    Cause.REJECTED: "Rejected",
    Cause.NO_ANSWER: "No Answer",
    Cause.BUSY: "Busy",
    Cause.CANCELLED: "Hang Up",
}


class CallLog:
    """An administrator sees the account's, others their own."""

    def __init__(self, switch: Switch, sessions: Sessions, client: ClientApp) -> None:
        self.switch = switch
        self.company = switch.company
        self.sessions = sessions
        self.client = client

    def account(self, ask: Ask) -> dict[str, Any]:
        _require_admin(ask)
        return self._page(ask, list(reversed(self.company.log)), f"{ask.account_uri}/call-log")

    def extension(self, ask: Ask) -> dict[str, Any]:
        _require_own(ask)
        uri = f"{ask.account_uri}/extension/{ask.extension.id}/call-log"
        return self._page(ask, self.switch.log.of(ask.extension), uri)

    def record(self, ask: Ask) -> dict[str, Any]:
        _require_own(ask)
        for entry in self.switch.log.of(ask.extension):
            if str(entry.id) == ask.path["record"]:
                return self._record(ask, entry)
        raise not_found("callRecordId")

    def account_active(self, ask: Ask) -> dict[str, Any]:
        _require_admin(ask)
        users = [each for each in self.company.extensions.values() if each.is_user]
        return self._active(ask, users, f"{ask.account_uri}/active-calls")

    def extension_active(self, ask: Ask) -> dict[str, Any]:
        _require_own(ask)
        return self._active(ask, [ask.extension], f"{ask.account_uri}/extension/{ask.extension.id}/active-calls")

    def recording(self, ask: Ask) -> dict[str, Any]:
        found = self._recording(ask)
        uri = f"{ask.account_uri}/recording/{found.id}"
        content = {"contentUri": f"{uri}/content", "contentType": "audio/x-wav", "duration": round(found.seconds)}
        return {"uri": uri, "id": found.id, **content}

    def recording_content(self, ask: Ask) -> Response:
        return Response(audio(self._recording(ask)), media_type="audio/x-wav")

    def _recording(self, ask: Ask) -> Recording:
        try:
            return self.switch.recordings.find(ask.path["recording"])
        except UnknownRecording:
            raise not_found("recordingId") from None

    def _page(self, ask: Ask, entries: list[LogEntry], uri: str) -> dict[str, Any]:
        since, until = asked_period(ask, self.company.now())
        records = [
            self._record(ask, each)
            for each in entries
            if each.started_at >= since and (until is None or each.started_at < until)
        ]
        for parameter, name in (("direction", "direction"), ("sessionId", "sessionId"), ("type", "type")):
            if wanted := ask.query.get(parameter):
                records = [each for each in records if each[name] == wanted]
        if number := ask.query.get("phoneNumber", "").strip().lstrip("+"):
            records = [each for each in records if number in _numbers(each)]
        return page(ask, uri, records)

    def _record(self, ask: Ask, entry: LogEntry) -> dict[str, Any]:
        owner = self.company.extensions[entry.extension_id]
        inbound = entry.direction is LogDirection.INCOMING
        body = self._common(ask, entry.call_id, owner, entry.remote, inbound=inbound) | {
            "uri": f"{ask.account_uri}/extension/{owner.id}/call-log/{entry.id}",
            "id": str(entry.id),
            "startTime": iso(entry.started_at),
            "duration": round(entry.ended_at - entry.started_at),
            "result": _result(entry, inbound=inbound),
        }
        if entry.recording_ids:
            uri = f"{ask.account_uri}/recording/{entry.recording_ids[0]}"
            content = {"type": "OnDemand", "contentUri": f"{uri}/content"}
            body["recording"] = {"uri": uri, "id": entry.recording_ids[0], **content}
        if entry.voicemail_id:
            uri = f"{ask.account_uri}/extension/{owner.id}/message-store/{entry.voicemail_id}"
            body["message"] = {"uri": uri, "id": entry.voicemail_id, "type": "VoiceMail"}
        if ask.query.get("view") == "Detailed":
            shared = {name: value for name, value in body.items() if name not in ("uri", "id", "sessionId")}
            body["legs"] = [{**shared, "master": True, "legType": "Accept" if inbound else "PstnToSip"}]
        return body

    def _active(self, ask: Ask, extensions: list[Extension], uri: str) -> dict[str, Any]:
        """As it was some seconds ago: the list lags, and is "not real time"."""
        then = self.company.now() - self.client.active_calls_lag_s
        calls = [*self.company.calls.values(), *self.company.ended]
        alive = [each for each in calls if each.created_at <= then and (each.ended_at is None or each.ended_at > then)]
        records = [
            record
            for extension in extensions
            for call in alive
            if (record := self._active_record(ask, extension, call))
        ]
        return page(ask, uri, records)

    def _active_record(self, ask: Ask, extension: Extension, call: Call) -> dict[str, Any] | None:
        session = self.sessions.of(call)
        party = next((each for each in reversed(session.parties) if each.leg.party.extension is extension), None)
        if party is None:
            return None
        body = self._common(ask, call.id, extension, party.remote, inbound=not party.is_outbound)
        return body | {
            "uri": f"{ask.account_uri}/extension/{extension.id}/call-log/{party.id}",
            "id": party.id,
            "partyId": party.id,
            "startTime": iso(call.created_at),
            "duration": round(self.company.now() - call.created_at),
            "result": "In Progress",
        }

    def _common(self, ask: Ask, call_id: str, owner: Extension, remote: Party, *, inbound: bool) -> dict[str, Any]:
        own, other = _end(self.company.party_of(owner)), _end(remote)
        if remote.extension is None and owner.shown_number:
            own["phoneNumber"] = f"+{owner.shown_number}"
        return {
            "sessionId": legacy_id(call_id),
            "telephonySessionId": call_id,
            "type": "Voice",
            "direction": "Inbound" if inbound else "Outbound",
            "action": "Phone Call" if inbound else "VoIP Call",
            "from": other if inbound else own,
            "to": own if inbound else other,
            "extension": {"uri": f"{ask.account_uri}/extension/{owner.id}", "id": owner.id},
        }


def _require_own(ask: Ask) -> None:
    if not ask.is_own:
        _require_admin(ask)


def _require_admin(ask: Ask) -> None:
    if not ask.grant.user.is_admin:
        raise forbidden("ReadCallLog")


def _result(entry: LogEntry, *, inbound: bool) -> str:
    if entry.voicemail_id:
        return "Voicemail"
    if entry.answered_at is not None:
        return "Accepted" if inbound else "Call connected"
    if entry.missed:
        return "Missed" if entry.cause != Cause.REJECTED else "Rejected"
    return _RESULTS.get(Cause(entry.cause), "Hang Up") if entry.cause else "Hang Up"


def _end(party: Party) -> dict[str, Any]:
    body: dict[str, Any] = {"name": party.name} if party.name else {}
    if party.extension is None:
        return body | ({"phoneNumber": f"+{party.number}"} if party.number else {})
    return body | {"extensionNumber": party.extension.number, "extensionId": party.extension.id}


def _numbers(record: dict[str, Any]) -> set[str]:
    return {str(record[end].get("phoneNumber", "")).lstrip("+") for end in ("from", "to")}
