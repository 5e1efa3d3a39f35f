"""Who may ask: session keys that login.user gives, and the permanent key of the client area."""

import secrets
from collections.abc import Callable

from sandbox.faces.callgear.connection import Connection
from sandbox.faces.callgear.dialect import Dialect
from sandbox.faces.callgear.errors import auth_error, token_blocked, token_expired, token_invalid

_BYTES = 36


class Tokens:
    """Of one company. Session keys are stored with when they end."""

    def __init__(self, connection: Connection, dialect: Dialect, now: Callable[[], float]) -> None:
        self.connection = connection
        self.dialect = dialect
        self.now = now
        self._sessions: dict[str, float] = {}

    def login(self, login: str, password: str) -> tuple[str, float]:
        """A new session key, and when it ends. Raises RpcError auth_error."""
        known = (self.connection.login, self.connection.password)
        if (login, password) != known or not self.connection.logins_valid:
            raise auth_error()
        token, ends = secrets.token_hex(_BYTES), self.now() + self.connection.session_s
        self._sessions[token] = ends
        return token, ends

    def check(self, token: str) -> None:
        """Raises RpcError for a key that isn't accepted; one of a session that is over is as invalid as an unknown one."""
        if token == self.connection.access_token:
            self._check_key()
        elif self._sessions.get(token, 0.0) <= self.now():
            raise token_invalid()

    def logout(self, token: str) -> None:
        """Logging out with the permanent key ends nothing."""
        self._sessions.pop(token, None)

    def expire(self) -> int:
        """Every session key stops working; answers how many."""
        count = len(self._sessions)
        self._sessions.clear()
        return count

    def _check_key(self) -> None:
        if self.connection.key == "blocked":
            raise token_blocked()
        if self.connection.key == "expired":
            raise token_expired() if self.dialect.expired_key == "access_token_expired" else token_invalid()
