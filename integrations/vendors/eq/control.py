"""Commands to calls: extension, recording and monitor actions, and what is stolen from a queue or picked up where it is parked."""

from contextlib import suppress

from integrations.contract.commands import CallRef, Destination, Originate
from integrations.contract.errors import CallGone, InvalidCallState, Unsupported
from integrations.vendors.eq.base import EqBase
from integrations.vendors.eq.rows import Kind, whose

_TAKEN_BY = {Kind.PARKED.value: "pick_up_parked_call", Kind.QUEUED.value: "steal_queued_call"}
_MONITORING = {"listen": "spy", "whisper": "whisper", "barge": "bargeIn"}


class Control(EqBase):
    """Each command acts for the extension whose leg `call.acting` is, on its own channel."""

    async def originate(self, command: Originate) -> str | None:
        """EQ doesn't tell the call's id: the poller finds it."""
        if command.from_ is None:
            raise Unsupported("EQ dials for an extension: say from which.")
        extension = self._number(command.from_)
        if command.caller_id is not None or command.device_id not in {None, extension} or command.options:
            raise Unsupported("EQ dials from the extension's phone, as the extension: leave all other choices out.")
        fields = {"extension": extension, "action": "dial", "destination": self._number(command.to)}
        await self._command("extension_action", fields, extension)
        return None

    async def hangup(self, call: CallRef) -> None:
        """A call that rings is ended at every extension that it rings at."""
        extension, channel = self._own(call)
        await self._act("hangUp", extension, channel)
        for leg in call.legs if call.state == "alerting" else ():
            other, ringing = whose(leg.vendor_leg_id)
            if leg.extension_id and leg.state == "alerting" and ringing != channel:
                with suppress(CallGone):  # ended with the first
                    await self._act("hangUp", other, ringing)

    async def reject(self, call: CallRef) -> None:
        """Of a call that rings at several extensions, the others ring on."""
        await self._act("hangUp", *self._own(call))

    async def transfer(self, call: CallRef, to: Destination, mode: str) -> None:
        extension, channel = self._own(call)
        await self._act("blindTransfer", extension, channel, destination=self._number(to))

    async def park(self, call: CallRef) -> None:
        await self._act("park", *self._own(call))

    async def pickup(self, call: CallRef, by: str, device_id: str | None) -> None:
        """A caller who is parked, or who waits in a queue."""
        if device_id not in {None, by}:
            raise Unsupported("EQ rings the extension's phone: leave the device out.")
        for leg in call.legs:
            kind, channel = whose(leg.vendor_leg_id)
            if kind in _TAKEN_BY:
                await self._command(_TAKEN_BY[kind], {"channel": channel, "destination": by}, by)
                return
        raise InvalidCallState("EQ picks up calls that are parked or wait in a queue, not those that ring elsewhere.")

    async def supervise(self, call: CallRef, mode: str, by: Destination) -> None:
        extension, _ = self._own(call)
        monitor = self._number(by)
        fields = {"action": _MONITORING[mode], "targetExtension": extension, "monitorExtension": monitor}
        await self._command("call_monitor_action", fields, monitor)

    async def start_recording(self, call: CallRef) -> None:
        await self._record("start", call)

    async def stop_recording(self, call: CallRef) -> None:
        await self._record("stop", call)

    async def discard_recording(self, call: CallRef) -> None:
        await self._record("cancel", call)

    async def _act(self, action: str, extension: str, channel: str, **fields: str) -> None:
        named = {"extension": extension, "action": action, "channel": channel, **fields}
        await self._command("extension_action", named, extension)

    async def _record(self, action: str, call: CallRef) -> None:
        extension, _ = self._own(call)
        await self._command("call_recording_action", {"extension": extension, "action": action}, extension)
