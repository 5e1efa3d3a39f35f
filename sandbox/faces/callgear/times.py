"""Moments as local time: the document says of no zone, the Data API that of the account."""

from datetime import UTC, datetime, timedelta

from sandbox.faces.callgear.dialect import Dialect


def local(at: float, dialect: Dialect) -> datetime:
    return datetime.fromtimestamp(at, UTC) + timedelta(hours=dialect.utc_offset_h)


def zone_name(dialect: Dialect) -> str:
    """The same zone, as the Data API names the account's. The signs of Etc's names are the other way round."""
    return f"Etc/GMT{-dialect.utc_offset_h:+}" if dialect.utc_offset_h else "UTC"
