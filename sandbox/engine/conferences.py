"""Conferences: a call with more than two who talk."""

from sandbox.engine.core import Core
from sandbox.engine.directory import Device, Extension, Party
from sandbox.engine.errors import WrongState
from sandbox.engine.events import Kind
from sandbox.engine.model import TALKING, Call, Cause, Leg, LegState, Peer, Role
from sandbox.engine.transfers import adopt


class Conferences:
    """Leaving one is an ordinary hangup; ending it for everybody is `end` of Calls."""

    def __init__(self, core: Core) -> None:
        self.core = core

    def start(self, host: Extension, device: Device | None = None) -> Call:
        """An empty conference with its host alone, for others to be brought in."""
        devices = self.core.phones(host, device)
        party = self.core.company.party_of(host)
        call = self.core.create(party, Party(name="Conference"), LegState.CONNECTED, devices[:1])
        call.conference = True
        call.answered_at = self.core.company.now()
        self.core.tell(Kind.CONFERENCED, call, leg=call.legs[0])
        return call

    def join(self, call: Call, other: Call, extension_id: str) -> None:
        """Everybody of the other call comes into this one, which that extension is on too; the other ends.

        Raises WrongState when the extension doesn't talk on both.
        """
        host, own = call.leg_of(extension_id, *TALKING), other.leg_of(extension_id, *TALKING)
        guests = [each for each in other.talking if each is not own]
        settled = call.is_settled and other.is_settled
        if call is other or host is None or own is None or not guests or not settled:
            raise WrongState("A conference joins two answered calls of the same phone")
        for guest in guests:
            adopt(self.core, call, guest, host.role.other, Cause.CONFERENCED)
        self.core.close(own, Cause.CONFERENCED, Peer(call.id, host.id))
        self._begin(call, host, other)
        self.core.end(other, Cause.CONFERENCED)

    def bring_in(self, call: Call, other: Call, leg: Leg) -> Leg:
        """Takes one party of another call into the conference; that call ends when fewer than two are left. Answers the new leg.

        Raises WrongState when the party doesn't talk there, or somebody rings or waits here.
        """
        if call is other or leg not in other.talking or not call.is_settled:
            raise WrongState("Only somebody who talks can be brought into a conference")
        role = Role.CALLEE if call.talking[0].role is Role.CALLER else Role.CALLER
        taken = adopt(self.core, call, leg, role, Cause.CONFERENCED)
        self._begin(call, taken, other)
        if len(other.talking) < 2:
            self.core.end(other, Cause.CONFERENCED)
        else:
            self.core.pair(other)
            self.core.tell_cleared(other, [leg])
        return taken

    def remove(self, call: Call, leg: Leg) -> None:
        """Puts somebody out. Raises WrongState for a call that is no conference, or who isn't on it."""
        if not call.conference or leg not in call.talking:
            raise WrongState("That party is not in a conference")
        self.core.leave(call, leg, Cause.REMOVED)

    def _begin(self, call: Call, leg: Leg, other: Call) -> None:
        """Everybody talks. A consultation that becomes the conference consults about nothing any more."""
        call.conference = True
        call.consultation_for = None
        for each in call.in_state(LegState.HELD):
            each.state = LegState.CONNECTED
        self.core.tell(Kind.CONFERENCED, call, leg=leg, consultation=other)
