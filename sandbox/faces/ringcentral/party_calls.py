"""Call control of parties: everything below `/sessions/{sid}/parties/{pid}`."""

from typing import Any

from sandbox.engine.directory import Party
from sandbox.engine.events import TransferMode
from sandbox.engine.model import Cause, LegState, Peer
from sandbox.engine.stored import Recording, RecordingState
from sandbox.faces.ringcentral.calls import SessionCalls
from sandbox.faces.ringcentral.control import Control, Target
from sandbox.faces.ringcentral.errors import ApiError, invalid, not_found
from sandbox.faces.ringcentral.notifications import Notifications
from sandbox.faces.ringcentral.requests import Ask

PATTERNS = (
    "WillCallYouBack",
    "CallMeBack",
    "OnMyWay",
    "OnTheOtherLine",
    "WillCallYouBackLater",
    "CallMeBackLater",
    "InAMeeting",
    "OnTheOtherLineNoCall",
)


class PartyCalls:
    """The second half of the call-control table. Each method is one operation; most answer the party."""

    def __init__(self, control: Control, calls: SessionCalls, notifications: Notifications) -> None:
        self.control = control
        self.calls = calls
        self.notifications = notifications
        self.switch = control.switch

    def get(self, ask: Ask) -> dict[str, Any]:
        return self.control.show(self.control.target(ask))

    def patch(self, ask: Ask) -> dict[str, Any]:
        """`muted` and `standAlone`, bare or wrapped as `party`: the sources conflict."""
        target = self.control.target(ask)
        body = ask.nested("party") or ask.body
        for name in ("muted", "standAlone"):
            if not isinstance(body.get(name, False), bool):
                raise invalid(name)
        with self.control.refusing():
            if "muted" in body:
                self.switch.calls.mute(target.call, target.leg, on=body["muted"])
        if "standAlone" in body:
            target.party.stand_alone = body["standAlone"]
            for change in self.control.sessions.refresh(target.session, self.control.company.now()):
                self.notifications.tell_session(change)
        return self.control.show(target)

    def delete(self, ask: Ask) -> None:
        """That party leaves, or is put out of a conference."""
        target = self.control.target(ask)
        with self.control.refusing():
            if target.call.conference and not target.party.is_outbound:
                self.switch.conferences.remove(target.call, target.leg)
            else:
                self.switch.calls.hangup(target.call, target.leg)

    def hold(self, ask: Ask) -> dict[str, Any]:
        target = self.control.target(ask)
        with self.control.refusing():
            self.switch.calls.hold(target.call, target.leg)
        return self.control.show(target)

    def unhold(self, ask: Ask) -> dict[str, Any]:
        target = self.control.target(ask)
        with self.control.refusing():
            self.switch.calls.resume(target.call, target.leg)
        return self.control.show(target)

    def answer(self, ask: Ask) -> dict[str, Any]:
        target = self.control.target(ask)
        device = self.control.own_phone(ask, target.leg.party.extension)
        if device is None:
            raise invalid("deviceId")
        with self.control.refusing():
            self.switch.calls.answer(target.call, target.leg, device)
        return self.control.show(target)

    def pickup(self, ask: Ask) -> dict[str, Any]:
        """Takes a colleague's ringing call, or a parked one, to a phone of the user's; an administrator's, to anybody's."""
        target = self.control.anybodys(ask)
        extension, device = self.control.phone(ask.text("deviceId"), "deviceId")
        if extension.id != ask.grant.user.extension_id and not ask.grant.user.is_admin:
            raise invalid("deviceId", "It is another extension's.")
        call = target.call
        with self.control.refusing():
            if call.parking is not None:
                leg = self.switch.parked.retrieve(call.parking.slot, extension, device)
            else:
                leg = self.switch.calls.pick_up(call, extension, device)
        party = target.session.party_of(leg)
        return self.control.show(Target(target.session, party or target.party))

    def ignore(self, ask: Ask) -> None:
        """That phone stops ringing."""
        target = self.control.target(ask)
        device = self.control.own_phone(ask, target.leg.party.extension)
        if device is None:
            raise invalid("deviceId")
        with self.control.refusing():
            self.switch.calls.ignore(target.call, target.leg, device)

    def reject(self, ask: Ask) -> None:
        """Ends the party, or sends its caller to voicemail: the sources conflict."""
        target = self.control.target(ask)
        self._check_ringing(target)
        with self.control.refusing():
            if self.control.dialect.reject == "voicemail":
                self.switch.voicemail.deposit(target.call, target.leg.party, target.leg.role, Cause.REJECTED)
            else:
                self.switch.calls.reject(target.call, target.leg)

    def forward(self, ask: Ask) -> dict[str, Any]:
        """Before it is answered ("works only in Setup/Proceeding"): to a number, an extension, or somebody's voicemail."""
        target = self.control.target(ask)
        self._check_ringing(target)
        with self.control.refusing():
            if box := ask.text("voicemail"):
                self.switch.voicemail.deposit(target.call, self._box(box), target.leg.role, Cause.FORWARDED)
            else:
                self.switch.calls.forward(target.call, target.leg, self.control.dialled(ask.body))
        return self.control.show(target)

    def transfer(self, ask: Ask) -> dict[str, Any]:
        """After it is answered: as forward, or to a park orbit."""
        target = self.control.target(ask)
        with self.control.refusing():
            if box := ask.text("voicemail"):
                self._transfer(target, self._box(box), TransferMode.VOICEMAIL)
            elif orbit := ask.text("parkOrbit"):
                self.switch.parked.park(target.call, target.leg, orbit.lstrip("*"))
            else:
                self._transfer(target, self.control.dialled(ask.body), TransferMode.BLIND)
        return self.control.show(target)

    def bridge(self, ask: Ask) -> dict[str, Any]:
        """Warm transfer: who is on this session joins the other one; the user leaves both. The party is Gone there."""
        target = self.control.target(ask)
        session = self.control.any_session(ask, ask.required("telephonySessionId"), "telephonySessionId")
        other = self.control.party(ask, session, ask.required("partyId"), "partyId")
        target.party.peer = Peer(session.id, other.leg.id)
        try:
            with self.control.refusing():
                self.switch.transfers.to_call(session.call, other.leg, target.call)
        except ApiError:
            target.party.peer = None
            raise
        return self.control.show(target)

    def flip(self, ask: Ask) -> None:
        """Goes on at another phone of the same extension: `callFlipId` counts them from 1."""
        target = self.control.target(ask)
        extension, flip = target.leg.party.extension, ask.required("callFlipId")
        if extension is None or not flip.isdecimal() or not 1 <= int(flip) <= len(extension.devices):
            raise invalid("callFlipId")
        with self.control.refusing():
            self.switch.calls.move(target.call, target.leg, extension.devices[int(flip) - 1])

    def park(self, ask: Ask) -> dict[str, Any]:
        """In the first orbit that is free; `parkData` names it."""
        target = self.control.target(ask)
        with self.control.refusing():
            self.switch.parked.park(target.call, target.leg)
        return self.control.show(target)

    def reply(self, ask: Ask) -> dict[str, Any]:
        """Refuses the call with words that are read to the caller."""
        target = self.control.target(ask)
        self._check_ringing(target)
        pattern = ask.nested("replyWithPattern")
        if not ask.text("replyWithText") and pattern.get("pattern") not in PATTERNS:
            raise invalid("replyWithText" if not pattern else "replyWithPattern.pattern")
        target.party.reason = "CallReplied"
        with self.control.refusing():
            self.switch.calls.reject(target.call, target.leg)
        return self.control.show(target)

    def supervise(self, ask: Ask) -> dict[str, Any]:
        target = self.control.anybodys(ask)
        return self.calls.listen(ask, target.session, target.leg)

    def record(self, ask: Ask) -> dict[str, Any]:
        target = self.control.target(ask)
        with self.control.refusing():
            return _show_recording(self.switch.recordings.start(target.call, target.party.extension_id))

    def change_recording(self, ask: Ask) -> dict[str, Any]:
        """`active` false pauses it, true resumes it; what is so already stays so."""
        target = self.control.target(ask)
        recording = next((each for each in target.call.recordings if each.id == ask.path["recording"]), None)
        if recording is None:
            raise not_found("recordingId")
        active = ask.body.get("active")
        if not isinstance(active, bool):
            raise invalid("active")
        with self.control.refusing():
            if active and recording.state is RecordingState.PAUSED:
                self.switch.recordings.resume(target.call)
            elif not active and recording.state is RecordingState.ACTIVE:
                self.switch.recordings.pause(target.call)
        return _show_recording(recording)

    def _check_ringing(self, target: Target) -> None:
        if target.leg.state not in (LegState.ALERTING, LegState.QUEUED):
            raise self.control.wrong_state("the party is not in Setup or Proceeding")

    def _transfer(self, target: Target, to: Party, mode: TransferMode) -> None:
        self.switch.transfers.transfer(target.call, target.leg, to, mode)

    def _box(self, reference: str) -> Party:
        return self.control.company.party_of(self.control.extension(reference, "voicemail"))


def _show_recording(recording: Recording) -> dict[str, Any]:
    return {"id": recording.id, "active": recording.state is RecordingState.ACTIVE, "mode": "OnDemand"}
