"""Who is who: user ids, numbers and URIs of the company's extensions."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from sandbox.engine.company import Company
from sandbox.engine.directory import Extension, Party, User
from sandbox.engine.errors import NotDialable
from sandbox.faces.dstny.errors import invalid, unknown

_URI = re.compile(r"(?:tel|sips?):", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Person:
    """A user with their line. `id` is what stands before the @."""

    id: str
    user: User
    extension: Extension

    @property
    def first_name(self) -> str:
        return self.extension.name.partition(" ")[0]

    @property
    def last_name(self) -> str:
        return self.extension.name.partition(" ")[2]


class People:
    """The users of one domain, and how everybody is shown."""

    def __init__(self, company: Company, domain: str) -> None:
        self.company = company
        self.domain = domain
        self._users = {each.email.partition("@")[0]: each for each in company.users}

    @property
    def all(self) -> list[Person]:
        return [Person(user_id, user, self._line(user)) for user_id, user in self._users.items()]

    def get(self, user_id: str) -> Person | None:
        user = self._users.get(user_id)
        return Person(user_id, user, self._line(user)) if user else None

    def find(self, domain: str, user: str) -> Person:
        """By user id, with or without its domain. Raises ApiError 404."""
        if domain != self.domain:
            raise unknown("domain", domain)
        person = self.get(user.removesuffix(f"@{domain}"))
        if person is None:
            raise unknown("user", f"{user}@{domain}")
        return person

    def at(self, extension_id: str | None) -> Person | None:
        """The user whose line that is; None for groups and those outside."""
        return next((each for each in self.all if each.extension.id == extension_id), None)

    def group(self, reference: str) -> Extension:
        """A distribution group by its numeric id. Raises ApiError 404."""
        for each in self.groups:
            if self.group_id(each) == reference:
                return each
        raise unknown("group", reference)

    @property
    def groups(self) -> list[Extension]:
        return [each for each in self.company.extensions.values() if each.is_dialplan]

    @staticmethod
    def group_id(group: Extension) -> str:
        """An int64 in the document: the internal number will do."""
        return group.number

    @staticmethod
    def group_type(group: Extension) -> str:
        """A queue is an ACD group; a group that only rings its members is an attendant group."""
        return "ACD" if group.queue is not None else "ATTENDANT"

    def destination(self, uri: str, field: str = "destination") -> Party:
        """Whom a tel or SIP URI reaches; a bare number too. Raises ApiError 400."""
        name, _, host = _address(uri).partition("@")
        if host in ("", self.domain) and (person := self.get(name)):
            return self.company.party_of(person.extension)
        try:
            return self.company.party(self.digits(uri))
        except NotDialable as error:
            raise invalid(field, str(error)) from error

    @staticmethod
    def digits(uri: str) -> str:
        """What is dialled: the number without what people write between its digits."""
        return re.sub(r"[\s().-]", "", _address(uri).partition("@")[0])

    def show(self, party: Party, *, names: bool = True) -> dict[str, Any]:
        """A remoteParty. USER_ID, FUNCTION_NUMBER_ID and SERVICE_ID are the document's; those outside are a guess."""
        extension = party.extension
        if extension is None:
            if not party.number:
                return {"type": "ANONYMOUS_ID", "displayName": "Anonymous"}
            shown = {"type": "PHONE_NUMBER_ID", "telUri": f"tel:+{party.number}", "displayNumber": f"+{party.number}"}
            return shown | ({"displayName": party.name} if names and party.name else {})
        return {
            "type": "FUNCTION_NUMBER_ID" if extension.is_dialplan else "USER_ID",
            "telUri": self.tel_uri(extension),
            "displayName": extension.name,
            "displayNumber": extension.number,
        }

    def _line(self, user: User) -> Extension:
        """Looked up each time: a reset makes new extensions."""
        return self.company.extensions[user.extension_id]

    def tel_uri(self, extension: Extension) -> str:
        return f"tel:{self.number(extension)}"

    def number(self, extension: Extension) -> str:
        """The number in E.164 where the extension has one, else the short one."""
        return f"+{extension.external_number}" if extension.external_number else extension.number

    def brief(self, extension: Extension) -> dict[str, str]:
        """An agent as call log items name them."""
        person = self.at(extension.id)
        return {
            "name": extension.name,
            "number": self.number(extension),
            "userId": person.id if person else extension.number,
        }


def _address(uri: str) -> str:
    """A URI without its scheme and parameters."""
    return unquote(_URI.sub("", uri.strip(), count=1)).partition(";")[0]
