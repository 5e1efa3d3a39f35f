"""The application's permissions, which a token's `scope` names, and which operation needs which ("Permissions" in the guide)."""

from sandbox.faces.ringcentral.errors import ApiError
from sandbox.faces.ringcentral.filters import Topic

CALL_CONTROL = "CallControl"
WEBHOOKS = "SubscriptionWebhook"
WEBSOCKETS = "WebSocketsSubscription"
ALL = (
    CALL_CONTROL,
    "EditExtensions",
    "EditPresence",
    "ReadAccounts",
    "ReadCallLog",
    "ReadCallRecording",
    "ReadMessages",
    "ReadPresence",
    "SMS",
    WEBHOOKS,
    WEBSOCKETS,
)
# The first that is part of an operation's path decides: for reading it, and for changing it.
_BY_PATH = (
    ("/telephony/", CALL_CONTROL, CALL_CONTROL),
    ("/active-calls", "ReadCallLog", "ReadCallLog"),
    ("/call-log", "ReadCallLog", "ReadCallLog"),
    ("/recording/", "ReadCallRecording", "ReadCallRecording"),
    ("/message-store", "ReadMessages", "ReadMessages"),
    ("/sms", "SMS", "SMS"),
    ("presence", "ReadPresence", "EditPresence"),
    ("/caller-id", "ReadAccounts", "EditExtensions"),
    ("/account/", "ReadAccounts", "ReadAccounts"),
)
BY_TOPIC = {
    Topic.TELEPHONY: CALL_CONTROL,
    Topic.PRESENCE: "ReadPresence",
    Topic.MESSAGES: "ReadMessages",
    Topic.INSTANT_MESSAGES: "ReadMessages",
    Topic.VOICEMAIL: "ReadMessages",
}


def permission_for(method: str, path: str) -> str | None:
    """None for subscriptions: what they need depends on what is subscribed to."""
    for part, reading, changing in _BY_PATH:
        if part in path:
            return reading if method == "GET" else changing
    return None


def lacking(permission: str) -> ApiError:
    """What the application may not, whoever its user is: CMN-401."""
    message = f"In order to call this API endpoint, application needs to have [{permission}] permission"
    return ApiError(403, "CMN-401", message)
