"""API tickets. No HTTP here; see "User Tickets API" in the document, and its password-based ticket."""

import base64
import binascii
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox.faces.dstny.connection import Connection
from sandbox.faces.dstny.paths import APIS


@dataclass(frozen=True, slots=True)
class Ticket:
    """What somebody may do: for which user, with which APIs, until when.

    `proves_identity`: a password-based ticket or a superuser ticket; only these may make further tickets.
    """

    token: str
    user_id: str
    apis: frozenset[str]
    name: str = ""
    expires_at: float = float("inf")
    proves_identity: bool = False

    def render(self) -> dict[str, Any]:
        expires = datetime.fromtimestamp(self.expires_at, UTC).isoformat(timespec="milliseconds")
        return {"expires": expires, "name": self.name, "token": self.token, "allowedApis": sorted(self.apis)}


@dataclass(slots=True)
class Tickets:
    """All tickets of one company. `passwords` are by user id, the service account's included."""

    connection: Connection
    passwords: dict[str, str]
    now: Callable[[], float] = time.time
    _given: list[Ticket] = field(default_factory=list)

    def issue(self, user_id: str, apis: frozenset[str], name: str, lifetime_s: float) -> Ticket:
        """A given ticket, `2343.ZSDjndiJSDjksHj` in the document's example."""
        token = f"{secrets.randbelow(9000) + 1000}.{secrets.token_urlsafe(18)}"
        ticket = Ticket(token, user_id, apis, name, self.now() + lifetime_s)
        self._given.append(ticket)
        return ticket

    def find(self, token: str) -> Ticket | None:
        """None for a token that is unknown, expired, revoked, or made with a wrong password."""
        for ticket in self._given:
            if ticket.token == token and ticket.expires_at > self.now():
                return ticket
        if not self.connection.logins_valid:
            return None
        if hmac.compare_digest(token.encode(), self.connection.superuser_ticket.encode()):
            return Ticket(token, self.connection.service_user, frozenset(APIS), proves_identity=True)
        return self._password_based(token)

    def delete(self, user_id: str, name: str) -> bool:
        """Whether that user had tickets of that name."""
        kept = [each for each in self._given if (each.user_id, each.name) != (user_id, name)]
        deleted = len(kept) < len(self._given)
        self._given = kept
        return deleted

    def expire(self) -> int:
        """Ends every given ticket; answers how many. Who knows a password can get a new one."""
        count = len(self._given)
        self._given.clear()
        return count

    @property
    def given(self) -> int:
        return len(self._given)

    def _password_based(self, token: str) -> Ticket | None:
        """ "D" + base64(domain) + "." + base64("P:" + md5(user + apis + ":" + secret) + ":" + user + apis)."""
        domain, separator, rest = token.removeprefix("D").partition(".")
        if not token.startswith("D") or not separator or _decode(domain) != self.connection.domain:
            return None
        kind, _, signed = _decode(rest).partition(":")
        digest, _, claim = signed.partition(":")
        user_id, _, apis = claim.partition(":")
        password = self.passwords.get(user_id)
        if kind != "P" or password is None:
            return None
        secret = _md5(f"{user_id}:{self.connection.domain}:{password}")
        if not hmac.compare_digest(digest.lower().encode(), _md5(f"{claim}:{secret}").encode()):
            return None
        return Ticket(token, user_id, frozenset(apis.split(":")) & frozenset(APIS), proves_identity=True)


def _decode(text: str) -> str:
    """Base64 of either alphabet, with or without padding; empty for anything else."""
    try:
        padded = text.translate(str.maketrans("-_", "+/")).rstrip("=")
        return base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _md5(text: str) -> str:
    """The vendor's choice; nothing of ours relies on it."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
