"""The methods of the Data API that are emulated. Its document isn't there: they are as its published clients use them."""

from sandbox.faces.callgear.methods import METHODS, TOKEN, Method
from sandbox.faces.callgear.parameters import Param

_LISTING = (
    TOKEN,
    Param("user_id", "number"),
    Param("limit", "number"),
    Param("offset", "number"),
    Param("filter", "object"),
    Param("fields", "array"),
    Param("sort", "array"),
)
_TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
_REPORT = (
    *_LISTING,
    Param("date_from", required=True, pattern=_TIME),
    Param("date_till", required=True, pattern=_TIME),
)
_LISTS = (
    "get.account",
    "get.employees",
    "get.virtual_numbers",
    "get.sip_lines",
    "get.scenarios",
    "get.tags",
    "get.media_files",
)
_REPORTS = ("get.calls_report", "get.call_legs_report")

DATA_METHODS: dict[str, Method] = {
    "login.user": METHODS["login.user"],
    "logout.user": METHODS["logout.user"],
    **dict.fromkeys(_LISTS, Method(_LISTING)),
    **dict.fromkeys(_REPORTS, Method(_REPORT)),
}
