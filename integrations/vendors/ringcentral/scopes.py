"""What the application's permissions allow, as the token's `scope` names them. Where RingCentral doesn't tell, all are there.

What the user who authorized may do is another matter: RingCentral tells that only when it refuses.
"""

from collections.abc import Mapping

from integrations.contract.capabilities import Capability

NEEDED: Mapping[Capability, str] = {
    Capability.ORIGINATE: "CallControl",
    Capability.ANSWER: "CallControl",
    Capability.REJECT: "CallControl",
    Capability.HANGUP: "CallControl",
    Capability.HOLD: "CallControl",
    Capability.RESUME: "CallControl",
    Capability.MUTE: "CallControl",
    Capability.UNMUTE: "CallControl",
    Capability.PARK: "CallControl",
    Capability.PICKUP: "CallControl",
    Capability.MOVE: "CallControl",
    Capability.TRANSFER: "CallControl",
    Capability.TRANSFER_BLIND: "CallControl",
    Capability.TRANSFER_ATTENDED: "CallControl",
    Capability.TRANSFER_VOICEMAIL: "CallControl",
    Capability.DEFLECT: "CallControl",
    Capability.CONSULT: "CallControl",
    Capability.COMPLETE_TRANSFER: "CallControl",
    Capability.CANCEL_TRANSFER: "CallControl",
    Capability.CONFERENCE: "CallControl",
    Capability.DISCONNECT_LEG: "CallControl",
    Capability.SUPERVISE: "CallControl",
    Capability.SUPERVISE_LISTEN: "CallControl",
    Capability.RECORDING_START: "CallControl",
    Capability.RECORDING_PAUSE: "CallControl",
    Capability.RECORDING_RESUME: "CallControl",
    Capability.RECORDING_FETCH: "ReadCallRecording",
    Capability.LIST_EXTENSIONS: "ReadAccounts",
    Capability.LIST_DEVICES: "ReadAccounts",
    Capability.LIST_CALLER_IDS: "ReadAccounts",
    Capability.SET_CALLER_ID: "EditExtensions",
    Capability.READ_PRESENCE: "ReadPresence",
    Capability.SET_PRESENCE: "EditPresence",
    Capability.LIST_QUEUES: "ReadAccounts",
    Capability.QUEUE_AGENTS: "ReadPresence",
    Capability.AGENT_LOGIN: "EditPresence",
    Capability.AGENT_LOGOUT: "EditPresence",
    Capability.SEND_MESSAGE: "SMS",
    Capability.CALL_LOG: "ReadCallLog",
    Capability.VOICEMAILS: "ReadMessages",
    Capability.CALL_EVENTS: "CallControl",
    Capability.SNAPSHOT: "ReadPresence",
}
"""Each capability, and the permission that gives it. Passing requests through takes none: RingCentral checks each."""

TRANSPORTS = {"webhook": "SubscriptionWebhook", "websocket": "WebSocketsSubscription"}
_CONSEQUENCES = {
    "CallControl": "Calls are neither seen nor controlled",
    "EditExtensions": "Caller ids can't be set",
    "EditPresence": "Presence can't be set, and agents can't be logged in or out",
    "ReadAccounts": "Extensions, phones and queues are missing",
    "ReadCallLog": "RingCentral's call log is missing",
    "ReadCallRecording": "Recordings can't be heard",
    "ReadMessages": "Voicemail and incoming messages are missing",
    "ReadPresence": "Presence is missing, and calls can't be read anew after a gap",
    "SMS": "Messages can't be sent",
}
ALL = (*_CONSEQUENCES, *TRANSPORTS.values())

_ACCOUNT, _OWN = "/restapi/v1.0/account/~", "/restapi/v1.0/account/~/extension/~"
_SESSIONS, _PRESENCE = "/telephony/sessions", "/presence"
_FILTERS = (
    (_ACCOUNT + _SESSIONS, "CallControl"),
    (_ACCOUNT + _PRESENCE, "ReadPresence"),
    (f"{_OWN}/voicemail", "ReadMessages"),
    (f"{_OWN}/message-store/instant?type=SMS", "ReadMessages"),
)


def allowed(granted: frozenset[str] | None, transport: str) -> frozenset[Capability]:
    """The capabilities that the permissions give."""
    found = {each for each, scope in NEEDED.items() if granted is None or scope in granted}
    if granted is not None and TRANSPORTS[transport] not in granted:
        found.discard(Capability.CALL_EVENTS)
    return frozenset({*found, Capability.PASSTHROUGH})


def lacking(capability: Capability, granted: frozenset[str] | None, transport: str) -> str:
    """The permission that would give a capability which isn't there."""
    if granted is not None and NEEDED[capability] in granted:
        return TRANSPORTS[transport]
    return NEEDED[capability]


def missing(granted: frozenset[str] | None, transport: str) -> list[str]:
    """A sentence for each thing that doesn't work because of a permission that isn't there."""
    if granted is None:
        return []
    needed = {**_CONSEQUENCES, TRANSPORTS[transport]: "Calls aren't seen while they go on"}
    return [
        f"{consequence}: that takes the application permission {scope}."
        for scope, consequence in needed.items()
        if scope not in granted
    ]


def event_filters(granted: frozenset[str] | None) -> tuple[str, ...]:
    """All that may be subscribed to: calls and presence of the whole account, messages of the user who authorized."""
    return tuple(each for each, scope in _FILTERS if granted is None or scope in granted)


def of_own_extension(filters: tuple[str, ...]) -> tuple[str, ...]:
    """The same for users who may not see the whole account: RingCentral refuses them, or disables those filters."""
    return tuple(
        each.replace(_ACCOUNT, _OWN) if each in {_ACCOUNT + _SESSIONS, _ACCOUNT + _PRESENCE} else each
        for each in filters
    )
