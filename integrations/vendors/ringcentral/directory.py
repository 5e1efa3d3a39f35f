"""Extensions, their phones, numbers and presence, and call queues."""

from collections.abc import Sequence
from typing import Any

from integrations.contract.errors import Unsupported
from integrations.contract.things import (
    AgentAction,
    Presence,
    QueueAgent,
    QueueStats,
    VendorCallerId,
    VendorDevice,
    VendorExtension,
    VendorQueue,
)
from integrations.vendors.ringcentral.base import RingCentralBase, default_device, is_online
from integrations.vendors.ringcentral.replies import (
    CallerId,
    Device,
    Extension,
    PhoneNumber,
    PresenceInfo,
    QueueMembers,
    QueuePresence,
    Reference,
)
from integrations.vendors.ringcentral.wire import text

# Types of extensions that aren't people's: what calls go through.
_TYPES = {
    "user": "user",
    "digitaluser": "user",
    "virtualuser": "user",
    "flexibleuser": "user",
    "limited": "device",
    "department": "queue",
}
_IN_USE = {"enabled", "notactivated"}
_USER_STATUSES = ("Available", "Busy", "Offline")
_REFUSES_ALL, _TAKES_ALL = "DoNotAcceptAnyCalls", "TakeAllCalls"
_NOT_SHOWN_IN_CALLS = "FaxNumber"


class Directory(RingCentralBase):
    """What there is at RingCentral besides calls."""

    async def list_extensions(self) -> Sequence[VendorExtension]:
        listed = await self._client.read_all("list_extensions", Extension)
        numbers = await self._client.read_all("list_all_numbers", PhoneNumber)
        direct = {
            text(each.extension.id): text(each.phone_number) for each in reversed(numbers) if each.extension is not None
        }
        return [
            _extension(each, direct.get(text(each.id)))
            for each in listed
            if text(each.extension_number) and each.status.lower() in _IN_USE
        ]

    async def get_extension(self, extension_id: str) -> VendorExtension:
        found = await self._client.read("get_extension", Extension, extension=extension_id)
        numbers = await self._client.read_all("list_numbers", PhoneNumber, extension=extension_id)
        own = [each for each in numbers if each.extension is None or text(each.extension.id) == extension_id]
        return _extension(found, text(own[0].phone_number) if own else None)

    async def list_devices(self, extension_id: str) -> Sequence[VendorDevice]:
        devices = await self._client.read_all("list_devices", Device, extension=extension_id)
        return [
            VendorDevice(
                text(each.id) or "", each.name or "", each.type, is_online(each), each is default_device(devices)
            )
            for each in devices
        ]

    async def list_caller_ids(self, extension_id: str) -> Sequence[VendorCallerId]:
        numbers = await self._client.read_all("list_numbers", PhoneNumber, extension=extension_id)
        return [
            VendorCallerId(text(each.id) or "", text(each.phone_number) or "")
            for each in numbers
            if "CallerId" in each.features
        ]

    async def set_caller_id(self, extension_id: str, caller_id: str) -> None:
        """For calls from every phone and feature; what faxes show stays as it is."""
        shown = await self._client.read("get_caller_id", CallerId, extension=extension_id)
        chosen = {"type": "PhoneNumber", "phoneInfo": {"id": caller_id}}
        body = {
            "byFeature": [
                each | {"callerId": chosen} for each in shown.by_feature if each.get("feature") != _NOT_SHOWN_IN_CALLS
            ],
            "byDevice": [each | {"callerId": chosen} for each in shown.by_device],
        }
        await self._client.call("set_caller_id", extension=extension_id, json=body)

    # Presence: `available` is all in all, a call counts as busy too; what can be set of it is do-not-disturb.

    async def read_presence(self, extension_id: str) -> Presence:
        return _presence(await self._client.read("get_presence", PresenceInfo, extension=extension_id))

    async def set_presence(self, extension_id: str, presence: Presence) -> Presence:
        if presence.expires_at is not None:
            raise Unsupported("RingCentral's presence has no end that could be set.")
        body: dict[str, Any] = {}
        if presence.activity is not None:
            if presence.activity not in _USER_STATUSES:
                raise Unsupported(f"RingCentral's users are one of: {', '.join(_USER_STATUSES)}.")
            body["userStatus"] = presence.activity
        if presence.available is not None:
            body["dndStatus"] = _TAKES_ALL if presence.available else _REFUSES_ALL
        if presence.note is not None:
            body["message"] = presence.note
        return _presence(await self._client.read("set_presence", PresenceInfo, extension=extension_id, json=body))

    # Queues. RingCentral's API tells neither who waits nor how many.

    async def list_queues(self) -> Sequence[VendorQueue]:
        return [_queue(each) for each in await self._client.read_all("list_queues", Reference)]

    async def get_queue(self, queue_id: str) -> VendorQueue:
        found = _queue(await self._client.read("get_queue", Reference, queue=queue_id))
        states = [each.state for each in await self.list_queue_agents(queue_id)]
        stats = QueueStats(
            agents_logged_in=len([state for state in states if state != "logged_out"]),
            agents_available=states.count("available"),
        )
        return VendorQueue(found.vendor_queue_id, found.name, found.number, stats)

    async def list_queue_agents(self, queue_id: str) -> Sequence[QueueAgent]:
        """Whoever takes no calls of any queue is paused; that they talk isn't told here."""
        members = await self._client.read("get_queue_presence", QueueMembers, queue=queue_id)
        return [
            QueueAgent(text(each.member.id) or "", each.member.name or "", _agent_state(each))
            for each in members.records
        ]

    async def login_agent(self, action: AgentAction) -> None:
        await self._accept_calls(action, accept=True)

    async def logout_agent(self, action: AgentAction) -> None:
        await self._accept_calls(action, accept=False)

    async def _accept_calls(self, action: AgentAction, *, accept: bool) -> None:
        if action.skill is not None:
            raise Unsupported("RingCentral's queue members have no skills.")
        record = {"member": {"id": action.vendor_extension_id}, "acceptCurrentQueueCalls": accept}
        await self._client.call("set_queue_presence", queue=action.vendor_queue_id, json={"records": [record]})


def _extension(each: Extension, external_number: str | None) -> VendorExtension:
    return VendorExtension(
        vendor_extension_id=text(each.id) or "",
        number=text(each.extension_number) or "",
        name=each.name or "",
        type=_TYPES.get(each.type.lower(), "dialplan"),
        external_number=external_number,
    )


def _presence(info: PresenceInfo) -> Presence:
    available = None if info.presence_status is None else info.presence_status.lower() == "available"
    return Presence(activity=info.user_status, available=available, note=info.message)


def _queue(each: Reference) -> VendorQueue:
    return VendorQueue(text(each.id) or "", each.name or "", text(each.extension_number))


def _agent_state(each: QueuePresence) -> str:
    if not each.accept_current_queue_calls:
        return "logged_out"
    return "available" if each.accept_queue_calls else "paused"
