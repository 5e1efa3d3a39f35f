"""The account, its extensions, their devices and numbers ("Extensions", "Devices", "Phone Numbers" in the API reference)."""

from typing import Any

from sandbox.engine.company import Company
from sandbox.engine.directory import Device, DeviceKind, Extension
from sandbox.faces.ringcentral.errors import forbidden, invalid, not_found
from sandbox.faces.ringcentral.requests import Ask, page

_DEVICE_TYPES = {
    DeviceKind.DESK: "HardPhone",
    DeviceKind.SOFTPHONE: "SoftPhone",
    DeviceKind.MOBILE: "OtherPhone",
}
_FEATURES = ("CallerId", "SmsSender", "InternationalSmsSender", "MmsSender")


class Directory:
    """Reads; only a user's caller id can be changed."""

    def __init__(self, company: Company) -> None:
        self.company = company

    def account(self, ask: Ask) -> dict[str, Any]:
        main = next(
            (each for each in self.company.extensions.values() if each.is_dialplan and each.external_number), None
        )
        return {
            "uri": ask.account_uri,
            "id": ask.account_id,
            "mainNumber": f"+{main.external_number}" if main else "",
            "status": "Confirmed",
            "serviceInfo": {"uri": f"{ask.account_uri}/service-info", "servicePlanName": "Sandbox"},
            "companyName": self.company.name,
        }

    def extensions(self, ask: Ask) -> dict[str, Any]:
        """In pages; `extensionNumber`, `type` and `status` narrow them."""
        records = [self.render(ask, each) for each in self.company.extensions.values()]
        for name in ("extensionNumber", "type", "status"):
            if wanted := ask.query.get(name):
                records = [each for each in records if each[name] == wanted]
        return page(ask, f"{ask.account_uri}/extension", records)

    def extension(self, ask: Ask) -> dict[str, Any]:
        return self.render(ask, ask.extension)

    def devices(self, ask: Ask) -> dict[str, Any]:
        uri = f"{ask.account_uri}/extension/{ask.extension.id}/device"
        return page(ask, uri, [self._device(ask, ask.extension, each) for each in ask.extension.devices])

    def all_devices(self, ask: Ask) -> dict[str, Any]:
        extensions = self.company.extensions.values()
        records = [self._device(ask, extension, each) for extension in extensions for each in extension.devices]
        return page(ask, f"{ask.account_uri}/device", records)

    def device(self, ask: Ask) -> dict[str, Any]:
        for extension in self.company.extensions.values():
            for each in extension.devices:
                if each.id == ask.path["device"]:
                    return self._device(ask, extension, each)
        raise not_found("deviceId")

    def phone_numbers(self, ask: Ask) -> dict[str, Any]:
        """The user's own direct number, and every number that they may show: `features` says CallerId."""
        uri = f"{ask.account_uri}/extension/{ask.extension.id}/phone-number"
        records = []
        if ask.extension.external_number:
            records.append(self._number(ask, ask.extension, list(_FEATURES)))
        for each in ask.extension.caller_ids:
            owner = self._owner(each.number)
            if owner is not None and owner is not ask.extension:
                records.append(self._number(ask, owner, ["CallerId"]))
        return page(ask, uri, records)

    def all_phone_numbers(self, ask: Ask) -> dict[str, Any]:
        owners = [each for each in self.company.extensions.values() if each.external_number]
        return page(ask, f"{ask.account_uri}/phone-number", [self._number(ask, each, []) for each in owners])

    def forwarding_numbers(self, ask: Ask) -> dict[str, Any]:
        """Phones that calls can be flipped to: `flipNumber` is what flip takes for `callFlipId`."""
        uri = f"{ask.account_uri}/extension/{ask.extension.id}/forwarding-number"
        records = [
            {
                "uri": f"{uri}/{each.id}",
                "id": each.id,
                "phoneNumber": f"+{each.number}" if each.number else ask.extension.number,
                "label": each.name,
                "features": ["CallFlip", "CallForwarding"] if each.number else ["CallFlip"],
                "flipNumber": str(position),
                "type": "Mobile" if each.kind is DeviceKind.MOBILE else "PhoneLine",
                "device": {"id": each.id},
            }
            for position, each in enumerate(ask.extension.devices, 1)
        ]
        return page(ask, uri, records)

    def caller_id(self, ask: Ask) -> dict[str, Any]:
        """What the user shows; an alternate number may be any of theirs."""
        uri = f"{ask.account_uri}/extension/{ask.extension.id}/caller-id"
        chosen = next((each for each in ask.extension.caller_ids if each.id == ask.extension.caller_id), None)
        number = {"id": chosen.id, "phoneNumber": f"+{chosen.number}"} if chosen else {}
        shown = {"type": "PhoneNumber", "phoneInfo": number}
        features = [{"feature": each, "callerId": shown} for each in ("Alternate", "RingOut", "RingMe", "CallFlip")]
        return {"uri": uri, "byDevice": [], "byFeature": features, "extensionNameForOutboundCalls": False}

    def set_caller_id(self, ask: Ask) -> dict[str, Any]:
        """Takes the number of the first feature in `byFeature`; somebody else's only an administrator may change."""
        if not ask.is_own and not ask.grant.user.is_admin:
            raise forbidden("EditCallerIDSettings")
        match ask.body.get("byFeature"):
            case [{"callerId": {"phoneInfo": {"id": str(number_id)}}}, *_]:
                pass
            case _:
                raise invalid("byFeature")
        if number_id not in {each.id for each in ask.extension.caller_ids}:
            raise invalid("byFeature.callerId.phoneInfo.id")
        ask.extension.caller_id = number_id
        return self.caller_id(ask)

    def render(self, ask: Ask, extension: Extension) -> dict[str, Any]:
        body: dict[str, Any] = {
            "uri": f"{ask.account_uri}/extension/{extension.id}",
            "id": extension.id,
            "extensionNumber": extension.number,
            "name": extension.name,
            "type": "User" if extension.is_user else "Department",
            "status": "Enabled",
            "account": {"uri": ask.account_uri, "id": ask.account_id},
            "hidden": False,
        }
        user = next((each for each in self.company.users if each.extension_id == extension.id), None)
        if user is not None:
            first, _, last = extension.name.partition(" ")
            body["contact"] = {"firstName": first, "lastName": last, "email": user.email}
            body["permissions"] = {"admin": {"enabled": user.is_admin}, "internationalCalling": {"enabled": True}}
        return body

    def _device(self, ask: Ask, extension: Extension, device: Device) -> dict[str, Any]:
        line = (
            {"lineType": "Standalone", "phoneInfo": self._number(ask, extension, [])}
            if extension.external_number
            else None
        )
        return {
            "uri": f"{ask.account_uri}/device/{device.id}",
            "id": device.id,
            "type": _DEVICE_TYPES[device.kind],
            "name": device.name,
            "status": "Online" if device.online else "Offline",
            "extension": _reference(ask, extension),
            "phoneLines": [line] if line else [],
        }

    def _number(self, ask: Ask, owner: Extension, features: list[str]) -> dict[str, Any]:
        chosen = [each.id for each in owner.caller_ids if each.number == owner.external_number]
        number_id = chosen[0] if chosen else self._number_id(owner)
        return {
            "uri": f"{ask.account_uri}/phone-number/{number_id}",
            "id": number_id,
            "phoneNumber": f"+{owner.external_number}",
            "type": "VoiceFax",
            "usageType": "DirectNumber" if owner.is_user else "CompanyNumber",
            "paymentType": "Local",
            "status": "Normal",
            "features": features,
            "extension": _reference(ask, owner),
        }

    def _number_id(self, owner: Extension) -> str:
        """As those who may show it know it, else its owner's id."""
        for extension in self.company.extensions.values():
            for each in extension.caller_ids:
                if each.number == owner.external_number:
                    return each.id
        return owner.id

    def _owner(self, number: str) -> Extension | None:
        return next((each for each in self.company.extensions.values() if each.external_number == number), None)


def _reference(ask: Ask, extension: Extension) -> dict[str, str]:
    uri = f"{ask.account_uri}/extension/{extension.id}"
    return {"uri": uri, "id": extension.id, "extensionNumber": extension.number, "name": extension.name}
