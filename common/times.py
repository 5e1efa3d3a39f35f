"""Times as the API writes them: RFC 3339, UTC, milliseconds."""

from datetime import UTC, datetime
from functools import lru_cache


def utc_now() -> datetime:
    """The current time; handed to domain functions as a value or a callable, so that tests choose it."""
    return datetime.now(UTC)


@lru_cache(maxsize=4096)  # a call's times are written with each of its events
def rfc3339(moment: datetime) -> str:
    """`2026-01-31T09:00:00.123Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def rfc3339_or_none(moment: datetime | None) -> str | None:
    """As `rfc3339`, passing None through."""
    return None if moment is None else rfc3339(moment)
