"""Keys of phones ("Execute Phone Command"): what EQ can do to a call in no other way.

Keys go back and forth, whatever the phone is doing: so the extension's calls are looked at first, and a key is only pressed where
nothing else than what is wanted can come of it. Not every phone has every key; EQ says so when one is pressed.
"""

from integrations.contract.capabilities import Capability
from integrations.contract.commands import CallRef
from integrations.contract.errors import CallGone, InvalidCallState, Unsupported, VendorRejected
from integrations.contract.events import LegState
from integrations.contract.things import VendorDevice
from integrations.vendors.eq.base import EqBase
from integrations.vendors.eq.rows import Row
from integrations.vendors.eq.wire import Record

BY_KEYS = {
    "answer": frozenset({Capability.ANSWER}),
    "hold": frozenset({Capability.HOLD, Capability.RESUME}),
    "mute": frozenset({Capability.MUTE, Capability.UNMUTE}),
    "dtmf": frozenset({Capability.DTMF}),
}
"""By the names of the setting `missing_keys`: what not every phone can be made to do."""
_HOLD, _MUTE = "hold", "mute"
_ANSWERING = ("headset", "speaker", "line1")
"""One after the other, until the phone has such a key."""
_DIGITS = {**{each: each for each in "0123456789"}, "*": "star", "#": "pound"}


class Phone(EqBase):
    """A hand at the phone of the extension that acts."""

    async def list_devices(self, extension_id: str) -> list[VendorDevice]:
        """The one phone that EQ can press keys of; none where it isn't registered, or of a type that EQ doesn't know."""
        try:
            phone = await self._one("phone", {"extension": extension_id})
        except VendorRejected as error:
            if error.code == "nonexistent":
                return []
            raise
        told = (phone.text("manufacturer", "vendor", "brand"), phone.text("model", "type", "phonetype"))
        name = " ".join(filter(None, told)) or "Phone"
        return [VendorDevice(extension_id, name, type="desk", online=True, active=True)]

    async def answer(self, call: CallRef, device_id: str | None) -> None:
        """Where the extension has another call, only its user can know what a key would do to that."""
        extension, own, others = await self._look(call)
        if device_id not in {None, extension}:
            raise Unsupported("EQ answers on the extension's phone: leave the device out.")
        if own.state is not LegState.ALERTING:
            raise InvalidCallState("This call doesn't ring (any more).")
        if others:
            raise InvalidCallState(f"Extension {extension} has another call: answer this one at the phone.")
        for key in _ANSWERING[:-1]:
            if await self._has_pressed(extension, key):
                return
        await self._press(extension, _ANSWERING[-1])

    async def hold(self, call: CallRef) -> None:
        extension, own, _ = await self._look(call)
        if own.state is not LegState.CONNECTED:
            raise InvalidCallState("This call can't be put on hold now.")
        await self._press(extension, _HOLD)

    async def resume(self, call: CallRef) -> None:
        extension, own, others = await self._look(call)
        if own.state is not LegState.HOLD:
            raise InvalidCallState("This call isn't on hold (any more).")
        if others:
            raise InvalidCallState(f"Extension {extension} has another call: go on with this one at the phone.")
        await self._press(extension, _HOLD)

    async def mute(self, call: CallRef) -> None:
        await self._mute(call, on=True)

    async def unmute(self, call: CallRef) -> None:
        await self._mute(call, on=False)

    async def dtmf(self, call: CallRef, digits: str) -> None:
        if unknown := sorted(set(digits) - _DIGITS.keys()):
            raise Unsupported(f"A phone has no key {', '.join(unknown)}.")
        extension, own, _ = await self._look(call)
        if own.state is not LegState.CONNECTED:
            raise InvalidCallState("Nobody would hear the digits now.")
        for digit in digits:
            await self._press(extension, _DIGITS[digit])

    async def _mute(self, call: CallRef, *, on: bool) -> None:
        """Where EQ shows whether the phone is muted, nothing is pressed that would undo it."""
        extension, own, _ = await self._look(call)
        if Record(own.raw).flag("muted", "mute") is not on:
            await self._press(extension, _MUTE)

    async def _look(self, call: CallRef) -> tuple[str, Row, list[Row]]:
        """The extension that acts, its part in the call as it is now, and its other calls. Raises CallGone."""
        extension, channel = self._own(call)
        rows = await self._lines(extension)
        own = next((row for row in rows if row.channel == channel), None)
        if own is None:
            raise CallGone("EQ doesn't show this call any more.")
        return extension, own, [row for row in rows if row is not own]

    async def _press(self, extension: str, key: str) -> None:
        if not await self._has_pressed(extension, key):
            raise Unsupported(f"The phone at extension {extension} has no key `{key}` that EQ could press.")

    async def _has_pressed(self, extension: str, key: str) -> bool:
        """False where the phone has no such key. Raises Unsupported where there is no phone that EQ knows."""
        try:
            await self._command("phone_command", {"extension": extension, "key": key}, extension)
        except VendorRejected as error:
            if "phone" in error.errors:
                raise Unsupported(
                    f"EQ can't press keys at extension {extension}: no phone of a type that it knows is registered there."
                ) from error
            if "key" not in error.errors:
                raise
            return False
        return True
