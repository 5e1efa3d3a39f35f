"""Every operation: its method, its path below `/api`, and the API that a ticket must be for.

The published document has lost its paths. Only `activity` and `callback` are known for certain; the others follow the same
manner and are kept here as data, so that they can be corrected, or overridden by `connection.paths`, without touching code.
"""

from dataclasses import dataclass
from functools import lru_cache

from sandbox.faces import paths
from sandbox.faces.paths import Table

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
class Operation(paths.Operation):
    """`api` is empty where any ticket will do."""

    api: str

    @property
    def is_for_user(self) -> bool:
        """Whether it acts for the user in its path."""
        return "{user}" in self.path


# In order: where two paths match, the first is meant.
OPERATIONS = (
    Operation("create_ticket", "POST", "/user/tickets/{domain}/{user}", ""),
    Operation("delete_ticket", "DELETE", "/user/tickets/{domain}/{user}/{ticket}", ""),
    # Call Control
    Operation("make_call", "POST", _CONTROL + "/device/{device}/calls", "CALL_CONTROL"),
    Operation("pickup_ringing", "POST", _CONTROL + "/device/{device}/pickup/{call}", "CALL_CONTROL"),
    Operation("pickup_dialog", "POST", _CONTROL + "/device/{device}/pickup", "CALL_CONTROL"),
    Operation("make_consultation_call", "POST", _CALL + "/consultation", "CALL_CONTROL"),
    Operation("answer", "PUT", _CALL + "/answer/{device}", "CALL_CONTROL"),
    Operation("hang_up", "DELETE", _CALL, "CALL_CONTROL"),
    Operation("hold", "PUT", _CALL + "/hold", "CALL_CONTROL"),
    Operation("resume", "PUT", _CALL + "/resume", "CALL_CONTROL"),
    Operation("mute", "PUT", _CALL + "/mute", "CALL_CONTROL"),
    Operation("unmute", "PUT", _CALL + "/unmute", "CALL_CONTROL"),
    Operation("swap", "PUT", _CALL + "/swap", "CALL_CONTROL"),
    Operation("move", "PUT", _CALL + "/move/{device}", "CALL_CONTROL"),
    Operation("park", "PUT", _CALL + "/park", "CALL_CONTROL"),
    Operation("send_dtmf", "PUT", _CALL + "/dtmf", "CALL_CONTROL"),
    Operation("transfer_to_call", "PUT", _CALL + "/transfer/call", "CALL_CONTROL"),
    Operation("transfer", "PUT", _CALL + "/transfer", "CALL_CONTROL"),
    Operation("add_to_conference", "PUT", _CALL + "/conference", "CALL_CONTROL"),
    Operation("remove_participant", "DELETE", _CALL + "/conference/{participant}", "CALL_CONTROL"),
    Operation("leave_conference", "DELETE", _CALL + "/conference", "CALL_CONTROL"),
    Operation("record", "PUT", _CALL + "/recording/{action}", "CALL_CONTROL"),
    # Call State
    Operation("user_state", "GET", _STATE, "CALL_CONTROL"),
    Operation("user_events", "GET", _STATE + "/events", "CALL_CONTROL"),
    Operation("add_user_webhook", "POST", _STATE + "/webhooks", "CALL_CONTROL"),
    Operation("remove_user_webhook", "DELETE", _STATE + "/webhooks/{target}", "CALL_CONTROL"),
    Operation("call_state", "GET", _STATE + "/calls/{call}", "CALL_CONTROL"),
    Operation("call_events", "GET", _STATE + "/calls/{call}/events", "CALL_CONTROL"),
    Operation("add_call_webhook", "POST", _STATE + "/calls/{call}/webhooks", "CALL_CONTROL"),
    Operation("remove_call_webhook", "DELETE", _STATE + "/calls/{call}/webhooks/{target}", "CALL_CONTROL"),
    # User Device and User Line
    Operation("devices", "GET", _DEVICE, "USER"),
    Operation("active_devices", "GET", _DEVICE + "/active", "USER"),
    Operation("device_events", "GET", _DEVICE + "/events", "USER"),
    Operation("add_device_webhook", "POST", _DEVICE + "/webhooks", "USER"),
    Operation("remove_device_webhook", "DELETE", _DEVICE + "/webhooks/{target}", "USER"),
    Operation("device_attributes", "GET", _DEVICE + "/{device}", "USER"),
    Operation("device_icon", "GET", _DEVICE + "/{device}/icon", "USER"),
    Operation("set_device_icon", "PUT", _DEVICE + "/{device}/icon", "USER"),
    Operation("device_name", "GET", _DEVICE + "/{device}/name", "USER"),
    Operation("set_device_name", "PUT", _DEVICE + "/{device}/name", "USER"),
    Operation("lines", "GET", "/user/line/{domain}/{user}", "USER"),
    Operation("active_line", "GET", "/user/line/{domain}/{user}/active", "USER"),
    Operation("set_active_line", "PUT", "/user/line/{domain}/{user}/active", "USER"),
    # ACD/Attendant Group, Distribution Group, Queue Statistics
    Operation("acd_groups", "GET", "/acd/{domain}/{user}/groups", "ACD"),
    Operation("acd_group", "GET", "/acd/{domain}/{user}/groups/{group}/{group_domain}", "ACD"),
    Operation("set_agent_login", "PUT", "/acd/{domain}/groups/{group}/{agent}", "ACD"),
    Operation("groups", "GET", _GROUPS, "ACD"),
    Operation("group_events", "GET", _GROUPS + "/events", "ACD"),
    Operation("group_log", "GET", _GROUPS + "/calllog", "ACD"),
    Operation("group_log_of", "GET", _GROUPS + "/calllog/{group}", "ACD"),
    Operation("assigned", "GET", _GROUPS + "/assigned", "ACD"),
    Operation("assigned_of", "GET", _GROUPS + "/assigned/{group}", "ACD"),
    Operation("assign_item", "PUT", _GROUPS + "/calllog/item/{item}", "ACD"),
    Operation("group_login", "PUT", _GROUPS + "/{group}/{group_domain}", "ACD"),
    Operation("group_logout", "DELETE", _GROUPS + "/{group}/{group_domain}", "ACD"),
    Operation("queue_statistics", "GET", "/queuestatistics/{domain}", "QUEUE_STATISTICS"),
    Operation("queue_statistics_of", "GET", "/queuestatistics/{domain}/queue/{group}", "QUEUE_STATISTICS"),
    Operation("queue_statistics_for", "GET", "/queuestatistics/{domain}/user/{user}", "QUEUE_STATISTICS"),
    # Communication Log
    Operation("group_inbox", "GET", _LOG + "/groupinbox", "COMMUNICATION_LOG"),
    Operation("log", "GET", _LOG, "COMMUNICATION_LOG"),
    Operation("log_item", "GET", _LOG + "/{item}", "COMMUNICATION_LOG"),
    Operation("mark_items", "PUT", _LOG, "COMMUNICATION_LOG"),
    Operation("mark_item", "PUT", _LOG + "/{item}", "COMMUNICATION_LOG"),
    Operation("delete_items", "DELETE", _LOG, "COMMUNICATION_LOG"),
    Operation("delete_item", "DELETE", _LOG + "/{item}", "COMMUNICATION_LOG"),
    Operation("trash_item", "PUT", _LOG + "/{item}/deleted", "COMMUNICATION_LOG"),
    # User Information
    Operation("presence", "GET", _INFO + "/presence", "USER"),
    Operation("set_presence", "PUT", _INFO + "/presence", "USER"),
    Operation("activity", "GET", _INFO + "/activity", "USER"),
    Operation("activity_expires", "GET", _INFO + "/activity/expires", "USER"),
    Operation("set_activity_expires", "PUT", _INFO + "/activity/expires/{expires}", "USER"),
    Operation("set_activity", "PUT", _INFO + "/activity/{activity}", "USER"),
    Operation("available", "GET", _INFO + "/available", "USER"),
    Operation("photo", "GET", _INFO + "/photo", "USER"),
    Operation("set_photo", "PUT POST", _INFO + "/photo", "USER"),
    # Contacts
    Operation("search_contacts", "GET", "/contacts/{domain}/{user}", "CONTACT"),
    Operation("add_contacts", "POST", "/contacts/{domain}/{user}", "CONTACT"),
    Operation("add_contact", "PUT", "/contacts/{domain}/{user}/{contact}", "CONTACT"),
    Operation("remove_contact", "DELETE", "/contacts/{domain}/{user}/{contact}", "CONTACT"),
    Operation("set_contact_status", "PUT", "/contacts/{domain}/{user}/{contact}/{status}", "CONTACT"),
    # Contacts Information V1: of all its operations this one alone, with the only numbers that people have inside
    Operation("vcard", "GET", "/contacts/info/{domain}/{contact}/vcard", "CONTACT"),
    # Diversion
    Operation("diversion_number", "GET", _DIVERSION + "/number", "USER"),
    Operation("set_diversion_number", "PUT POST", _DIVERSION + "/number", "USER"),
    Operation("set_diversion_number_in_path", "PUT POST", _DIVERSION + "/number/{number}", "USER"),
    Operation("diversion_rules", "GET", _DIVERSION, "USER"),
    Operation("set_diversion_rules", "PUT POST", _DIVERSION, "USER"),
    Operation("delete_diversion_rules", "DELETE", _DIVERSION, "USER"),
    Operation("line_rules", "GET", _DIVERSION + "/{line}", "USER"),
    Operation("set_line_rules", "PUT POST", _DIVERSION + "/{line}", "USER"),
    Operation("delete_line_rules", "DELETE", _DIVERSION + "/{line}", "USER"),
    Operation("rule", "GET", _DIVERSION + "/{line}/{rule}", "USER"),
    Operation("set_rule", "PUT POST", _DIVERSION + "/{line}/{rule}", "USER"),
    Operation("delete_rule", "DELETE", _DIVERSION + "/{line}/{rule}", "USER"),
    # Voicemail settings, Configuration, Line State, SMS
    Operation("voicemail", "GET", "/user/voicemail/{domain}/{user}", "VOICEMAIL_SETTINGS"),
    Operation("set_voicemail", "PUT", "/user/voicemail/{domain}/{user}", "VOICEMAIL_SETTINGS"),
    Operation("configuration", "GET", _CONFIG, "USER"),
    Operation("answerplaces", "GET", _CONFIG + "/answerplaces", "USER"),
    Operation("roles", "GET", _CONFIG + "/roles", "USER"),
    Operation("activities", "GET", _CONFIG + "/activities", "USER"),
    Operation("line_state", "GET", _LINESTATE, "LINE_STATE"),
    Operation("set_line_state", "PUT POST", _LINESTATE, "LINE_STATE"),
    Operation("delete_line_state", "DELETE", _LINESTATE, "LINE_STATE"),
    Operation("send_sms", "POST", "/sms/{to}", "SMS"),
    # Calls
    Operation("mobile_transfer", "POST", _CURRENT + "/transfer/{type}/{destination}", "CALLS"),
    Operation("mobile_transfers", "GET", _CURRENT + "/transfer", "CALLS"),
    Operation("cancel_mobile_transfer", "DELETE", _CURRENT + "/transfer/{transfer}", "CALLS"),
    Operation("callback", "POST", _CURRENT + "/{place}/{contact}", "CALLS"),
)


@lru_cache(maxsize=8)
def table_of(overrides: tuple[tuple[str, str], ...]) -> Table[Operation]:
    """The table with these paths by names of operations; kept, since every request asks for it."""
    return Table(OPERATIONS, dict(overrides))
