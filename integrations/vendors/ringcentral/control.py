"""Call control ("Call Control" in the API reference): calls are sessions, legs are parties."""

from typing import Any

from integrations.contract.commands import CallRef, Destination, LegRef, Originate
from integrations.contract.errors import InvalidCallState, Unsupported, VendorError
from integrations.vendors.ringcentral.base import OWN, RingCentralBase, is_extension_number, target
from integrations.vendors.ringcentral.parties import extension_of, is_inferred
from integrations.vendors.ringcentral.replies import ForwardingNumber, Placed, SessionInfo
from integrations.vendors.ringcentral.wire import Party, text

_OPTIONS = {"countryId"}
_OVER = {"disconnected", "gone"}


class CallControl(RingCentralBase):
    """Each method is one operation of RingCentral's, unless it says otherwise."""

    async def originate(self, command: Originate) -> str | None:
        """From a phone: it rings or goes off hook first. `options`: `countryId`, whose dialling rules count."""
        if command.caller_id is not None:
            raise Unsupported("RingCentral takes no caller id with a call: set the extension's own caller id first.")
        if unknown := sorted(command.options.keys() - _OPTIONS):
            raise Unsupported(f"RingCentral doesn't have these options for a call: {', '.join(unknown)}.")
        device_id = command.device_id
        if device_id is None:
            extension = OWN if command.from_ is None else await self._extension_id(command.from_)
            device_id = await self._device_of(extension)
        return await self._call_out(
            device_id, command.to, {name: str(value) for name, value in command.options.items()}
        )

    async def answer(self, call: CallRef, device_id: str | None) -> None:
        leg = _acting(call)
        device_id = device_id or leg.device_id or await self._device_of(leg.extension_id or OWN)
        await self._do("answer", leg, {"deviceId": device_id})

    async def reject(self, call: CallRef) -> None:
        await self._do("reject", _acting(call))

    async def hangup(self, call: CallRef) -> None:
        await self._client.call("delete_session", session=call.vendor_call_id)

    async def disconnect_leg(self, call: CallRef) -> None:
        await self._do("delete_party", _acting(call))

    async def hold(self, call: CallRef) -> None:
        await self._do("hold", _acting(call))

    async def resume(self, call: CallRef) -> None:
        await self._do("unhold", _acting(call))

    async def mute(self, call: CallRef) -> None:
        await self._do("change_party", _acting(call), {"muted": True})

    async def unmute(self, call: CallRef) -> None:
        await self._do("change_party", _acting(call), {"muted": False})

    async def park(self, call: CallRef) -> None:
        await self._do("park", _acting(call))

    async def pickup(self, call: CallRef, by: str, device_id: str | None) -> None:
        """The party to take is the one that is parked, or that rings."""
        waiting = [each for each in call.legs if each.state in {"parked", "alerting"} and _has_party(each)]
        waiting.sort(key=lambda each: (each.state != "parked", each != call.acting))
        if not waiting:
            raise InvalidCallState("Nobody is parked or ringing on this call.")
        await self._do("pickup", waiting[0], {"deviceId": device_id or await self._device_of(by)})

    async def move(self, call: CallRef, device_id: str) -> None:
        """Call Flip: to one of the phones that the user has numbered for it."""
        leg = _acting(call)
        numbers = await self._client.read_all(
            "list_forwarding_numbers", ForwardingNumber, extension=leg.extension_id or OWN
        )
        for each in numbers:
            named = {text(each.id), text(each.device.id) if each.device else None}
            if each.flip_number is not None and device_id in named:
                await self._do("flip", leg, {"callFlipId": str(each.flip_number)})
                return
        raise InvalidCallState("RingCentral flips calls to the phones of the user's Call Flip settings; this is none.")

    async def transfer(self, call: CallRef, to: Destination, mode: str) -> None:
        """Before it is answered a call is forwarded, afterwards transferred. Attended begins as a consultation."""
        leg = _acting(call)
        operation = "forward" if leg.state == "alerting" else "transfer"
        match mode:
            case "blind":
                await self._do(operation, leg, target(to))
            case "voicemail":
                await self._do(operation, leg, {"voicemail": await self._extension_id(to)})
            case "attended":
                await self.consult(call, to, None)
            case _:
                raise Unsupported(f"RingCentral transfers blind, attended or to voicemail, not {mode}.")

    async def consult(self, call: CallRef, to: Destination, device_id: str | None) -> str | None:
        """Holds the call, then calls out from the same phone. When that fails the call is taken off hold again."""
        leg = _acting(call)
        device_id = device_id or leg.device_id or await self._device_of(leg.extension_id or OWN)
        held_already = leg.state == "hold"
        if not held_already:
            await self._do("hold", leg)
        try:
            return await self._call_out(device_id, to, {})
        except VendorError:
            if not held_already:
                await self._do("unhold", leg)
            raise

    async def complete_transfer(self, call: CallRef, target: CallRef | None) -> None:
        """The warm transfer's bridge: the user's party here, with the user's party on the other session."""
        here, there = _both_parties(call, target)
        body = {"telephonySessionId": there.vendor_call_id, "partyId": there.vendor_leg_id}
        await self._do("bridge", here, body)

    async def cancel_transfer(self, call: CallRef) -> None:
        """Ends the consultation, and takes the other call off hold."""
        here, there = _both_parties(call, None)
        await self._client.call("delete_session", session=there.vendor_call_id)
        await self._do("unhold", here)

    async def conference(self, call: CallRef, target: CallRef) -> None:
        """Makes a conference, and brings in everybody but the user from both sessions."""
        leg = _acting(call)
        sessions = [
            await self._client.read("get_session", SessionInfo, session=each.vendor_call_id) for each in (call, target)
        ]
        conference = (await self._client.read("conference", Placed)).session
        for session in sessions:
            for party in session.parties:
                if not _is_over(party) and extension_of(party) != leg.extension_id:
                    body = {"sessionId": text(session.id), "partyId": party.id}
                    await self._client.call("bring_in", session=text(conference.id) or "", json=body)

    async def supervise(self, call: CallRef, mode: str, by: Destination) -> None:
        if mode != "listen":
            raise Unsupported("RingCentral's API lets supervisors listen, neither whisper nor barge in.")
        leg = _acting(call)
        supervisor = await self._extension_id(by)
        body = {
            "mode": "Listen",
            "supervisorDeviceId": await self._device_of(supervisor),
            "agentExtensionId": leg.extension_id,
        }
        await self._client.call("supervise", session=leg.vendor_call_id, json=body)

    async def start_recording(self, call: CallRef) -> None:
        await self._do("record", _acting(call))

    async def pause_recording(self, call: CallRef) -> None:
        await self._set_recording(_acting(call), active=False)

    async def resume_recording(self, call: CallRef) -> None:
        await self._set_recording(_acting(call), active=True)

    async def _set_recording(self, leg: LegRef, *, active: bool) -> None:
        party = await self._client.read("get_party", Party, session=leg.vendor_call_id, party=leg.vendor_leg_id or "")
        recordings = [recording_id for each in party.recordings or () if (recording_id := text(each.id))]
        if not recordings:
            raise InvalidCallState("RingCentral isn't recording this party.")
        await self._client.call(
            "change_recording",
            json={"active": active},
            session=leg.vendor_call_id,
            party=leg.vendor_leg_id or "",
            recording=recordings[-1],
        )

    async def _call_out(self, device_id: str, to: Destination, options: dict[str, str]) -> str | None:
        """ "to.phoneNumber or extensionNumber": an extension's id is looked up."""
        number = await self._extension_number(to.extension_id) if to.extension_id else to.number or ""
        named = "extensionNumber" if to.extension_id or is_extension_number(number) else "phoneNumber"
        body = {"from": {"deviceId": device_id}, "to": {named: number}, **options}
        placed = await self._client.read("call_out", Placed, json=body)
        return text(placed.session.id)

    async def _do(self, name: str, leg: LegRef, body: dict[str, Any] | None = None) -> None:
        """An operation of a party's; what it answers is told by events too."""
        await self._client.call(name, session=leg.vendor_call_id, party=leg.vendor_leg_id or "", json=body)


def _acting(call: CallRef) -> LegRef:
    """Raises InvalidCallState where RingCentral doesn't show the party that would have to act."""
    if call.acting is None or not _has_party(call.acting):
        raise InvalidCallState("RingCentral doesn't show this party of the call, so nothing can be done to it alone.")
    return call.acting


def _has_party(leg: LegRef) -> bool:
    return leg.vendor_leg_id is not None and not is_inferred(leg.vendor_leg_id)


def _both_parties(call: CallRef, target: CallRef | None) -> tuple[LegRef, LegRef]:
    """The user's parties on the customer's session and on the one of the consultation, or of the other call."""
    acting = _acting(call)
    legs = [*call.legs, *(target.legs if target else ())]
    mine = [each for each in legs if each.extension_id == acting.extension_id and _has_party(each)]
    here = next((each for each in mine if each.vendor_call_id == call.vendor_call_id), None)
    there = next((each for each in mine if each.vendor_call_id != call.vendor_call_id), None)
    if here is None or there is None:
        raise InvalidCallState("There is no second call of the same user's to connect this one with.")
    return here, there


def _is_over(party: Party) -> bool:
    return party.status.code.lower() in _OVER
