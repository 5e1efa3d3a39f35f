"""What the authorization servers of vendors with OAuth 2.0 (RFC 6749) have in common."""

import base64
from dataclasses import dataclass
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from sandbox.engine.company import Company
from sandbox.engine.directory import User

_PAGE_HEADERS = {"Cache-Control": "no-store", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer"}
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(slots=True)
class Client:
    """A client application as registered at the vendor. Vendors add their own settings.

    `redirect_uris`: the registered ones, compared exactly. With none registered, any address on loopback will do.
    `code_s`: how many seconds an authorization code lives.
    """

    client_id: str
    client_secret: str
    redirect_uris: tuple[str, ...] = ()
    code_s: float = 60

    def may_ask(self, request: Request) -> bool:
        """Whether the query of the authorization endpoint has this client, and an address that it may redirect to."""
        query = request.query_params
        return query.get("client_id") == self.client_id and self._may_redirect(query.get("redirect_uri", ""))

    def _may_redirect(self, uri: str) -> bool:
        if self.redirect_uris:
            return uri in self.redirect_uris
        try:
            parts = urlsplit(uri)
        except ValueError:
            return False
        return parts.scheme in ("http", "https") and parts.hostname in _LOOPBACK


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """The query of the authorization endpoint, with client and redirect address already checked."""

    redirect_uri: str
    state: str | None
    response_type: str

    def redirect(self, **parameters: str) -> Response:
        """Back to the client application, `state` included where it came."""
        if self.state is not None:
            parameters["state"] = self.state
        parts = urlsplit(self.redirect_uri)
        query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *parameters.items()])
        return RedirectResponse(parts._replace(query=query).geturl(), status_code=302, headers=_PAGE_HEADERS)


def page(html: str, status: int = 200) -> Response:
    return HTMLResponse(html, status, headers=_PAGE_HEADERS)


def log_in(company: Company, form: FormData) -> User | None:
    """Whose login and password the form has; None when they are wrong."""
    email, password = str(form.get("email", "")).strip().lower(), str(form.get("password", ""))
    return next((each for each in company.users if (each.email, each.password) == (email, password)), None)


def is_form(request: Request) -> bool:
    return request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")


async def read_form(request: Request) -> dict[str, str]:
    """The first value of each field."""
    raw = await request.body()
    return {name: values[0] for name, values in parse_qs(raw.decode(errors="replace")).items()}


def read_basic(encoded: str) -> tuple[str, str]:
    """Client id and secret of an Authorization header with the scheme Basic. Raises ValueError."""
    client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    return client_id, secret
