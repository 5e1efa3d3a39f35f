"""The application as registered in RingCentral's developer console, with the platform's limits that apply to it."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass

from sandbox.engine.company import Company
from sandbox.engine.directory import User
from sandbox.faces.oauth import Client
from sandbox.faces.ringcentral import permissions
from sandbox.faces.ringcentral.permissions import lacking


@dataclass(slots=True)
class ClientApp(Client):
    """What the console's "connection" settings change. Times are in seconds, rates in requests a user and minute.

    `public`: a client without a secret, which names itself in the body and must use PKCE.
    `scopes`: the permissions that it has. `access_token_s`, `refresh_token_s`: unless the request asks for other lifetimes.
    `active_calls_lag_s`: how old the lists of active calls are.
    `rate_limits`: off, nothing is ever refused. `rate_window_s`: the period that a rate counts for.
    """

    public: bool = False
    scopes: tuple[str, ...] = permissions.ALL
    access_token_s: float = 3600
    refresh_token_s: float = 604800
    sessions_per_user: int = 5
    rate_limits: bool = True
    light: int = 50
    medium: int = 40
    heavy: int = 10
    auth: int = 5
    rate_window_s: float = 60
    penalty_s: float = 60
    subscriptions_per_user: int = 20
    handshake_s: float = 3
    ws_token_s: float = 30
    idle_timeout_s: float = 1800
    absolute_timeout_s: float = 86400
    recovery_timeout_s: float = 180
    recovery_buffer_size: int = 100
    active_calls_lag_s: float = 3

    def require(self, permission: str | None) -> None:
        """Raises ApiError CMN-401 without it."""
        if permission is not None and permission not in self.scopes:
            raise lacking(permission)

    def jwt_of(self, user: User) -> str:
        """The credential that this user made for the application: one fixed JWT, as the developer console gives out."""
        claims = {"aud": self.client_id, "sub": user.extension_id, "jti": user.email}
        parts = ".".join(_encode(json.dumps(each).encode()) for each in ({"alg": "HS256", "typ": "JWT"}, claims))
        signature = hmac.new(self.client_secret.encode(), parts.encode(), hashlib.sha256).digest()
        return f"{parts}.{_encode(signature)}"


def client_for(company: Company) -> ClientApp:
    """Demo credentials that say so themselves."""
    return ClientApp(f"{company.slug}-demo-client", f"{company.slug}-demo-secret")


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
