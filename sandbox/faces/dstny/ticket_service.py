""" "User Tickets API": tickets are made with a password-based or a superuser ticket, and named to be deleted."""

from typing import Any

from starlette.responses import PlainTextResponse

from sandbox.faces.dstny.connection import Connection
from sandbox.faces.dstny.dispatch import Handler
from sandbox.faces.dstny.errors import forbidden, invalid, missing, unknown
from sandbox.faces.dstny.paths import APIS
from sandbox.faces.dstny.requests import Ask
from sandbox.faces.dstny.tickets import Tickets

_PLATFORMS = ("android", "iphone", "other")
_LONGEST_NAME = 64


class TicketService:
    def __init__(self, tickets: Tickets, connection: Connection) -> None:
        self.tickets = tickets
        self.connection = connection

    def operations(self) -> dict[str, Handler]:
        return {"create_ticket": self.create, "delete_ticket": self.delete}

    def create(self, ask: Ask) -> dict[str, Any]:
        """`ver` is required except on the platform `other`; the `number` of a phone must be a mobile number of the user."""
        user_id = _owner(ask)
        apis = ask.values.texts("api")
        if not apis:
            raise missing("api")
        if strangers := sorted(set(apis) - set(APIS)):
            raise invalid("api", f"Unknown API {', '.join(strangers)}")
        platform = ask.values.required("platform")
        if platform not in _PLATFORMS:
            raise invalid("platform", f"platform must be one of {', '.join(_PLATFORMS)}")
        if platform != "other":
            ask.values.required("ver")
            _check_number(ask)
        name = ask.values.text("name")
        if len(name) > _LONGEST_NAME:
            raise invalid("name", f"A name has at most {_LONGEST_NAME} characters")
        lifetime = ask.values.number("expires")
        if lifetime is not None and lifetime <= 0:
            raise invalid("expires", "expires must be a positive number of seconds")
        return self.tickets.issue(user_id, frozenset(apis), name, lifetime or self.connection.ticket_s).render()

    def delete(self, ask: Ask) -> PlainTextResponse:
        name = ask.path["ticket"]
        if not self.tickets.delete(_owner(ask), name):
            raise unknown("ticket", name)
        return PlainTextResponse("API ticket deleted successfully")


def _owner(ask: Ask) -> str:
    """Whose ticket it is about: the service account's own where the path names no other user."""
    if not ask.ticket.proves_identity:
        raise forbidden("This takes a password-based ticket or a superuser ticket")
    return ask.subject.id if ask.subject else ask.ticket.user_id


def _check_number(ask: Ask) -> None:
    number = ask.values.text("number").lstrip("+")
    if number and number not in {each.number for each in ask.person.extension.devices}:
        raise invalid("number", "number must be a mobile number of the user")
