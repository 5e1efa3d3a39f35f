"""The kinds of entities that the document's administration has, with the rules of their attributes, in its order."""

from sandbox.faces.eq.attributes import Attribute, boolean, choice, days, email, integer, text

Attributes = tuple[Attribute, ...]

_ANY = text(1, 255)
_DIGITS = text(1, 32, r"\d+")
_LANGUAGE = Attribute("language", choice("en", "es", "he"), "en, es or he")
_NAMES = (
    Attribute("firstName", text(1, 32), "1-32 characters", required=True),
    Attribute("lastName", text(1, 32), "1-32 characters"),
)
_EXTENSION = Attribute("extension", text(1, 20, r"[1-9]\d*"), "digits only, not starting with 0", True, unique=True)
_YES_NO = choice("yes", "no")
_EMPTINESS = choice("yes", "no", "strict", "ultrastrict", "loose")
_RECORDED = choice("dontcare", "always", "never")
_CLOCK = text(7, 8, r"(0?[1-9]|1[0-2]):[0-5]\d (AM|PM)")

SUPERVISOR: Attributes = (
    Attribute("username", text(3, 20, r"[A-Za-z0-9]*"), "3-20 alphanumeric characters", required=True, unique=True),
    *_NAMES,
    Attribute("password", text(4, 20), "4-20 characters", required=True, secret=True),
    Attribute("emailAddress", email, "a valid email address", required=True, unique=True),
    _LANGUAGE,
    Attribute("type", choice("full", "monitorOnly"), "full or monitorOnly", required=True),
)
AGENT: Attributes = (
    Attribute("number", text(1, 5, r"[1-9]\d*"), "1-5 digits, not starting with 0", required=True, unique=True),
    *_NAMES,
    Attribute("password", text(3, 10, r"\d*"), "3-10 digits", required=True, secret=True),
    Attribute("emailAddress", email, "a valid email address", unique=True),
    _LANGUAGE,
)
PAUSE_CODE: Attributes = (Attribute("name", text(1, 16), "1-16 characters", required=True, unique=True),)
QUEUE_UPDATE: Attributes = (
    Attribute("name", text(1, 35), "1-35 characters", required=True, unique=True),
    Attribute("type", choice(0, 1), "0 (inbound) or 1 (outbound)", required=True),
    Attribute("autoAnswerAcd", boolean, "boolean", default=False),
    Attribute("sysResume", integer(1), "an integer > 0"),
    Attribute("wrapUpTime", integer(0), "an integer > 0, or 0 for unlimited"),
    Attribute("wrapUpAllQueues", boolean, "boolean", default=False),
    Attribute("cidNamePrefix", _ANY, "a string"),
    Attribute("agentRestrictions", choice(0, 1, 2), "0, 1 or 2", default=0),
    Attribute(
        "ringStrategy",
        choice("ringall", "leastrecent", "fewestcalls", "random", "rrmemory", "rrordered", "linear", "wrandom"),
        "a valid choice",
        default="leastrecent",
    ),
    Attribute("weight", integer(0, 10), "an integer 0-10", default=0),
    Attribute("mohClass", choice("inherit", "default", "none"), "a valid choice", default="inherit"),
    Attribute("ringingMoh", boolean, "boolean", default=False),
    Attribute("recordingFormat", choice("wav"), '"wav"'),
    Attribute("recordingMode", choice("includeholdtime", "afteranswered"), "a valid choice", default="afteranswered"),
    Attribute("maxWaitTime", integer(1), "an integer > 0"),
    Attribute("agentTimeout", integer(1), "an integer > 0"),
    Attribute("agentRetryTime", integer(0), "an integer >= 0"),
    Attribute("maxCallers", integer(1), "an integer > 0"),
    Attribute("joinEmpty", _EMPTINESS, "a valid choice", default="yes"),
    Attribute("leaveEmpty", _EMPTINESS, "a valid choice", default="no"),
    Attribute("announceFrequency", integer(0), "an integer >= 0", default=0),
    Attribute("announcePosition", _YES_NO, "yes or no", default="no"),
    Attribute("announceHoldTime", choice("yes", "no", "once"), "yes, no or once", default="no"),
)
QUEUE: Attributes = (_EXTENSION, *QUEUE_UPDATE)
EXTENSION: Attributes = (
    _EXTENSION,
    Attribute("name", text(1, 50), "1-50 characters", required=True, unique=True),
    Attribute("cidMasquerade", _DIGITS, "digits"),
    Attribute("outboundCid", _DIGITS, "digits"),
    Attribute("emergencyCid", _DIGITS, "digits"),
    Attribute("callWaiting", boolean, "boolean", default=True),
    *(
        Attribute(f"recording.{each}", _RECORDED, "dontcare, always or never", default="dontcare")
        for each in ("inboundExternal", "inboundInternal", "outboundExternal", "outboundInternal")
    ),
    Attribute("recording.onDemand", boolean, "boolean", default=False),
    Attribute("sip.secret", _ANY, "a string", secret=True),
    Attribute(
        "sip.dtmfMode", choice("rfc2833", "inband", "auto", "info", "shortinfo"), "a valid choice", default="rfc2833"
    ),
    Attribute("sip.context", _ANY, "a string", default="from-internal"),
    Attribute("sip.nat", choice("yes", "no", "never", "route"), "a valid choice", default="no"),
)
# Only where `voicemail` isn't null.
VOICEMAIL: Attributes = (
    Attribute("voicemail.context", _ANY, "a string", default="default"),
    Attribute("voicemail.password", _DIGITS, "digits", secret=True),
    Attribute("voicemail.emailAddress", email, "a valid email address"),
    Attribute("voicemail.pagerEmailAddress", email, "a valid email address"),
    *(
        Attribute(f"voicemail.options.{each}", _YES_NO, "yes or no", default="no")
        for each in ("attach", "saycid", "envelope", "delete")
    ),
)
_QUEUE_ALERTS = ("callQueueCallsHigh", "callQueueWaitTimeHigh", "callQueueAgentsLow", "callQueueAgentsAvailableLow")
_EMAIL_ALERTS = ("emailQueueEmailsHigh", "emailQueueAgentsLow", "emailQueueAgentsAvailableLow")
ALERT: Attributes = (
    Attribute("name", text(1, 48), "1-48 characters", required=True),
    Attribute(
        "type",
        choice(*_QUEUE_ALERTS, *_EMAIL_ALERTS, "licenseExceeded", "processStopped", "diskUsageHigh"),
        "a valid alert type code",
        required=True,
    ),
    Attribute("callQueue", _DIGITS, "the extension of a call queue"),
    Attribute("emailQueue", integer(1), "the ID of an email queue"),
    Attribute("threshold", integer(0), "an integer"),
    Attribute(
        "notificationType", choice("realtime", "email", "sms", "custom"), "a valid notification type", required=True
    ),
    Attribute("color", text(7, 7, r"#[0-9A-Fa-f]{6}"), "a color in format #XXXXXX"),
    Attribute("interval", integer(1), "an integer of minutes"),
    Attribute("daysOfWeek", days, "an array of integers, each 0-6", required=True),
    Attribute("fromTime", _CLOCK, "in format HH:MM AM or HH:MM PM", required=True),
    Attribute("toTime", _CLOCK, "in format HH:MM AM or HH:MM PM", required=True),
)
NEW_ALERT: Attributes = (Attribute("user", integer(1), "the user ID of a supervisor"), *ALERT)


def applicable(type_: str, notification_type: str) -> tuple[str, ...]:
    """The attributes of an alert that are required "if applicable"."""
    names = []
    if type_ in _QUEUE_ALERTS:
        names.append("callQueue")
    if type_ in _EMAIL_ALERTS:
        names.append("emailQueue")
    if type_ not in ("licenseExceeded", "processStopped"):
        names.append("threshold")
    names.append("color" if notification_type == "realtime" else "interval")
    return tuple(names)
