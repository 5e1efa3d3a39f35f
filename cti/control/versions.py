"""Optimistic versions of calls: ETag and If-Match."""

from django.utils.http import parse_etags

from cti.calls.models import Call
from cti.control.errors import VersionConflict


def etag(call: Call) -> str:
    """The strong entity tag of a call."""
    return f'"{call.version}"'


def check_version(call: Call, if_match: str | None) -> None:
    """Raises VersionConflict unless If-Match, where it is given, names the call's current version."""
    if if_match is None or if_match.strip() == "*":
        return
    if etag(call) not in parse_etags(if_match):
        raise VersionConflict(f"The call is at version {call.version} by now.")
