"""CallGear, and UIS and CoMagic, which run the same platform. README.md goes through its document method by method."""

from collections.abc import Mapping
from time import monotonic
from typing import Any

from integrations.contract.adapter import PbxAdapter
from integrations.contract.capabilities import Capability
from integrations.contract.commands import CheckResult, RawRequest, RawResponse
from integrations.contract.errors import VendorRejected
from integrations.contract.polling import SETTING, interval_setting
from integrations.contract.schema import SECRET
from integrations.vendors.callgear import rpc
from integrations.vendors.callgear.client import data_url
from integrations.vendors.callgear.control import Control
from integrations.vendors.callgear.directory import Directory
from integrations.vendors.callgear.history import History
from integrations.vendors.callgear.watching import DEPRECATED, Watching, as_list
from integrations.vendors.callgear.wire import Unreadable, decode

DATA_PATH = "data"
"""What passthrough calls the Data API."""
_OF_THE_DATA_API = frozenset(
    {
        Capability.LIST_EXTENSIONS,
        Capability.LIST_CALLER_IDS,
        Capability.LIST_TAGS,
        Capability.TAGS,
        Capability.CALL_LOG,
    }
)
_DECLARED = _OF_THE_DATA_API | {
    Capability.ORIGINATE,
    Capability.HANGUP,
    Capability.HOLD,
    Capability.RESUME,
    Capability.DTMF,
    Capability.TRANSFER,
    Capability.TRANSFER_BLIND,
    Capability.CONSULT,
    Capability.COMPLETE_TRANSFER,
    Capability.CANCEL_TRANSFER,
    Capability.DISCONNECT_LEG,
    Capability.SUPERVISE,
    Capability.SUPERVISE_WHISPER,
    Capability.BLOCK,
    Capability.RECORDING_START,
    Capability.RECORDING_STOP,
    Capability.RECORDING_FETCH,
    Capability.CALL_EVENTS,
    Capability.SNAPSHOT,
    Capability.PASSTHROUGH,
}
_URL: Mapping[str, Any] = {"type": "string", "format": "uri", "pattern": r"^https?://[^\s{}?#]+$"}


class CallGearAdapter(Control, Directory, History, Watching, PbxAdapter):
    """JSON-RPC 2.0."""

    key = "callgear"
    label = "CallGear"
    auth = "password"
    event_transport = "webhook"
    default_base_url = "https://callapi.callgear.com/v4.0"
    credentials_schema = {
        "type": "object",
        "description": "Give a login and a password, or a key.",
        "properties": {
            "login": {
                "type": "string",
                "title": "Login",
                "description": "Of a user with access to the Call API",
                "minLength": 1,
            },
            "password": {**SECRET, "title": "Password"},
            "access_token": {
                **SECRET,
                "title": "Key",
                "description": 'From the user\'s settings, "Access by key", instead of login and password',
            },
        },
        "anyOf": [
            {"title": "With a login and a password", "required": ["login", "password"]},
            {"title": "With a key", "required": ["access_token"]},
        ],
        "additionalProperties": False,
    }
    settings_schema = {
        "type": "object",
        "properties": {
            "data_api_url": {
                **_URL,
                "title": "Address of the Data API",
                "description": "By default beside the Call API: dataapi instead of callapi, v2.0",
            },
            "virtual_phone_number": {
                "type": "string",
                "title": "Virtual number",
                "description": "What calls are placed from where nobody names one, as 74993720692. By default the first there is",
                "pattern": r"^\+?[0-9]{5,15}$",
            },
            SETTING: interval_setting(),
            "hold_message": {
                "type": "string",
                "title": "Message on hold",
                "description": "What the caller hears: the id of a media file, or a text that is read out",
                "minLength": 1,
                "default": "Please hold the line.",
            },
            "media_url": {
                **_URL,
                "title": "Address of recordings",
                "description": "What comes before call and recording in their links, if yours differ",
            },
        },
        "additionalProperties": False,
    }
    declared = frozenset(_DECLARED)
    remarks = (
        "CallGear refuses every address that isn't allowed: add this installation's in its client area, for both APIs.",
        "Notifications have to be pasted into CallGear's client area; until then calls are shown some seconds late.",
        "Every request costs points, also those that ask for calls: a low limit makes calls appear later.",
        "Answering, muting and parking are done on the phone.",
    )

    def capabilities(self) -> frozenset[Capability]:
        """Without the Data API where nobody knows its address."""
        has_data = not self.account.base_url or data_url(self.account) is not None
        return self.declared if has_data else self.declared - _OF_THE_DATA_API

    def lacking(self, capability: Capability) -> str:
        return "the address of the Data API, in the settings"

    async def check(self) -> CheckResult:
        began = monotonic()
        calls = as_list(await self._calls.ask("list.calls"))
        ends = f". {DEPRECATED.rstrip('.')}" if self._calls.is_deprecated else ""
        detail = f"The calls can be read, {len(calls)} now{ends}"
        return CheckResult(ok=True, detail=detail, latency_ms=(monotonic() - began) * 1000)

    async def renew_credentials(self) -> None:
        await self._calls.renew()
        if data_url(self.account):
            await self._data.renew()

    async def passthrough(self, request: RawRequest) -> RawResponse:
        """A JSON-RPC request, to the Call API or, below `/data`, to the other one; the key, and what is JSON-RPC's, is added."""
        path = request.path.strip("/")
        if path not in {"", DATA_PATH} or request.query:
            raise VendorRejected("CallGear has one address: leave path and query empty; /data is its Data API.")
        try:
            body = decode(request.body)
        except Unreadable:
            body = None
        params = body.get("params", {}) if isinstance(body, dict) else None
        if not isinstance(body, dict) or not isinstance(body.get("method"), str) or not isinstance(params, dict):
            raise VendorRejected('Send a JSON-RPC request: {"method": …, "params": {…}}.', code="invalid_request")
        api = self._data if path == DATA_PATH else self._calls
        response = await api.send_raw({**rpc.request(body["method"], params), **body, "params": params})
        return RawResponse(response.status, response.headers, response.body)
