"""Moments as local time: the document never says of which zone."""

from datetime import UTC, datetime, timedelta

from sandbox.faces.callgear.dialect import Dialect


def local(at: float, dialect: Dialect) -> datetime:
    return datetime.fromtimestamp(at, UTC) + timedelta(hours=dialect.utc_offset_h)
