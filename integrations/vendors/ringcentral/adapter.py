"""RingCentral's REST API v1.0. README.md goes through the document, operation by operation and event by event."""

from collections.abc import Sequence
from time import monotonic
from typing import ClassVar

from integrations.contract.adapter import OAuthProfile
from integrations.contract.capabilities import Capability
from integrations.contract.commands import CheckResult, RawRequest, RawResponse
from integrations.contract.schema import SECRET
from integrations.vendors.ringcentral import scopes
from integrations.vendors.ringcentral.base import OWN
from integrations.vendors.ringcentral.control import CallControl
from integrations.vendors.ringcentral.directory import Directory
from integrations.vendors.ringcentral.history import History
from integrations.vendors.ringcentral.replies import Extension
from integrations.vendors.ringcentral.routes import REQUESTS_A_MINUTE, Group
from integrations.vendors.ringcentral.watching import Watching
from integrations.vendors.ringcentral.wire import text

# "OAuth token errors" and "Authentication/authorization error codes" in the guide.
_OAUTH_ERRORS = {
    "access_denied": "the user refused to grant access, or may not.",
    "invalid_client": "it doesn't accept the client id and secret. Check them in the developer console.",
    "invalid_grant": "the code, or the JWT, isn't valid (any more). Try again, or make a new JWT in the developer console.",
    "invalid_request": "it found the request incomplete. Check that the OAuth redirect URI of the application in the "
    "developer console is exactly this installation's.",
    "unauthorized_client": "this application may not get tokens in this way. Check its auth settings in the developer "
    "console.",
    "unsupported_grant_type": "this application may not get tokens in this way. Check its auth settings in the "
    "developer console.",
    "server_error": "it had an unexpected error. Try again later.",
    "temporarily_unavailable": "it is busy. Try again later.",
}


class RingCentralAdapter(CallControl, Directory, History, Watching):
    """RingCentral's cloud PBX, and those of carriers on its platform."""

    key = "ringcentral"
    label = "RingCentral"
    auth = "oauth2"
    event_transport = "webhook"
    stream_transport = "websocket"
    default_base_url = "https://platform.ringcentral.com"
    credentials_schema = {
        "type": "object",
        "properties": {
            "client_id": {
                "type": "string",
                "title": "Client ID",
                "description": "Of a REST API application in RingCentral's developer console",
                "minLength": 1,
            },
            "client_secret": {
                **SECRET,
                "title": "Client secret",
                "description": "Leave it out for a public application, which has none",
            },
            "jwt": {
                **SECRET,
                "title": "JWT",
                "description": "Made by the user whom the account acts as, in the developer console: then nobody has "
                "to authorize it in a browser",
            },
        },
        "required": ["client_id"],
        "oneOf": [
            {"title": "In the browser: an administrator logs in at RingCentral", "not": {"required": ["jwt"]}},
            {"title": "With a JWT, without a browser", "required": ["jwt"]},
        ],
        "additionalProperties": False,
    }
    settings_schema = {
        "type": "object",
        "properties": {
            "transport": {
                "type": "string",
                "title": "Events come by",
                "description": "A webhook must be reachable for RingCentral; a websocket is opened from here",
                "enum": list(scopes.TRANSPORTS),
                "default": "webhook",
            },
        },
        "additionalProperties": False,
    }
    declared = scopes.allowed(None, "webhook")
    oauth: ClassVar[OAuthProfile] = OAuthProfile(
        authorize_path="/restapi/oauth/authorize",
        token_path="/restapi/oauth/token",  # noqa: S106 - a path
        revoke_path="/restapi/oauth/revoke",
        default_scopes=scopes.ALL,
        pkce=True,
        jwt_credential="jwt",
        replays_refresh=True,
        requests_a_minute=REQUESTS_A_MINUTE[Group.AUTH],
        error_words=_OAUTH_ERRORS,
    )
    remarks = (
        "Authorize as an administrator: other users see, and can control, their own calls alone.",
        "RingCentral limits requests: 10 calls can be placed in a minute, and 50 actions done.",
        "A call is placed from a phone of the extension's, which has to be online.",
        "Muting and holding through RingCentral's API and on the phone itself add up: undo it where it was done.",
        "A conference's host joins it by dialling in; RingCentral can't bring the host's own phone in.",
    )

    def capabilities(self) -> frozenset[Capability]:
        return scopes.allowed(self.account.granted_scopes, self._transport)

    def missing_permissions(self) -> Sequence[str]:
        return scopes.missing(self.account.granted_scopes, self._transport)

    def lacking(self, capability: Capability) -> str:
        return f"the application permission {scopes.lacking(capability, self.account.granted_scopes, self._transport)}"

    @property
    def _transport(self) -> str:
        return "websocket" if self.wants_stream() else "webhook"

    async def check(self) -> CheckResult:
        began = monotonic()
        own = await self._client.read("get_extension", Extension, extension=OWN)
        detail = f"Connected as {own.name or 'extension'} ({text(own.extension_number) or 'no number'})"
        return CheckResult(ok=True, detail=detail, latency_ms=(monotonic() - began) * 1000)

    async def passthrough(self, request: RawRequest) -> RawResponse:
        return await self._client.pass_through(request)
