"""Requests to RingCentral's API: bearer tokens, rate limits kept ahead of time, pages, answers as typed objects."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec
from msgspec import Struct

from common.http import HttpClient, HttpResponse
from integrations.contract.adapter import Account
from integrations.contract.commands import RawRequest, RawResponse
from integrations.contract.errors import AuthorizationLost, VendorRejected, VendorUnavailable
from integrations.contract.media import Media, open_media
from integrations.contract.transport import first_words, retry_after, send
from integrations.vendors.ringcentral.errors import PAUSE_S, error_of
from integrations.vendors.ringcentral.routes import REQUESTS_A_MINUTE, ROUTES, Group, Route

T = TypeVar("T")
_OK, _ERRORS, _UNAUTHORIZED, _TOO_MANY = 200, 300, 401, 429
_WINDOW_S = 60.0
_PER_PAGE = 1000
_MOST_PAGES = 100
_MOST_REQUESTS = 10_000
"""A limit above this isn't one."""
_LONGEST_PAUSE_S = 600.0


class Navigation(Struct, frozen=True, rename="camel"):
    """What of a page's links is used."""

    next_page: Any = None


class Records(Struct):
    """A page of a list."""

    records: list[Any] = []
    navigation: Navigation = Navigation()


class RingCentralClient:
    """Sends requests as the account's user. Raises the errors of the contract, and only those."""

    def __init__(self, account: Account, http: HttpClient) -> None:
        self._account = account
        self._http = http

    async def call(
        self, name: str, *, json: Any = None, query: Mapping[str, str] | None = None, **path: str
    ) -> HttpResponse:
        """Sends the request of that name in ROUTES; a token that is refused is replaced once."""
        route = ROUTES[name]
        url = self._account.base_url + _fill(route, path)
        response = await self._authorized(route.group, route.method, url, params=query, json=json)
        if not _OK <= response.status < _ERRORS:
            raise error_of(response, about_call="session" in path)
        return response

    async def read(
        self, name: str, kind: type[T], *, json: Any = None, query: Mapping[str, str] | None = None, **path: str
    ) -> T:
        """As `call`, with the answer read as `kind`."""
        response = await self.call(name, json=json, query=query, **path)
        try:
            return msgspec.json.decode(response.body, type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise _unreadable(response, error) from error

    async def read_page(
        self, name: str, kind: type[T], page: int, per_page: int, query: Mapping[str, str] | None = None, **path: str
    ) -> tuple[list[T], bool]:
        """One page of a list, and whether another follows."""
        paging = {"page": str(page), "perPage": str(per_page)}
        response = await self.call(name, query={**(query or {}), **paging}, **path)
        try:
            answer = msgspec.json.decode(response.body, type=Records)
            items = msgspec.convert(answer.records, list[kind])  # type: ignore[valid-type]
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise _unreadable(response, error) from error
        return items, bool(answer.navigation.next_page)

    async def read_all(self, name: str, kind: type[T], query: Mapping[str, str] | None = None, **path: str) -> list[T]:
        """All pages of a list."""
        found: list[T] = []
        for page in range(1, _MOST_PAGES + 1):
            items, more = await self.read_page(name, kind, page, _PER_PAGE, query, **path)
            found += items
            if not more:
                return found
        raise VendorRejected(f"RingCentral's list goes on after {_MOST_PAGES} pages.")

    @asynccontextmanager
    async def open_media(self, name: str, byte_range: str | None, **path: str) -> AsyncIterator[Media]:
        """A sound as it comes; a token that is refused is replaced once."""
        route, token = ROUTES[name], await self._token()
        url = self._account.base_url + _fill(route, path)
        async with AsyncExitStack() as opened:
            try:
                media = await opened.enter_async_context(self._begin_media(route.group, url, token, byte_range))
            except AuthorizationLost:
                fresh = await self._token(rejected=token)
                media = await opened.enter_async_context(self._begin_media(route.group, url, fresh, byte_range))
            yield media

    @asynccontextmanager
    async def _begin_media(self, group: Group, url: str, token: str, byte_range: str | None) -> AsyncIterator[Media]:
        await self._count(group)
        async with open_media(
            self._http, url, headers=_bearer(token), byte_range=byte_range, refused=error_of
        ) as media:
            yield media

    async def pass_through(self, request: RawRequest) -> RawResponse:
        """Sends a request as it is; the vendor's refusals are answers too. It counts as Light, as most of the API does."""
        url = f"{self._account.base_url}/{request.path.lstrip('/')}"
        group = next((each.group for each in ROUTES.values() if _is_of(each, request)), Group.LIGHT)
        response = await self._authorized(
            group, request.method, url, params=request.query, data=request.body or None, headers=request.headers
        )
        return RawResponse(response.status, response.headers, response.body)

    async def _authorized(
        self, group: Group, method: str, url: str, *, headers: Mapping[str, str] | None = None, **content: Any
    ) -> HttpResponse:
        token = await self._token()
        response = await self._send(group, method, url, _bearer(token, headers or {}), content)
        if response.status == _UNAUTHORIZED:  # OAU-128 and its like: expired, or ended by a refresh elsewhere
            token = await self._token(rejected=token)
            response = await self._send(group, method, url, _bearer(token, headers or {}), content)
        return response

    async def _send(
        self, group: Group, method: str, url: str, headers: Mapping[str, str], content: Mapping[str, Any]
    ) -> HttpResponse:
        await self._count(group)
        response = await send(self._http, method, url, headers=headers, **content)
        await self._learn(group, response)
        return response

    async def _token(self, rejected: str | None = None) -> str:
        if self._account.tokens is None:
            raise AuthorizationLost("This account has not been authorized at RingCentral yet.")
        return await self._account.tokens.access_token(rejected=rejected)

    # Rate limits. Every request during a penalty restarts it, so none may be sent that would be refused.

    async def _count(self, group: Group) -> None:
        """Counts the request that follows. Raises VendorUnavailable, at once, where it would be one too many."""
        if self._account.limits is None:
            return
        wait = await self._account.limits.take(group, limit=REQUESTS_A_MINUTE[group], window_s=_WINDOW_S)
        if wait:
            raise VendorUnavailable(
                f"RingCentral takes no more requests of this kind ({group}) now; try again in {wait:.0f} s.",
                retry_after=wait,
            )

    async def _learn(self, group: Group, response: HttpResponse) -> None:
        """Takes in X-Rate-Limit-…, and a 429. Where the answer names a group that we know, it is that one's."""
        limits = self._account.limits
        if limits is None:
            return
        named = response.headers.get("x-rate-limit-group", "").strip().lower()
        group = Group(named) if named in set(Group) else group
        limit, remaining, window = (_number(response, name) for name in ("limit", "remaining", "window"))
        if limit and remaining is not None and window:
            await limits.learn(group, limit=limit, remaining=min(remaining, limit), window_s=float(window))
        if response.status == _TOO_MANY:
            await limits.pause(group, min(retry_after(response) or PAUSE_S, _LONGEST_PAUSE_S))


def _fill(route: Route, path: Mapping[str, str]) -> str:
    return route.path.format_map({name: quote(value, safe="~") for name, value in path.items()})


def _is_of(route: Route, request: RawRequest) -> bool:
    """Whether a raw request is that operation."""
    parts, pattern = request.path.strip("/").split("/"), route.path.strip("/").split("/")
    return (
        route.method == request.method
        and len(parts) == len(pattern)
        and all(own.startswith("{") or own in {part, "~"} for part, own in zip(parts, pattern, strict=True))
    )


def _bearer(token: str, given: Mapping[str, str] = {}) -> dict[str, str]:
    """The token, whatever else is given."""
    named = {name.lower(): value for name, value in given.items()}
    return {"accept": "application/json", **named, "authorization": f"Bearer {token}"}


def _number(response: HttpResponse, name: str) -> int | None:
    text = response.headers.get(f"x-rate-limit-{name}", "").strip()
    return min(int(text), _MOST_REQUESTS) if text.isascii() and text.isdecimal() and len(text) < 10 else None  # noqa: PLR2004


def _unreadable(response: HttpResponse, error: Exception) -> VendorRejected:
    return VendorRejected(
        f"RingCentral's answer can't be read ({error}): {first_words(response)}", status=response.status
    )
