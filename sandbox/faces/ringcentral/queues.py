"""Call queues, their members, and whether these take the queue's calls ("Call Queues" in the API reference)."""

from collections.abc import Iterator
from typing import Any

from sandbox.engine.directory import AgentState, Extension
from sandbox.engine.switch import Switch
from sandbox.faces.ringcentral.errors import forbidden, invalid, not_found
from sandbox.faces.ringcentral.requests import Ask, page


class CallQueues:
    """A ring group is a queue too, whose members always take its calls."""

    def __init__(self, switch: Switch) -> None:
        self.switch = switch
        self.company = switch.company

    def all(self, ask: Ask) -> dict[str, Any]:
        queues = [each for each in self.company.extensions.values() if each.is_dialplan]
        return page(ask, f"{ask.account_uri}/call-queues", [_queue(ask, each) for each in queues])

    def get(self, ask: Ask) -> dict[str, Any]:
        return _queue(ask, self._find(ask)) | {"status": "Enabled", "editableMemberStatus": True}

    def members(self, ask: Ask) -> dict[str, Any]:
        queue = self._find(ask)
        records = [_member(ask, each) for each in self._members(queue)]
        return page(ask, f"{ask.account_uri}/call-queues/{queue.id}/members", records)

    def presence(self, ask: Ask) -> dict[str, Any]:
        queue = self._find(ask)
        return {"records": [self._presence(ask, queue, each) for each in self._members(queue)]}

    def set_presence(self, ask: Ask) -> dict[str, Any]:
        """Members join and leave the queue. Raises ApiError CMN-101 for who is no member, CMN-408 without the right."""
        queue = self._find(ask)
        members = {each.id: each for each in self._members(queue)}
        for record in _records(ask):
            match record:
                case {"member": {"id": str(member_id)}, "acceptCurrentQueueCalls": bool(accept)} if (
                    member_id in members
                ):
                    if member_id != ask.grant.user.extension_id and not ask.grant.user.is_admin:
                        raise forbidden("EditPresenceStatus")
                    self._set(queue, members[member_id], accept=accept)
                case _:
                    raise invalid("records")
        return self.presence(ask)

    def of_extension(self, ask: Ask) -> dict[str, Any]:
        """The queues that this user belongs to, and whether they take their calls."""
        queues = self._queues_of(ask.extension)
        return {
            "records": [
                {"callQueue": _queue(ask, each), "acceptCalls": self._accepts(each, ask.extension)} for each in queues
            ]
        }

    def set_of_extension(self, ask: Ask) -> dict[str, Any]:
        if not ask.is_own and not ask.grant.user.is_admin:
            raise forbidden("EditPresenceStatus")
        queues = {each.id: each for each in self._queues_of(ask.extension)}
        for record in _records(ask):
            match record:
                case {"callQueue": {"id": str(queue_id)}, "acceptCalls": bool(accept)} if queue_id in queues:
                    self._set(queues[queue_id], ask.extension, accept=accept)
                case _:
                    raise invalid("records")
        return self.of_extension(ask)

    def _find(self, ask: Ask) -> Extension:
        found = self.company.extensions.get(ask.path["queue"])
        if found is None or not found.is_dialplan:
            raise not_found("groupId")
        return found

    def _members(self, queue: Extension) -> Iterator[Extension]:
        for each in queue.queue.agents if queue.queue is not None else queue.members:
            yield self.company.extensions[each]

    def _queues_of(self, extension: Extension) -> list[Extension]:
        queues = [each for each in self.company.extensions.values() if each.is_dialplan]
        return [each for each in queues if extension in self._members(each)]

    def _accepts(self, queue: Extension, member: Extension) -> bool:
        if queue.queue is None:
            return True
        return queue.queue.agents[member.id].state not in (AgentState.LOGGED_OUT, AgentState.PAUSED)

    def _set(self, queue: Extension, member: Extension, *, accept: bool) -> None:
        if queue.queue is None:
            raise invalid("records", "Members of this queue always take its calls.")
        if accept is not self._accepts(queue, member):
            (self.switch.queues.log_in if accept else self.switch.queues.log_out)(queue, member)

    def _presence(self, ask: Ask, queue: Extension, member: Extension) -> dict[str, Any]:
        return {
            "member": _member(ask, member) | {"name": member.name},
            "acceptQueueCalls": not member.settings.dnd,
            "acceptCurrentQueueCalls": self._accepts(queue, member),
        }


def _records(ask: Ask) -> list[Any]:
    records = ask.body.get("records")
    if not isinstance(records, list):
        raise invalid("records")
    return records


def _queue(ask: Ask, queue: Extension) -> dict[str, Any]:
    uri = f"{ask.account_uri}/call-queues/{queue.id}"
    return {"uri": uri, "id": queue.id, "extensionNumber": queue.number, "name": queue.name}


def _member(ask: Ask, member: Extension) -> dict[str, Any]:
    return {"uri": f"{ask.account_uri}/extension/{member.id}", "id": member.id, "extensionNumber": member.number}
