"""Authorization codes and tokens. No HTTP here; see "Authorization" in the document."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from sandbox.engine.directory import User
from sandbox.faces.kwebbl.client_app import ClientApp

# "Available Scopes", with the X for "Only Admin users".
SCOPES = {
    "user.info": "Read your user information.",
    "company.dialplans": "Read information about all dialplans in the company.",
    "company.users": "Read user information for all users in the company.",
    "calls.events": "Subscribe to all types of call events for all users of the company.",
    "calls.events.personal": "Subscribe to all types of call events of yourself.",
    "calls.events.presence": "Subscribe to limited presence events for all users of the company.",
    "calls.manage": "Perform actions on calls from any user in the company.",
    "calls.manage.personal": "Perform actions on calls from yourself.",
    "calls.create": "Start new calls for all users of the company.",
    "calls.create.personal": "Start new calls for yourself.",
}
ADMIN_SCOPES = frozenset({"calls.events", "calls.manage", "calls.create"})


@dataclass(frozen=True, slots=True)
class Code:
    """A temporary authorization code and what it was given for."""

    value: str
    user: User
    scopes: frozenset[str]
    redirect_uri: str
    state: str | None
    expires_at: float


@dataclass(frozen=True, slots=True)
class Grant:
    """What a user permitted, with the only pair of tokens that is valid for it."""

    user: User
    scopes: frozenset[str]
    access_token: str
    access_expires_at: float
    refresh_token: str
    refresh_expires_at: float
    state: str | None = None

    def allows(self, *scopes: str) -> bool:
        return not self.scopes.isdisjoint(scopes)


@dataclass(slots=True)
class Grants:
    """All codes and tokens of one company's client application."""

    client: ClientApp
    now: Callable[[], float] = time.time
    _codes: dict[str, Code] = field(default_factory=dict)
    _grants: list[Grant] = field(default_factory=list)

    def issue_code(self, user: User, scopes: frozenset[str], redirect_uri: str, state: str | None) -> str:
        code = Code(secrets.token_urlsafe(24), user, scopes, redirect_uri, state, self.now() + self.client.code_s)
        self._codes[code.value] = code
        return code.value

    def take_code(self, value: str) -> Code | None:
        """The code, which no longer exists afterwards; None when unknown, used or expired."""
        code = self._codes.pop(value, None)
        return code if code is not None and code.expires_at > self.now() else None

    def begin(self, code: Code, scopes: frozenset[str], *, alone: bool) -> Grant:
        """The first pair of tokens; `alone` ends what the same user granted before."""
        if alone:
            self._grants = [each for each in self._grants if each.user is not code.user]
        return self._add(Grant(code.user, scopes, "", 0, "", 0, code.state))

    def rotate(self, refresh_token: str) -> Grant | None:
        """A new pair; the previous one is invalid at once ("Restoring / Renewing an Access Token")."""
        for grant in self._grants:
            if grant.refresh_token == refresh_token:
                self._grants.remove(grant)
                return self._add(grant) if grant.refresh_expires_at > self.now() else None
        return None

    def find(self, access_token: str) -> Grant | None:
        for grant in self._grants:
            if grant.access_token == access_token and grant.access_expires_at > self.now():
                return grant
        return None

    def expire(self) -> int:
        self._grants = [replace(grant, access_expires_at=0) for grant in self._grants]
        return len(self._grants)

    def revoke(self) -> int:
        count = len(self._grants)
        self._grants.clear()
        self._codes.clear()
        return count

    def _add(self, grant: Grant) -> Grant:
        now = self.now()
        fresh = replace(
            grant,
            access_token=secrets.token_urlsafe(24),
            access_expires_at=now + self.client.access_token_s,
            refresh_token=secrets.token_urlsafe(24),
            refresh_expires_at=now + self.client.refresh_token_s,
        )
        self._grants.append(fresh)
        return fresh
