"""What all parts of the adapter share: the client, users' sessions, and who sits where."""

from collections.abc import Mapping
from typing import Any

from common.http import HttpClient
from integrations.contract.adapter import Account, PbxAdapter
from integrations.contract.commands import CallRef, Destination
from integrations.contract.errors import InvalidCallState, VendorRejected
from integrations.vendors.eq.agents import agent_row, seats
from integrations.vendors.eq.client import EqClient, SessionLost, readable
from integrations.vendors.eq.rows import Row, line_rows, whose
from integrations.vendors.eq.sessions import Sessions
from integrations.vendors.eq.wire import Record, record_of


class EqBase(PbxAdapter):
    """The account's client and sessions, and what several parts need."""

    def __init__(self, account: Account, http: HttpClient) -> None:
        super().__init__(account, http)
        self._client = EqClient(account, http)
        self._sessions = Sessions(account, self._client)

    @property
    def _extensions(self) -> tuple[str, ...]:
        """Those that the settings name."""
        named = (*self.account.settings.get("extensions", ()), *self.account.settings.get("agents", {}))
        return tuple(dict.fromkeys(named))

    async def _command(self, name: str, fields: Mapping[str, Any], at: str | None = None) -> Any:
        """As whoever is signed in at that extension. A session that is lost is made anew, or else left out."""
        session = await self._sessions.acting_at(at)
        try:
            return await self._client.command(name, fields, session.parameter if session else None)
        except SessionLost:
            again = await self._sessions.renew(session) if session else None
            return await self._client.command(name, fields, again.parameter if again else None)

    async def _one(self, name: str, query: Mapping[str, str] | None = None, **path: str) -> Record:
        """An answer that is one object."""
        with readable():
            return record_of(await self._client.read(name, query, None, **path))

    async def _agent_at(self, extension: str) -> str:
        """The user ID of the agent who sits there. Raises VendorRejected where nothing tells it."""
        sessions = await self._client.rows("active_agent_sessions")
        statuses = await self._client.rows("call_queue_agent_status")
        named = self.account.settings.get("agents", {})
        found = [agent for agent, seat in seats(sessions, statuses, [extension], named).items() if seat == extension]
        if not found:
            with readable():
                told = [agent_row(each, {}) for each in statuses]
            found = [each.agent for each in told if each.extension == extension]
        if len(set(found)) != 1:
            raise VendorRejected(
                f"EQ doesn't tell who the agent at extension {extension} is: name the agent's user ID in the setting agents."
            )
        return found[0]

    async def _lines(self, extension: str) -> list[Row]:
        """The extension's active calls."""
        records = await self._client.rows("active_calls", {"extension": extension})
        with readable():
            return line_rows(records, extension)

    @staticmethod
    def _own(call: CallRef) -> tuple[str, str]:
        """The extension that acts, and its channel."""
        extension, channel = whose(call.acting.vendor_leg_id) if call.acting else ("", "")
        if not channel or not call.acting or not call.acting.extension_id:
            raise InvalidCallState("None of EQ's watched extensions is on this call, so nobody can do that.")
        return extension, channel

    @staticmethod
    def _number(who: Destination) -> str:
        """An extension's id is its number."""
        return who.extension_id or who.number or ""
