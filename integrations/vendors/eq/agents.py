"""EQ's queue statistics and agents' statuses, each a row of what one request shows. Pure."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct, structs

from integrations.contract.things import AgentChoice, QueueAgent, QueueStats, VendorQueue
from integrations.vendors.eq.wire import Record, Unreadable

SKILLS = (
    AgentChoice("1", "Highest"),
    AgentChoice("2", "Above normal"),
    AgentChoice("3", "Normal"),
    AgentChoice("4", "Below normal"),
    AgentChoice("5", "Lowest"),
)
""" "Skill level (penalty) with which to sign agent into queue"."""

_LOGGED_OUT, _AVAILABLE, _BUSY, _PAUSED, _WRAP_UP = "logged_out", "available", "busy", "paused", "wrap_up"
# What a status is called → ours. EQ's words are unknown; a word that nobody foresaw counts as busy.
_STATES = {
    _LOGGED_OUT: ("signedout", "loggedout", "notsignedin", "offline", "out"),
    _AVAILABLE: ("available", "ready", "idle", "free", "waiting", "signedin", "loggedin", "in"),
    _PAUSED: ("paused", "pause", "onpause", "break", "onbreak"),
    _WRAP_UP: ("wrapup", "wrappingup", "inwrapup", "wrap"),
}
_BY_WORD = {word: state for state, words in _STATES.items() for word in words}
_EXTENSIONS = ("extension", "agentextension", "exten", "line")
_AGENTS = ("agent", "agentid", "user", "userid", "id")
_QUEUES = ("queue", "queueextension", "queuenumber", "callqueue", "extension")


class AgentRow(Struct, frozen=True):
    """An agent's part in a queue. Agents are people of their own, who sit at an extension while they are signed in."""

    queue: str
    agent: str
    extension: str | None
    name: str
    state: str
    pause_code: str | None
    skill: str | None
    since: datetime | None
    raw: Mapping[str, Any]

    @property
    def key(self) -> str:
        return f"{self.queue}/{self.agent}"

    @property
    def told(self) -> tuple[str | None, ...]:
        """A change of this is told."""
        return (self.extension, self.state, self.pause_code, self.skill)

    def queue_agent(self) -> QueueAgent | None:
        """None for one who sits nowhere, so that no extension can stand for them."""
        if self.extension is None:
            return None
        return QueueAgent(
            vendor_extension_id=self.extension,
            name=self.name,
            state=self.state,
            pause_code=self.pause_code,
            skill=self.skill,
            since=self.since,
        )


class QueueRow(Struct, frozen=True):
    """A queue with its statistics."""

    queue: str
    name: str
    stats: QueueStats
    raw: Mapping[str, Any]

    @property
    def key(self) -> str:
        return self.queue

    @property
    def told(self) -> QueueStats:
        """A change of this is told: that somebody waits longer is none."""
        return structs.replace(self.stats, longest_wait_s=None)

    def vendor_queue(self, pause_codes: tuple[AgentChoice, ...] | None = None) -> VendorQueue:
        return VendorQueue(self.queue, self.name, self.queue, self.stats, pause_codes=pause_codes, skills=SKILLS)


def agent_row(record: Record, extensions: Mapping[str, str]) -> AgentRow:
    """`extensions` tells where agents sit, by their user IDs, where the status doesn't. Raises Unreadable."""
    agent = record.text(*_AGENTS, limit=60)
    if agent is None:
        raise Unreadable("an agent's status doesn't say whose it is")
    name = record.text("name", "agentname")
    if name is None:
        name = " ".join(
            filter(None, (record.text("firstname", "agentfirstname"), record.text("lastname", "agentlastname")))
        )
    state = _state(record)
    return AgentRow(
        queue=record.text("queue", "queueextension", "queuenumber", "callqueue", limit=40) or "",
        agent=agent,
        extension=record.text(*_EXTENSIONS, limit=40) or extensions.get(agent),
        name=name,
        state=state,
        pause_code=record.text("pausecode", "pausecodeid", limit=60) if state == _PAUSED else None,
        skill=record.text("skill", "penalty", "skilllevel", limit=20) if state != _LOGGED_OUT else None,
        since=record.time("since", "statussince", "statustime", "laststatuschange"),
        raw=record.raw,
    )


def seats(
    sessions: Iterable[Record], statuses: Iterable[Record], extensions: Collection[str], named: Mapping[str, Any]
) -> dict[str, str]:
    """Where agents sit, by their user IDs: where they are signed in, else where `named` has them, by extensions.

    Else at the one of `extensions` that is the agent's own number, unless somebody else sits there.
    """
    signed_in = [(record.text(*_AGENTS, limit=60), record.text(*_EXTENSIONS, limit=40)) for record in sessions]
    numbers = [(record.text(*_AGENTS, limit=60), record.text("number", "agentnumber", limit=40)) for record in statuses]
    by_number = [(agent, number) for agent, number in numbers if number in extensions]
    found: dict[str, str] = {}
    taken: set[str] = set()
    for agent, extension in (*signed_in, *((str(agent), seat) for seat, agent in named.items()), *by_number):
        if agent and extension and agent not in found and extension not in taken:
            found[agent] = extension
            taken.add(extension)
    return found


def extensions_of(sessions: Iterable[Record]) -> set[str]:
    """Where agents are signed in."""
    return {extension for record in sessions if (extension := record.text(*_EXTENSIONS, limit=40))}


def queue_row(record: Record, queue: str | None = None) -> QueueRow:
    """Of a queue that may be the only one that was asked for. Raises Unreadable."""
    queue = record.text(*_QUEUES, limit=40) or queue
    if queue is None:
        raise Unreadable("a queue's statistics don't say which queue's they are")
    stats = QueueStats(
        waiting=record.count("callswaiting", "waiting", "callsinqueue", "queuedcalls", "calls"),
        longest_wait_s=record.number("longestwaittime", "longestwait", "maxwaittime", "oldestcall"),
        agents_logged_in=record.count("agentssignedin", "agentsloggedin", "signedinagents", "agents"),
        agents_available=record.count("agentsavailable", "availableagents", "agentsfree"),
        answered=record.count("callsanswered", "answered", "answeredcalls", "completed"),
        abandoned=record.count("callsabandoned", "abandoned", "abandonedcalls"),
        average_wait_s=record.number("averagewaittime", "averagewait", "avgwaittime", "holdtime"),
    )
    return QueueRow(queue, record.text("name", "queuename") or queue, stats, record.raw)


def _state(record: Record) -> str:
    """What a word says, else what is said of single states."""
    word = record.word("status", "state", "agentstatus")
    signed_in = record.flag("signedin", "loggedin")
    if signed_in is False or _BY_WORD.get(word) == _LOGGED_OUT:
        return _LOGGED_OUT
    if record.flag("paused", "ispaused"):
        return _PAUSED
    if record.flag("wrapup", "inwrapup"):
        return _WRAP_UP
    if word:
        return _BY_WORD.get(word, _BUSY)
    return _BUSY if record.flag("oncall", "busy", "incall") else _AVAILABLE
