"""Call queues: who waits, and what agents do in them ("Call Queue Agent Action"), each of whom needs a session of their own."""

from collections.abc import Sequence
from typing import Any

from integrations.contract.commands import Destination
from integrations.contract.errors import CallGone, VendorRejected
from integrations.contract.things import AgentAction, AgentChoice, QueueAgent, QueuedCall, VendorQueue
from integrations.vendors.eq.agents import agent_row, queue_row, seats
from integrations.vendors.eq.base import EqBase
from integrations.vendors.eq.client import readable
from integrations.vendors.eq.diff import together
from integrations.vendors.eq.rows import Kind, Row, queued_row
from integrations.vendors.eq.wire import Record

_PREFIX = f"{Kind.LINE}:"
"""Of what we name the calls of extensions by."""
_NOTHING_TO_DO = {"signIn": "already_signed_in", "signOut": "not_signed_in"}
"""EQ's error where an agent is already as they are to be."""


class Queues(EqBase):
    """A queue's id is its extension; an agent's here is the extension where they sit."""

    async def list_queues(self) -> Sequence[VendorQueue]:
        """With the pause codes that the settings name: nothing lists them."""
        codes = await self._pause_codes()
        records = await self._client.rows("call_queue_statistics")
        with readable():
            return [queue_row(record).vendor_queue(codes) for record in records]

    async def get_queue(self, queue_id: str) -> VendorQueue:
        record = await self._one("call_queue_statistics", {"queue": queue_id})
        return queue_row(record, queue_id).vendor_queue()

    async def list_queue_agents(self, queue_id: str) -> Sequence[QueueAgent]:
        """Those of whom it is known where they sit."""
        sessions = await self._client.rows("active_agent_sessions")
        statuses = await self._client.rows("call_queue_agent_status", {"queue": queue_id})
        sit_at = seats(sessions, statuses, self._extensions, self.account.settings.get("agents", {}))
        with readable():
            agents = [agent_row(record, sit_at).queue_agent() for record in statuses]
        return [each for each in agents if each is not None]

    async def list_queue_calls(self, queue_id: str) -> Sequence[QueuedCall]:
        return [_queued_call(row) for row in await self._waiting(queue_id)]

    async def steal(self, queue_id: str, vendor_call_id: str, to: Destination) -> None:
        """By the channel that the caller waits on, also where the call is known as one that rings at an agent."""
        queued = await self._waiting(queue_id)
        channel = next((row.channel for row in queued if row.key == vendor_call_id), None)
        channel = channel or await self._waiting_on(queued, vendor_call_id)
        if channel is None:
            raise CallGone("This caller doesn't wait in the queue any more.")
        destination = self._number(to)
        await self._command("steal_queued_call", {"channel": channel, "destination": destination}, destination)

    async def login_agent(self, action: AgentAction) -> None:
        """Signs the agent in to the system first, where they aren't."""
        agent = await self._agent_at(action.vendor_extension_id)
        await self._sign_in(agent, action.vendor_extension_id)
        await self._act_in_queue("signIn", agent, action, skill=_as_number(action.skill))

    async def logout_agent(self, action: AgentAction) -> None:
        """With the last queue the session that was made here ends as well."""
        agent = await self._agent_at(action.vendor_extension_id)
        await self._act_in_queue("signOut", agent, action)
        session = self._sessions.of_agent(agent)
        if session is not None and not await self._is_in_any_queue(agent):
            await self._sessions.sign_out(session)

    async def pause_agent(self, action: AgentAction) -> None:
        agent = await self._agent_at(action.vendor_extension_id)
        await self._act_in_queue("pause", agent, action, pauseCode=_as_number(action.pause_code))

    async def resume_agent(self, action: AgentAction) -> None:
        await self._act_in_queue("resume", await self._agent_at(action.vendor_extension_id), action)

    async def end_wrap_up(self, action: AgentAction) -> None:
        await self._act_in_queue("exitWrapUp", await self._agent_at(action.vendor_extension_id), action)

    async def _act_in_queue(self, name: str, agent: str, action: AgentAction, **options: Any) -> None:
        """That an agent is already as they are to be is no failure."""
        given = {"agent": _as_number(agent), "queue": action.vendor_queue_id, **options}
        options = {name: value for name, value in given.items() if value is not None}
        fields = {"action": name, "options": options}
        try:
            await self._command("call_queue_agent_action", fields, action.vendor_extension_id)
        except VendorRejected as error:
            if "queue" not in error.errors or error.code != _NOTHING_TO_DO.get(name):
                raise

    async def _sign_in(self, agent: str, extension: str) -> None:
        """A session that was made elsewhere is as good."""
        if self._sessions.of_agent(agent) is not None:
            return
        for record in await self._client.rows("active_agent_sessions"):
            if record.text("user", "userid", "agent", "agentid") == agent and record.text("extension") == extension:
                return
        await self._sessions.sign_in(agent, extension)

    async def _is_in_any_queue(self, agent: str) -> bool:
        records = await self._client.rows("call_queue_agent_status", {"agent": agent})
        with readable():
            return any(agent_row(record, {}).state != "logged_out" for record in records)

    async def _waiting(self, queue_id: str) -> list[Row]:
        records = await self._client.rows("queued_calls", {"queue": queue_id})
        with readable():
            return [queued_row(record, queue_id) for record in records]

    async def _waiting_on(self, queued: list[Row], vendor_call_id: str) -> str | None:
        """The channel of who waits in the conversation of that row, which is an extension's."""
        if not vendor_call_id.startswith(_PREFIX):
            return None
        extension = vendor_call_id.removeprefix(_PREFIX).partition(":")[0]
        lines = await self._lines(extension)
        waiting = {row.key: row.channel for row in queued}
        for change in together([*queued, *lines]):
            if change.row.kind is Kind.LINE and change.row.key == vendor_call_id:
                return next((waiting[key] for key in change.together if key in waiting), None)
        return None

    async def _pause_codes(self) -> tuple[AgentChoice, ...] | None:
        named = self.account.settings.get("pause_codes")
        if not named:
            return None
        codes = [(str(code), await self._one("pause_code", id=str(code))) for code in named]
        return tuple(
            AgentChoice(code, record.text("name") or code) for code, record in codes if not record.flag("deleted")
        )


def _queued_call(row: Row) -> QueuedCall:
    record = Record(row.raw)
    return QueuedCall(
        vendor_call_id=row.key,
        number=row.party.number,
        name=row.party.name,
        position=record.count("position", "place"),
        waiting_since=record.time("starttime", "entertime", "jointime", "waitingsince", "since"),
    )


def _as_number(word: str | None) -> int | str | None:
    """Ids and skill levels are integers."""
    return int(word) if word is not None and word.isascii() and word.isdecimal() else word
