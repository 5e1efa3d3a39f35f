""" "User Device Information API": a user's phones. Its webhooks and stream are in `watch.py`."""

from typing import Any

from sandbox.engine.company import Company
from sandbox.engine.directory import Device, DeviceKind
from sandbox.engine.events import LineEvent, LineKind
from sandbox.faces.dstny.dispatch import Handler
from sandbox.faces.dstny.errors import invalid, unknown
from sandbox.faces.dstny.people import Person
from sandbox.faces.dstny.requests import Ask

TYPES = {DeviceKind.DESK: "DESKPHONE", DeviceKind.SOFTPHONE: "SOFTPHONE", DeviceKind.MOBILE: "MOBILE"}
_TYPE_NAMES = {
    DeviceKind.DESK: "Desk phone",
    DeviceKind.SOFTPHONE: "Application for Desktop",
    DeviceKind.MOBILE: "Mobile Application",
}
_ALL_TYPES = ("MOBILE", "TABLET", "SOFTPHONE", "DESKPHONE", "PBX", "DECT", "THIRD_PARTY", "WEB_SOFTPHONE", "TEAMS")
_ICONS = ("DEFAULT", "TYPE_1", "TYPE_2")
_LONGEST_NAME = 32


class Devices:
    """Icons are the face's own; names are the engine's."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self._icons: dict[str, str] = {}

    def operations(self) -> dict[str, Handler]:
        return {
            "devices": self.show_all,
            "active_devices": self.active,
            "device_attributes": self.attributes,
            "device_icon": self.icon,
            "set_device_icon": self.set_icon,
            "device_name": lambda ask: find_device(ask.person, ask.path["device"]).name,
            "set_device_name": self.set_name,
        }

    def show_all(self, ask: Ask) -> list[dict[str, Any]]:
        wanted = ask.values.text("type")
        if wanted and wanted not in _ALL_TYPES:
            raise invalid("type", f"type must be one of {', '.join(_ALL_TYPES)}")
        devices = ask.person.extension.devices
        return [self._show(each) for each in devices if wanted in ("", TYPES[each.kind])]

    def active(self, ask: Ask) -> list[dict[str, Any]]:
        """ "All the user's devices that are not known to be currently unreachable"."""
        return [self._brief(each) for each in ask.person.extension.online]

    def attributes(self, ask: Ask) -> list[dict[str, str]]:
        device = find_device(ask.person, ask.path["device"])
        return [{"name": "USER_AGENT", "value": f"{_TYPE_NAMES[device.kind]}/1.0"}]

    def icon(self, ask: Ask) -> str:
        """As `DESKPHONE_TYPE_2` in the document."""
        device = find_device(ask.person, ask.path["device"])
        return f"{TYPES[device.kind]}_{self._icon(device)}"

    def set_icon(self, ask: Ask) -> None:
        device = find_device(ask.person, ask.path["device"])
        self._icons[device.id] = ask.values.choice("name", _ICONS, "")
        self._tell(ask.person, device)

    def set_name(self, ask: Ask) -> None:
        device, name = find_device(ask.person, ask.path["device"]), ask.values.required("name")
        if len(name) > _LONGEST_NAME:
            raise invalid("name", f"A name has at most {_LONGEST_NAME} characters")
        device.name = name
        self._tell(ask.person, device)

    def _tell(self, person: Person, device: Device) -> None:
        """Whoever watches the user's devices."""
        self.company.tell_line(LineEvent(LineKind.DEVICE, person.extension, self.company.now(), device))

    def _icon(self, device: Device) -> str:
        return self._icons.get(device.id, "DEFAULT")

    def _brief(self, device: Device) -> dict[str, Any]:
        return {
            "deviceId": device_id(device),
            "deviceType": TYPES[device.kind],
            "deviceName": device.name,
            "deviceIcon": self._icon(device),
        }

    def _show(self, device: Device) -> dict[str, Any]:
        return self._brief(device) | {
            "deviceTypeName": _TYPE_NAMES[device.kind],
            "deviceStatus": "ACTIVE" if device.online else "INACTIVE",
            "revocable": True,
            "hasAttributes": True,
        }


def device_id(device: Device) -> str:
    """A mobile phone's is its number, as `+1555555` in the document; others' are words, as `kf45ffr3dd3dtj7r`."""
    return f"+{device.number}" if device.number else device.id


def find_device(person: Person, wanted: str) -> Device:
    """Raises ApiError 404."""
    for each in person.extension.devices:
        if device_id(each) == wanted:
            return each
    raise unknown("deviceId", wanted)
