"""Dstny Core's End User API, formerly Telepo's. README.md goes through its document operation by operation."""

from collections.abc import Mapping
from datetime import datetime
from time import monotonic
from typing import Any
from urllib.parse import unquote

from msgspec import Struct, to_builtins

from common.times import utc_now
from integrations.contract.adapter import PbxAdapter
from integrations.contract.capabilities import Capability
from integrations.contract.commands import CheckResult, RawRequest, RawResponse
from integrations.contract.errors import VendorRejected
from integrations.contract.routes import paths_setting
from integrations.contract.schema import SECRET, verify_tls_setting
from integrations.vendors.dstny.client import raise_for_status
from integrations.vendors.dstny.control import Control
from integrations.vendors.dstny.history import History
from integrations.vendors.dstny.paths import ROUTES
from integrations.vendors.dstny.people import People
from integrations.vendors.dstny.queues import Queues
from integrations.vendors.dstny.tickets import APIS, Exchanged, Login
from integrations.vendors.dstny.watching import Watching
from integrations.vendors.dstny.wire import UserState

USER_HEADER = "patchbay-user"
"""Of a passthrough request: which user it is sent as. It stays here."""
_FORBIDDEN = 403
_TICKET_S = 365 * 86400
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
        Capability.SWAP,
        Capability.PARK,
        Capability.PICKUP,
        Capability.MOVE,
        Capability.DTMF,
        Capability.TRANSFER,
        Capability.CONSULT,
        Capability.COMPLETE_TRANSFER,
        Capability.CANCEL_TRANSFER,
        Capability.CONFERENCE,
        Capability.LEAVE,
        Capability.DISCONNECT_LEG,
        Capability.SUPERVISE,
        Capability.TRANSFER_BLIND,
        Capability.TRANSFER_ATTENDED,
        Capability.TRANSFER_VOICEMAIL,
        Capability.TRANSFER_CAMP_ON,
        Capability.SUPERVISE_LISTEN,
        Capability.SUPERVISE_WHISPER,
        Capability.SUPERVISE_BARGE,
        Capability.RECORDING_START,
        Capability.RECORDING_STOP,
        Capability.RECORDING_PAUSE,
        Capability.RECORDING_RESUME,
        Capability.RECORDING_SAVE,
        Capability.RECORDING_DISCARD,
        Capability.LIST_EXTENSIONS,
        Capability.LIST_DEVICES,
        Capability.LIST_CALLER_IDS,
        Capability.SET_CALLER_ID,
        Capability.READ_PRESENCE,
        Capability.SET_PRESENCE,
        Capability.READ_DIVERSION,
        Capability.SET_DIVERSION,
        Capability.LIST_QUEUES,
        Capability.QUEUE_AGENTS,
        Capability.AGENT_LOGIN,
        Capability.AGENT_LOGOUT,
        Capability.SEND_MESSAGE,
        Capability.CALL_LOG,
        Capability.VOICEMAILS,
        Capability.CALL_EVENTS,
        Capability.SNAPSHOT,
        Capability.PASSTHROUGH,
    }
)
_USER: Mapping[str, Any] = {
    "type": "string",
    "description": "A user id, without the domain",
    "minLength": 1,
    "pattern": r"^[^@/\s]+$",
}


class DstnyAdapter(Control, People, Queues, History, Watching, PbxAdapter):
    """Dstny, and operators that run the same platform under their own names."""

    key = "dstny"
    label = "Dstny"
    auth = "ticket"
    event_transport = "webhook"
    default_base_url = "https://{host}/api"
    credentials_schema = {
        "type": "object",
        "description": "Give a user with a password or a ticket, or users with one each.",
        "properties": {
            "domain": {
                "type": "string",
                "title": "Domain",
                "description": "The organization's, as in user@example.org",
                "minLength": 1,
            },
            "user": {
                **_USER,
                "title": "User",
                "description": "A service account, or an administrator, that may act for the users to watch; "
                "without the domain",
            },
            "password": {**SECRET, "title": "Password"},
            "ticket": {**SECRET, "title": "Ticket", "description": "An API ticket, instead of the password"},
            "users": {
                "type": "array",
                "title": "Users",
                "description": "Instead of one that may act for all: each user to watch, with a password or a ticket",
                "writeOnly": True,
                "minItems": 1,
                "items": {
                    "type": "object",
                    "description": "Give each user a password or a ticket.",
                    "properties": {"user": _USER, "password": SECRET, "ticket": SECRET},
                    "required": ["user"],
                    "oneOf": [{"required": ["password"]}, {"required": ["ticket"]}],
                    "additionalProperties": False,
                },
            },
        },
        "required": ["domain"],
        "anyOf": [
            {"title": "One user for all, with a password", "required": ["user", "password"]},
            {"title": "One user for all, with a ticket", "required": ["user", "ticket"]},
            {"title": "Each user with a password or ticket of their own", "required": ["users"]},
        ],
        "additionalProperties": False,
    }
    settings_schema = {
        "type": "object",
        "properties": {
            "users": {
                "type": "array",
                "title": "Users to watch",
                "description": "Without their domain. By default the whole directory",
                "items": _USER,
                "uniqueItems": True,
            },
            "transport": {
                "type": "string",
                "title": "How events come",
                "description": "webhook: Dstny calls this installation. sse: this installation keeps connections to Dstny",
                "enum": ["webhook", "sse"],
                "default": "webhook",
            },
            "apis": {
                "type": "array",
                "title": "APIs",
                "description": "The names of the APIs that tickets are asked for, if yours differ",
                "items": {"type": "string", "pattern": "^[A-Z][A-Z0-9_]*$"},
                "default": list(APIS),
            },
            "paths": paths_setting(ROUTES),
            "verify_tls": verify_tls_setting(),
        },
        "additionalProperties": False,
    }
    declared = _DECLARED
    remarks = (
        "Users need Dstny's licence for Call Control or Cloud CTI, and queues' statistics the Supervisor licence.",
        "Only a service account can pick up calls that ring for others.",
        "A call from which a user was transferred away, or that they parked, may count as ended until it is shown elsewhere.",
    )

    async def check(self) -> CheckResult:
        began = monotonic()
        user = await self._some_user()
        await self._client.read("user_state", UserState, user)
        return CheckResult(ok=True, detail=f"The calls of {user} can be read", latency_ms=(monotonic() - began) * 1000)

    async def renew_credentials(self) -> None:
        """An ordinary ticket can't make others: it is used as it is."""
        now, kept = utc_now(), dict(self.account.tickets)
        for login in self._client.logins.all:
            if not login.can_be_exchanged or (login.exchanged and not login.exchanged.is_due(now)):
                continue
            made = await self._exchange(login, now)
            if made is not None:
                kept[login.user] = to_builtins(made)
        if kept != self.account.tickets and self.account.ticket_store is not None:
            await self.account.ticket_store.save(kept)

    async def passthrough(self, request: RawRequest) -> RawResponse:
        """As the user whom the header Patchbay-User names, else as the account."""
        if any(unquote(part) in {".", ".."} for part in request.path.split("/")):
            raise VendorRejected("A path is below the account's address: it has no dot segments.")
        return await self._client.pass_on(request, USER_HEADER)

    async def _exchange(self, login: Login, now: datetime) -> Exchanged | None:
        """A ticket for the same user, made with the given one ("User Tickets API"); None where that isn't allowed."""
        query = [("api", each) for each in self._client.logins.apis]
        query += [("platform", "other"), ("name", "Patchbay"), ("expires", str(_TICKET_S))]
        route = self._client.routes["create_ticket"]
        response = await self._client.send_with(login.token, route, login.user, query=query)
        if response.status == _FORBIDDEN:
            return None
        raise_for_status(response, route)
        made = self._client.read_answer(response, Made)
        return Exchanged(made.token, now, made.expires)


class Made(Struct):
    """A new ticket."""

    token: str
    expires: datetime
