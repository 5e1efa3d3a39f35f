"""Requests to Dstny's End User API: tickets, paths, and its errors as errors of the contract.

Errors are `{field: [{fieldName, code, description, name}], warning: […]}`; their HTTP codes are lost with the paths, so that
the ordinary ones are expected. Answers that aren't JSON (a proxy's page, XML) are never parsed, only quoted.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, TypeVar
from urllib.parse import urlencode

from msgspec import Struct

from common.http import HttpClient, HttpResponse
from common.times import utc_now
from integrations.contract.adapter import Account
from integrations.contract.commands import RawRequest, RawResponse
from integrations.contract.connections import EventSource, open_events
from integrations.contract.errors import AuthorizationLost, CallGone, VendorError, VendorRejected, VendorUnavailable
from integrations.contract.routes import Route, fill, overridden
from integrations.contract.transport import first_words, raise_if_unavailable, send
from integrations.vendors.dstny.paths import ROUTES
from integrations.vendors.dstny.tickets import Login, Logins
from integrations.vendors.dstny.wire import Unreadable, convert, decode, many, read

T = TypeVar("T")
Query = Iterable[tuple[str, str]]
_OK, _ERRORS = 200, 300
_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = 401, 403, 404
_REFUSED_TICKET = frozenset({_UNAUTHORIZED, _FORBIDDEN})
CONFLICTS = frozenset({409, 412})
"""Of a stateToken that isn't the current one, or of a call in which that can't be done: the document names no code."""
_TAGS = re.compile(r"<[^>]*>")
_MAX_WORDS = 200


class Detail(Struct, rename="camel"):
    """What is wrong with one field of a request."""

    field_name: str | None = None
    code: str | None = None
    description: str | None = None


class Problem(Struct):
    """The document's error object."""

    field: list[Detail] | Detail | None = None
    warning: list[Detail] | Detail | None = None

    @property
    def first(self) -> Detail:
        return next(iter([*many(self.field), *many(self.warning)]), Detail())


class DstnyClient:
    """Sends requests as whoever may act for a user. Raises the errors of the contract, and only those."""

    def __init__(self, account: Account, http: HttpClient) -> None:
        self.logins = Logins(account.credentials, account.settings, account.tickets)
        self._base_url = account.base_url
        self.routes = overridden(ROUTES, account.settings)
        self._http = http

    async def call(
        self, name: str, user: str | None = None, *, json: Any = None, query: Query = (), **path: str
    ) -> HttpResponse:
        """Sends the request of that name in ROUTES, for that user or, without one, as the account itself."""
        login = self.logins.for_user(user) if user else self.logins.main
        response = await self.send_as(login, self.routes[name], user or login.user, json=json, query=query, **path)
        raise_for_status(response, self.routes[name])
        return response

    async def read(
        self, name: str, kind: type[T], user: str | None = None, *, json: Any = None, query: Query = (), **path: str
    ) -> T:
        """As `call`, with the answer read as that kind; an empty one is an empty object."""
        return self.read_answer(await self.call(name, user, json=json, query=query, **path), kind)

    @staticmethod
    def read_answer(response: HttpResponse, kind: type[T]) -> T:
        """An answer as that kind. Raises VendorRejected for what can't be read so."""
        try:
            return read(response.body.strip() or b"{}", kind)
        except Unreadable as error:
            raise _unreadable(error, response) from error

    async def read_list(
        self, name: str, kind: type[T], key: str, user: str | None = None, *, query: Query = (), **path: str
    ) -> list[T]:
        """As `call`, with the answer read as a list, which may be the value of `key`."""
        response = await self.call(name, user, query=query, **path)
        try:
            value = decode(response.body.strip() or b"[]")
            if isinstance(value, dict):
                value = value.get(key)
            return convert(many(value), list[kind])  # type: ignore[valid-type]
        except Unreadable as error:
            raise _unreadable(error, response) from error

    async def send_as(
        self, login: Login, route: Route, user: str, *, json: Any = None, query: Query = (), **path: str
    ) -> HttpResponse:
        """The answer, whatever its status."""
        return await _first_accepted(
            login, lambda token: self.send_with(token, route, user, json=json, query=query, **path)
        )

    async def send_with(
        self, token: str, route: Route, user: str, *, json: Any = None, query: Query = (), **path: str
    ) -> HttpResponse:
        """The answer to that very ticket."""
        url = self._url(route, user, path, query)
        return await send(self._http, route.method, url, headers=bearer(token), json=json)

    async def pass_on(self, request: RawRequest, user_header: str) -> RawResponse:
        """The vendor's own answer to somebody's own request, sent as the user in that header, or as the account."""
        user = request.headers.get(user_header)
        login = self.logins.for_user(user) if user else self.logins.main
        headers = {name: value for name, value in request.headers.items() if name != user_header}
        url = f"{self._base_url}/{request.path.lstrip('/')}"
        body = request.body or None

        def ask(token: str) -> Awaitable[HttpResponse]:
            given = {"accept": "application/json", **headers, "authorization": f"Bearer {token}"}
            return send(self._http, request.method, url, headers=given, params=request.query, data=body)

        response = await _first_accepted(login, ask)
        return RawResponse(response.status, response.headers, response.body)

    @asynccontextmanager
    async def follow(self, name: str, user: str, **path: str) -> AsyncIterator[EventSource]:
        """A connected stream of server-sent events."""
        route, *tokens = self.routes[name], *self.logins.for_user(user).tokens(utc_now())
        async with AsyncExitStack() as stack:
            for token in tokens:
                opening = open_events(
                    self._http,
                    self._url(route, user, path),
                    headers=bearer(token),
                    refused=lambda response: error_of(response, route),
                )
                try:
                    events = await stack.enter_async_context(opening)
                    break
                except (AuthorizationLost, VendorRejected):
                    if token == tokens[-1]:
                        raise
            yield events

    def _url(self, route: Route, user: str, path: Mapping[str, str], query: Query = ()) -> str:
        values = {"domain": self.logins.domain, "user": user, **path}
        pairs = urlencode(list(query))
        return f"{self._base_url}{fill(route, values)}{'?' if pairs else ''}{pairs}"


async def _first_accepted(login: Login, ask: Callable[[str], Awaitable[HttpResponse]]) -> HttpResponse:
    """A ticket that is refused gives way to the one that it was made with."""
    for token in login.tokens(utc_now()):
        response = await ask(token)
        if response.status not in _REFUSED_TICKET:
            break
    return response


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}", "accept": "application/json"}


def raise_for_status(response: HttpResponse, route: Route) -> None:
    """Raises what an answer that is no success means."""
    if not _OK <= response.status < _ERRORS:
        raise error_of(response, route)


def error_of(response: HttpResponse, route: Route) -> VendorError:
    """What an answer that is no success means."""
    status, detail, is_page = response.status, _detail(response), response.body.lstrip().startswith(b"<")
    words = (detail.description or detail.code or _quoted(response))[:_MAX_WORDS]
    if status == _UNAUTHORIZED and not is_page:  # a page is a proxy's: it knows nothing of tickets
        return AuthorizationLost(f"Dstny says that the ticket or the password isn't valid: {words}")
    if status == _FORBIDDEN:
        hint = "The user needs the licence, and the ticket the API, that this takes."
        return VendorRejected(f"Dstny denied access: {words}. {hint}", status=status, code=detail.code)
    is_about_somebody = (detail.field_name or detail.code or "").partition(".")[0] in {"user", "domain", "deviceId"}
    if status == _NOT_FOUND and route.names("call") and not is_page and not is_about_somebody:
        return CallGone(f"Dstny doesn't know this call any more: {words}", status=status, code=detail.code)
    try:
        raise_if_unavailable(response, "Dstny")
    except VendorUnavailable as error:
        return error
    return VendorRejected(f"Dstny refused: {words}", status=status, code=detail.code)


def _detail(response: HttpResponse) -> Detail:
    try:
        return read(response.body, Problem).first
    except Unreadable:
        return Detail()


def _quoted(response: HttpResponse) -> str:
    """The first words of what isn't the document's error object, without markup; entities stay as they are."""
    words = first_words(response)
    return " ".join(_TAGS.sub(" ", words).split()) or "no words"


def _unreadable(error: Unreadable, response: HttpResponse) -> VendorRejected:
    return VendorRejected(
        f"Dstny's answer can't be read: {error}. It begins: {_quoted(response)}", status=response.status
    )
