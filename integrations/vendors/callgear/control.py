"""Commands to calls ("Group of methods for call management").

The state diagram: Talk -hold.call-> Hold, -make.call-> dialing, -answered-> operators' talk; from these two transfer.talk hands
over and restore.talk goes back. What fails halfway is taken back, so that nobody is left on hold.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from msgspec import Struct

from integrations.contract.commands import CallRef, Destination, Originate
from integrations.contract.errors import InvalidCallState, Unsupported, VendorError, VendorRejected, VendorTimeout
from integrations.vendors.callgear.base import CallGearBase, dialled
from integrations.vendors.callgear.starting import EMPLOYEE, FROM_NUMBERS, SIMPLE, STARTS, kind_of, parameters
from integrations.vendors.callgear.wire import Text, text_of

_DEFAULT_HOLD_MESSAGE = "Please hold the line."
_HELD = "hold"
_DIGITS = frozenset("0123456789*#")


class Started(Struct):
    """What the start methods answer."""

    call_session_id: Text


class Tag(Struct):
    """Of get.tags."""

    id: int
    name: str


class Control(CallGearBase):
    """CallGear's commands are for the call, whoever of ours acts."""

    async def originate(self, command: Originate) -> str | None:
        employee = await self._calling_employee(command)
        kind = kind_of(command.options, is_employee=employee is not None)
        numbers: dict[str, Any] = {
            "contact": await self._number_of(command.to, short=False),
            "virtual_phone_number": await self._shown_number(command, kind),
        }
        if kind == EMPLOYEE and employee is not None:
            phone = command.options.get("phone_number")
            numbers["employee"] = {"id": _number(employee), **({"phone_number": phone} if phone else {})}
        elif kind == SIMPLE and command.from_ is not None:
            numbers["operator"] = await self._number_of(command.from_, short=False)
        started = await self._calls.read(STARTS[kind], Started, **parameters(kind, command.options, **numbers))
        return text_of(started.call_session_id)

    async def hangup(self, call: CallRef) -> None:
        await self._command(call, "release.call")

    async def hold(self, call: CallRef) -> None:
        await self._command(call, "hold.call", contact_message=self._hold_message())

    async def resume(self, call: CallRef) -> None:
        await self._command(call, "unhold.call")

    async def consult(self, call: CallRef, to: Destination, device_id: str | None) -> str | None:
        """Whoever is called joins this very call."""
        if device_id:
            raise Unsupported("CallGear consults from the phone that the call is on: leave the device out.")
        await self._call_for(call, to)
        return call.vendor_call_id

    async def complete_transfer(self, call: CallRef, target: CallRef | None) -> None:
        if target is not None and target.vendor_call_id != call.vendor_call_id:
            raise Unsupported("CallGear hands a call over to whom it was consulted, not to another call.")
        await self._command(call, "transfer.talk")

    async def cancel_transfer(self, call: CallRef) -> None:
        await self._command(call, "restore.talk")

    async def transfer(self, call: CallRef, to: Destination, mode: str) -> None:
        """Blind: hold, call, and hand over while it rings."""
        await self._call_for(call, to)
        await self._or_else(self._command(call, "transfer.talk"), lambda: self._command(call, "restore.talk"))

    async def dtmf(self, call: CallRef, digits: str) -> None:
        """One symbol a request, as the document wants it."""
        if not set(digits) <= _DIGITS:
            raise Unsupported("CallGear sends the keys 0 to 9, * and # only.")
        for digit in digits:
            await self._command(call, "send.dtmf", dtmf_string=digit)

    async def supervise(self, call: CallRef, mode: str, by: Destination) -> None:
        """A coach, whom the employee alone hears."""
        if mode != "whisper":
            raise Unsupported("CallGear's coaches whisper.")
        await self._command(call, "add.coach", phone_number=await self._number_of(by, short=True))

    async def tag(self, call: CallRef, add: tuple[str, ...], remove: tuple[str, ...]) -> None:
        ids = {each.name: each.id for each in await self._list("get.tags", Tag)}
        if unknown := [name for name in add if name not in ids]:
            raise VendorRejected(
                f"CallGear has no tag {', '.join(unknown)}; it has: {', '.join(sorted(ids))[:300] or 'none'}.",
                code="tag_not_found",
            )
        for name in add:
            await self._command(call, "tag.call", tag_id=ids[name])

    async def list_tags(self) -> list[str]:
        return [each.name for each in await self._list("get.tags", Tag)]

    async def block(self, call: CallRef) -> None:
        """The call itself goes on."""
        await self._command(call, "block.contact")

    async def start_recording(self, call: CallRef) -> None:
        await self._command(call, "record.call", action="on")

    async def stop_recording(self, call: CallRef) -> None:
        await self._command(call, "record.call", action="off")

    async def disconnect_leg(self, call: CallRef) -> None:
        leg_id = ((call.acting and call.acting.vendor_leg_id) or "").partition("/")[0]
        if not leg_id.isdecimal():
            raise InvalidCallState("CallGear hasn't told this leg's id yet; try again in a moment.")
        await self._command(call, "disconnect.leg", leg_id=int(leg_id))

    # What several commands take.

    async def _call_for(self, call: CallRef, to: Destination) -> None:
        """Calls somebody with the contact on hold; the contact is taken back where that fails."""
        number = await self._number_of(to, short=True)
        if any(leg.state == _HELD for leg in call.legs):
            await self._command(call, "make.call", to=number)
            return
        await self.hold(call)
        await self._or_else(self._command(call, "make.call", to=number), lambda: self.resume(call))

    @staticmethod
    async def _or_else(step: Awaitable[None], take_back: Callable[[], Awaitable[None]]) -> None:
        """Where the step is refused, what came before it is taken back; where its outcome isn't known, nothing is."""
        try:
            await step
        except VendorTimeout:
            raise
        except VendorError as error:
            try:
                await take_back()
            except VendorError as also:
                raise error from also
            raise

    async def _command(self, call: CallRef, method: str, **params: Any) -> None:
        await self._calls.command(method, call_session_id=_number(call.vendor_call_id), **params)

    def _hold_message(self) -> dict[str, str]:
        """hold.call wants something to be heard: a media file, by its id, or a text that is read out."""
        message = str(self.account.settings.get("hold_message", _DEFAULT_HOLD_MESSAGE))
        return {"type": "media" if message.isdecimal() else "tts", "value": message}

    async def _calling_employee(self, command: Originate) -> str | None:
        """The id of the employee who calls, in a call that may be one from an employee."""
        if command.from_ is None or command.options.get("type") in {SIMPLE, *FROM_NUMBERS}:
            return None
        return command.from_.extension_id or await self._employee_at(command.from_.number)

    async def _shown_number(self, command: Originate, kind: str) -> str:
        """The virtual number: of kinds that are placed from one, `from`; else `caller_id`, the setting, or the first there is."""
        if kind in FROM_NUMBERS and command.from_ is not None and command.from_.number:
            return dialled(command.from_.number)
        told = command.caller_id or self.account.settings.get("virtual_phone_number")
        if told:
            return dialled(str(told))
        rented = await self._virtual_numbers()
        if not rented:
            raise VendorRejected(
                "CallGear lists no virtual number to call from.", code="virtual_phone_number_not_found"
            )
        return dialled(rented[0])


def _number(vendor_id: str) -> int:
    """An id as CallGear's parameters take it."""
    try:
        return int(vendor_id)
    except ValueError as error:
        raise VendorRejected(f"{vendor_id[:40]!r} is no id of CallGear's.") from error
