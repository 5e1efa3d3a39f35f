"""`/authorize` and `/token`: "Authorization Code Grant Flow" and "Restoring / Renewing an Access Token"."""

import secrets
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.engine.company import Company
from sandbox.faces.kwebbl.client_app import ClientApp
from sandbox.faces.kwebbl.dialect import Dialect
from sandbox.faces.kwebbl.grants import ADMIN_SCOPES, SCOPES, Grant, Grants
from sandbox.faces.kwebbl.pages import PAGES, permission
from sandbox.faces.oauth import AuthorizationRequest, is_form, log_in, page, read_basic, read_form


class TokenError(Exception):
    """An error of the token endpoint's table."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.error = error


class RedirectError(Exception):
    """An error that is told to the client application through the browser."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error


@dataclass(frozen=True, slots=True)
class AuthorizeRequest(AuthorizationRequest):
    """With no `scopes`, the user is asked for all."""

    scopes: tuple[str, ...]

    def check(self) -> None:
        """Raises RedirectError for what the client application did wrong otherwise."""
        if self.response_type != "code":
            raise RedirectError("unsupported_response_type", "Only the response_type code is supported")
        unknown = [scope for scope in self.scopes if scope not in SCOPES]
        if unknown:
            raise RedirectError("invalid_request", f"Unknown scope {' '.join(unknown)}")


class OAuth:
    """The authorization server of one company. Unknown parameters, PKCE's among them, are ignored as the document has none."""

    def __init__(self, company: Company, client: ClientApp, grants: Grants, dialect: Dialect) -> None:
        self.company = company
        self.client = client
        self.grants = grants
        self.dialect = dialect

    async def authorize(self, request: Request) -> Response:
        """GET shows the form; POST is the form, with `decision` allow or deny."""
        asked = self._read_authorize(request)
        if asked is None:
            return page(PAGES.refusal("The client or its redirect address is not registered here."), status=400)
        try:
            asked.check()
        except RedirectError as error:
            return asked.redirect(error=error.error, error_description=str(error))
        if request.method == "GET":
            permissions = (permission(scope) for scope in asked.scopes or SCOPES)
            return page(PAGES.consent(self.company.name, request.url.query, permissions))
        return await self._decide(request, asked)

    async def _decide(self, request: Request, asked: AuthorizeRequest) -> Response:
        form = await request.form()
        if form.get("decision") != "allow":
            return asked.redirect(error="access_denied", error_description="The user refused")
        user = log_in(self.company, form)
        if user is None:
            return asked.redirect(error="invalid_grant", error_description="The login or password is wrong")
        scopes = frozenset(asked.scopes or SCOPES)
        if not user.is_admin:  # "Only Admin users may grant permissions to resources of other users"
            scopes -= ADMIN_SCOPES
        if not scopes:
            return asked.redirect(error="access_denied", error_description="Only an admin may grant these scopes")
        return asked.redirect(code=self.grants.issue_code(user, scopes, asked.redirect_uri, asked.state))

    def _read_authorize(self, request: Request) -> AuthorizeRequest | None:
        """None where the user must be told instead of being redirected."""
        if not self.client.may_ask(request):
            return None
        query = request.query_params
        scopes = tuple(query.get("scope", "").split())
        return AuthorizeRequest(query["redirect_uri"], query.get("state"), query.get("response_type", ""), scopes)

    async def token(self, request: Request) -> Response:
        """Exchanges a code or a refresh token for a pair of tokens."""
        basic = request.headers.get("authorization", "").lower().startswith("basic ")
        try:
            body = await _read_token_body(request)
            self._check_client(request, body)
            grant = self._grant(body)
        except TokenError as error:
            headers = {"Cache-Control": "no-store"}
            if basic:  # "will include a WWW-Authenticate response header with the same error information"
                headers["WWW-Authenticate"] = (
                    f'Basic realm="kwebbl", error="{error.error}", error_description="{error}"'
                )
            return JSONResponse({"error": error.error, "error_description": str(error)}, error.status, headers)
        return JSONResponse(self._token_answer(grant), headers={"Cache-Control": "no-store"})

    def _token_answer(self, grant: Grant) -> dict[str, object]:
        answer: dict[str, object] = {
            "access_token": grant.access_token,
            "refresh_token": grant.refresh_token,
            "expires_in": int(self.client.access_token_s),
            "token_type": "Bearer",
        }
        if grant.state is not None:
            answer["state"] = grant.state
        if self.dialect.token_scope:
            answer["scope"] = " ".join(sorted(grant.scopes))
        return answer

    def _check_client(self, request: Request, body: dict[str, str]) -> None:
        credentials = _basic_credentials(request)
        in_body = "client_id" in body or "client_secret" in body
        if credentials and in_body:
            raise TokenError(400, "invalid_request", "Client credentials both in the header and in the body")
        if not credentials and not in_body:
            raise TokenError(401, "invalid_client", "Client credentials are missing")
        client_id, secret = credentials or (body.get("client_id", ""), body.get("client_secret", ""))
        known = client_id == self.client.client_id
        if not secrets.compare_digest(secret.encode(), self.client.client_secret.encode()) or not known:
            raise TokenError(401, "invalid_client", "Client authentication failed")

    def _grant(self, body: dict[str, str]) -> Grant:
        match body.get("grant_type"):
            case "authorization_code":
                return self._exchange(body)
            case "refresh_token":
                grant = self.grants.rotate(_required(body, "refresh_token"))
                if grant is None:
                    raise TokenError(401, "invalid_grant", "Refresh token is invalid")
                return grant
            case None:
                raise TokenError(400, "invalid_request", "grant_type is required")
        raise TokenError(401, "unauthorized_client", "This grant_type is not for this client")

    def _exchange(self, body: dict[str, str]) -> Grant:
        value, redirect_uri = _required(body, "code"), _required(body, "redirect_uri")
        code = self.grants.take_code(value)
        if code is None or code.redirect_uri != redirect_uri:
            raise TokenError(401, "invalid_grant", "Authorization code is invalid or expired")
        scopes = frozenset(body.get("scope", "").split()) or code.scopes
        if not scopes <= code.scopes:
            raise TokenError(400, "invalid_request", "The scope goes beyond what was granted")
        return self.grants.begin(code, scopes, alone=self.dialect.one_grant)


async def _read_token_body(request: Request) -> dict[str, str]:
    """JSON as documented, or a form as RFC 6749 has it."""
    if is_form(request):
        return await read_form(request)
    try:
        body = await request.json()
    except ValueError:
        raise TokenError(400, "invalid_request", "The body is not JSON") from None
    if not isinstance(body, dict) or not all(isinstance(value, str) for value in body.values()):
        raise TokenError(400, "invalid_request", "The body is not a JSON object of strings")
    return body


def _basic_credentials(request: Request) -> tuple[str, str] | None:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if not scheme:
        return None
    if scheme.lower() != "basic":
        raise TokenError(401, "invalid_client", "Only the Basic scheme authenticates a client")
    try:
        return read_basic(encoded)
    except ValueError:
        raise TokenError(401, "invalid_client", "The Authorization header can't be read") from None


def _required(body: dict[str, str], name: str) -> str:
    value = body.get(name)
    if not value:
        raise TokenError(400, "invalid_request", f"{name} is required")
    return value
