"""What a request asks: who, about which account and extension, and with which body."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request

from sandbox.engine.directory import Extension
from sandbox.faces.ringcentral.errors import ApiError, invalid, unauthorized
from sandbox.faces.ringcentral.grants import Grant, Grants

DEFAULT_PER_PAGE, MOST_PER_PAGE = 100, 1000


@dataclass(frozen=True, slots=True)
class Ask:
    """One authenticated request, however it came (HTTP or a WebSocket frame).

    `extension` is the one that the path names, or the user's own; `server` is where this account's API begins.
    """

    grant: Grant
    extension: Extension
    account_id: str
    server: str
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)

    @property
    def account_uri(self) -> str:
        return f"{self.server}/restapi/v1.0/account/{self.account_id}"

    @property
    def is_own(self) -> bool:
        return self.extension.id == self.grant.user.extension_id

    def text(self, name: str) -> str | None:
        """A string of the body; None when it isn't there. Raises ApiError CMN-101 for other types."""
        value = self.body.get(name)
        if value is not None and not isinstance(value, str):
            raise invalid(name)
        return value or None

    def required(self, name: str) -> str:
        value = self.text(name)
        if value is None:
            raise invalid(name)
        return value

    def nested(self, name: str) -> dict[str, Any]:
        """An object of the body, empty when it isn't there. Raises ApiError CMN-101 for other types."""
        value = self.body.get(name, {})
        if not isinstance(value, dict):
            raise invalid(name)
        return value


# A dict is answered as JSON, a Response as it is, None without a body.
Handler = Callable[[Ask], Any | Awaitable[Any]]


def authenticate(request: Request, grants: Grants) -> Grant:
    """Whose access token it is, from the header or the query. Raises ApiError 401 OAU-…."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme and scheme.lower() != "bearer":
        raise unauthorized("OAU-123", "Invalid Authorization header value")
    token = token.strip() or request.query_params.get("access_token", "")
    if not token:
        raise unauthorized("OAU-151", "Authorization method not supported")
    grant = grants.find(token)
    if grant is None:
        raise unauthorized("OAU-213", "Token not found")
    if not grants.use(grant):
        raise unauthorized("OAU-128", "Access token expired.")
    return grant


async def read_body(request: Request) -> dict[str, Any]:
    """The JSON object in the body, empty without one. Raises ApiError CMN-103 for anything else."""
    raw = await request.body()
    if not raw:
        return {}
    try:
        body = await request.json()
    except ValueError:
        raise ApiError(400, "CMN-103", "JSON can't be parsed.") from None
    if not isinstance(body, dict):
        raise ApiError(400, "CMN-103", "JSON can't be parsed.")
    return body


def page(ask: Ask, uri: str, records: list[Any]) -> dict[str, Any]:
    """A list as RingCentral pages it: `uri`, `records`, `paging`, `navigation`."""
    number, size = _positive(ask, "page", 1), min(_positive(ask, "perPage", DEFAULT_PER_PAGE), MOST_PER_PAGE)
    pages = max(1, -(-len(records) // size))
    first = (number - 1) * size
    shown = records[first : first + size]

    def link(to: int) -> dict[str, str]:
        return {"uri": f"{uri}?page={to}&perPage={size}"}

    navigation = {"firstPage": link(1), "lastPage": link(pages)}
    if number < pages:
        navigation["nextPage"] = link(number + 1)
    if 1 < number <= pages + 1:
        navigation["previousPage"] = link(number - 1)
    paging = {"page": number, "perPage": size, "totalPages": pages, "totalElements": len(records)}
    if shown:
        paging |= {"pageStart": first, "pageEnd": first + len(shown) - 1}
    return {"uri": link(number)["uri"], "records": shown, "paging": paging, "navigation": navigation}


def _positive(ask: Ask, name: str, default: int) -> int:
    value = ask.query.get(name, str(default))
    if not value.isdecimal() or int(value) < 1:
        raise invalid(name)
    return int(value)
