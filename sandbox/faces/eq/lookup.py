"""Finds what parameters name: extensions, queues, agents, and calls by the channels that Asterisk gave them."""

from sandbox.engine.company import Company
from sandbox.engine.directory import AgentState, Extension
from sandbox.engine.model import Call, Leg
from sandbox.faces.eq.channels import Channels
from sandbox.faces.eq.errors import nonexistent
from sandbox.faces.eq.records import Record, Records
from sandbox.faces.eq.requests import Values


class Lookup:
    """Raises ApiError, of type blank or nonexistent, naming the parameter."""

    def __init__(self, company: Company, records: Records, channels: Channels) -> None:
        self.company = company
        self.records = records
        self.channels = channels

    @property
    def queues(self) -> list[Extension]:
        return [each for each in self.company.extensions.values() if each.queue]

    def extension(self, values: Values, name: str) -> Extension:
        """A user's extension; a queue's is none."""
        number = values.required(name)
        found = self.company.extension(number)
        if found is None or not found.is_user or found.number != number:
            raise nonexistent(name, f"extension {number}")
        return found

    def queue(self, values: Values, name: str) -> Extension:
        return self.queue_at(values.required(name), name)

    def queue_at(self, number: str, name: str) -> Extension:
        found = next((each for each in self.queues if each.number == number), None)
        if found is None:
            raise nonexistent(name, f"call queue {number}")
        return found

    def agent(self, values: Values, name: str) -> Record:
        key = values.required(name)
        found = self.records.agents.get(key)
        if found is None:
            raise nonexistent(name, f"agent {key}")
        return found

    def pause_code(self, code: str) -> Record | None:
        """By ID, or by name as it is typed at a phone; deleted ones are still the reason of who paused with them."""
        by_name = (each for each in self.records.pause_codes if each.values["name"].lower() == code.lower())
        return self.records.pause_codes.get(code, deleted=True) or next(by_name, None)

    def on_channel(self, values: Values, name: str) -> tuple[Call, Leg]:
        """The live call with that channel, and whose channel it is."""
        channel = values.required(name)
        found = self.channels.find(channel)
        if found is None:
            raise nonexistent(name, f"channel {channel}")
        return found

    def is_signed_in(self, queue: Extension, extension: Extension) -> bool:
        agent = queue.queue.agents.get(extension.id) if queue.queue else None
        return agent is not None and agent.state is not AgentState.LOGGED_OUT
