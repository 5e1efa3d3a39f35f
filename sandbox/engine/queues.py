"""Call queues: callers wait in line, agents log in, and of the most skilled whoever has been idle longest rings first."""

from dataclasses import dataclass

from sandbox.engine.core import Core
from sandbox.engine.directory import USUAL_SKILL, Agent, AgentState, Extension, Outcome, Party, Queue, Visit
from sandbox.engine.errors import UnknownExtension, WrongState
from sandbox.engine.events import EngineEvent, Kind, LineKind
from sandbox.engine.model import Call, Cause, Leg, LegState, Role, live_legs

_FREEING = (Kind.ENDED, Kind.CLEARED, Kind.TRANSFERRED, Kind.PARKED, Kind.DIVERTED)


@dataclass(frozen=True, slots=True)
class QueueStatistics:
    """`service_level`: the share of answered calls that waited no longer than the queue's `service_level_s`."""

    waiting: int
    longest_wait_s: float
    logged_in: int
    free: int
    paused: int
    total: int
    answered: int
    abandoned: int
    timed_out: int
    average_wait_s: float
    last_wait_s: float
    service_level: float


class Queues:
    """Agents are named by their extension; a queue by its own. Raises UnknownExtension for what is neither."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.company = core.company
        core.company.reactions.append(self._follow)

    def enter(self, call: Call, queue: Party, role: Role) -> Leg:
        """The call waits at the end of the line, as a leg of the queue in state `queued`."""
        extension = queue.extension
        if extension is None:
            raise UnknownExtension("Nobody outside has a queue here")
        leg = self.core.add(call, queue, role, LegState.QUEUED)
        self.company.queue(extension.id).waiting.append(call.id)
        self.core.tell(Kind.QUEUED, call, leg=leg)
        self._distribute(extension)
        return leg

    def give_up(self, call: Call, queue: Extension) -> None:
        """The call waited too long: it is no longer in line, and rings no agent. It goes on elsewhere, or ends."""
        self._leave(self.company.queue(queue.id), call, Outcome.TIMED_OUT)
        ringing = call.in_state(LegState.ALERTING)
        for leg in ringing:
            self.core.close(leg, Cause.TIMED_OUT)
        self.core.tell_cleared(call, ringing)

    def log_in(
        self,
        queue: Extension,
        agent: Extension,
        *,
        skill: int = USUAL_SKILL,
        code: str | None = None,
        paused: bool = False,
    ) -> None:
        """Ready for calls, or paused from the start; an agent that the queue doesn't know yet joins it."""
        found = self.company.queue(queue.id).agents.setdefault(agent.id, Agent(agent.id))
        found.skill = skill
        self._set(queue, found, AgentState.PAUSED if paused else AgentState.READY, code)

    def log_out(self, queue: Extension, agent: Extension) -> None:
        self._set(queue, self.agent(queue, agent), AgentState.LOGGED_OUT)

    def pause(self, queue: Extension, agent: Extension, code: str | None = None) -> None:
        """Raises WrongState for an agent who isn't logged in."""
        self._set(queue, self._logged_in(queue, agent), AgentState.PAUSED, code)

    def resume(self, queue: Extension, agent: Extension) -> None:
        """Ready again, from a pause or from wrap-up. Raises WrongState for an agent who isn't logged in."""
        self._set(queue, self._logged_in(queue, agent), AgentState.READY)

    def agent(self, queue: Extension, agent: Extension) -> Agent:
        try:
            return self.company.queue(queue.id).agents[agent.id]
        except KeyError:
            raise UnknownExtension(f"{agent.name} is no agent of {queue.name}") from None

    def of_agent(self, agent: Extension) -> list[Extension]:
        """The queues that this agent belongs to, logged in or not."""
        return [each for each in self.company.extensions.values() if each.queue and agent.id in each.queue.agents]

    def is_free(self, agent: Agent) -> bool:
        """Ready, reachable, and on no call."""
        extension = self.company.extensions[agent.extension_id]
        reachable = not extension.settings.dnd and (not extension.devices or bool(extension.online))
        busy = bool(live_legs(self.company.calls.values(), agent.extension_id))
        return agent.state is AgentState.READY and reachable and not busy

    def waiting(self, queue: Extension) -> list[Call]:
        """In the order in which they are answered."""
        return [self.company.calls[each] for each in self.company.queue(queue.id).waiting]

    def statistics(self, queue: Extension, since: float = 0.0) -> QueueStatistics:
        """Now, and of the waits that ended since then."""
        facts = self.company.queue(queue.id)
        visits = [each for each in facts.visits if each.ended_at >= since]
        answered = [each.waited_s for each in visits if each.outcome is Outcome.ANSWERED]
        in_time = [each for each in answered if each <= facts.settings.service_level_s]
        agents = facts.agents.values()
        now = self.company.now()
        return QueueStatistics(
            waiting=len(facts.waiting),
            longest_wait_s=max((now - _entered(each) for each in self.waiting(queue)), default=0.0),
            logged_in=sum(each.state is not AgentState.LOGGED_OUT for each in agents),
            free=sum(self.is_free(each) for each in agents),
            paused=sum(each.state is AgentState.PAUSED for each in agents),
            total=len(visits),
            answered=len(answered),
            abandoned=sum(each.outcome is Outcome.ABANDONED for each in visits),
            timed_out=sum(each.outcome is Outcome.TIMED_OUT for each in visits),
            average_wait_s=sum(answered) / len(answered) if answered else 0.0,
            last_wait_s=visits[-1].waited_s if visits else 0.0,
            service_level=len(in_time) / len(answered) if answered else 1.0,
        )

    def _set(self, queue: Extension, agent: Agent, state: AgentState, pause_code: str | None = None) -> None:
        agent.state, agent.since, agent.pause_code = state, self.company.now(), pause_code
        if state is AgentState.READY:
            agent.idle_since = agent.since
        self.core.tell_line(LineKind.AGENT, self.company.extensions[agent.extension_id], queue=queue)
        self._distribute(queue)

    def _logged_in(self, queue: Extension, agent: Extension) -> Agent:
        found = self.agent(queue, agent)
        if found.state is AgentState.LOGGED_OUT:
            raise WrongState(f"{agent.name} is not logged in to {queue.name}")
        return found

    def _distribute(self, queue: Extension) -> None:
        """Rings one agent for each call that waits and rings nobody yet."""
        facts = self.company.queue(queue.id)
        for call in self.waiting(queue):
            if call.in_state(LegState.ALERTING):
                continue
            free = [each for each in facts.agents.values() if self.is_free(each)]
            if not free:
                return
            self._offer(call, queue, min(free, key=lambda each: (each.skill, each.idle_since)))

    def _offer(self, call: Call, queue: Extension, agent: Agent) -> None:
        extension = self.company.extensions[agent.extension_id]
        role = call.in_state(LegState.QUEUED)[0].role
        leg = self.core.add(call, self.company.party_of(extension), role, LegState.ALERTING, extension.online)
        self.core.tell(Kind.ALERTING, call, leg=leg, cause=Cause.DISTRIBUTED)

        def pass_over() -> None:
            self.core.close(leg, Cause.NO_ANSWER)
            self.core.tell_cleared(call, [leg])

        self.core.later(self.company.queue(queue.id).settings.agent_ring_s, call, leg, pass_over)

    def _leave(self, queue: Queue, call: Call, outcome: Outcome, agent_id: str | None = None) -> None:
        now = self.company.now()
        queue.waiting.remove(call.id)
        queue.visits.append(Visit(call.id, now, now - _entered(call), outcome, agent_id))

    def _follow(self, event: EngineEvent) -> None:
        """Callers come out of the line, agents go to wrap-up, and whoever became free rings."""
        for extension in list(self.company.extensions.values()):
            if extension.queue is None:
                continue
            if event.call.id in extension.queue.waiting:
                self._follow_waiting(extension.queue, event)
            if event.kind in _FREEING:
                self._follow_agents(extension, extension.queue)
                self._distribute(extension)

    def _follow_waiting(self, queue: Queue, event: EngineEvent) -> None:
        call = event.call
        answerer = event.leg.party.extension_id if event.leg else None
        agent = queue.agents.get(answerer or "")
        if event.kind is Kind.ANSWERED:
            if agent is not None:
                agent.call_id, agent.answered = call.id, agent.answered + 1
            self._leave(queue, call, Outcome.ANSWERED, answerer)
        elif event.kind is Kind.ENDED:
            self._leave(queue, call, Outcome.ABANDONED)
        elif not call.in_state(LegState.QUEUED):
            self._leave(queue, call, Outcome.DIVERTED)
        elif event.kind is Kind.CLEARED and agent is not None:
            agent.idle_since = event.at  # didn't take it: somebody else's turn

    def _follow_agents(self, extension: Extension, queue: Queue) -> None:
        """An agent whose queue call is over wraps up, where the queue wants that."""
        for agent in queue.agents.values():
            if agent.call_id is None or self._is_on(agent, agent.call_id):
                continue
            agent.call_id = None
            agent.idle_since = self.company.now()
            if queue.settings.wrap_up_s > 0 and agent.state is AgentState.READY:
                self._set(extension, agent, AgentState.WRAP_UP)
                self._resume_later(extension, agent, queue.settings.wrap_up_s)

    def _is_on(self, agent: Agent, call_id: str) -> bool:
        call = self.company.calls.get(call_id)
        return call is not None and call.leg_of(agent.extension_id) is not None

    def _resume_later(self, queue: Extension, agent: Agent, seconds: float) -> None:
        since = agent.since

        def resume() -> None:
            if agent.state is AgentState.WRAP_UP and agent.since == since:
                self._set(queue, agent, AgentState.READY)

        self.company.later(seconds, resume)


def _entered(call: Call) -> float:
    """When the call began to wait: its queue's leg did."""
    return max(leg.started_at for leg in call.legs if leg.party.extension and leg.party.extension.queue)
