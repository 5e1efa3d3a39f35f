"""Registered webhooks: of a user, of one call, of a user's devices. They end unless they are registered again."""

import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from sandbox.faces.dstny.connection import Connection
from sandbox.faces.dstny.dialect import Dialect
from sandbox.faces.dstny.errors import invalid, unknown
from sandbox.faces.dstny.requests import Values
from sandbox.outbox import Outbox

Kind = Literal["user", "call", "device"]


@dataclass(frozen=True, slots=True)
class Webhook:
    """`call_id`: the user's own, of webhooks about one call. `target_id` is unique among one user's of a kind."""

    kind: Kind
    person_id: str
    target_id: str
    url: str
    expires_at: float
    call_id: str = ""

    @property
    def id(self) -> str:
        return " ".join(filter(None, (self.kind, self.person_id, self.call_id, self.target_id)))

    def render(self) -> dict[str, Any]:
        """For the console: the address without its path, which may be the receiver's secret."""
        parts = urlsplit(self.url)
        origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        return {"id": self.id, "kind": self.kind, "callback_url": origin, "expires_at": self.expires_at}


class Webhooks:
    """All of one company's."""

    def __init__(
        self, connection: Connection, dialect: Dialect, outbox: Outbox, now: Callable[[], float] = time.time
    ) -> None:
        self.connection = connection
        self.dialect = dialect
        self.outbox = outbox
        self.now = now
        self._all: dict[str, Webhook] = {}

    @property
    def all(self) -> list[Webhook]:
        """Those that haven't expired."""
        return [each for each in self._all.values() if each.expires_at > self.now()]

    def add(self, kind: Kind, person_id: str, values: Values, call_id: str = "") -> Webhook:
        """Registers, or renews when the targetId is known. Raises ApiError 400."""
        target_id, url = read_target(values)
        webhook = Webhook(kind, person_id, target_id, url, self.now() + self.connection.webhook_s, call_id)
        self._all[webhook.id] = webhook
        return webhook

    def remove(self, kind: Kind, person_id: str, target_id: str, call_id: str = "") -> None:
        """Raises ApiError 404."""
        for each in self.all:
            if (each.kind, each.person_id, each.target_id, each.call_id) == (kind, person_id, target_id, call_id):
                self._drop(each)
                return
        raise unknown("targetId", target_id)

    def end_call(self, person_id: str, call_id: str) -> None:
        """A call's webhooks end with it; what was queued is still sent."""
        for each in self.all:
            if (each.kind, each.person_id, each.call_id) == ("call", person_id, call_id):
                del self._all[each.id]

    def drop(self) -> int:
        """Forgets all; answers how many there were."""
        dropped = self.all
        for each in list(self._all.values()):
            self._drop(each)
        return len(dropped)

    def send(
        self,
        kind: Kind,
        person_id: str,
        event_type: str,
        body: Callable[[], Any],
        call_id: str = "",
        about: str = "",
    ) -> None:
        """To the user's webhooks of that kind; without any the body isn't made. `about`: the engine's call, for the ledger."""
        for each in self.all:
            if (each.kind, each.person_id, each.call_id) == (kind, person_id, call_id):
                self.outbox.put(
                    subscription_id=each.id,
                    url=each.url,
                    call_id=about,
                    event_id=uuid.uuid4().hex,
                    event_type=event_type,
                    body=json.dumps(body(), separators=(",", ":")).encode(),
                )

    def send_call(self, person_id: str, state: dict[str, Any], about: str) -> None:
        """The call's new stateToken, or in the dialect of that name its state, to those who watch it."""
        body = {"stateToken": state["stateToken"]} if self.dialect.call_webhooks == "token" else state
        self.send("call", person_id, "call", lambda: body, state["callId"], about)

    def expiry(self, webhook: Webhook) -> dict[str, Any]:
        """`expiresOn` is a number of seconds in the examples; a time in the dialect of that name."""
        if self.dialect.expires_on == "seconds":
            return {"expiresOn": round(webhook.expires_at - self.now())}
        return {"expiresOn": datetime.fromtimestamp(webhook.expires_at, UTC).isoformat(timespec="seconds")}

    def _drop(self, webhook: Webhook) -> None:
        del self._all[webhook.id]
        self.outbox.cancel(webhook.id)


def read_target(values: Values) -> tuple[str, str]:
    """targetId and targetUrl. Raises ApiError 400."""
    target_id, url = values.required("targetId"), values.required("targetUrl")
    values.flag("publicTarget", True)
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise invalid("targetUrl", "targetUrl must be a full http or https address")
    return target_id, url
