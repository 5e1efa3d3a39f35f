""" "Line State API": that a user is busy with something that the PBX doesn't know, under an external id, until some time."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.faces.dstny.dispatch import Handler
from sandbox.faces.dstny.errors import invalid, unknown
from sandbox.faces.dstny.requests import Ask

_DEFAULT = timedelta(hours=1)


class LineStates:
    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self.now = now
        self._states: dict[tuple[str, str], datetime] = {}

    def operations(self) -> dict[str, Handler]:
        return {"line_state": self.get, "set_line_state": self.put, "delete_line_state": self.delete}

    def get(self, ask: Ask) -> dict[str, Any]:
        key = _key(ask)
        expires_on = self._states.get(key)
        if expires_on is None or expires_on <= self._moment():
            raise unknown("externalId", key[1])
        return {"expiresOn": expires_on.isoformat(timespec="seconds")}

    def put(self, ask: Ask) -> dict[str, Any]:
        """PUT and POST both create and update."""
        text = ask.values.text("expiresOn")
        self._states[_key(ask)] = _parse(text) if text else self._moment() + _DEFAULT
        return self.get(ask)

    def delete(self, ask: Ask) -> None:
        self.get(ask)
        del self._states[_key(ask)]

    def _moment(self) -> datetime:
        return datetime.fromtimestamp(self.now(), UTC)


def _key(ask: Ask) -> tuple[str, str]:
    return ask.person.id, ask.path["external"]


def _parse(text: str) -> datetime:
    """ISO 8601, as `2020-03-10T11:05:00+01`."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise invalid("expiresOn", "expiresOn must be a time as in ISO 8601") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
