"""Requests to EQ's API: its key, forms, and its errors as errors of the contract.

Errors are a list of `{parameter, type, message}`, at the top or under `errors`. Answers that aren't JSON, such as a proxy's page,
are never parsed, only quoted.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec
from msgspec import Struct

from common.http import HttpClient, HttpResponse
from integrations.contract.adapter import Account
from integrations.contract.commands import RawRequest, RawResponse
from integrations.contract.errors import AuthorizationLost, CallGone, VendorError, VendorRejected, VendorUnavailable
from integrations.contract.routes import fill, overridden
from integrations.contract.transport import first_words, raise_if_unavailable, send
from integrations.vendors.eq.paths import ROUTES
from integrations.vendors.eq.wire import Record, Unreadable, decode, records_of

_OK, _ERRORS = 200, 300
_BAD_REQUEST, _UNAUTHORIZED, _NO_FORMS = 400, 401, 415
_KEY = "auth_key"
_SESSIONS = frozenset({"auth_agent_session", "auth_supervisor_session", "token"})
_MAX_WORDS = 200
_TAGS = re.compile(r"<[^>]*>")
# The document's types of errors, in words that follow the parameter's name.
_WORDS = {
    "already_signed_in": "is already signed in with another session",
    "blank": "is not specified",
    "in_use": "is already in use",
    "invalid": "is not valid",
    "nonexistent": "does not exist",
    "not_signed_in": "is not signed in",
}


class Problem(Struct, frozen=True):
    """One of the things that are wrong with a request. `parameter` is empty where it is about none in particular."""

    parameter: str
    type: str
    message: str

    @property
    def words(self) -> str:
        return (self.message or _WORDS.get(self.type, self.type) or "is refused")[:_MAX_WORDS]


class SessionLost(VendorRejected):
    """The user's session on whose behalf it was asked is invalid, or can't be active again. Nothing was done."""


class EqClient:
    """Sends requests with the account's key. Raises the errors of the contract, and only those."""

    def __init__(self, account: Account, http: HttpClient) -> None:
        self._key = str(account.credentials.get(_KEY, ""))
        self._base_url = account.base_url
        self._routes = overridden(ROUTES, account.settings)
        self._http = http

    async def read(
        self, name: str, query: Mapping[str, str] | None = None, session: Mapping[str, str] | None = None, **path: str
    ) -> Any:
        """The answer's JSON to the request of that name in ROUTES; None for an empty one.

        `session` is the parameter with a user's token, for what is asked on somebody's behalf.
        """
        response = await self._send(name, path, params={**(query or {}), **(session or {})})
        return self._read(response, session)

    async def rows(self, name: str, query: Mapping[str, str] | None = None, **path: str) -> list[Record]:
        """As `read`, of a list of objects."""
        response = await self._send(name, path, params=query)
        try:
            return records_of(self._read(response, None))
        except Unreadable as error:
            raise _unreadable(error, response) from error

    async def command(
        self, name: str, fields: Mapping[str, Any], session: Mapping[str, str] | None = None, **path: str
    ) -> Any:
        """The answer's JSON to a command: a form, with objects as JSON within it; JSON for servers that take nothing else."""
        response = await self._send(name, path, params=session, form=_form(fields))
        if self._misses_what_was_sent(response, fields):
            response = await self._send(name, path, params=session, json=dict(fields))
        return self._read(response, session)

    async def passthrough(self, request: RawRequest) -> RawResponse:
        """EQ's own answer to somebody's own request; of a refusal also what is wrong, field by field."""
        url = f"{self._base_url}/{request.path.lstrip('/')}"
        response = await send(
            self._http,
            request.method,
            url,
            headers={"accept": "application/json", **request.headers},
            params={**request.query, _KEY: self._key},
            data=request.body or None,
        )
        refused = response.status >= _BAD_REQUEST
        errors = _by_field(self._problems(response)) if refused else {}
        return RawResponse(response.status, response.headers, self._without_key(response.body), errors)

    async def _send(
        self,
        name: str,
        path: Mapping[str, str],
        *,
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        json: Any = None,
    ) -> HttpResponse:
        """ "It is recommended to always pass the key in the URL as a query string parameter"."""
        route = self._routes[name]
        return await send(
            self._http,
            route.method,
            self._base_url + fill(route, path),
            headers={"accept": "application/json"},
            params={_KEY: self._key, **(params or {})},
            data=form,
            json=json,
        )

    def _read(self, response: HttpResponse, session: Mapping[str, str] | None) -> Any:
        if not _OK <= response.status < _ERRORS:
            raise self._error(response, session)
        try:
            return decode(response.body)
        except Unreadable as error:
            raise _unreadable(error, response) from error

    def _error(self, response: HttpResponse, session: Mapping[str, str] | None) -> VendorError:
        """What an answer that is no success means."""
        status, problems = response.status, self._problems(response)
        words = "; ".join(f"{each.parameter} {each.words}".strip() for each in problems) or _quoted(response)
        is_page = response.body.lstrip().startswith(b"<")
        named = {each.parameter for each in problems}
        of_session = bool(named & _SESSIONS) or (session is not None and _KEY not in named)
        told: dict[str, Any] = {
            "status": status,
            "code": next((each.type for each in problems if each.type), None),
            "errors": _by_field(problems),
        }
        if status == _UNAUTHORIZED and of_session and not is_page:
            return SessionLost(f"EQ doesn't take the user's session any more: {words}", **told)
        if status == _UNAUTHORIZED and not is_page:  # a page is a proxy's: it knows nothing of keys
            return AuthorizationLost(f"EQ says that the API key isn't valid: {words}")
        if any((each.parameter, each.type) == ("channel", "nonexistent") for each in problems):
            return CallGone(f"EQ doesn't know this call any more: {words}", **told)
        try:
            raise_if_unavailable(response, "EQ")
        except VendorUnavailable as error:
            return error
        return VendorRejected(f"EQ refused: {words}", **told)

    def _problems(self, response: HttpResponse) -> list[Problem]:
        """None where the answer doesn't say it as the document does."""
        try:
            value = decode(self._without_key(response.body))
            if isinstance(value, Mapping):
                value = value.get("errors", value.get("error", value))
            return [_problem(each) for each in records_of(value)]
        except Unreadable:
            return []

    def _misses_what_was_sent(self, response: HttpResponse, fields: Mapping[str, Any]) -> bool:
        """Whether the server doesn't read forms: then it has done nothing."""
        missed = {each.parameter for each in self._problems(response) if each.type == "blank"}
        given = {name for name, value in fields.items() if value not in (None, "")}
        return response.status == _NO_FORMS or (response.status == _BAD_REQUEST and bool(missed & given))

    def _without_key(self, body: bytes) -> bytes:
        """Whatever EQ says of the key is for nobody to read."""
        return body.replace(self._key.encode(), b"***") if self._key else body


@contextmanager
def readable() -> Iterator[None]:
    """Around whatever reads rows: what they lack is told as VendorRejected."""
    try:
        yield
    except Unreadable as error:
        raise VendorRejected(f"EQ's answer can't be read: {error}.") from error


def _problem(record: Record) -> Problem:
    return Problem(
        record.text("parameter", "attribute", "field", "name", limit=60) or "",
        record.text("type", "code", limit=60) or "",
        record.text("message", "description", "error") or "",
    )


def _by_field(problems: list[Problem]) -> dict[str, list[str]]:
    """Sentences by the document's names of the fields; those about none are told as a whole."""
    found: dict[str, list[str]] = {}
    for each in problems:
        if each.parameter:
            found.setdefault(each.parameter, []).append(each.words)
    return found


def _form(fields: Mapping[str, Any]) -> dict[str, str]:
    """ "Otherwise parameters are simply strings"."""
    return {
        name: value if isinstance(value, str) else msgspec.json.encode(value).decode()
        for name, value in fields.items()
        if value is not None
    }


def _quoted(response: HttpResponse) -> str:
    """The first words of what isn't the document's error, without markup."""
    return " ".join(_TAGS.sub(" ", first_words(response)).split()) or "no words"


def _unreadable(error: Unreadable, response: HttpResponse) -> VendorRejected:
    return VendorRejected(f"EQ's answer can't be read: {error}. It begins: {_quoted(response)}", status=response.status)
