"""What all parts of the adapter need: the client, and finding extensions, numbers and phones."""

import re
from datetime import datetime

from common.http import HttpClient
from integrations.contract.adapter import Account, PbxAdapter
from integrations.contract.commands import Destination
from integrations.contract.errors import InvalidCallState, MalformedPayload, VendorRejected
from integrations.vendors.ringcentral.client import RingCentralClient
from integrations.vendors.ringcentral.replies import Device, Extension
from integrations.vendors.ringcentral.wire import moment, text

OWN = "~"
"""The extension of the user who authorized."""
_EXTENSION_NUMBER = re.compile(r"\d{1,8}")


class RingCentralBase(PbxAdapter):
    """The adapter's parts build on this."""

    label = "RingCentral"

    def __init__(self, account: Account, http: HttpClient) -> None:
        super().__init__(account, http)
        self._client = RingCentralClient(account, http)

    async def _extension_id(self, who: Destination) -> str:
        """The id of the extension that is meant. Raises VendorRejected when there is none."""
        if who.extension_id:
            return who.extension_id
        query = {"extensionNumber": who.number or ""}
        found, _ = await self._client.read_page("list_extensions", Extension, 1, 1, query)
        if not found:
            raise VendorRejected(f"RingCentral has no extension {who.number}.")
        return text(found[0].id) or ""

    async def _extension_number(self, extension_id: str) -> str:
        found = await self._client.read("get_extension", Extension, extension=extension_id)
        number = text(found.extension_number)
        if number is None:
            raise VendorRejected(f"{found.name or 'The extension'} has no extension number at RingCentral.")
        return number

    async def _device_of(self, extension_id: str) -> str:
        """The phone that calls of that extension use unless another is named: the first that is online, else the first."""
        devices = await self._client.read_all("list_devices", Device, extension=extension_id)
        if not devices:
            raise InvalidCallState("The extension has no phone at RingCentral.")
        return text(default_device(devices).id) or ""


def default_device(devices: list[Device]) -> Device:
    """The first that is online, else the first."""
    return next((each for each in devices if is_online(each)), devices[0])


def is_online(device: Device) -> bool | None:
    return None if device.status is None else device.status.lower() == "online"


def is_extension_number(number: str) -> bool:
    """Phone numbers go to RingCentral in E.164 with their plus; extensions have at most eight digits."""
    return _EXTENSION_NUMBER.fullmatch(number) is not None


def target(to: Destination) -> dict[str, str]:
    """A destination as forward and transfer take it."""
    if to.extension_id:
        return {"extensionId": to.extension_id}
    number = to.number or ""
    return {"extensionNumber": number} if is_extension_number(number) else {"phoneNumber": number}


def answered_time(word: str) -> datetime:
    """A time in an answer. Raises VendorRejected for what is none."""
    try:
        return moment(word)
    except MalformedPayload as error:
        raise VendorRejected(f"RingCentral's answer can't be read: {error}") from error
