"""Authorization codes, sessions and their tokens. No HTTP here; see "Authentication" in the guide."""

import base64
import hashlib
import secrets
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.engine.directory import User
from sandbox.faces.ringcentral.client_app import ClientApp

REPLAY_AFTER_USE_S = 10.0
REPLAY_UNUSED_S = 3600.0


@dataclass(frozen=True, slots=True)
class Code:
    """A temporary authorization code and what it was given for."""

    value: str
    user: User
    redirect_uri: str
    expires_at: float
    challenge: str | None = None
    challenge_method: str = "plain"

    def is_proven_by(self, verifier: str | None) -> bool:
        """PKCE: `code_challenge_method` is plain if it was omitted."""
        if self.challenge is None:
            return True
        if verifier is None:
            return False
        if self.challenge_method == "S256":
            digest = hashlib.sha256(verifier.encode()).digest()
            verifier = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return secrets.compare_digest(verifier.encode(), self.challenge.encode())


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """Seconds, as the token request asked for."""

    access_s: float
    refresh_s: float


@dataclass(slots=True, eq=False)
class Grant:
    """A session: what a user permitted, with the pair of tokens that is valid now, and the refresh token before it."""

    user: User
    endpoint_id: str
    access_token: str = ""
    access_expires_at: float = 0.0
    issued_at: float = 0.0
    first_used_at: float | None = None
    refresh_token: str = ""
    refresh_expires_at: float = 0.0
    replaced_refresh_token: str | None = None


@dataclass(slots=True)
class Grants:
    """All codes and sessions of one account's application."""

    client: ClientApp
    now: Callable[[], float] = time.time
    _codes: dict[str, Code] = field(default_factory=dict)
    _ws_tokens: dict[str, tuple[Grant, float]] = field(default_factory=dict)
    _grants: list[Grant] = field(default_factory=list)

    def issue_code(self, user: User, redirect_uri: str, challenge: str | None, method: str) -> str:
        value = secrets.token_urlsafe(24)
        self._codes[value] = Code(value, user, redirect_uri, self.now() + self.client.code_s, challenge, method)
        return value

    def take_code(self, value: str) -> Code | None:
        """The code, which no longer exists afterwards; None when unknown, used or expired."""
        code = self._codes.pop(value, None)
        return code if code is not None and code.expires_at > self.now() else None

    def begin(self, user: User, endpoint_id: str | None, lifetimes: Lifetimes) -> Grant:
        """A new session; the user's oldest ends when there are too many."""
        mine = [each for each in self._grants if each.user is user]
        for oldest in mine[: max(0, len(mine) - self.client.sessions_per_user + 1)]:
            self._grants.remove(oldest)
        grant = Grant(user, endpoint_id or secrets.token_urlsafe(16))
        self._grants.append(grant)
        return self._renew(grant, lifetimes)

    def rotate(self, refresh_token: str, lifetimes: Lifetimes) -> Grant | None:
        """A new pair; the old access token dies at once. None for what is unknown, used or expired.

        "A used refresh token" answers the same new pair again for 10 s after the new access token's first use,
        and up to 60 minutes while that was never used.
        """
        for grant in self._grants:
            if grant.refresh_token == refresh_token and grant.refresh_expires_at > self.now():
                grant.replaced_refresh_token = refresh_token
                return self._renew(grant, lifetimes)
            if grant.replaced_refresh_token == refresh_token and self._may_replay(grant):
                return grant
        return None

    def find(self, access_token: str) -> Grant | None:
        """The session of an access token, expired or not."""
        return next((each for each in self._grants if each.access_token == access_token), None)

    def owner(self, value: str) -> str | None:
        """The email of the user whose code or refresh token this is, or was."""
        if value in self._codes:
            return self._codes[value].user.email
        for grant in self._grants:
            if value in (grant.refresh_token, grant.replaced_refresh_token):
                return grant.user.email
        return None

    def use(self, grant: Grant) -> bool:
        """Notes that the access token is used now; False when it has expired."""
        if grant.access_expires_at <= self.now():
            return False
        grant.first_used_at = grant.first_used_at or self.now()
        return True

    def end(self, token: str) -> bool:
        """Ends the whole session of an access or refresh token; False for an unknown one."""
        for grant in self._grants:
            if token in (grant.access_token, grant.refresh_token):
                self._grants.remove(grant)
                return True
        return False

    def issue_ws_token(self, grant: Grant) -> str:
        value = secrets.token_urlsafe(24)
        self._ws_tokens[value] = (grant, self.now() + self.client.ws_token_s)
        return value

    def take_ws_token(self, value: str) -> Grant | None:
        """ "Good for a single use": None when unknown, used, expired, or its session gone."""
        grant, expires_at = self._ws_tokens.pop(value, (None, 0.0))
        return grant if grant in self._grants and expires_at > self.now() else None

    def expire(self) -> int:
        for grant in self._grants:
            grant.access_expires_at = 0
        return len(self._grants)

    def revoke(self) -> int:
        count = len(self._grants)
        self._grants.clear()
        self._codes.clear()
        self._ws_tokens.clear()
        return count

    def _may_replay(self, grant: Grant) -> bool:
        if grant.first_used_at is None:
            return self.now() < grant.issued_at + REPLAY_UNUSED_S
        return self.now() < grant.first_used_at + REPLAY_AFTER_USE_S

    def _renew(self, grant: Grant, lifetimes: Lifetimes) -> Grant:
        now = self.now()
        grant.access_token = f"U0pD{uuid.uuid4().hex}"
        grant.access_expires_at = now + lifetimes.access_s
        grant.issued_at, grant.first_used_at = now, None
        grant.refresh_token = f"U0pD{uuid.uuid4().hex}"
        grant.refresh_expires_at = now + lifetimes.refresh_s
        return grant
