""" "Group of methods for call management": holding, consulting, transferring, and ending. The state diagram is here.

Talk -hold.call-> Hold; Hold -unhold.call-> Talk; Hold -make.call-> dialing; dialing -answer-> operator_talk;
dialing or operator_talk -transfer.talk-> transferred, -restore.talk-> Talk.
"""

from sandbox.engine.errors import NotDialable
from sandbox.engine.model import Cause
from sandbox.engine.switch import Switch
from sandbox.faces.callgear.connection import Connection
from sandbox.faces.callgear.errors import invalid_state, no_active_phone_number
from sandbox.faces.callgear.messages import check_messages
from sandbox.faces.callgear.parameters import Values
from sandbox.faces.callgear.rpc import Handler
from sandbox.faces.callgear.sessions import Session, Sessions, State
from sandbox.faces.callgear.staff import Staff

_CONSULTING = (State.CONSULTATION_DIALING, State.OPERATOR_TALK)


class Talks:
    """Each succeeds, or raises RpcError."""

    def __init__(self, switch: Switch, sessions: Sessions, staff: Staff, connection: Connection) -> None:
        self.switch = switch
        self.sessions = sessions
        self.staff = staff
        self.connection = connection

    def handlers(self) -> dict[str, Handler]:
        return {
            "hold.call": self.hold,
            "unhold.call": self.unhold,
            "make.call": self.make_call,
            "transfer.talk": self.transfer,
            "restore.talk": self.restore,
            "disconnect.leg": self.disconnect_leg,
            "release.call": self.release,
        }

    def hold(self, values: Values) -> None:
        session = self._find(values, State.TALK)
        check_messages(values, self.connection)
        self.switch.calls.hold(session.call, session.operator())

    def unhold(self, values: Values) -> None:
        session = self._find(values, State.HOLD)
        self.switch.calls.resume(session.call)

    def make_call(self, values: Values) -> None:
        """The contact stays on hold; whoever is called talks to the operator alone."""
        session = self._find(values, State.HOLD)
        check_messages(values, self.connection)
        number = values.text("to")
        try:
            self.switch.transfers.consult(session.call, session.operator(), self.staff.reach(number))
        except NotDialable as error:
            raise no_active_phone_number("to", number) from error

    def transfer(self, values: Values) -> None:
        """While the other still rings, the operator leaves and it rings for the contact."""
        session = self._find(values, *_CONSULTING)
        consultation = self.sessions.consultation(session)
        if self.sessions.state(session) is State.CONSULTATION_DIALING and consultation is not None:
            operator = session.operator()
            self.switch.calls.end(consultation, Cause.TRANSFERRED)
            self.switch.transfers.transfer(session.call, operator, consultation.dialled)
        else:
            self.switch.transfers.complete(session.call)

    def restore(self, values: Values) -> None:
        session = self._find(values, *_CONSULTING)
        self.switch.transfers.cancel(session.call)

    def disconnect_leg(self, values: Values) -> None:
        """Without the contact the session ends; without the last who talks to them, too."""
        session = self._find(values)
        leg = self.sessions.leg(session, values.number("leg_id"))
        consultation = self.sessions.consultation(session)
        if session.is_contact(leg) and leg in session.call.legs:
            self.switch.calls.end(session.call)
        elif consultation is not None and leg in consultation.legs:
            self.switch.calls.hangup(consultation, leg)
        else:
            self.switch.calls.hangup(session.call, leg)

    def release(self, values: Values) -> None:
        self.switch.calls.end(self._find(values).call)

    def _find(self, values: Values, *states: State) -> Session:
        """Raises RpcError call_session_not_found; invalid_state when it is in none of these."""
        session = self.sessions.find(values.number("call_session_id"))
        if states and self.sessions.state(session) not in states:
            raise invalid_state()
        return session
