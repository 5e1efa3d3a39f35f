"""Users' sessions ("User Sessions"): made once, kept alive, made anew when they are lost, and kept beside the account.

Requests need none, but activity logs name whoever has one, and agents can't act in queues without. A session that nobody asks
anything with times out.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct

from integrations.contract.adapter import Account
from integrations.contract.errors import VendorRejected
from integrations.vendors.eq.client import EqClient, SessionLost

KEEP_ALIVE_EVERY = timedelta(seconds=30)
_SUPERVISOR = "supervisor"
_NOT_FOUND = 404


class Session(Struct, frozen=True, omit_defaults=True):
    """A user who is signed in through us; supervisors may sit nowhere."""

    token: str
    user: str
    extension: str | None = None
    is_supervisor: bool = False

    @property
    def name(self) -> str:
        return _SUPERVISOR if self.is_supervisor else f"agent:{self.user}"

    @property
    def parameter(self) -> dict[str, str]:
        """Of a request on the user's behalf."""
        return {f"auth_{_SUPERVISOR if self.is_supervisor else 'agent'}_session": self.token}


class Sessions:
    """The account's. What one process makes, all others find."""

    def __init__(self, account: Account, client: EqClient) -> None:
        self._client = client
        self._store = account.ticket_store
        self._supervisor = account.settings.get("supervisor")
        self._known = _sessions(account.tickets)
        self._due: datetime | None = None

    def of_agent(self, agent: str) -> Session | None:
        return self._known.get(f"agent:{agent}")

    async def acting_at(self, extension: str | None) -> Session | None:
        """On whose behalf something is done at that extension: its agent, else the supervisor whom the settings name."""
        for session in self._known.values():
            if session.extension == extension and not session.is_supervisor:
                return session
        return await self._supervisors()

    async def sign_in(self, user: str, extension: str | None, *, is_supervisor: bool = False) -> Session:
        """Raises VendorRejected where the user is signed in elsewhere, or somebody else at the extension."""
        fields = {"user": user, "extension": extension}
        token = await self._client.command(f"{_SUPERVISOR if is_supervisor else 'agent'}_sign_in", fields)
        token = token.get("token", token.get("data")) if isinstance(token, Mapping) else token
        if not isinstance(token, str) or not token:
            raise VendorRejected("EQ's answer to a sign-in has no token.")
        session = Session(token, user, extension, is_supervisor)
        await self._keep(session.name, session)
        return session

    async def sign_out(self, session: Session) -> None:
        """One that has ended already is fine. The document lacks the operation: without it the session times out by itself."""
        await self._keep(session.name, None)
        try:
            await self._client.command("agent_sign_out", {}, token=session.token)
        except VendorRejected as error:
            if error.status != _NOT_FOUND and error.code != "nonexistent":
                raise

    async def renew(self, session: Session) -> Session | None:
        """In place of one that is lost; None where the user is signed in elsewhere by now, so that it is theirs no more."""
        try:
            return await self.sign_in(session.user, session.extension, is_supervisor=session.is_supervisor)
        except VendorRejected:
            await self._keep(session.name, None)
            return None

    async def keep_alive(self, now: datetime, *, may_be_more: bool) -> None:
        """Asks something with each session, now and then. `may_be_more`: others may have signed somebody in since."""
        if self._due is not None and (now < self._due or not (self._known or may_be_more or self._supervisor)):
            return
        self._due = now + KEEP_ALIVE_EVERY
        if self._store is not None:
            self._known = _sessions(await self._store.load())
        await self._supervisors()
        for session in list(self._known.values()):
            try:
                await self._client.read("active_agent_sessions", session=session.parameter)
            except SessionLost:
                await self.renew(session)

    async def _supervisors(self) -> Session | None:
        known = self._known.get(_SUPERVISOR)
        if known is not None or self._supervisor is None:
            return known
        try:
            return await self.sign_in(str(self._supervisor), None, is_supervisor=True)
        except VendorRejected:  # signed in elsewhere: everything works without, but in nobody's name
            return None

    async def _keep(self, name: str, session: Session | None) -> None:
        self._known = {key: each for key, each in self._known.items() if key != name}
        if session is not None:
            self._known[name] = session
        if self._store is not None:
            await self._store.put(name, None if session is None else msgspec.to_builtins(session))


def _sessions(tickets: Mapping[str, Any]) -> dict[str, Session]:
    return {name: msgspec.convert(each, Session) for name, each in tickets.items()}
