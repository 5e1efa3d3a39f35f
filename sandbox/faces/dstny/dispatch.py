"""From a request to the operation that it means: faults, method override, ticket, permission, and the answer."""

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox.engine.errors import EngineError, NotDialable, UnknownCall
from sandbox.faces.dstny import wire
from sandbox.faces.dstny.connection import Connection
from sandbox.faces.dstny.errors import ApiError, conflict, forbidden, invalid, unauthorized, unknown
from sandbox.faces.dstny.paths import Operation, table_of
from sandbox.faces.dstny.people import People, Person
from sandbox.faces.dstny.requests import Ask, Values
from sandbox.faces.dstny.tickets import Ticket, Tickets
from sandbox.faults import FaultState

Handler = Callable[[Ask], Any]


class Dispatcher:
    """Serves everything below the company's base path; `handlers` are by name of operation."""

    def __init__(
        self, connection: Connection, people: People, tickets: Tickets, faults: FaultState, handlers: dict[str, Handler]
    ) -> None:
        self.connection = connection
        self.people = people
        self.tickets = tickets
        self.faults = faults
        self.handlers = handlers

    async def serve(self, request: Request) -> Response:
        try:
            await self._fail()
            operation, path = self._find(request)
            ask = await self._understand(request, operation, path)
            return wire.answer(request, self._do(operation, ask), operation.name.replace("_", "-"))
        except ApiError as error:
            return wire.answer_error(request, error)

    def _do(self, operation: Operation, ask: Ask) -> Any:
        """Raises ApiError for what the engine refuses."""
        try:
            return self.handlers[operation.name](ask)
        except NotDialable as error:
            raise invalid("destination", str(error)) from error
        except UnknownCall as error:
            raise unknown("call", ask.path.get("call", "")) from error
        except EngineError as error:
            raise conflict(str(error)) from error

    async def _fail(self) -> None:
        settings = self.faults.settings
        await self.faults.delay()
        if self.faults.hits(settings.rate_limited):
            raise ApiError(429, "too.many.requests", "Too many requests", retry_after=1)
        if self.faults.hits(settings.server_errors):
            raise ApiError(500, "internal.error", "The server encountered an unexpected error")

    def _find(self, request: Request) -> tuple[Operation, dict[str, str]]:
        """A POST may stand for another method: X-HTTP-Method-Override."""
        method = request.method
        if method == "POST":
            method = request.headers.get("x-http-method-override", method).upper()
        table, path = table_of(tuple(self.connection.paths.items())), "/" + request.path_params["path"]
        if found := table.find(method, path):
            return found
        if any(table.at(path)):
            raise ApiError(405, "method.not.allowed", f"{method} is not possible here")
        raise ApiError(404, "not.found", "There is nothing at this address")

    async def _understand(self, request: Request, operation: Operation, path: dict[str, str]) -> Ask:
        """Raises ApiError: 401 without a valid ticket, 403 without permission, 404 for an unknown user."""
        ticket = self._authenticate(request)
        if operation.api and operation.api not in ticket.apis:
            raise forbidden(f"The ticket is not for the API {operation.api}")
        domain = path.get("domain", self.people.domain)
        if domain != self.people.domain:
            raise unknown("domain", domain)
        query = {name: request.query_params.getlist(name) for name in request.query_params if name != "t"}
        values = Values({name: each[0] if len(each) == 1 else each for name, each in query.items()})
        values.update(await wire.read_body(request))
        content = (await request.body(), request.headers.get("content-type", ""))
        subject = self._subject(ticket, path["user"]) if operation.is_for_user else self._caller(ticket)
        return Ask(ticket, path, values, subject, ticket.user_id == self.connection.service_user, content)

    def _authenticate(self, request: Request) -> Ticket:
        """ "Authorization: Bearer" or the query parameter `t`."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            token = request.query_params.get("t", "")
        if not token:
            raise unauthorized("An API ticket is required")
        ticket = self.tickets.find(token.strip())
        if ticket is None:
            raise unauthorized("The API ticket is invalid, expired or revoked")
        return ticket

    def _caller(self, ticket: Ticket) -> Person | None:
        return self.people.get(ticket.user_id)

    def _subject(self, ticket: Ticket, user: str) -> Person | None:
        """For whom the operation acts: others than oneself only as a service account or an administrator."""
        service = self.connection.service_user
        user_id = user.removesuffix(f"@{self.people.domain}")
        caller = self._caller(ticket)
        may_act = ticket.user_id == service or (caller is not None and caller.user.is_admin and user_id != service)
        if user_id != ticket.user_id and not may_act:
            raise forbidden(f"{ticket.user_id} may not act for {user_id}")
        return None if user_id == service else self.people.find(self.people.domain, user_id)
