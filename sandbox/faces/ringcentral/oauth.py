"""`/restapi/oauth`: authorize, token, revoke, wstoken ("Authentication" in the guide)."""

import secrets
from dataclasses import dataclass
from html import escape

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.engine.company import Company
from sandbox.engine.directory import User
from sandbox.faces.consent import Pages
from sandbox.faces.oauth import AuthorizationRequest, is_form, log_in, page, read_basic, read_form
from sandbox.faces.ringcentral.client_app import ClientApp
from sandbox.faces.ringcentral.errors import ApiError
from sandbox.faces.ringcentral.grants import Grant, Grants, Lifetimes
from sandbox.faces.ringcentral.rate_limits import Group, RateLimits

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_PAGES = Pages(
    vendor="RingCentral",
    log_in="Sign in",
    asks="The application is allowed to use",
    allow="Sign in and authorize",
    deny="Cancel",
)
_SHORTEST_ACCESS_S, _LONGEST_ACCESS_S = 600, 3600
_LONGEST_REFRESH_S = 2592000


class TokenError(Exception):
    """An error of RFC 6749 "complemented with RingCentral-specific error codes"."""

    def __init__(self, status: int, error: str, code: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.error = error
        self.code = code

    def answer(self) -> Response:
        body = {"error": self.error, "error_description": str(self)}
        body |= ApiError(self.status, self.code, str(self)).body
        return JSONResponse(body, self.status, {"Cache-Control": "no-store"})


@dataclass(frozen=True, slots=True)
class AuthorizeRequest(AuthorizationRequest):
    """With PKCE; `scope` is ignored."""

    challenge: str | None
    challenge_method: str

    def refusal(self, client: ClientApp) -> Response | None:
        """What is wrong otherwise, told to the application; None when nothing is."""
        if self.response_type != "code":
            return self.redirect(error="unsupported_response_type", error_description="Use response_type code")
        if self.challenge_method not in ("plain", "S256"):
            return self.redirect(error="invalid_request", error_description="Use code_challenge_method S256 or plain")
        if client.public and self.challenge is None:
            return self.redirect(error="invalid_request", error_description="A public client must use PKCE")
        return None


class OAuth:
    """The authorization server of one account."""

    def __init__(self, company: Company, client: ClientApp, grants: Grants, limits: RateLimits) -> None:
        self.company = company
        self.client = client
        self.grants = grants
        self.limits = limits

    async def authorize(self, request: Request) -> Response:
        """GET shows the form; POST is the form, with `decision` allow or deny."""
        asked = self._read_authorize(request)
        if asked is None:
            return page(_PAGES.refusal("The application or its redirect URI is not registered here."), status=400)
        if refusal := asked.refusal(self.client):
            return refusal
        if request.method == "GET":
            permissions = (f"<code>{escape(scope)}</code>" for scope in self.client.scopes)
            return page(_PAGES.consent(self.company.name, request.url.query, permissions))
        form = await request.form()
        if form.get("decision") != "allow":
            return asked.redirect(error="access_denied", error_description="The user refused")
        user = log_in(self.company, form)
        if user is None:
            return asked.redirect(error="access_denied", error_description="Invalid resource owner credentials")
        code = self.grants.issue_code(user, asked.redirect_uri, asked.challenge, asked.challenge_method)
        return asked.redirect(code=code, expires_in=f"{self.client.code_s:g}")

    async def token(self, request: Request) -> Response:
        """Exchanges a code, a refresh token or a JWT for a pair of tokens."""
        try:
            form = await _read_form(request)
            self._check_client(request, form)
            headers = self.limits.count(self._who(form), Group.AUTH)
            grant = self._grant(form)
        except (TokenError, ApiError) as error:
            return error.answer()
        return JSONResponse(self._token_answer(grant), headers={"Cache-Control": "no-store", **headers})

    async def revoke(self, request: Request) -> Response:
        """Ends the whole session of the given access or refresh token."""
        try:
            form = await _read_form(request)
            self._check_client(request, form)
        except TokenError as error:
            return error.answer()
        if self.grants.end(form.get("token") or request.query_params.get("token", "")):
            return Response(status_code=200)
        return TokenError(400, "invalid_request", "OAU-213", "Token not found").answer()

    def ws_token(self, grant: Grant, websocket_url: str) -> dict[str, object]:
        """Where to connect, and with what: the token works once."""
        return {
            "uri": websocket_url,
            "ws_access_token": self.grants.issue_ws_token(grant),
            "expires_in": int(self.client.ws_token_s),
        }

    def _read_authorize(self, request: Request) -> AuthorizeRequest | None:
        """None where the user must be told instead of being redirected."""
        if not self.client.may_ask(request):
            return None
        query = request.query_params
        return AuthorizeRequest(
            query["redirect_uri"],
            query.get("state"),
            query.get("response_type", ""),
            query.get("code_challenge"),
            query.get("code_challenge_method", "plain"),
        )

    def _token_answer(self, grant: Grant) -> dict[str, object]:
        now = self.grants.now()
        return {
            "access_token": grant.access_token,
            "token_type": "bearer",
            "expires_in": max(0, round(grant.access_expires_at - now)),
            "refresh_token": grant.refresh_token,
            "refresh_token_expires_in": max(0, round(grant.refresh_expires_at - now)),
            "scope": " ".join(self.client.scopes),
            "owner_id": grant.user.extension_id,
            "endpoint_id": grant.endpoint_id,
        }

    def _check_client(self, request: Request, form: dict[str, str]) -> None:
        """Basic for confidential clients, `client_id` in the body for public ones. Raises TokenError OAU-146."""
        basic = _basic_credentials(request)
        client_id, secret = basic or (form.get("client_id", ""), form.get("client_secret", ""))
        known = secrets.compare_digest(client_id.encode(), self.client.client_id.encode())
        proven = secrets.compare_digest(secret.encode(), self.client.client_secret.encode())
        if not known or not (proven or (self.client.public and not secret)):
            raise TokenError(401, "invalid_client", "OAU-146", "Invalid client credentials")

    def _who(self, form: dict[str, str]) -> str:
        """Whose requests these count as, as far as the form tells."""
        for user in self.company.users:
            if form.get("assertion") == self.client.jwt_of(user):
                return user.email
        return self.grants.owner(form.get("refresh_token") or form.get("code") or "") or self.client.client_id

    def _grant(self, form: dict[str, str]) -> Grant:
        lifetimes = self._lifetimes(form)
        match form.get("grant_type"):
            case "authorization_code":
                return self.grants.begin(self._redeem_code(form), form.get("endpoint_id"), lifetimes)
            case "refresh_token":
                grant = self.grants.rotate(_required(form, "refresh_token"), lifetimes)
                if grant is None:
                    raise TokenError(400, "invalid_grant", "OAU-211", "Token is not active")
                return grant
            case grant_type if grant_type == JWT_BEARER:
                return self.grants.begin(self._owner_of(form), form.get("endpoint_id"), lifetimes)
            case None:
                raise TokenError(400, "invalid_request", "CMN-101", "Parameter [grant_type] value is invalid.")
        raise TokenError(400, "unsupported_grant_type", "OAU-125", "Grant type is not allowed for application.")

    def _redeem_code(self, form: dict[str, str]) -> User:
        code = self.grants.take_code(_required(form, "code"))
        if code is None:
            raise TokenError(400, "invalid_grant", "OAU-106", "Invalid authorization code")
        if code.redirect_uri != form.get("redirect_uri"):
            raise TokenError(400, "invalid_grant", "OAU-109", "Redirect URIs do not match")
        if not code.is_proven_by(form.get("code_verifier")):
            raise TokenError(400, "invalid_grant", "OAU-106", "Invalid code verifier")
        return code.user

    def _owner_of(self, form: dict[str, str]) -> User:
        assertion = _required(form, "assertion")
        for user in self.company.users:
            if secrets.compare_digest(assertion.encode(), self.client.jwt_of(user).encode()):
                return user
        raise TokenError(400, "invalid_grant", "OAU-140", "Invalid JWT assertion")

    def _lifetimes(self, form: dict[str, str]) -> Lifetimes:
        """As asked within RingCentral's bounds, else the application's."""
        access = _seconds(form, "access_token_ttl", self.client.access_token_s)
        refresh = _seconds(form, "refresh_token_ttl", self.client.refresh_token_s)
        if "access_token_ttl" in form:
            access = min(max(access, _SHORTEST_ACCESS_S), _LONGEST_ACCESS_S)
        return Lifetimes(min(access, self.client.access_token_s), min(refresh, _LONGEST_REFRESH_S))


async def _read_form(request: Request) -> dict[str, str]:
    if not is_form(request):
        raise TokenError(415, "invalid_request", "CMN-202", "Use application/x-www-form-urlencoded")
    return await read_form(request)


def _basic_credentials(request: Request) -> tuple[str, str] | None:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return read_basic(encoded)
    except ValueError:
        raise TokenError(401, "invalid_client", "OAU-134", "Invalid Authorization header.") from None


def _required(form: dict[str, str], name: str) -> str:
    value = form.get(name)
    if not value:
        raise TokenError(400, "invalid_request", "CMN-101", f"Parameter [{name}] value is invalid.")
    return value


def _seconds(form: dict[str, str], name: str, default: float) -> float:
    value = form.get(name, "")
    if not value:
        return default
    if not value.isdecimal():
        raise TokenError(400, "invalid_request", "CMN-101", f"Parameter [{name}] value is invalid.")
    return float(value)
