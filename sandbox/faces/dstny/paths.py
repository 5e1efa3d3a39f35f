"""Every operation: its method, its path below `/api`, and the API that a ticket must be for.

The published document has lost its paths. Only `activity` and `callback` are known for certain; the others follow the same
manner and are kept here as data, so that they can be corrected, or overridden by `connection.paths`, without touching code.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from re import Pattern

from starlette.routing import compile_path

# The names of the APIs that a ticket may be for. USER, CONTACT, CALLS and CALL_CONTROL are known, the rest is inferred.
APIS = (
    "USER",
    "CONTACT",
    "CALLS",
    "CALL_CONTROL",
    "ACD",
    "QUEUE_STATISTICS",
    "COMMUNICATION_LOG",
    "LINE_STATE",
    "VOICEMAIL_SETTINGS",
    "SMS",
)

_CONTROL = "/cti/control/{domain}/{user}"
_CALL = _CONTROL + "/calls/{call}"
_STATE = "/cti/state/{domain}/{user}"
_DEVICE = "/user/device/{domain}/{user}"
_GROUPS = "/distributiongroup/{domain}/{user}"
_LOG = "/commlog/{domain}/{user}"
_INFO = "/user/info/{domain}/{user}"
_DIVERSION = "/user/diversion/{domain}/{user}"
_CONFIG = "/user/config/{domain}/{user}"
_LINESTATE = "/linestate/{domain}/{user}/{external}"
_CURRENT = "/calls/current/{domain}/{user}"


@dataclass(frozen=True, slots=True)
class Operation:
    """`methods` are separated by a space. `api` is empty where any ticket will do."""

    name: str
    api: str
    methods: str
    path: str

    @property
    def is_for_user(self) -> bool:
        """Whether it acts for the user in its path."""
        return "{user}" in self.path


# In order: where two paths match, the first is meant.
OPERATIONS = (
    Operation("create_ticket", "", "POST", "/user/tickets/{domain}/{user}"),
    Operation("delete_ticket", "", "DELETE", "/user/tickets/{domain}/{user}/{ticket}"),
    # Call Control
    Operation("make_call", "CALL_CONTROL", "POST", _CONTROL + "/device/{device}/calls"),
    Operation("pickup_ringing", "CALL_CONTROL", "POST", _CONTROL + "/device/{device}/pickup/{call}"),
    Operation("pickup_dialog", "CALL_CONTROL", "POST", _CONTROL + "/device/{device}/pickup"),
    Operation("make_consultation_call", "CALL_CONTROL", "POST", _CALL + "/consultation"),
    Operation("answer", "CALL_CONTROL", "PUT", _CALL + "/answer/{device}"),
    Operation("hang_up", "CALL_CONTROL", "DELETE", _CALL),
    Operation("hold", "CALL_CONTROL", "PUT", _CALL + "/hold"),
    Operation("resume", "CALL_CONTROL", "PUT", _CALL + "/resume"),
    Operation("mute", "CALL_CONTROL", "PUT", _CALL + "/mute"),
    Operation("unmute", "CALL_CONTROL", "PUT", _CALL + "/unmute"),
    Operation("swap", "CALL_CONTROL", "PUT", _CALL + "/swap"),
    Operation("move", "CALL_CONTROL", "PUT", _CALL + "/move/{device}"),
    Operation("park", "CALL_CONTROL", "PUT", _CALL + "/park"),
    Operation("send_dtmf", "CALL_CONTROL", "PUT", _CALL + "/dtmf"),
    Operation("transfer_to_call", "CALL_CONTROL", "PUT", _CALL + "/transfer/call"),
    Operation("transfer", "CALL_CONTROL", "PUT", _CALL + "/transfer"),
    Operation("add_to_conference", "CALL_CONTROL", "PUT", _CALL + "/conference"),
    Operation("remove_participant", "CALL_CONTROL", "DELETE", _CALL + "/conference/{participant}"),
    Operation("leave_conference", "CALL_CONTROL", "DELETE", _CALL + "/conference"),
    Operation("record", "CALL_CONTROL", "PUT", _CALL + "/recording/{action}"),
    # Call State
    Operation("user_state", "CALL_CONTROL", "GET", _STATE),
    Operation("user_events", "CALL_CONTROL", "GET", _STATE + "/events"),
    Operation("add_user_webhook", "CALL_CONTROL", "POST", _STATE + "/webhooks"),
    Operation("remove_user_webhook", "CALL_CONTROL", "DELETE", _STATE + "/webhooks/{target}"),
    Operation("call_state", "CALL_CONTROL", "GET", _STATE + "/calls/{call}"),
    Operation("call_events", "CALL_CONTROL", "GET", _STATE + "/calls/{call}/events"),
    Operation("add_call_webhook", "CALL_CONTROL", "POST", _STATE + "/calls/{call}/webhooks"),
    Operation("remove_call_webhook", "CALL_CONTROL", "DELETE", _STATE + "/calls/{call}/webhooks/{target}"),
    # User Device and User Line
    Operation("devices", "USER", "GET", _DEVICE),
    Operation("active_devices", "USER", "GET", _DEVICE + "/active"),
    Operation("device_events", "USER", "GET", _DEVICE + "/events"),
    Operation("add_device_webhook", "USER", "POST", _DEVICE + "/webhooks"),
    Operation("remove_device_webhook", "USER", "DELETE", _DEVICE + "/webhooks/{target}"),
    Operation("device_attributes", "USER", "GET", _DEVICE + "/{device}"),
    Operation("device_icon", "USER", "GET", _DEVICE + "/{device}/icon"),
    Operation("set_device_icon", "USER", "PUT", _DEVICE + "/{device}/icon"),
    Operation("device_name", "USER", "GET", _DEVICE + "/{device}/name"),
    Operation("set_device_name", "USER", "PUT", _DEVICE + "/{device}/name"),
    Operation("lines", "USER", "GET", "/user/line/{domain}/{user}"),
    Operation("active_line", "USER", "GET", "/user/line/{domain}/{user}/active"),
    Operation("set_active_line", "USER", "PUT", "/user/line/{domain}/{user}/active"),
    # ACD/Attendant Group, Distribution Group, Queue Statistics
    Operation("acd_groups", "ACD", "GET", "/acd/{domain}/{user}/groups"),
    Operation("acd_group", "ACD", "GET", "/acd/{domain}/{user}/groups/{group}/{group_domain}"),
    Operation("set_agent_login", "ACD", "PUT", "/acd/{domain}/groups/{group}/{agent}"),
    Operation("groups", "ACD", "GET", _GROUPS),
    Operation("group_events", "ACD", "GET", _GROUPS + "/events"),
    Operation("group_log", "ACD", "GET", _GROUPS + "/calllog"),
    Operation("group_log_of", "ACD", "GET", _GROUPS + "/calllog/{group}"),
    Operation("assigned", "ACD", "GET", _GROUPS + "/assigned"),
    Operation("assigned_of", "ACD", "GET", _GROUPS + "/assigned/{group}"),
    Operation("assign_item", "ACD", "PUT", _GROUPS + "/calllog/item/{item}"),
    Operation("group_login", "ACD", "PUT", _GROUPS + "/{group}/{group_domain}"),
    Operation("group_logout", "ACD", "DELETE", _GROUPS + "/{group}/{group_domain}"),
    Operation("queue_statistics", "QUEUE_STATISTICS", "GET", "/queuestatistics/{domain}"),
    Operation("queue_statistics_of", "QUEUE_STATISTICS", "GET", "/queuestatistics/{domain}/queue/{group}"),
    Operation("queue_statistics_for", "QUEUE_STATISTICS", "GET", "/queuestatistics/{domain}/user/{user}"),
    # Communication Log
    Operation("group_inbox", "COMMUNICATION_LOG", "GET", _LOG + "/groupinbox"),
    Operation("log", "COMMUNICATION_LOG", "GET", _LOG),
    Operation("log_item", "COMMUNICATION_LOG", "GET", _LOG + "/{item}"),
    Operation("mark_items", "COMMUNICATION_LOG", "PUT", _LOG),
    Operation("mark_item", "COMMUNICATION_LOG", "PUT", _LOG + "/{item}"),
    Operation("delete_items", "COMMUNICATION_LOG", "DELETE", _LOG),
    Operation("delete_item", "COMMUNICATION_LOG", "DELETE", _LOG + "/{item}"),
    Operation("trash_item", "COMMUNICATION_LOG", "PUT", _LOG + "/{item}/deleted"),
    # User Information
    Operation("presence", "USER", "GET", _INFO + "/presence"),
    Operation("set_presence", "USER", "PUT", _INFO + "/presence"),
    Operation("activity", "USER", "GET", _INFO + "/activity"),
    Operation("activity_expires", "USER", "GET", _INFO + "/activity/expires"),
    Operation("set_activity_expires", "USER", "PUT", _INFO + "/activity/expires/{expires}"),
    Operation("set_activity", "USER", "PUT", _INFO + "/activity/{activity}"),
    Operation("available", "USER", "GET", _INFO + "/available"),
    Operation("photo", "USER", "GET", _INFO + "/photo"),
    Operation("set_photo", "USER", "PUT POST", _INFO + "/photo"),
    # Contacts
    Operation("search_contacts", "CONTACT", "GET", "/contacts/{domain}/{user}"),
    Operation("add_contacts", "CONTACT", "POST", "/contacts/{domain}/{user}"),
    Operation("add_contact", "CONTACT", "PUT", "/contacts/{domain}/{user}/{contact}"),
    Operation("remove_contact", "CONTACT", "DELETE", "/contacts/{domain}/{user}/{contact}"),
    Operation("set_contact_status", "CONTACT", "PUT", "/contacts/{domain}/{user}/{contact}/{status}"),
    # Contacts Information V1: of all its operations this one alone, with the only numbers that people have inside
    Operation("vcard", "CONTACT", "GET", "/contacts/info/{domain}/{contact}/vcard"),
    # Diversion
    Operation("diversion_number", "USER", "GET", _DIVERSION + "/number"),
    Operation("set_diversion_number", "USER", "PUT POST", _DIVERSION + "/number"),
    Operation("set_diversion_number_in_path", "USER", "PUT POST", _DIVERSION + "/number/{number}"),
    Operation("diversion_rules", "USER", "GET", _DIVERSION),
    Operation("set_diversion_rules", "USER", "PUT POST", _DIVERSION),
    Operation("delete_diversion_rules", "USER", "DELETE", _DIVERSION),
    Operation("line_rules", "USER", "GET", _DIVERSION + "/{line}"),
    Operation("set_line_rules", "USER", "PUT POST", _DIVERSION + "/{line}"),
    Operation("delete_line_rules", "USER", "DELETE", _DIVERSION + "/{line}"),
    Operation("rule", "USER", "GET", _DIVERSION + "/{line}/{rule}"),
    Operation("set_rule", "USER", "PUT POST", _DIVERSION + "/{line}/{rule}"),
    Operation("delete_rule", "USER", "DELETE", _DIVERSION + "/{line}/{rule}"),
    # Voicemail settings, Configuration, Line State, SMS
    Operation("voicemail", "VOICEMAIL_SETTINGS", "GET", "/user/voicemail/{domain}/{user}"),
    Operation("set_voicemail", "VOICEMAIL_SETTINGS", "PUT", "/user/voicemail/{domain}/{user}"),
    Operation("configuration", "USER", "GET", _CONFIG),
    Operation("answerplaces", "USER", "GET", _CONFIG + "/answerplaces"),
    Operation("roles", "USER", "GET", _CONFIG + "/roles"),
    Operation("activities", "USER", "GET", _CONFIG + "/activities"),
    Operation("line_state", "LINE_STATE", "GET", _LINESTATE),
    Operation("set_line_state", "LINE_STATE", "PUT POST", _LINESTATE),
    Operation("delete_line_state", "LINE_STATE", "DELETE", _LINESTATE),
    Operation("send_sms", "SMS", "POST", "/sms/{to}"),
    # Calls
    Operation("mobile_transfer", "CALLS", "POST", _CURRENT + "/transfer/{type}/{destination}"),
    Operation("mobile_transfers", "CALLS", "GET", _CURRENT + "/transfer"),
    Operation("cancel_mobile_transfer", "CALLS", "DELETE", _CURRENT + "/transfer/{transfer}"),
    Operation("callback", "CALLS", "POST", _CURRENT + "/{place}/{contact}"),
)


class Table:
    """Finds the operation that a request means."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._rows: list[tuple[Pattern[str], Operation]] = [(compile_path(each.path)[0], each) for each in operations]

    def find(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """The operation and the parameters in its path; None when nothing is there for this method."""
        for operation, parameters in self.at(path):
            if method in operation.methods.split():
                return operation, parameters
        return None

    def at(self, path: str) -> Iterator[tuple[Operation, dict[str, str]]]:
        """Everything at this path, whichever the method."""
        for pattern, operation in self._rows:
            if match := pattern.match(path):
                yield operation, match.groupdict()


@lru_cache(maxsize=8)
def table_of(overrides: tuple[tuple[str, str], ...]) -> Table:
    """The table with these paths by names of operations; kept, since every request asks for it."""
    paths = dict(overrides)
    return Table(replace(each, path=paths.get(each.name, each.path)) for each in OPERATIONS)
