"""Access keys ("Authentication"): a permanent one, or sessions of an hour that login.user gives, renewed ahead of their end.

Each of the two APIs has sessions of its own. They are kept for every process that opens the account.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct

from common.times import utc_now
from integrations.contract.adapter import Account

_LIFE = timedelta(hours=1)
_SHORTEST = timedelta(minutes=1)
AHEAD = timedelta(minutes=10)
"""How long before its end a session is renewed."""
_MILLISECONDS = 10**11
"""A time above this isn't in seconds."""


class Session(Struct, frozen=True):
    """A key that login.user gave."""

    token: str
    expires_at: datetime

    def is_due(self, now: datetime) -> bool:
        return now >= self.expires_at - AHEAD


class Keys:
    """What the account's credentials are, and the sessions that they were exchanged for."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self.permanent: str | None = account.credentials.get("access_token")
        self._kept = dict(account.tickets)

    def session(self, api: str) -> Session | None:
        """The API's session as it was when the account was opened, or later, unless it is about to end."""
        return _read(self._kept, api)

    async def others(self, api: str, refused: str | None) -> Session | None:
        """The session that another process has made meanwhile; not the one that was refused."""
        store = self._account.ticket_store
        if store is None:
            return None
        self._kept = dict(await store.load())
        session = _read(self._kept, api)
        return None if session is None or session.token == refused else session

    @property
    def login(self) -> dict[str, str]:
        """The parameters of login.user."""
        return {name: str(self._account.credentials.get(name, "")) for name in ("login", "password")}

    async def keep(self, api: str, token: str, expire_at: object) -> Session:
        """A new session, for everybody who opens the account from now on."""
        session = Session(token, _end(expire_at, utc_now()))
        self._kept[api] = ticket = msgspec.to_builtins(session)
        if self._account.ticket_store is not None:
            await self._account.ticket_store.put(api, ticket)
        return session


def _read(kept: Mapping[str, Any], api: str) -> Session | None:
    try:
        session = msgspec.convert(kept[api], Session) if api in kept else None
    except msgspec.ValidationError:  # of an older form
        return None
    return None if session is None or session.is_due(utc_now()) else session


def _end(expire_at: object, now: datetime) -> datetime:
    """When a session ends: a Unix time, at most an hour from now, whatever the two clocks say."""
    seconds = expire_at if isinstance(expire_at, int | float) else 0
    seconds = seconds / 1000 if seconds > _MILLISECONDS else seconds
    try:
        told = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        told = now
    return min(max(told, now + AHEAD + _SHORTEST), now + _LIFE) if seconds else now + _LIFE
