"""API tickets ("User Tickets API"): who asks, with what, and how tickets are renewed.

A password makes its ticket by calculation: nothing is asked, and nothing expires but with the password. A ticket that an
admin pastes may be one that can make others (a superuser ticket): then it is exchanged for one whose end is known, which is
renewed at half of its life. Any other is used as it is for as long as the vendor takes it.
"""

import hashlib
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from integrations.contract.errors import Unsupported

# The names of the APIs that a ticket is for. USER, CONTACT, CALLS and CALL_CONTROL are published, the others are inferred:
# `settings.apis` corrects them.
APIS = (
    "USER",
    "CONTACT",
    "CALLS",
    "CALL_CONTROL",
    "ACD",
    "QUEUE_STATISTICS",
    "COMMUNICATION_LOG",
    "LINE_STATE",
    "VOICEMAIL_SETTINGS",
    "SMS",
)


class Exchanged(Struct, frozen=True):
    """A ticket that the vendor made for a login."""

    token: str
    made_at: datetime
    expires_at: datetime

    def is_due(self, now: datetime) -> bool:
        return now >= self.made_at + (self.expires_at - self.made_at) / 2


class Login(Struct, frozen=True):
    """Somebody whom requests are made as."""

    user: str
    token: str
    can_be_exchanged: bool
    exchanged: Exchanged | None = None

    def tokens(self, now: datetime) -> tuple[str, ...]:
        """What to try, in this order: the exchanged ticket may be revoked, or allow less than the one it was made with."""
        if self.exchanged is None or self.exchanged.expires_at <= now:
            return (self.token,)
        return (self.exchanged.token, self.token)


class Logins:
    """The logins of an account's credentials: one that acts for everybody, or one for each user."""

    def __init__(self, credentials: Mapping[str, Any], settings: Mapping[str, Any], kept: Mapping[str, Any]) -> None:
        self.domain: str = credentials.get("domain", "")
        self.apis: Sequence[str] = settings.get("apis", APIS)
        self._kept = kept
        self._main = self._login(credentials) if "user" in credentials else None
        self._own = {each["user"]: self._login(each) for each in credentials.get("users", ())}

    @property
    def users(self) -> list[str]:
        """Those with a login of their own."""
        return list(self._own)

    @property
    def all(self) -> list[Login]:
        return [*([self._main] if self._main else []), *self._own.values()]

    @property
    def main(self) -> Login:
        """For what belongs to no user."""
        return self._main or next(iter(self._own.values()))

    def for_user(self, user: str) -> Login:
        """Raises Unsupported for a user whom no login may act for."""
        login = self._own.get(user) or self._main
        if login is None:
            raise Unsupported(f"This account has no password or ticket of {user}: add it to its users.")
        return login

    def _login(self, given: Mapping[str, Any]) -> Login:
        user = given["user"]
        if "ticket" not in given:
            token = password_ticket(user, self.domain, given["password"], self.apis)
            return Login(user, token, can_be_exchanged=False)
        exchanged = msgspec.convert(self._kept[user], Exchanged) if user in self._kept else None
        return Login(user, given["ticket"], can_be_exchanged=True, exchanged=exchanged)


def password_ticket(user: str, domain: str, password: str, apis: Sequence[str]) -> str:
    """The ticket that a password makes. The digests are the vendor's choice."""
    names = "".join(f":{each}" for each in apis)
    secret = _md5(f"{user}:{domain}:{password}")
    signed = f"P:{_md5(f'{user}{names}:{secret}')}:{user}{names}"
    return f"D{_base64(domain)}.{_base64(signed)}"


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()
