"""SQL that keeps what was told, for the async ingest and for synchronous code alike."""

from collections.abc import Mapping
from typing import Any

import orjson
from msgspec import Struct


class Statement(Struct, frozen=True):
    """SQL and its parameters, to be run inside the tenant's scope."""

    sql: str
    parameters: tuple[Any, ...] | Mapping[str, Any]


def told(values: Mapping[str, Any], fields: tuple[str, ...]) -> str:
    """As JSON, without what the vendor doesn't tell, and without NUL, which PostgreSQL's JSON can't hold."""
    kept = {
        name: value.replace("\0", "") if isinstance(value, str) else value
        for name in fields
        if (value := values.get(name)) is not None
    }
    return orjson.dumps(kept).decode()
