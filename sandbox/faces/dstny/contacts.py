""" "Contacts API": a user's contact list, and search in the directory."""

import base64
from dataclasses import dataclass
from typing import Any

from sandbox.engine.directory import Extension
from sandbox.engine.stored import Contact
from sandbox.faces.dstny.dispatch import Handler
from sandbox.faces.dstny.errors import unknown
from sandbox.faces.dstny.people import People, Person
from sandbox.faces.dstny.presence import Presence
from sandbox.faces.dstny.requests import Ask, Values
from sandbox.faces.dstny.wire import success

STATUSES = ("FAVORITE", "CONTACT", "VIP", "BLOCKED")
_MOST = 25


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody who can be found: a user, a function number, or a contact outside. `cid` is the contact ID."""

    cid: str
    first_name: str
    last_name: str
    number: str
    source: Person | Extension | Contact

    @property
    def short_number(self) -> str:
        """What colleagues dial."""
        if isinstance(self.source, Contact):
            return ""
        return (self.source.extension if isinstance(self.source, Person) else self.source).number

    def matches(self, query: str) -> bool:
        """ "Any word in a searchable field starts with the stated query"."""
        numbers = f"{self.number} {self.number.lstrip('+')} {self.short_number}"
        words = f"{self.first_name} {self.last_name} {numbers} {self.cid}".lower().split()
        return all(any(word.startswith(part) for word in words) for part in query.lower().split())


class Contacts:
    """`_lists`: status by contact, of each user."""

    def __init__(self, people: People, presence: Presence) -> None:
        self.people = people
        self.presence = presence
        self._lists: dict[str, dict[str, str]] = {}

    def operations(self) -> dict[str, Handler]:
        return {
            "search_contacts": self.search,
            "add_contacts": self.add_many,
            "add_contact": self.add,
            "remove_contact": self.remove,
            "set_contact_status": self.set_status,
            "vcard": self.vcard,
        }

    def search(self, ask: Ask) -> dict[str, Any]:
        """Without a query the user's favourites. By name; at most 25 unless maxResults says otherwise."""
        query = ask.values.text("query")
        found = [each for each in self._entries() if self._wanted(ask, each, query)]
        found.sort(key=lambda each: (each.first_name, each.last_name))
        most = ask.values.number("maxResults")
        return self._answer(ask, found[: _MOST if most is None else most])

    def add(self, ask: Ask) -> dict[str, Any]:
        entry = self._find(ask.path["contact"])
        self._list(ask).setdefault(entry.cid, "FAVORITE")
        return self._answer(ask, [entry])

    def add_many(self, ask: Ask) -> dict[str, Any]:
        """By the contacts' entry IDs or email addresses."""
        given = ask.values.get("contact", [])
        contacts = [Values(each) for each in (given if isinstance(given, list) else [given]) if isinstance(each, dict)]
        entries = [self._find(each.text("contactEntryId") or each.required("email")) for each in contacts]
        for entry, values in zip(entries, contacts, strict=True):
            self._list(ask)[entry.cid] = values.choice("contactStatus", STATUSES, "FAVORITE")
        return self._answer(ask, entries)

    def remove(self, ask: Ask) -> dict[str, Any]:
        cid = self._find(ask.path["contact"]).cid
        if self._list(ask).pop(cid, None) is None:
            raise unknown("contact", cid)
        return success()

    def set_status(self, ask: Ask) -> dict[str, Any]:
        entry = self._find(ask.path["contact"])
        status = Values(ask.path).choice("status", STATUSES, "")
        self._list(ask)[entry.cid] = status
        return {"contactStatus": status}

    def vcard(self, ask: Ask) -> dict[str, Any]:
        """As in the document's example: the number for everybody, and the short one."""
        entry = self._find(ask.path["contact"])
        numbers = dict.fromkeys([entry.number, entry.short_number])
        telephones = [{"value": each, "parseType": "Resource", "type": []} for each in numbers if each]
        name = {"parseType": "Resource", "Family": entry.last_name, "Given": entry.first_name}
        return {"Description": {"TEL": telephones, "FN": f"{entry.first_name} {entry.last_name}".strip(), "N": name}}

    def _wanted(self, ask: Ask, entry: Entry, query: str) -> bool:
        status = self._list(ask).get(entry.cid)
        if status == "BLOCKED" and not ask.values.flag("includeBlocked"):
            return False
        if isinstance(entry.source, Extension) and ask.values.flag("dontIncludeFnrs"):
            return False
        return entry.matches(query) if query else status == "FAVORITE"

    def _list(self, ask: Ask) -> dict[str, str]:
        """A service account searches too, with a list of its own."""
        return self._lists.setdefault(ask.subject.id if ask.subject else ask.ticket.user_id, {})

    def _entries(self) -> list[Entry]:
        domain = self.people.domain
        users = [
            Entry(f"{each.id}@{domain}", each.first_name, each.last_name, self.people.number(each.extension), each)
            for each in self.people.all
        ]
        groups = [
            Entry(f"{each.number}@{domain}", each.name, "", self.people.number(each), each)
            for each in self.people.groups
        ]
        contacts = [
            Entry(f"{each.id}@external", each.name, "", f"+{each.numbers[0]}" if each.numbers else "", each)
            for each in self.people.company.contacts.values()
        ]
        return [*users, *groups, *contacts]

    def _find(self, cid: str) -> Entry:
        """By contact ID, the domain being optional, or by contact entry ID. Raises ApiError 404."""
        for each in self._entries():
            if cid in (each.cid, each.cid.partition("@")[0], _entry_id(each)):
                return each
        raise unknown("contact", cid)

    def _answer(self, ask: Ask, entries: list[Entry]) -> dict[str, Any]:
        return {"query": ask.values.text("query"), "contact": [self._show(ask, each) for each in entries]}

    def _show(self, ask: Ask, entry: Entry) -> dict[str, Any]:
        status = self._list(ask).get(entry.cid)
        shown: dict[str, Any] = {
            "firstname": entry.first_name,
            "lastname": entry.last_name,
            "company": self.people.company.name,
            "inlist": status is not None,
            "diversionAccess": "NONE",
            "type": "EXTERNAL" if isinstance(entry.source, Contact) else "DIRECTORY",
            "contactStatus": status or "CONTACT",
            "preferredNumber": entry.number,
            "collaboration": isinstance(entry.source, Person),
            "contactEntryId": _entry_id(entry),
        }
        if isinstance(entry.source, Person):
            shown["presence"] = self.presence.show(entry.source)
            shown["incall"] = self.presence.in_call(entry.source)
            shown["email"] = entry.source.user.email
        if isinstance(entry.source, Contact):
            shown["company"] = entry.source.organisation
            shown["phonenumbers"] = [{"number": f"+{each}", "type": "work"} for each in entry.source.numbers]
        if ask.values.flag("includeFields"):
            shown["fields"] = {"fields": [{"id": "field1", "label": "Number", "value": entry.number}]}
        return shown


def _entry_id(entry: Entry) -> str:
    """The document's example is base64 of `contactId@example.org@directory`, without padding."""
    return base64.b64encode(f"{entry.cid}@directory".encode()).decode().rstrip("=")
