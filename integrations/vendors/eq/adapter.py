"""EQ, a call centre on FreePBX (equeues.com). README.md goes through its document operation by operation."""

from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any
from urllib.parse import unquote

from integrations.contract.adapter import WebhookRequest
from integrations.contract.capabilities import Capability
from integrations.contract.commands import CheckResult, RawRequest, RawResponse
from integrations.contract.errors import VendorRejected
from integrations.contract.events import CtiEvent, Ignored, Notice
from integrations.contract.polling import interval_setting
from integrations.contract.routes import paths_setting
from integrations.contract.schema import SECRET, verify_tls_setting
from integrations.vendors.eq.control import Control
from integrations.vendors.eq.events import parse_delivery
from integrations.vendors.eq.paths import ROUTES
from integrations.vendors.eq.people import RECORDINGS, People
from integrations.vendors.eq.phone import BY_KEYS, Phone
from integrations.vendors.eq.polling import QUIET_TIMES, Polling
from integrations.vendors.eq.queues import Queues

_DECLARED = frozenset(
    {
        Capability.ORIGINATE,
        Capability.ANSWER,
        Capability.REJECT,
        Capability.HANGUP,
        Capability.HOLD,
        Capability.RESUME,
        Capability.MUTE,
        Capability.UNMUTE,
        Capability.DTMF,
        Capability.TRANSFER,
        Capability.TRANSFER_BLIND,
        Capability.PARK,
        Capability.PICKUP,
        Capability.SUPERVISE,
        Capability.SUPERVISE_LISTEN,
        Capability.SUPERVISE_WHISPER,
        Capability.SUPERVISE_BARGE,
        Capability.RECORDING_START,
        Capability.RECORDING_STOP,
        Capability.RECORDING_DISCARD,
        Capability.RECORDING_FETCH,
        Capability.LIST_EXTENSIONS,
        Capability.LIST_DEVICES,
        Capability.LIST_QUEUES,
        Capability.QUEUE_AGENTS,
        Capability.QUEUE_CALLS,
        Capability.AGENT_LOGIN,
        Capability.AGENT_LOGOUT,
        Capability.AGENT_PAUSE,
        Capability.AGENT_RESUME,
        Capability.AGENT_END_WRAP_UP,
        Capability.STEAL,
        Capability.CALL_EVENTS,
        Capability.AGENT_EVENTS,
        Capability.QUEUE_EVENTS,
        Capability.SNAPSHOT,
        Capability.PASSTHROUGH,
    }
)
_EXTENSION: Mapping[str, Any] = {"type": "string", "description": "An extension's number", "pattern": "^[0-9]{1,20}$"}
_USER: Mapping[str, Any] = {"type": "string", "description": "A user ID", "pattern": "^[0-9]{1,20}$"}
_SERVER_PATH: Mapping[str, Any] = {"type": "string", "pattern": r"^/[^\s?#]*$"}


class EqAdapter(Control, Phone, Queues, People, Polling):
    """EQ tells nothing by itself: it is asked, again and again."""

    key = "eq"
    label = "EQ"
    auth = "api_key"
    event_transport = "poll"
    stream_transport = "poll"
    default_base_url = "http://{server}/eq/api/2.0"
    credentials_schema = {
        "type": "object",
        "properties": {
            "auth_key": {
                **SECRET,
                "title": "API key",
                "description": "Generated in EQ Administration",
            },
        },
        "required": ["auth_key"],
        "additionalProperties": False,
    }
    settings_schema = {
        "type": "object",
        "properties": {
            "extensions": {
                "type": "array",
                "title": "Extensions to watch",
                "description": "EQ has no list of them. Those where agents are signed in are watched in any case",
                "items": _EXTENSION,
                "uniqueItems": True,
            },
            "poll_interval_ms": interval_setting(QUIET_TIMES),
            "agents": {
                "type": "object",
                "title": "Agents",
                "description": "Who sits where, as user IDs by extensions, if an agent's number isn't their extension",
                "properties": {},
                "propertyNames": {"pattern": _EXTENSION["pattern"]},
                "additionalProperties": _USER,
            },
            "supervisor": {
                **_USER,
                "title": "Supervisor",
                "description": "The user ID of a supervisor in whose name EQ's activity logs have what is done from here",
            },
            "pause_codes": {
                "type": "array",
                "title": "Pause codes",
                "description": "The IDs of those that agents may choose: EQ has no list of them",
                "items": _USER,
                "uniqueItems": True,
            },
            "missing_keys": {
                "type": "array",
                "title": "What your phones can't be made to do",
                "description": "EQ does these by pressing phones' keys, which not every phone has",
                "items": {"type": "string", "enum": list(BY_KEYS)},
                "uniqueItems": True,
            },
            "recordings_path": {
                **_SERVER_PATH,
                "title": "Address of recordings",
                "description": "Where your server shows its folder of recordings, such as /monitor: EQ itself doesn't send any",
            },
            "recordings_folder": {
                **_SERVER_PATH,
                "title": "Folder of recordings",
                "description": "That folder's place on the server",
                "default": RECORDINGS,
            },
            "paths": paths_setting(ROUTES),
            "verify_tls": verify_tls_setting(),
        },
        "additionalProperties": False,
    }
    declared = _DECLARED
    remarks = (
        "EQ tells nothing by itself: it is asked every second while there are calls, and every two seconds while there are none.",
        "Only the calls of extensions named in the settings, and of those where agents are signed in, can be seen.",
        "Answering, holding, muting and digits press keys of the extension's phone, so they take a desk phone that EQ knows; "
        "what a mute key has done can't be seen.",
        "A call that is transferred to a number outside counts as ended.",
    )

    def capabilities(self) -> frozenset[Capability]:
        """Without what the phones have no keys for, and recordings that the server doesn't show."""
        settings = self.account.settings
        lacking = [BY_KEYS[name] for name in settings.get("missing_keys", ())]
        if "recordings_path" not in settings:
            lacking.append(frozenset({Capability.RECORDING_FETCH}))
        return self.declared.difference(*lacking)

    def lacking(self, capability: Capability) -> str:
        if capability is Capability.RECORDING_FETCH:
            return "the address of recordings, in the settings"
        return "phones with a key for it: the settings say that yours have none"

    @classmethod
    def parse(cls, request: WebhookRequest) -> Sequence[CtiEvent | Notice] | Ignored:
        return parse_delivery(request)

    async def check(self) -> CheckResult:
        began = monotonic()
        await self._client.read("license")
        detail = f"The API key is taken; {len(self._extensions)} extensions are named in the settings"
        return CheckResult(ok=True, detail=detail, latency_ms=(monotonic() - began) * 1000)

    async def passthrough(self, request: RawRequest) -> RawResponse:
        if any(unquote(part) in {".", ".."} for part in request.path.split("/")):
            raise VendorRejected("A path is below the account's address: it has no dot segments.")
        return await self._client.passthrough(request)
