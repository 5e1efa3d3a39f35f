""" "Call Queue Agent Status" and "Call Queue Agent Action"."""

import json
from typing import Any

from sandbox.engine.directory import USUAL_SKILL, Agent, AgentState, Extension
from sandbox.engine.model import TALKING, LegState, live_legs
from sandbox.engine.switch import Switch
from sandbox.faces.eq.dispatch import Handler
from sandbox.faces.eq.errors import invalid, nonexistent, refused
from sandbox.faces.eq.lookup import Lookup
from sandbox.faces.eq.records import Record
from sandbox.faces.eq.requests import Ask, Values
from sandbox.faces.eq.sessions import Sessions

_STATES = {
    AgentState.LOGGED_OUT: "signedOut",
    AgentState.READY: "available",
    AgentState.PAUSED: "paused",
    AgentState.WRAP_UP: "wrapUp",
}
# The combined status is the first of these that the agent has anywhere.
_ORDER = ("onCall", "ringing", "wrapUp", "available", "paused", "signedOut")
_SKILLS = range(1, 6)


class QueueAgents:
    """Agents act in queues through the extension where they are signed in to the system."""

    def __init__(self, switch: Switch, lookup: Lookup, sessions: Sessions) -> None:
        self.switch = switch
        self.company = switch.company
        self.lookup = lookup
        self.sessions = sessions

    def operations(self) -> dict[str, Handler]:
        return {"call_queue_agent_status": self.status, "call_queue_agent_action": self.act}

    def status(self, ask: Ask) -> list[dict[str, Any]]:
        """A row for each queue and each agent bound to it; with `combined`, one for each agent."""
        values = ask.values
        queues = [self.lookup.queue(values, "queue")] if values.text("queue") else self.lookup.queues
        agents = [self.lookup.agent(values, "agent")] if values.text("agent") else list(self.lookup.records.agents)
        rows = [self._show(queue, agent) for queue in queues for agent in agents if queue.number in agent.queues]
        if not values.flag("combined") or values.text("queue") or values.text("agent"):
            return rows
        groups = ([row for row in rows if row["agent"] == int(each.key)] for each in agents)
        return [_combine(group) for group in groups if group]

    def act(self, ask: Ask) -> None:
        actions = {
            "signIn": self._sign_in,
            "signOut": self._sign_out,
            "pause": self._pause,
            "resume": self._resume,
            "exitWrapUp": self._exit_wrap_up,
        }
        action = ask.values.choice("action", tuple(actions))
        options = ask.values.object("options")
        agent = self.lookup.agent(options, "agent")
        session = self.sessions.of_agent(agent)
        line = self.sessions.line(session) if session else None
        if line is None:
            raise refused("agent", "not_signed_in", "The agent is not signed in")
        actions[action](options, agent, line)

    def _sign_in(self, options: Values, agent: Record, extension: Extension) -> None:
        """With a queue, with queues, or all that the agent is bound to."""
        skill, paused = _skill(options.get("skill"), "skill"), options.flag("paused")
        if options.text("queue"):
            queue = self.lookup.queue(options, "queue")
            if self.lookup.is_signed_in(queue, extension):
                raise refused("queue", "already_signed_in", "The agent is already signed in to the queue")
            chosen = [(queue, skill)]
        elif options.get("queues") is not None:
            chosen = self._chosen(options, skill)
        else:
            chosen = [(each, skill) for each in self.lookup.queues if each.number in agent.queues]
        for queue, level in chosen:
            if not self.lookup.is_signed_in(queue, extension):
                self.switch.queues.log_in(queue, extension, skill=level, paused=paused)
            if queue.number not in agent.queues:
                agent.queues.append(queue.number)

    def _sign_out(self, options: Values, _: Record, extension: Extension) -> None:
        for queue, _state in self._signed_in(options, extension):
            self.switch.queues.log_out(queue, extension)

    def _pause(self, options: Values, _: Record, extension: Extension) -> None:
        key = options.text("pauseCode")
        if key and self.lookup.records.pause_codes.get(key) is None:
            raise nonexistent("pauseCode", f"pause code {key}")
        for queue, _state in self._signed_in(options, extension):
            self.switch.queues.pause(queue, extension, key or None)

    def _resume(self, options: Values, _: Record, extension: Extension) -> None:
        self._ready(options, extension, AgentState.PAUSED)

    def _exit_wrap_up(self, options: Values, _: Record, extension: Extension) -> None:
        self._ready(options, extension, AgentState.WRAP_UP)

    def _ready(self, options: Values, extension: Extension, from_: AgentState) -> None:
        for queue, agent in self._signed_in(options, extension):
            if agent.state is from_:
                self.switch.queues.resume(queue, extension)

    def _signed_in(self, options: Values, extension: Extension) -> list[tuple[Extension, Agent]]:
        """The queue in the options, where the agent must be signed in; else all where they are."""
        if options.text("queue"):
            queue = self.lookup.queue(options, "queue")
            if not self.lookup.is_signed_in(queue, extension):
                raise refused("queue", "not_signed_in", "The agent is not signed in to the queue")
            queues = [queue]
        else:
            queues = [each for each in self.lookup.queues if self.lookup.is_signed_in(each, extension)]
        return [(each, self.switch.queues.agent(each, extension)) for each in queues]

    def _chosen(self, options: Values, skill: int) -> list[tuple[Extension, int]]:
        """ "Size of array must be equal to size of queues array"."""
        queues = [self.lookup.queue_at(str(each), "queues") for each in _array(options, "queues")]
        levels = _array(options, "skills") if options.get("skills") is not None else [skill] * len(queues)
        if len(levels) != len(queues):
            raise invalid("skills", "skills must be as many as queues")
        return [(queue, _skill(level, "skills")) for queue, level in zip(queues, levels, strict=True)]

    def _show(self, queue: Extension, agent: Record) -> dict[str, Any]:
        session = self.sessions.of_agent(agent)
        extension = self.sessions.line(session) if session else None
        place = queue.queue.agents.get(extension.id) if queue.queue and extension else None
        state = place.state if place else AgentState.LOGGED_OUT
        code = self.lookup.pause_code(place.pause_code) if place and place.pause_code else None
        return {
            "queue": queue.number,
            "agent": int(agent.key),
            "number": agent.values["number"],
            "name": agent.name,
            "extension": extension.number if extension else None,
            "signedIn": state is not AgentState.LOGGED_OUT,
            "status": self._status(state, extension),
            "paused": state is AgentState.PAUSED,
            "pauseCode": int(code.key) if code else None,
            "pauseCodeName": code.values["name"] if code else None,
            "skill": place.skill if place else None,
            "since": int(place.since) or None if place else None,
            "callsTaken": place.answered if place else 0,
        }

    def _status(self, state: AgentState, extension: Extension | None) -> str:
        legs = live_legs(self.company.calls.values(), extension.id) if extension else []
        if state is AgentState.LOGGED_OUT or not legs:
            return _STATES[state]
        if any(leg.state in TALKING for leg in legs):
            return "onCall"
        return "ringing" if any(leg.state is LegState.ALERTING for leg in legs) else _STATES[state]


def _combine(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The status of one agent across all queues."""
    first = min(rows, key=lambda row: _ORDER.index(row["status"]))
    signed_in = [row["queue"] for row in rows if row["signedIn"]]
    taken = sum(row["callsTaken"] for row in rows)
    return {**first, "queue": None, "queues": signed_in, "signedIn": bool(signed_in), "callsTaken": taken}


def _array(options: Values, name: str) -> list[Any]:
    value = options[name]
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise invalid(name, f"{name} is not JSON") from None
    if not isinstance(value, list):
        raise invalid(name, f"{name} must be an array")
    return value


def _skill(value: Any, name: str) -> int:
    """ "5 - Lowest … 1 - Highest or null for default (3 - Normal)"."""
    if value is None or value == "":
        return USUAL_SKILL
    if isinstance(value, bool) or str(value) not in map(str, _SKILLS):
        raise invalid(name, f"{name} must be from 1, the highest, to 5")
    return int(value)
