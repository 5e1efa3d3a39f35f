""" "Call Queue Statistics": "a summary of calls and agents". The names are not in the document."""

from typing import Any

from sandbox.engine.directory import AgentState, Extension, Outcome
from sandbox.engine.switch import Switch
from sandbox.faces.eq.dispatch import Handler
from sandbox.faces.eq.lookup import Lookup
from sandbox.faces.eq.requests import Ask

_DAY_S = 86400


class Statistics:
    """Of the present day, by UTC."""

    def __init__(self, switch: Switch, lookup: Lookup) -> None:
        self.switch = switch
        self.company = switch.company
        self.lookup = lookup

    def operations(self) -> dict[str, Handler]:
        return {"call_queue_statistics": self.statistics}

    def statistics(self, ask: Ask) -> dict[str, Any] | list[dict[str, Any]]:
        """ "A call queue statistics object, or an array … if returning data for all queues"."""
        if ask.values.text("queue"):
            return self._show(self.lookup.queue(ask.values, "queue"))
        return [self._show(each) for each in self.lookup.queues]

    def _show(self, queue: Extension) -> dict[str, Any]:
        facts = self.company.queue(queue.id)
        midnight = self.company.now() // _DAY_S * _DAY_S
        counts = self.switch.queues.statistics(queue, since=midnight)
        today = [each for each in facts.visits if each.ended_at >= midnight]
        states = [each.state for each in facts.agents.values()]
        return {
            "queue": queue.number,
            "name": queue.name,
            "callsWaiting": counts.waiting,
            "longestWaitTime": int(counts.longest_wait_s),
            "callsTotal": counts.total,
            "callsAnswered": counts.answered,
            "callsAbandoned": counts.abandoned + counts.timed_out,
            "callsTransferred": sum(each.outcome is Outcome.DIVERTED for each in today),
            "averageWaitTime": round(counts.average_wait_s, 1),
            "serviceLevel": round(100 * counts.service_level),
            "agentsSignedIn": counts.logged_in,
            "agentsAvailable": counts.free,
            "agentsPaused": counts.paused,
            "agentsWrapUp": states.count(AgentState.WRAP_UP),
            "agentsOnCall": sum(each.call_id is not None for each in facts.agents.values()),
        }
