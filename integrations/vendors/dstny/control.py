"""Commands to calls ("Call Control API", "Call Recording API").

Every change names the `stateToken` of the state that it is meant for, so the state is read first. Where it has changed
meanwhile, the vendor refuses; then it is read again, and the change asked for once more if the call still allows it.
"""

from collections.abc import Mapping
from typing import Any

from common.http import HttpResponse
from integrations.contract.commands import CallRef, Destination, Originate
from integrations.contract.errors import CallGone, InvalidCallState, Unsupported, VendorRejected
from integrations.vendors.dstny.base import DstnyBase
from integrations.vendors.dstny.calls import whose
from integrations.vendors.dstny.client import CONFLICTS
from integrations.vendors.dstny.people import line_of
from integrations.vendors.dstny.wire import CallState

_ORIGINATE_OPTIONS = frozenset({"role", "type"})
_TRANSFERS = {
    "blind": {"blind": True, "type": "BASIC"},
    "attended": {"blind": False, "type": "BASIC"},
    "voicemail": {"blind": True, "type": "VOICEMAIL"},
    "camp_on": {"blind": True, "type": "CAMP_ON"},
}
_SUPERVISION = {"listen": "MONITOR", "whisper": "WHISPER", "barge": "BARGE"}
_RINGING = frozenset({"RINGING", "INITIATED"})


class Control(DstnyBase):
    """Each command acts for the user whose leg `call.acting` is, on that user's own call."""

    async def originate(self, command: Originate) -> str | None:
        if unknown := set(command.options) - _ORIGINATE_OPTIONS:
            raise Unsupported(f"Dstny has no options {', '.join(sorted(unknown))}; it has role and type.")
        if command.from_ is None:
            raise Unsupported("Dstny places calls for a user: say from which extension.")
        user = await self._user_of(command.from_)
        body: dict[str, Any] = {"destination": self._uri(command.to), **command.options}
        if command.caller_id is not None:
            body["userLine"] = line_of(command.caller_id)
        return await self._make_call(user, command.device_id, body)

    async def supervise(self, call: CallRef, mode: str, by: Destination) -> None:
        """A call to the user, of a type that lets the caller hear theirs."""
        supervised, _ = self._acting(call)
        body = {"destination": self._uri(Destination(extension_id=supervised)), "type": _SUPERVISION[mode]}
        await self._make_call(await self._user_of(by), None, body)

    async def consult(self, call: CallRef, to: Destination, device_id: str | None) -> str | None:
        if device_id:
            raise Unsupported("Dstny consults from the phone that the call is on: leave the device out.")
        user, call_id = self._acting(call)
        response = await self._command(
            "make_consultation_call", user, call=call_id, json={"destination": self._uri(to)}
        )
        return self._client.read_answer(response, CallState).call_id

    async def answer(self, call: CallRef, device_id: str | None) -> None:
        """Without a device on the first that the call says it can be answered on."""
        user, call_id = self._acting(call)
        if device_id is None:
            named = (await self._state(user, call_id)).answering_devices()
            device_id = named[0] if named else None
        device = await self._phone_of(user, device_id)
        await self._command("answer", user, call=call_id, device=device, json={})

    async def reject(self, call: CallRef) -> None:
        await self.hangup(call)

    async def hangup(self, call: CallRef) -> None:
        """One operation for what rings, is dialled, or is established."""
        user, call_id = self._acting(call)
        await self._command("hang_up", user, call=call_id)

    async def hold(self, call: CallRef) -> None:
        await self._change(call, "hold", "HOLD")

    async def resume(self, call: CallRef) -> None:
        await self._change(call, "resume", "RESUME")

    async def mute(self, call: CallRef) -> None:
        await self._change(call, "mute", "MUTE")

    async def unmute(self, call: CallRef) -> None:
        await self._change(call, "unmute", "UNMUTE")

    async def park(self, call: CallRef) -> None:
        await self._change(call, "park", "PARK")

    async def move(self, call: CallRef, device_id: str) -> None:
        await self._change(call, "move", "MOVE", device=device_id)

    async def dtmf(self, call: CallRef, digits: str) -> None:
        await self._change(call, "send_dtmf", None, {"digits": digits})

    async def transfer(self, call: CallRef, to: Destination, mode: str) -> None:
        await self._change(call, "transfer", "TRANSFER", {"destination": self._uri(to), **_TRANSFERS[mode]})

    async def start_recording(self, call: CallRef) -> None:
        await self._change(call, "record", "START_REC", action="start")

    async def stop_recording(self, call: CallRef) -> None:
        await self._change(call, "record", "STOP_REC", action="stop")

    async def pause_recording(self, call: CallRef) -> None:
        await self._change(call, "record", "PAUSE_REC", action="pause")

    async def resume_recording(self, call: CallRef) -> None:
        await self._change(call, "record", "RESUME_REC", action="resume")

    async def save_recording(self, call: CallRef) -> None:
        await self._change(call, "record", "SAVE_REC", action="save")

    async def discard_recording(self, call: CallRef) -> None:
        await self._change(call, "record", "DISCARD_REC", action="discard")

    async def pickup(self, call: CallRef, by: str, device_id: str | None) -> None:
        """Of a call that rings, or is parked, by the id that it has for the user whom it rings for or who parked it."""
        waiting = [leg for leg in call.legs if leg.state in {"alerting", "parked", "queued"} and leg.vendor_leg_id]
        call_id = whose(waiting[0])[1] if waiting else call.vendor_call_id
        device = await self._phone_of(by, device_id)
        try:
            await self._command("pickup_ringing", by, call=call_id, device=device, json={})
        except CallGone as error:  # that nobody's phone rings with it any more doesn't mean that it has ended
            raise InvalidCallState(error.message) from error

    async def swap(self, call: CallRef) -> None:
        user, mine = self._acting(call)
        held, active = await self._two_calls(user, mine)
        if active.status == "HELD":
            raise InvalidCallState(f"Both calls of {user} are on hold: resume one of them.")
        await self._change_both("swap", user, active, held)

    async def complete_transfer(self, call: CallRef, target: CallRef | None) -> None:
        """The party on hold is transferred; where the one consulted rings still, once they answer."""
        user, mine = self._acting(call)
        held, consulted = await self._two_calls(
            user, mine, self._call_of(user, target, besides=mine) if target else None
        )
        await self._change_both("transfer_to_call", user, held, consulted, waitForAnswer=consulted.status in _RINGING)

    async def cancel_transfer(self, call: CallRef) -> None:
        """The vendor may take the party off hold by itself."""
        user, mine = self._acting(call)
        held, consulted = await self._two_calls(user, mine)
        await self._command("hang_up", user, call=consulted.call_id)
        if (await self._state(user, held.call_id)).status == "HELD":
            await self._change_of(user, held.call_id, "resume", "RESUME")

    async def conference(self, call: CallRef, target: CallRef) -> None:
        user, mine = self._acting(call)
        states = [await self._state(user, each) for each in (mine, self._call_of(user, target, besides=mine))]
        await self._change_both("add_to_conference", user, *states)

    async def leave(self, call: CallRef) -> None:
        user, call_id = self._acting(call)
        await self._command("leave_conference", user, call=call_id)

    async def disconnect_leg(self, call: CallRef) -> None:
        """A participant is removed from the conference, a user of ours leaves it; what is no conference ends."""
        user, call_id = self._acting(call)
        participant = whose(call.acting)[2] if call.acting else ""
        if participant:
            await self._change(call, "remove_participant", None, participant=participant)
        elif (await self._state(user, call_id)).conference:
            await self._command("leave_conference", user, call=call_id)
        else:
            await self._command("hang_up", user, call=call_id)

    # Who acts, and on what.

    def _acting(self, call: CallRef) -> tuple[str, str]:
        """The user, and the id that the call has for that user."""
        user, call_id, _ = whose(call.acting) if call.acting else ("", "", "")
        if not user:
            raise InvalidCallState("None of Dstny's watched users is on this call, so nobody can do that.")
        return user, call_id

    def _call_of(self, user: str, call: CallRef, *, besides: str) -> str:
        """The id that another call has for the user; it may be the same conversation's, as a consultation is."""
        legs = [whose(leg) for leg in call.legs]
        found = [
            call_id for owner, call_id, participant in legs if owner == user and not participant and call_id != besides
        ]
        if not found:
            raise InvalidCallState(f"{user} is not on the other call.")
        return call.vendor_call_id if call.vendor_call_id in found else found[0]

    async def _two_calls(self, user: str, mine: str, other: str | None = None) -> tuple[CallState, CallState]:
        """The user's call that is on hold, and the other one."""
        calls = {each.call_id: each for each in await self._calls_of(user) if not each.is_over}
        others = [each for each in calls if each != mine and other in {None, each}]
        if mine not in calls or len(others) != 1:
            raise InvalidCallState(f"That takes two calls of {user}; there are {len(calls)}.")
        first, second = calls[mine], calls[others[0]]
        return (second, first) if second.status == "HELD" and first.status != "HELD" else (first, second)

    def _uri(self, who: Destination) -> str:
        return f"sip:{who.extension_id}@{self._domain}" if who.extension_id else f"tel:{who.number}"

    # Asking.

    async def _make_call(self, user: str, device_id: str | None, body: Mapping[str, Any]) -> str:
        device = await self._phone_of(user, device_id)
        response = await self._command("make_call", user, device=device, json=body)
        return self._client.read_answer(response, CallState).call_id

    async def _state(self, user: str, call_id: str) -> CallState:
        return await self._client.read("call_state", CallState, user, call=call_id)

    async def _command(self, name: str, user: str, *, json: Any = None, **path: str) -> HttpResponse:
        """Raises InvalidCallState where the vendor says that the call's state doesn't allow it."""
        try:
            return await self._client.call(name, user, json=json, query=(), **path)
        except VendorRejected as error:
            if error.status in CONFLICTS:
                raise InvalidCallState(error.message) from error
            raise

    async def _change(
        self, call: CallRef, name: str, needs: str | None, body: Mapping[str, Any] | None = None, **path: str
    ) -> None:
        user, call_id = self._acting(call)
        await self._change_of(user, call_id, name, needs, body, **path)

    async def _change_of(
        self,
        user: str,
        call_id: str,
        name: str,
        needs: str | None,
        body: Mapping[str, Any] | None = None,
        **path: str,
    ) -> None:
        """Asks for a change of the call as it stands; `needs` is what its `actions` call that."""
        state = await self._state(user, call_id)
        try:
            await self._command(name, user, call=call_id, json=_tokens(state) | dict(body or {}), **path)
        except InvalidCallState:
            now = await self._state(user, call_id)
            if now.state_token == state.state_token or not _allows(now, needs):
                raise
            await self._command(name, user, call=call_id, json=_tokens(now) | dict(body or {}), **path)

    async def _change_both(self, name: str, user: str, first: CallState, second: CallState, **body: Any) -> None:
        """As `_change_of`, for what takes two calls of the user."""
        try:
            await self._command(name, user, call=first.call_id, json=_tokens(first, second) | body)
        except InvalidCallState:
            now = [await self._state(user, each.call_id) for each in (first, second)]
            before = [first, second]
            is_stale = any(new.state_token != old.state_token for new, old in zip(now, before, strict=True))
            if not is_stale or [each.status for each in now] != [each.status for each in before]:
                raise
            await self._command(name, user, call=first.call_id, json=_tokens(*now) | body)


def _tokens(state: CallState, target: CallState | None = None) -> dict[str, Any]:
    tokens: dict[str, Any] = {} if state.state_token is None else {"stateToken": state.state_token}
    if target is not None:
        tokens["targetCallId"] = target.call_id
        if target.state_token is not None:
            tokens["targetStateToken"] = target.state_token
    return tokens


def _allows(state: CallState, action: str | None) -> bool:
    """Not every server lists actions with every state, and some changes aren't among them."""
    allowed = state.allowed()
    return not state.is_over and (action is None or not allowed or action in allowed)
