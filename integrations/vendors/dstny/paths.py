"""Where Dstny's operations are. Its published document has lost all paths but two, `activity` and `POST /calls/current/…`.

The others are inferred in the same manner and stand here alone, as data: an account whose server has them elsewhere overrides
them by name in `settings.paths`, as `/path` or, where the method differs too, `PUT /path`. Paths are below the base URL.
"""

from integrations.contract.routes import Route

_CONTROL = "/cti/control/{domain}/{user}"
_CALL = _CONTROL + "/calls/{call}"
_STATE = "/cti/state/{domain}/{user}"
_GROUPS = "/distributiongroup/{domain}/{user}"
_DIVERSION = "/user/diversion/{domain}/{user}"

ROUTES = {
    "create_ticket": Route("POST", "/user/tickets/{domain}/{user}"),
    # Call Control
    "make_call": Route("POST", _CONTROL + "/device/{device}/calls"),
    "make_consultation_call": Route("POST", _CALL + "/consultation"),
    "answer": Route("PUT", _CALL + "/answer/{device}"),
    "hang_up": Route("DELETE", _CALL),
    "hold": Route("PUT", _CALL + "/hold"),
    "resume": Route("PUT", _CALL + "/resume"),
    "mute": Route("PUT", _CALL + "/mute"),
    "unmute": Route("PUT", _CALL + "/unmute"),
    "swap": Route("PUT", _CALL + "/swap"),
    "move": Route("PUT", _CALL + "/move/{device}"),
    "park": Route("PUT", _CALL + "/park"),
    "pickup_ringing": Route("POST", _CONTROL + "/device/{device}/pickup/{call}"),
    "send_dtmf": Route("PUT", _CALL + "/dtmf"),
    "transfer": Route("PUT", _CALL + "/transfer"),
    "transfer_to_call": Route("PUT", _CALL + "/transfer/call"),
    "add_to_conference": Route("PUT", _CALL + "/conference"),
    "remove_participant": Route("DELETE", _CALL + "/conference/{participant}"),
    "leave_conference": Route("DELETE", _CALL + "/conference"),
    "record": Route("PUT", _CALL + "/recording/{action}"),
    # Call State
    "user_state": Route("GET", _STATE),
    "user_events": Route("GET", _STATE + "/events"),
    "add_user_webhook": Route("POST", _STATE + "/webhooks"),
    "remove_user_webhook": Route("DELETE", _STATE + "/webhooks/{target}"),
    "call_state": Route("GET", _STATE + "/calls/{call}"),
    "call_events": Route("GET", _STATE + "/calls/{call}/events"),
    "add_call_webhook": Route("POST", _STATE + "/calls/{call}/webhooks"),
    # Directory: contacts, devices, lines
    "search_contacts": Route("GET", "/contacts/{domain}/{user}"),
    "vcard": Route("GET", "/contacts/info/{domain}/{contact}/vcard"),
    "devices": Route("GET", "/user/device/{domain}/{user}"),
    "active_devices": Route("GET", "/user/device/{domain}/{user}/active"),
    "lines": Route("GET", "/user/line/{domain}/{user}"),
    "set_active_line": Route("PUT", "/user/line/{domain}/{user}/active"),
    # Presence, diversion
    "presence": Route("GET", "/user/info/{domain}/{user}/presence"),
    "set_presence": Route("PUT", "/user/info/{domain}/{user}/presence"),
    "diversion_number": Route("GET", _DIVERSION + "/number"),
    "set_diversion_number": Route("PUT", _DIVERSION + "/number"),
    "diversion_rules": Route("GET", _DIVERSION),
    "set_diversion_rules": Route("PUT", _DIVERSION),
    # Queues
    "queue_statistics": Route("GET", "/queuestatistics/{domain}"),
    "queue_statistics_of": Route("GET", "/queuestatistics/{domain}/queue/{group}"),
    "acd_group": Route("GET", "/acd/{domain}/{user}/groups/{group}/{group_domain}"),
    "groups": Route("GET", _GROUPS),
    "group_events": Route("GET", _GROUPS + "/events"),
    "group_login": Route("PUT", _GROUPS + "/{group}/{group_domain}"),
    "group_logout": Route("DELETE", _GROUPS + "/{group}/{group_domain}"),
    # History and messages
    "log": Route("GET", "/commlog/{domain}/{user}"),
    "send_sms": Route("POST", "/sms/{to}"),
}
