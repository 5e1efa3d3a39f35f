"""Times as RingCentral writes them."""

from datetime import UTC, datetime


def iso(moment: float) -> str:
    """ISO 8601 with milliseconds, in UTC."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
