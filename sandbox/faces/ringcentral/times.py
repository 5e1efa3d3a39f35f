"""Times as RingCentral writes and reads them."""

from datetime import UTC, datetime

from sandbox.faces.ringcentral.errors import invalid
from sandbox.faces.ringcentral.requests import Ask

_DAY_S = 86400


def iso(moment: float) -> str:
    """ISO 8601 with milliseconds, in UTC."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def asked_period(ask: Ask, now: float) -> tuple[float, float | None]:
    """`dateFrom` and `dateTo` of the query; the former is by default 24 hours ago. Raises ApiError CMN-101."""
    since = _moment(ask, "dateFrom")
    return (now - _DAY_S if since is None else since), _moment(ask, "dateTo")


def _moment(ask: Ask, name: str) -> float | None:
    value = ask.query.get(name)
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value.replace(" ", "+"))
    except ValueError:
        raise invalid(name) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
