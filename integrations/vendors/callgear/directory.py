"""Employees and the numbers that they may show (Data API: get.employees, get.virtual_numbers)."""

from collections.abc import Sequence

from integrations.contract.things import VendorCallerId, VendorExtension
from integrations.vendors.callgear.base import CallGearBase, Employee
from integrations.vendors.callgear.wire import text_of


class Directory(CallGearBase):
    """An employee is an extension: the id is CallGear's, the number what colleagues dial."""

    async def list_extensions(self) -> Sequence[VendorExtension]:
        return [_extension(each) for each in await self._employees() if each.key]

    async def get_extension(self, extension_id: str) -> VendorExtension:
        return _extension(await self._employee(extension_id))

    async def list_caller_ids(self, extension_id: str) -> Sequence[VendorCallerId]:
        """Every virtual number, whoever calls: none belongs to an employee."""
        return [VendorCallerId(number, number) for number in await self._virtual_numbers()]


def _extension(employee: Employee) -> VendorExtension:
    return VendorExtension(
        vendor_extension_id=employee.key,
        number=employee.short_number or next(iter(employee.numbers), employee.key),
        name=text_of(employee.full_name) or employee.key,
        type="user",
    )
