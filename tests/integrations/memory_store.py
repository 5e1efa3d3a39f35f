"""A TicketStore without a database."""

from collections.abc import Mapping
from typing import Any


class MemoryStore:
    """Keeps what the adapter saves."""

    def __init__(self, saved: Mapping[str, Any] | None = None) -> None:
        self.saved: dict[str, Any] = dict(saved or {})

    async def save(self, tickets: Mapping[str, Any]) -> None:
        self.saved = dict(tickets)

    async def load(self) -> Mapping[str, Any]:
        return self.saved

    async def put(self, name: str, ticket: Any) -> None:
        if ticket is None:
            self.saved.pop(name, None)
        else:
            self.saved[name] = ticket
