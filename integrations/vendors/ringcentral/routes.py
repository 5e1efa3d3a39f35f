"""RingCentral's REST operations that the adapter uses: method, path below the account's address, and rate-limit group.

`~` is the account, or the extension, of the user who authorized.
"""

from enum import StrEnum

from msgspec import Struct


class Group(StrEnum):
    """Usage plan groups ("API Rate Limits" in the guide)."""

    LIGHT = "light"
    MEDIUM = "medium"
    HEAVY = "heavy"
    AUTH = "auth"


REQUESTS_A_MINUTE = {Group.LIGHT: 50, Group.MEDIUM: 40, Group.HEAVY: 10, Group.AUTH: 5}
"""Of each user of an application, unless RingCentral agreed on others with its owner: then its answers say so."""


class Route(Struct, frozen=True):
    """An operation of the API."""

    method: str
    path: str
    group: Group = Group.LIGHT


API = "/restapi/v1.0"
_ACCOUNT = f"{API}/account/~"
_EXTENSION = _ACCOUNT + "/extension/{extension}"
_SESSION = _ACCOUNT + "/telephony/sessions/{session}"
_PARTY = _SESSION + "/parties/{party}"
_QUEUE = _ACCOUNT + "/call-queues/{queue}"

ROUTES = {
    # Subscriptions.
    "list_subscriptions": Route("GET", f"{API}/subscription"),
    "get_subscription": Route("GET", API + "/subscription/{subscription}"),
    "create_subscription": Route("POST", f"{API}/subscription", Group.MEDIUM),
    "update_subscription": Route("PUT", API + "/subscription/{subscription}", Group.MEDIUM),
    "renew_subscription": Route("POST", API + "/subscription/{subscription}/renew"),
    "delete_subscription": Route("DELETE", API + "/subscription/{subscription}", Group.MEDIUM),
    "wstoken": Route("POST", "/restapi/oauth/wstoken", Group.AUTH),
    # Call control.
    "call_out": Route("POST", f"{_ACCOUNT}/telephony/call-out", Group.HEAVY),
    "conference": Route("POST", f"{_ACCOUNT}/telephony/conference", Group.HEAVY),
    "get_session": Route("GET", _SESSION),
    "delete_session": Route("DELETE", _SESSION),
    "supervise": Route("POST", f"{_SESSION}/supervise"),
    "bring_in": Route("POST", f"{_SESSION}/parties/bring-in"),
    "get_party": Route("GET", _PARTY),
    "change_party": Route("PATCH", _PARTY),
    "delete_party": Route("DELETE", _PARTY),
    "hold": Route("POST", f"{_PARTY}/hold"),
    "unhold": Route("POST", f"{_PARTY}/unhold"),
    "answer": Route("POST", f"{_PARTY}/answer"),
    "pickup": Route("POST", f"{_PARTY}/pickup"),
    "reject": Route("POST", f"{_PARTY}/reject"),
    "forward": Route("POST", f"{_PARTY}/forward"),
    "transfer": Route("POST", f"{_PARTY}/transfer"),
    "bridge": Route("POST", f"{_PARTY}/bridge"),
    "flip": Route("POST", f"{_PARTY}/flip"),
    "park": Route("POST", f"{_PARTY}/park"),
    "record": Route("POST", f"{_PARTY}/recordings"),
    "change_recording": Route("PATCH", _PARTY + "/recordings/{recording}"),
    # Directory.
    "list_extensions": Route("GET", f"{_ACCOUNT}/extension", Group.MEDIUM),
    "get_extension": Route("GET", _EXTENSION),
    "list_devices": Route("GET", f"{_EXTENSION}/device", Group.MEDIUM),
    "list_numbers": Route("GET", f"{_EXTENSION}/phone-number"),
    "list_all_numbers": Route("GET", f"{_ACCOUNT}/phone-number", Group.HEAVY),
    "list_forwarding_numbers": Route("GET", f"{_EXTENSION}/forwarding-number"),
    "get_caller_id": Route("GET", f"{_EXTENSION}/caller-id"),
    "set_caller_id": Route("PUT", f"{_EXTENSION}/caller-id", Group.MEDIUM),
    # Presence and queues.
    "get_presence": Route("GET", f"{_EXTENSION}/presence"),
    "set_presence": Route("PUT", f"{_EXTENSION}/presence", Group.MEDIUM),
    "list_presence": Route("GET", f"{_ACCOUNT}/presence", Group.HEAVY),
    "list_queues": Route("GET", f"{_ACCOUNT}/call-queues", Group.MEDIUM),
    "get_queue": Route("GET", _QUEUE),
    "get_queue_presence": Route("GET", f"{_QUEUE}/presence"),
    "set_queue_presence": Route("PUT", f"{_QUEUE}/presence", Group.MEDIUM),
    # History and messages.
    "call_log": Route("GET", f"{_ACCOUNT}/call-log", Group.HEAVY),
    "recording": Route("GET", _ACCOUNT + "/recording/{recording}/content", Group.HEAVY),
    "messages": Route("GET", f"{_EXTENSION}/message-store"),
    "send_sms": Route("POST", f"{_EXTENSION}/sms", Group.MEDIUM),
}
