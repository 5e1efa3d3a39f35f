"""Users: the directory, their phones and lines, presence and diversions."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct, field

from integrations.contract.asking import ask_each
from integrations.contract.errors import Unsupported, VendorRejected
from integrations.contract.things import Diversion, Presence, VendorCallerId, VendorDevice, VendorExtension
from integrations.vendors.dstny.base import Contact, Device, DstnyBase
from integrations.vendors.dstny.wire import many

_NEVER = "never"
_SHORT = 6
"""Up to so many digits a number is an internal one."""


class Line(Struct, rename="camel"):
    """A number that a user may show ("User Line API"); `type` and `groupId` name it together."""

    type: str
    group_id: int = 0
    number: str = ""
    name: str = ""
    active: bool = False

    @property
    def id(self) -> str:
        return f"{self.type}:{self.group_id}"


class Telephone(Struct):
    """A number of a vCard's."""

    value: str = ""


class Description(Struct):
    """A vCard's contents."""

    tel: list[Telephone] | Telephone | None = field(default=None, name="TEL")


class VCard(Struct):
    """Of "Contacts Information V1"; in its example the number for everybody, and the short one."""

    description: Description | None = field(default=None, name="Description")


class Activity(Struct):
    """What a user does, and until when: a time, or `NEVER`."""

    id: str = ""
    expiration: str | None = None
    available: bool | None = None


class PresenceState(Struct):
    """Of "User Information API"."""

    note: str | None = None
    activity: Activity | None = None
    available: bool | None = None


class Number(Struct):
    """The active diversion number; empty for none."""

    number: str | None = field(default=None, name="diversion-number")


class Rule(Struct, rename="camel"):
    """A number for one kind of diversion; without one the kind is off."""

    diversion_routing_rules_type: str
    phone_number: str | None = None


class LineRules(Struct, rename="camel"):
    """The rules of a user's primary or secondary line."""

    line_order_type: str
    user_diversion_rules: list[Rule] | Rule | None = None


class Rules(Struct, rename="camel"):
    """All rules of a user."""

    user_diversion_line_rules: list[LineRules] | LineRules | None = None


class People(DstnyBase):
    """A user's id in the domain is the extension's id."""

    async def list_extensions(self) -> Sequence[VendorExtension]:
        """The watched users: from the directory all at once, or each by their lines where only some are watched."""
        if self.account.settings.get("users") or self._client.logins.users:
            return await ask_each(await self._users(), self.get_extension)
        contacts = dict(await self._directory())
        return await ask_each(contacts, lambda user: self._extension(user, contacts[user]))

    async def get_extension(self, extension_id: str) -> VendorExtension:
        found = [each for each in await self._search(extension_id) if each.user_in(self._domain) == extension_id]
        return await self._extension(extension_id, found[0] if found else Contact())

    async def _extension(self, user: str, contact: Contact) -> VendorExtension:
        """Its number is the short one that colleagues dial, where the user's vCard has one."""
        external = contact.preferredNumber or await self._own_number(user)
        short = min((each for each in await self._vcard(user) if len(each) <= _SHORT), key=len, default="")
        return VendorExtension(user, short or external or user, contact.name or user, "user", external or None)

    async def _own_number(self, user: str) -> str:
        lines = sorted(await self._lines(user), key=_own_line_first)
        return next((each.number for each in lines if each.number), "")

    async def _vcard(self, user: str) -> list[str]:
        """The user's numbers; none where the server has vCards elsewhere, or doesn't show them."""
        try:
            card = await self._client.read("vcard", VCard, user, contact=f"{user}@{self._domain}")
        except VendorRejected:
            return []
        return [each.value for each in many(card.description.tel)] if card.description else []

    async def list_devices(self, extension_id: str) -> Sequence[VendorDevice]:
        active = await self._client.read_list("active_devices", Device, "device", extension_id)
        first = active[0].device_id if active else None
        reachable = {each.device_id for each in active}
        return [
            VendorDevice(
                device_id=each.device_id,
                name=each.device_name or each.device_id,
                type=each.device_type,
                online=each.device_id in reachable,
                active=each.device_id == first,
            )
            for each in await self._client.read_list("devices", Device, "device", extension_id)
        ]

    async def list_caller_ids(self, extension_id: str) -> Sequence[VendorCallerId]:
        return [VendorCallerId(each.id, each.number or each.name) for each in await self._lines(extension_id)]

    async def set_caller_id(self, extension_id: str, caller_id: str) -> None:
        await self._client.call("set_active_line", extension_id, json=line_of(caller_id))

    async def read_presence(self, extension_id: str) -> Presence:
        return _presence(await self._client.read("presence", PresenceState, extension_id))

    async def set_presence(self, extension_id: str, presence: Presence) -> Presence:
        """An activity is set as a whole, so what isn't given of it is read before."""
        body: dict[str, Any] = {} if presence.note is None else {"note": presence.note}
        if (presence.activity, presence.available, presence.expires_at) != (None, None, None):
            body["activity"] = await self._activity(extension_id, presence)
        if not body:
            return await self.read_presence(extension_id)
        return _presence(await self._client.read("set_presence", PresenceState, extension_id, json=body))

    async def read_diversion(self, extension_id: str) -> Diversion:
        number = (await self._client.read("diversion_number", Number, extension_id)).number or None
        rules = await self._client.read("diversion_rules", Rules, extension_id)
        return Diversion(active=number is not None, number=number, rules=_shown(rules))

    async def set_diversion(self, extension_id: str, diversion: Diversion) -> Diversion:
        """`rules` by line order and kind, as `{"PRIMARY": {"CFWD_ON_BUSY": "+31…"}}`, each replaced where it is named."""
        if diversion.rules:
            await self._client.call("set_diversion_rules", extension_id, json=_told(diversion.rules))
        number = (diversion.number or "") if diversion.active else ""
        if diversion.active and not number and not diversion.rules:
            raise Unsupported("Dstny diverts to a number: give one.")
        await self._client.call("set_diversion_number", extension_id, json={"phoneNumber": number})
        return await self.read_diversion(extension_id)

    async def _lines(self, user: str) -> list[Line]:
        return await self._client.read_list("lines", Line, "line", user)

    async def _activity(self, user: str, presence: Presence) -> dict[str, Any]:
        now = (await self._client.read("presence", PresenceState, user)).activity or Activity()
        changed = presence.activity not in {None, now.id}
        activity: dict[str, Any] = {"id": presence.activity or now.id}
        available = presence.available if presence.available is not None or changed else now.available
        if available is not None:  # else the activity's own
            activity["available"] = available
        if presence.expires_at is not None:
            activity["expiration"] = presence.expires_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        elif now.expiration and not changed:
            activity["expiration"] = now.expiration
        return activity


def line_of(caller_id: str) -> dict[str, Any]:
    """`OFFICE_FIXED:0` as the vendor's UserLine. Raises VendorRejected for what isn't one."""
    kind, _, group = caller_id.partition(":")
    if not kind or not (group or "0").isdecimal():
        raise VendorRejected(f"{caller_id!r} is none of the user's caller ids: they look like OFFICE_FIXED:0.")
    return {"type": kind, "groupId": int(group or 0)}


def _own_line_first(line: Line) -> int:
    """The number of the user, not of a group or the switchboard that they may show too."""
    kinds = ("OFFICE_FIXED", "OFFICE_MOBILE", "PRIVATE_FIXED", "PRIVATE_MOBILE")
    return kinds.index(line.type) if line.type in kinds else len(kinds)


def _presence(state: PresenceState) -> Presence:
    activity = state.activity or Activity()
    return Presence(
        activity=activity.id or None,
        available=activity.available if state.available is None else state.available,
        note=state.note,
        expires_at=_time(activity.expiration),
    )


def _time(text: str | None) -> datetime | None:
    if not text or text.lower() == _NEVER:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise VendorRejected(f"Dstny's answer has a time that isn't ISO 8601: {text[:40]!r}") from error
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _shown(rules: Rules) -> dict[str, dict[str, str]]:
    """Those that divert, by line order and kind."""
    lines: list[LineRules] = many(rules.user_diversion_line_rules)
    return {
        line.line_order_type: {
            rule.diversion_routing_rules_type: rule.phone_number
            for rule in many(line.user_diversion_rules)
            if rule.phone_number
        }
        for line in lines
    }


def _told(rules: Mapping[str, Any]) -> dict[str, Any]:
    lines = [
        {
            "lineOrderType": order,
            "userDiversionRules": [
                {"diversionRoutingRulesType": kind} | ({"phoneNumber": number} if number else {})
                for kind, number in kinds.items()
            ],
        }
        for order, kinds in rules.items()
        if isinstance(kinds, Mapping)
    ]
    return {"userDiversionLineRules": lines}
