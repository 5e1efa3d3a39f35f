"""One request as the operations see it: who asks, for whom, and what."""

from dataclasses import dataclass
from typing import Any

from sandbox.faces.dstny.errors import invalid, missing, unknown
from sandbox.faces.dstny.people import Person
from sandbox.faces.dstny.tickets import Ticket


class Values(dict[str, Any]):
    """Parameters from the query and the body: the document tells apart neither the two nor the types."""

    def text(self, name: str, default: str = "") -> str:
        """Raises ApiError 400 for what is neither text nor a number."""
        value = self.get(name, default)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise invalid(name, f"{name} must be a string")
        return str(value)

    def required(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise missing(name)
        return value

    def texts(self, name: str) -> list[str]:
        """A parameter that may be repeated."""
        value = self.get(name, [])
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(each, str | int) for each in values):
            raise invalid(name, f"{name} must be strings")
        return [str(each) for each in values]

    def number(self, name: str) -> int | None:
        value = self.text(name)
        if not value:
            return None
        try:
            return int(value)
        except ValueError:
            raise invalid(name, f"{name} must be an integer") from None

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.get(name, default)
        if value in (True, "true"):
            return True
        if value in (False, "false", ""):
            return False
        raise invalid(name, f"{name} must be true or false")

    def flag_or_none(self, name: str) -> bool | None:
        return self.flag(name) if name in self else None

    def choice(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        value = self.text(name, default)
        if value not in allowed:
            raise invalid(name, f"{name} must be one of {', '.join(allowed)}")
        return value


@dataclass(frozen=True, slots=True)
class Ask:
    """`person` is the user in the path, for whom the ticket may act; None where the path has none.

    `is_service`: a service account asks. `content`: the raw body and its type, for photos.
    """

    ticket: Ticket
    path: dict[str, str]
    values: Values
    subject: Person | None
    is_service: bool
    content: tuple[bytes, str]

    @property
    def person(self) -> Person:
        """Raises ApiError 404 for a service account, which has no line of its own."""
        if self.subject is None:
            raise unknown("user", self.path.get("user", self.ticket.user_id))
        return self.subject
