"""From a request to the operation that it means: faults, API key, user session, and the answer."""

import hmac
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox.engine.errors import EngineError, NotDialable
from sandbox.faces.eq.answers import answer, answer_error
from sandbox.faces.eq.connection import Connection
from sandbox.faces.eq.dialect import Dialect
from sandbox.faces.eq.errors import ApiError, Problem, blank, invalid, not_found, refused, unauthorized
from sandbox.faces.eq.paths import Operation, table_of
from sandbox.faces.eq.requests import Ask, Values, read_values
from sandbox.faces.eq.sessions import Kind, Session, Sessions
from sandbox.faults import FaultState

Handler = Callable[[Ask], Any]
# "The supervisor one will always be given priority".
_SESSIONS = (("auth_supervisor_session", Kind.SUPERVISOR), ("auth_agent_session", Kind.AGENT))


class Dispatcher:
    """Serves everything below the company's base path; `handlers` are by name of operation."""

    def __init__(
        self,
        connection: Connection,
        dialect: Dialect,
        sessions: Sessions,
        faults: FaultState,
        handlers: dict[str, Handler],
    ) -> None:
        self.connection = connection
        self.dialect = dialect
        self.sessions = sessions
        self.faults = faults
        self.handlers = handlers

    async def serve(self, request: Request) -> Response:
        try:
            await self._fail()
            operation, path = self._find(request)
            values = await read_values(request, self.dialect)
            self._check_key(values)
            ask = Ask(path, values, self._session(values))
            return answer(self._do(operation, ask), self.dialect, documented=operation.documented)
        except ApiError as error:
            return answer_error(error, self.dialect)

    def _do(self, operation: Operation, ask: Ask) -> Any:
        """Raises ApiError for what the engine refuses, which the document has no words for."""
        try:
            return self.handlers[operation.name](ask)
        except NotDialable as error:
            raise invalid("destination", str(error)) from error
        except EngineError as error:
            raise invalid(None, str(error)) from error

    async def _fail(self) -> None:
        settings = self.faults.settings
        await self.faults.delay()
        if self.faults.hits(settings.rate_limited):
            raise ApiError(429, [Problem(None, "rate_limited", "Too many requests")], retry_after=1)
        if self.faults.hits(settings.server_errors):
            raise refused(None, "server_error", "Server error", status=500)

    def _find(self, request: Request) -> tuple[Operation, dict[str, str]]:
        table, path = table_of(tuple(self.connection.paths.items())), "/" + request.path_params["path"]
        if found := table.find(request.method, path):
            return found
        if any(table.at(path)):
            raise refused(None, "invalid", f"{request.method} is not possible here", status=405)
        raise not_found("endpoint", "such endpoint")

    def _check_key(self, values: Values) -> None:
        """ "All requests to the API must be authenticated by a valid API key"."""
        key = values.text("auth_key")
        if not key:
            raise ApiError(401, blank("auth_key").problems)
        valid = self.connection.auth_key_valid and hmac.compare_digest(key.encode(), self.connection.auth_key.encode())
        if not valid:
            raise unauthorized("auth_key", "nonexistent", "The API key is not valid")

    def _session(self, values: Values) -> Session | None:
        """ "If a user session token is provided, then the session is validated and refreshed"."""
        for name, kind in _SESSIONS:
            if token := values.text(name):
                return self.sessions.authenticate(kind, token, name)
        return None
