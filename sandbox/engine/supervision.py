"""Supervisors on somebody's call: they listen, whisper to the agent, or talk with everybody."""

from sandbox.engine.core import Core
from sandbox.engine.directory import Device, Extension
from sandbox.engine.errors import WrongState
from sandbox.engine.events import Kind
from sandbox.engine.model import TALKING, Call, Leg, LegState, Role, Supervision, SupervisionMode


class Supervisions:
    """A supervisor's leg has the role of one, and ends by an ordinary hangup, or with the call."""

    def __init__(self, core: Core) -> None:
        self.core = core

    def start(
        self,
        call: Call,
        agent: Leg,
        supervisor: Extension,
        mode: SupervisionMode = SupervisionMode.LISTEN,
        *,
        device: Device | None = None,
        auto_answer: bool = True,
    ) -> Leg:
        """Puts the supervisor beside the agent; without `auto_answer` their phone rings first. Answers the new leg.

        Raises WrongState when the agent doesn't talk, or the supervisor is on the call already.
        """
        if agent.state not in TALKING or call.leg_of(supervisor.id) is not None:
            raise WrongState("Only a colleague who talks can be supervised")
        devices = self.core.phones(supervisor, device)
        party = self.core.company.party_of(supervisor)
        leg = self.core.add(call, party, Role.SUPERVISOR, LegState.ALERTING, devices)
        leg.supervision = Supervision(mode, agent.id)
        if auto_answer:
            leg.state, leg.devices, leg.answered_at = LegState.CONNECTED, devices[:1], leg.started_at
            self.core.tell(Kind.SUPERVISED, call, leg=leg, device=leg.device)
        else:
            self.core.tell(Kind.ALERTING, call, leg=leg)
            seconds = self.core.company.behaviour.ring_timeout_s
            self.core.later(seconds, call, leg, lambda: self.core.leave(call, leg))
        return leg

    def change(self, call: Call, leg: Leg, mode: SupervisionMode) -> None:
        """From listening to whispering, say. Raises WrongState for a leg that supervises nobody."""
        if leg.supervision is None or leg.state is not LegState.CONNECTED:
            raise WrongState("That leg supervises nobody")
        leg.supervision = Supervision(mode, leg.supervision.leg_id)
        self.core.tell(Kind.SUPERVISED, call, leg=leg, device=leg.device)
