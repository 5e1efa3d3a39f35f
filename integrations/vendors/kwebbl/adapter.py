"""Kwebbl's Realtime API 1.0.0, document revision 17. README.md goes through the document feature by feature."""

from collections.abc import Sequence
from time import monotonic
from typing import Any, ClassVar

import msgspec

from common.http import HttpClient
from integrations.contract.adapter import Account, OAuthProfile, PbxAdapter, WebhookRequest
from integrations.contract.capabilities import Capability
from integrations.contract.commands import (
    AgentFilter,
    CallRef,
    CheckResult,
    Destination,
    Originate,
    RawRequest,
    RawResponse,
    SubscriptionFilter,
    SubscriptionInfo,
)
from integrations.contract.errors import Unsupported, VendorRejected
from integrations.contract.events import CtiEvent
from integrations.contract.schema import SECRET, verify_tls_setting
from integrations.contract.things import VendorCallerId, VendorExtension
from integrations.vendors.kwebbl import scopes
from integrations.vendors.kwebbl.client import CallerId, Extension, KwebblClient, PlacedCall, Subscription
from integrations.vendors.kwebbl.events import parse_notification

# "Possible error codes" of the authorization endpoint and of POST /token.
_OAUTH_ERRORS = {
    "invalid_grant": "the user name or password was wrong, or the code has expired. Try again.",
    "invalid_request": "it found the request incomplete. Check that the redirect URL of the application in Kwebbl's "
    "Company Panel is exactly this installation's.",
    "invalid_client": "it doesn't accept the client id and secret. Check them in Kwebbl's Company Panel: "
    "making a new secret replaces the old one.",
    "unauthorized_client": "this application may not ask for authorization codes. Check it in Kwebbl's Company Panel.",
    "access_denied": "the user refused to grant access, or may not: only an Admin user can grant company-wide scopes.",
    "unsupported_response_type": "it doesn't support authorization codes for this application.",
    "server_error": "it had an unexpected error. Try again later.",
}


class KwebblAdapter(PbxAdapter):
    """Kwebbl, and white-label PBXs on the same platform."""

    key = "kwebbl"
    label = "Kwebbl"
    auth = "oauth2"
    event_transport = "webhook"
    default_base_url = "https://realtime.api.kwebbl.net/v100"
    credentials_schema = {
        "type": "object",
        "properties": {
            "client_id": {
                "type": "string",
                "title": "Client ID",
                "description": "From the Company Panel, after installing the application there",
                "minLength": 1,
            },
            "client_secret": {**SECRET, "title": "Client secret"},
        },
        "required": ["client_id", "client_secret"],
        "additionalProperties": False,
    }
    settings_schema = {
        "type": "object",
        "properties": {
            "scopes": {
                "type": "array",
                "title": "Scopes",
                "description": "What to ask permission for. Company-wide scopes take an Admin user.",
                "items": {"type": "string", "enum": list(scopes.ALL)},
                "uniqueItems": True,
                "minItems": 1,
                "default": list(scopes.DEFAULT),
            },
            "own_extension": {
                "type": "string",
                "title": "Own extension",
                "description": "Only with the scope calls.events.personal: the internal number, or Kwebbl's id, of "
                "the user who authorizes",
            },
            "verify_tls": verify_tls_setting("a white-label host"),
        },
        "additionalProperties": False,
    }
    declared = frozenset({*scopes.NEEDED, Capability.PASSTHROUGH})
    oauth: ClassVar[OAuthProfile] = OAuthProfile(
        authorize_path="/authorize",
        token_path="/token",  # noqa: S106 - a path
        default_scopes=scopes.DEFAULT,
        json_body=True,
        error_words=_OAUTH_ERRORS,
    )
    remarks = (
        "Kwebbl doesn't connect two external numbers with each other (anti-fraud): one side must be an extension.",
        "A call from a dialplan is turned around: the other side, a user or an external number, calls the dialplan.",
        "An attended transfer is finished with * and cancelled with # on the phone; there is no command for it.",
        "Calls are answered and rejected on the phone; there is no command for it.",
    )

    def __init__(self, account: Account, http: HttpClient) -> None:
        super().__init__(account, http)
        self._client = KwebblClient(account, http)

    def capabilities(self) -> frozenset[Capability]:
        return scopes.allowed(self.account.granted_scopes)

    def missing_permissions(self) -> Sequence[str]:
        return scopes.missing(self.account.granted_scopes)

    def lacking(self, capability: Capability) -> str:
        return f"the scope {' or '.join(sorted(scopes.NEEDED[capability]))}"

    @classmethod
    def parse(cls, request: WebhookRequest) -> Sequence[CtiEvent]:
        return [parse_notification(request.body)]

    async def check(self) -> CheckResult:
        began = monotonic()
        if Capability.LIST_EXTENSIONS in self.capabilities():
            detail = f"{len(await self.list_extensions())} extensions in the directory"
        else:
            detail = f"{len(await self.list_subscriptions())} subscriptions"
        return CheckResult(ok=True, detail=detail, latency_ms=(monotonic() - began) * 1000)

    async def list_extensions(self) -> Sequence[VendorExtension]:
        return [_extension(each) for each in await self._client.read("list_extensions", list[Extension])]

    async def get_extension(self, extension_id: str) -> VendorExtension:
        return _extension(await self._client.read("get_extension", Extension, id=extension_id))

    async def list_caller_ids(self, extension_id: str) -> Sequence[VendorCallerId]:
        numbers = await self._client.read("list_caller_ids", list[CallerId], id=extension_id)
        return [VendorCallerId(each.caller_id, str(each.caller_number)) for each in numbers]

    async def set_caller_id(self, extension_id: str, caller_id: str) -> None:
        await self._client.call("set_caller_id", id=extension_id, json={"caller_id": caller_id})

    def wanted_subscription(self) -> SubscriptionFilter:
        return scopes.subscription(self.account.granted_scopes, self.account.settings.get("own_extension", ""))

    async def list_subscriptions(self) -> Sequence[SubscriptionInfo]:
        return [_subscription(each) for each in await self._client.read("list_subscriptions", list[Subscription])]

    async def get_subscription(self, vendor_subscription_id: str) -> SubscriptionInfo:
        # "the body will contain a JSON array", says the table; the example shows the object itself.
        kind = Subscription | list[Subscription]
        answer: Any = await self._client.read("get_subscription", kind, id=vendor_subscription_id)  # type: ignore[arg-type]
        if answer == []:
            raise VendorRejected(f"Kwebbl has no subscription {vendor_subscription_id}.")
        return _subscription(answer[0] if isinstance(answer, list) else answer)

    async def create_subscription(
        self, callback_url: str, wanted: SubscriptionFilter, secret: str = ""
    ) -> SubscriptionInfo:
        body: dict[str, Any] = {"callback_url": callback_url, "callback_content_type": "application/json"}
        if wanted.event_types:
            body["event_types"] = list(wanted.event_types)
        if wanted.mode:
            body["mode"] = wanted.mode
        if wanted.agents:
            body["agents"] = [_agent_filter(each) for each in wanted.agents]
        return _subscription(await self._client.read("create_subscription", Subscription, json=body))

    async def delete_subscription(self, vendor_subscription_id: str) -> None:
        try:
            await self._client.call("delete_subscription", id=vendor_subscription_id)
        except VendorRejected as error:
            if error.code != "entity_not_exist":
                raise

    async def passthrough(self, request: RawRequest) -> RawResponse:
        return await self._client.raw(request)

    async def originate(self, command: Originate) -> str | None:
        if command.caller_id is not None:
            raise Unsupported("Kwebbl takes no caller id with a call: set the extension's own caller id first.")
        if command.options:
            raise Unsupported(f"Kwebbl has no options for a call: {', '.join(sorted(command.options))}.")
        body = {"to": _destination(command.to)}
        if command.from_ is not None:
            body["from"] = _destination(command.from_)
        try:
            response = await self._client.call("originate", json=body)
        except VendorRejected as error:
            raise _with_the_rule(error, command) from error
        return _placed_call_id(response.body)

    async def hangup(self, call: CallRef) -> None:
        await self._client.call("hangup", id=call.vendor_call_id)

    async def hold(self, call: CallRef) -> None:
        await self._client.call("hold", id=call.vendor_call_id)

    async def resume(self, call: CallRef) -> None:
        await self._client.call("resume", id=call.vendor_call_id)

    async def transfer(self, call: CallRef, to: Destination, mode: str) -> None:
        if mode not in {"blind", "attended"}:
            raise Unsupported(f"Kwebbl transfers blind or attended, not {mode}.")
        body = {"target": _destination(to), "transfer_type": mode}
        await self._client.call("transfer", id=call.vendor_call_id, json=body)

    async def start_recording(self, call: CallRef) -> None:
        await self._client.call("start_recording", id=call.vendor_call_id)

    async def stop_recording(self, call: CallRef) -> None:
        await self._client.call("stop_recording", id=call.vendor_call_id)


def _extension(each: Extension) -> VendorExtension:
    external = None if each.external_number is None else str(each.external_number)
    return VendorExtension(each.id, str(each.number), each.name, each.type, external)


def _subscription(each: Subscription) -> SubscriptionInfo:
    return SubscriptionInfo(each.id, each.callback_url, tuple(each.event_types or each.events), each.mode)


def _agent_filter(agent: AgentFilter) -> dict[str, str]:
    return {"field": agent.side} | _destination(Destination(agent.extension_id, agent.number))


def _destination(destination: Destination) -> dict[str, str]:
    """The tables write `extension_ld`, a misprint; the examples write `extension_id`."""
    if destination.extension_id:
        return {"extension_id": destination.extension_id}
    return {"number": destination.number or ""}


def _placed_call_id(body: bytes) -> str | None:
    """202 comes with or without a body; without one the call is known by its events."""
    try:
        placed = msgspec.json.decode(body, type=PlacedCall)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return placed.call_id or placed.id


def _with_the_rule(error: VendorRejected, command: Originate) -> VendorRejected:
    """Adds the anti-fraud rule ("Limitations" of POST /calls) where it may be why."""
    between_numbers = command.from_ is not None and not (command.from_.extension_id or command.to.extension_id)
    if not between_numbers:
        return error
    words = f"{error.message} (Kwebbl doesn't connect two external numbers: one side must be an extension.)"
    return VendorRejected(words, status=error.status, code=error.code)
