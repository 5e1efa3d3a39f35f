"""What the EQ administration keeps: supervisors, agents, queues, pause codes, extensions, alerts.

The engine has lines and queues; that agents are people of their own, who sign in at an extension, is EQ's.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from sandbox.engine.company import Company
from sandbox.engine.directory import Extension, QueueSettings, User

PAUSE_CODES = ("Break", "Lunch", "Training")


@dataclass(slots=True, eq=False)
class Record:
    """`key`: its ID, or its extension. `values`: its attributes by the document's names.

    Of agents: `seat`, the number of the extension where they usually sit, and the extensions of their `queues`.
    """

    key: str
    values: dict[str, Any]
    deleted: bool = False
    seat: str = ""
    queues: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Of a user: first and last name."""
        return " ".join(filter(None, (self.values["firstName"], self.values["lastName"])))


class Collection:
    """Entities of one kind, by ID or extension."""

    def __init__(self) -> None:
        self._records: dict[str, Record] = {}

    def __iter__(self) -> Iterator[Record]:
        """Those that aren't deleted."""
        return (each for each in self._records.values() if not each.deleted)

    def get(self, key: str, *, deleted: bool = False) -> Record | None:
        """`deleted`: whether a deleted one counts as existent."""
        record = self._records.get(key)
        return record if record and (deleted or not record.deleted) else None

    def add(self, record: Record) -> None:
        self._records[record.key] = record

    def rename(self, record: Record, key: str) -> None:
        """Keeps it by another key from now on."""
        del self._records[record.key]
        record.key = key
        self.add(record)

    def remove(self, record: Record) -> None:
        """For good."""
        del self._records[record.key]


@dataclass(slots=True)
class Records:
    """Everything; IDs count for all of them, since supervisors and agents are users alike."""

    supervisors: Collection = field(default_factory=Collection)
    agents: Collection = field(default_factory=Collection)
    queues: Collection = field(default_factory=Collection)
    pause_codes: Collection = field(default_factory=Collection)
    extensions: Collection = field(default_factory=Collection)
    alerts: Collection = field(default_factory=Collection)
    last_id: int = 0

    @classmethod
    def of(cls, company: Company) -> "Records":
        """Administrators are supervisors, all other users agents, bound to the queues that their line belongs to."""
        records = cls()
        for user in company.users:
            records._add_user(company, user)
        for name in PAUSE_CODES:
            records.pause_codes.add(Record(records.new_id(), {"name": name}))
        for each in company.extensions.values():
            if each.queue is not None:
                records.queues.add(Record(each.number, _queue_values(each)))
            elif each.is_user:
                records.extensions.add(Record(each.number, _extension_values(each)))
        return records

    def copy(self) -> "Records":
        return deepcopy(self)

    def new_id(self) -> str:
        self.last_id += 1
        return str(self.last_id)

    def seated_at(self, number: str) -> Record | None:
        """The agent who usually sits at that extension."""
        return next((each for each in self.agents if each.seat == number), None)

    def _add_user(self, company: Company, user: User) -> None:
        line = company.extensions[user.extension_id]
        first, _, last = line.name.partition(" ")
        values = {"firstName": first, "lastName": last, "emailAddress": user.email, "language": None}
        key = self.new_id()
        if user.is_admin:
            username = user.email.partition("@")[0]
            self.supervisors.add(Record(key, {"username": username, **values, "type": "full"}))
            return
        queues = [each.number for each in company.extensions.values() if each.queue and line.id in each.queue.agents]
        self.agents.add(Record(key, {"number": line.number, **values}, seat=line.number, queues=queues))


def _queue_values(queue: Extension) -> dict[str, Any]:
    settings = queue.queue.settings if queue.queue else QueueSettings()
    return {
        "extension": queue.number,
        "name": queue.name,
        "type": 0,
        "wrapUpTime": int(settings.wrap_up_s) or None,
        "maxWaitTime": int(settings.max_wait_s),
        "agentTimeout": int(settings.agent_ring_s),
    }


def _extension_values(line: Extension) -> dict[str, Any]:
    return {"extension": line.number, "name": line.name, "outboundCid": line.external_number, "voicemail": None}
