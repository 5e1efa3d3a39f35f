"""Kwebbl's REST API: paths, bearer tokens, and its errors as contract errors.

Every resource answers errors as `{status_code, error_code, message}` ("In case of an error"), if it has a body at all.
"""

from collections.abc import Mapping
from typing import Any, NoReturn, TypeVar
from urllib.parse import quote

import msgspec
from msgspec import Struct, field

from common.http import HttpClient, HttpResponse
from integrations.contract.adapter import Account
from integrations.contract.commands import RawRequest, RawResponse
from integrations.contract.errors import AuthorizationLost, CallGone, Unsupported, VendorRejected
from integrations.contract.transport import first_words, raise_if_unavailable, send

T = TypeVar("T")


class Route(Struct, frozen=True):
    """A method and a path below the base URL, and the scopes of which one is needed."""

    method: str
    path: str
    scopes: tuple[str, ...]


_DIRECTORY = ("company.dialplans", "company.users")
_EVENTS = ("calls.events", "calls.events.personal", "calls.events.presence")
_MANAGE = ("calls.manage", "calls.manage.personal")

ROUTES = {
    "list_extensions": Route("GET", "/extensions", _DIRECTORY),
    "get_extension": Route("GET", "/extensions/{id}", _DIRECTORY),
    "list_caller_ids": Route("GET", "/extensions/{id}/multiple_caller_ids", _DIRECTORY),
    "set_caller_id": Route("PUT", "/extensions/{id}/caller_id", _DIRECTORY),
    "list_subscriptions": Route("GET", "/subscriptions", _EVENTS),
    "get_subscription": Route("GET", "/subscriptions/{id}", _EVENTS),
    "create_subscription": Route("POST", "/subscriptions", _EVENTS),
    "delete_subscription": Route("DELETE", "/subscriptions/{id}", _EVENTS),
    "originate": Route("POST", "/calls", ("calls.create", "calls.create.personal")),
    "hangup": Route("POST", "/calls/{id}/hangup", _MANAGE),
    "transfer": Route("POST", "/calls/{id}/transfer", _MANAGE),
    "hold": Route("POST", "/calls/{id}/hold", _MANAGE),
    "resume": Route("POST", "/calls/{id}/resume", _MANAGE),
    "start_recording": Route("POST", "/calls/{id}/start-recording", _MANAGE),
    "stop_recording": Route("POST", "/calls/{id}/stop-recording", _MANAGE),
}

_OK, _ERRORS = 200, 300
_MAX_WORDS = 300
_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = 401, 403, 404


class Problem(Struct):
    """The body of an error; `error` is the token endpoint's spelling of `error_code`."""

    error_code: str | None = None
    error: str | None = None
    message: str | None = None


class Extension(Struct):
    """A user or a dialplan. `number` is a string by the table and a JSON number in the examples."""

    id: str
    number: str | int
    name: str = ""
    type: str = "user"
    external_number: str | int | None = None


class Subscription(Struct):
    """The list of subscriptions shows `events`, everything newer `event_types` (changed in revision 16)."""

    id: str
    callback_url: str = ""
    event_types: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    mode: str | None = None


class CallerId(Struct):
    """`caller_id` is the id of the number, not of an extension."""

    caller_id: str
    caller_number: str | int


class PlacedCall(Struct):
    """The document shows no body; a call id is taken where there is one."""

    call_id: str | None = None
    id: str | None = None


class KwebblClient:
    """Sends requests as the account's user. Raises the errors of the contract, and only those."""

    def __init__(self, account: Account, http: HttpClient) -> None:
        self._account = account
        self._http = http

    async def call(self, name: str, *, id: str | None = None, json: Any = None) -> HttpResponse:  # noqa: A002
        """Sends the request of that name in ROUTES; a token that is refused is replaced once."""
        route = ROUTES[name]
        url = self._account.base_url + route.path.format(id=quote(id or "", safe=""))
        response = await self._authorized(route.method, url, {"Accept": "application/json"}, json=json)
        if not _OK <= response.status < _ERRORS:
            _refuse(response, route, self._account.granted_scopes)
        return response

    async def read(self, name: str, kind: type[T], *, id: str | None = None, json: Any = None) -> T:  # noqa: A002
        """As `call`, with the answer read as `kind`."""
        response = await self.call(name, id=id, json=json)
        try:
            return msgspec.json.decode(response.body, type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise VendorRejected(
                f"Kwebbl's answer can't be read ({error}): {first_words(response)}", status=response.status
            ) from error

    async def raw(self, request: RawRequest) -> RawResponse:
        """Kwebbl's own answer, whatever its status."""
        url, body = self._account.base_url + request.path, request.body or None
        answer = await self._authorized(request.method, url, request.headers, params=request.query, data=body)
        return RawResponse(answer.status, answer.headers, answer.body)

    async def _authorized(self, method: str, url: str, headers: Mapping[str, str], **content: Any) -> HttpResponse:
        """Sends it with the account's token; one that is refused is replaced once."""
        tokens = self._account.tokens
        if tokens is None:
            raise AuthorizationLost("This account has not been authorized at Kwebbl yet.")
        token = await tokens.access_token()
        response = await send(self._http, method, url, headers=_with(token, headers), **content)
        if response.status == _UNAUTHORIZED:
            token = await tokens.access_token(rejected=token)
            response = await send(self._http, method, url, headers=_with(token, headers), **content)
        return response


def _with(token: str, headers: Mapping[str, str]) -> dict[str, str]:
    return {**headers, "Authorization": f"Bearer {token}"}


def _refuse(response: HttpResponse, route: Route, granted: frozenset[str] | None) -> NoReturn:
    """Maps the "Known error codes" of the document; a body that isn't its JSON gives its first words instead."""
    problem = _problem(response)
    status, code = response.status, (problem.error_code or problem.error or "")[:_MAX_WORDS] or None
    words = (problem.message or first_words(response))[:_MAX_WORDS]
    is_page = response.body.lstrip().startswith(
        b"<"
    )  # a proxy's, or a wrong base URL's: it knows nothing of tokens and calls
    if status == _UNAUTHORIZED and not is_page:
        raise AuthorizationLost(f"Kwebbl refused a fresh access token ({words}). Authorize the account again.")
    if status == _FORBIDDEN or code == "access_denied":  # 403 in the tables, 503 in the prose
        wanted = " or ".join(route.scopes)
        if granted is not None and granted.isdisjoint(route.scopes):
            raise Unsupported(f"This account lacks the scope {wanted}: add it and authorize the account again.")
        raise VendorRejected(
            f"Kwebbl denied access: {words}. This takes the scope {wanted}, and a user who is allowed it.",
            status=status,
            code=code,
        )
    if status == _NOT_FOUND and route.path.startswith("/calls/") and not is_page:
        raise CallGone(f"Kwebbl doesn't know this call any more: {words}", status=status, code=code)
    raise_if_unavailable(response, "Kwebbl")
    raise VendorRejected(f"Kwebbl refused: {words}", status=status, code=code)


def _problem(response: HttpResponse) -> Problem:
    try:
        return msgspec.json.decode(response.body, type=Problem)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Problem()
