"""Extensions and caller ids: "Access Informational Resources" and "Multiple CallerID's"."""

from typing import Any

from sandbox.engine.company import Company
from sandbox.engine.directory import Extension
from sandbox.faces.kwebbl.dialect import Dialect
from sandbox.faces.kwebbl.errors import not_found, validation
from sandbox.faces.kwebbl.grants import Grant
from sandbox.faces.kwebbl.requests import EXTENSION_ID, access_denied, require

_SCOPES = ("company.dialplans", "company.users")


class Directory:
    """What one grant may see: dialplans with company.dialplans, users with company.users."""

    def __init__(self, company: Company, dialect: Dialect) -> None:
        self.company = company
        self.dialect = dialect

    def visible(self, grant: Grant) -> list[dict[str, Any]]:
        require(grant, self.dialect, *_SCOPES)
        return [self.render(each) for each in self.company.extensions.values() if grant.allows(_scope_of(each))]

    def get(self, grant: Grant, extension_id: str) -> Extension:
        """Raises ApiError: 400 for what is no id, 404, 403."""
        require(grant, self.dialect, *_SCOPES)
        if not EXTENSION_ID.fullmatch(extension_id):
            raise validation("An extension_id has 32 letters and digits")
        extension = self.company.extensions.get(extension_id)
        if extension is None:
            raise not_found("The extension with the specified ID does not exist")
        require(grant, self.dialect, _scope_of(extension))
        return extension

    def render(self, extension: Extension) -> dict[str, Any]:
        body: dict[str, Any] = {
            "id": extension.id,
            "name": extension.name,
            "number": self._number(extension.number),
            "type": "dialplan" if extension.is_dialplan else "user",
        }
        if extension.external_number:
            body["external_number"] = self._number(extension.external_number)
        return body

    def caller_ids(self, extension: Extension) -> list[dict[str, Any]]:
        return [{"caller_id": each.id, "caller_number": self._number(each.number)} for each in extension.caller_ids]

    def set_caller_id(self, grant: Grant, extension: Extension, caller_id: object) -> dict[str, str]:
        """ "User with Admin role can change CallerID of anyone in the company"; others their own."""
        if not grant.user.is_admin and grant.user.extension_id != extension.id:
            raise access_denied(self.dialect, "Only an admin may change the CallerID of somebody else")
        if not isinstance(caller_id, str) or caller_id not in {each.id for each in extension.caller_ids}:
            raise validation("caller_id must be the id of one of the available numbers")
        extension.caller_id = caller_id
        return {"extension_id": extension.id, "caller_id": caller_id}

    def _number(self, digits: str) -> str | int:
        """The examples show JSON numbers; one that starts with 0 can't be."""
        return int(digits) if self.dialect.json_numbers and not digits.startswith("0") else digits


def _scope_of(extension: Extension) -> str:
    return "company.dialplans" if extension.is_dialplan else "company.users"
