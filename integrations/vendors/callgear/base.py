"""What all parts of the adapter share: the two APIs, and finding employees and their numbers."""

from collections.abc import Mapping
from typing import Any, TypeVar

from msgspec import Struct

from common.http import HttpClient
from integrations.contract.adapter import Account, PbxAdapter
from integrations.contract.commands import Destination
from integrations.contract.errors import VendorRejected
from integrations.vendors.callgear.client import CALLS, DATA, Api, data_url, readable
from integrations.vendors.callgear.keys import Keys
from integrations.vendors.callgear.wire import Text, plain, text_of

T = TypeVar("T")
_PER_PAGE = 1000
_MOST_PAGES = 100
_NUMBER_FIELDS = ("extension_phone_number", "phone_number", "number", "value")


class Employee(Struct):
    """Of get.employees. What its two lists of numbers hold isn't written anywhere: objects, or texts."""

    id: Text
    full_name: Text = None
    extension: Any = None
    phone_numbers: list[Any] | None = None

    @property
    def key(self) -> str:
        return text_of(self.id) or ""

    @property
    def short_number(self) -> str | None:
        """What colleagues dial."""
        return number_in(self.extension)

    @property
    def numbers(self) -> list[str]:
        """The active ones."""
        active = [each for each in self.phone_numbers or () if not _is_inactive(each)]
        return [number for each in active if (number := number_in(each))]


class VirtualNumber(Struct):
    """Of get.virtual_numbers."""

    virtual_phone_number: Text
    status: Text = None


class CallGearBase(PbxAdapter):
    """The account's APIs, and what several parts need."""

    def __init__(self, account: Account, http: HttpClient) -> None:
        super().__init__(account, http)
        keys = Keys(account)
        self._calls = Api(account, http, keys, CALLS)
        self._data = Api(account, http, keys, DATA)

    async def _list(self, method: str, kind: type[T], **params: Any) -> list[T]:
        """All pages of one of the Data API's lists."""
        found: list[T] = []
        for page in range(_MOST_PAGES):
            data = await self._data.ask(method, limit=_PER_PAGE, offset=page * _PER_PAGE, **params)
            items = readable(data, list[kind], method)  # type: ignore[valid-type]
            found += items
            if len(items) < _PER_PAGE:
                return found
        raise VendorRejected(f"CallGear's list of {method} goes on after {_MOST_PAGES} pages.")

    async def _employees(self) -> list[Employee]:
        return await self._list("get.employees", Employee)

    async def _employee(self, employee_id: str) -> Employee:
        """Raises VendorRejected for one that there isn't."""
        found = next((each for each in await self._employees() if each.key == employee_id), None)
        if found is None:
            raise VendorRejected(f"CallGear has no employee {employee_id}.", code="employee_not_found")
        return found

    async def _employee_at(self, number: str | None) -> str | None:
        """The id of the employee who has that number; None for one that is nobody's, or where nobody can know."""
        if data_url(self.account) is None:
            return None
        wanted = dialled(number)
        employees = await self._employees()
        return next((each.key for each in employees if wanted in {each.short_number, *each.numbers}), None)

    async def _number_of(self, who: Destination, *, short: bool) -> str:
        """What to dial for it; of an employee the short number where that may be. Raises VendorRejected without any."""
        if not who.extension_id:
            return dialled(who.number)
        employee = await self._employee(who.extension_id)
        numbers = [*([employee.short_number] if short and employee.short_number else []), *employee.numbers]
        if not numbers:
            words = f"{text_of(employee.full_name) or employee.key} has no active number at CallGear."
            raise VendorRejected(words, code="no_active_phone_number")
        return dialled(numbers[0])

    async def _virtual_numbers(self) -> list[str]:
        """Those that are rented, the active ones."""
        listed = await self._list("get.virtual_numbers", VirtualNumber)
        return [
            number for each in listed if not _is_off(each.status) and (number := text_of(each.virtual_phone_number))
        ]


def dialled(number: str | None) -> str:
    """E.164 as CallGear has it: without the plus."""
    return (number or "").removeprefix("+")


def number_in(value: Any) -> str | None:
    """The number that an object of the Data API holds, or that it is."""
    if not isinstance(value, Mapping):
        return text_of(value)
    return next((number for name in _NUMBER_FIELDS if (number := number_in(value.get(name)))), None)


def _is_inactive(value: Any) -> bool:
    return isinstance(value, Mapping) and _is_off(value.get("status"))


def _is_off(status: Any) -> bool:
    return plain(text_of(status) or "") in {"inactive", "blocked", "disabled", "off", "archived"}
