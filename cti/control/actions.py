"""The actions of the API on a call: what each asks of an adapter, and in which states it is possible. Pure."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from functools import lru_cache
from typing import Any

from msgspec import Struct, structs

from cti.control.situation import LegNow, Situation, shape_of
from integrations.contract.adapter import PbxAdapter
from integrations.contract.capabilities import Capability
from integrations.contract.commands import CallRef
from integrations.contract.errors import InvalidCallState, Unsupported

Params = Mapping[str, Any]
"""A body as `cti.control.params` reads it, with what it names as the vendor knows it (cti.control.commands)."""
Send = Callable[[PbxAdapter, CallRef, Params], Awaitable[str | None]]
"""Asks the adapter; answers the vendor's id of a further call that it made of this one."""

_ALIVE = frozenset({"initiated", "alerting", "connected", "held", "queued", "parked"})
_TALKING = frozenset({"connected", "held"})
_RINGING = frozenset({"alerting"})
_ON_THE_CALL = frozenset({"connected", "hold"})
_RECORDED = frozenset({"on", "paused"})


class Operation(Struct, frozen=True):
    """One thing that an adapter does to a call, and when it is possible."""

    capability: Capability
    send: Send
    states: frozenset[str] = _TALKING
    """Of the call."""
    leg: frozenset[str] = frozenset()
    """Of the leg that acts. Empty where the command is for the whole call: then any leg of ours will do."""
    muted: bool | None = None
    """Whether that leg must be muted, or mustn't."""
    others: int = 0
    """How many more must be on the call: two, besides whoever consults them or confers with them."""
    recording: frozenset[str] | None = None
    """The recording's states that it starts from."""
    deflects: bool = False
    """Whether it may be done to calls that still ring, too, on an account that can deflect them."""
    rings_here: bool = False
    """Whether, while the call rings, it must ring at a line of ours: nobody can take what rings outside."""

    def on(self, capabilities: Collection[str]) -> "Operation":
        """As an account that can do `capabilities` has it."""
        can_deflect = self.deflects and Capability.DEFLECT in capabilities
        return structs.replace(self, states=self.states | _RINGING) if can_deflect else self

    def suits(self, leg: LegNow, call: Situation) -> bool:
        """Whether this leg may do it now."""
        states = _RINGING if self.deflects and call.state in _RINGING else self.leg
        return (
            (not states or leg.state in states)
            and self.muted in {None, leg.muted}
            and (not self.others or call.others(leg) >= self.others)
        )

    def is_within_reach(self, call: Situation) -> bool:
        """Whether a call that rings does so where the operation needs it to."""
        rings_outside = call.state in _RINGING and not any(leg.state in _RINGING for leg in call.candidates())
        return not (self.rings_here and rings_outside)

    def possible(self, call: Situation) -> bool:
        """Whether some leg may do it now."""
        return (
            call.state in self.states
            and self.is_within_reach(call)
            and (self.recording is None or call.recording in self.recording)
            and any(self.suits(leg, call) for leg in call.candidates())
        )


def _transfer(mode: str, capability: Capability, *, deflects: bool = False) -> Operation:
    return Operation(
        capability,
        lambda pbx, call, params: pbx.transfer(call, params["to"], mode),
        leg=_ON_THE_CALL,
        deflects=deflects,
    )


def _supervise(mode: str, capability: Capability) -> Operation:
    return Operation(capability, lambda pbx, call, params: pbx.supervise(call, mode, params["by"]), leg=_ON_THE_CALL)


def _record(capability: Capability, send: Send, *starts_from: str) -> Operation:
    return Operation(capability, send, leg=_ON_THE_CALL, recording=frozenset(starts_from))


def _tag(capability: Capability) -> Operation:
    def send(pbx: PbxAdapter, call: CallRef, params: Params) -> Awaitable[None]:
        return pbx.tag(call, tuple(params.get("add", ())), tuple(params.get("remove", ())))

    return Operation(capability, send, _ALIVE)


# action → variant → operation. The variant is the value of the parameter in VARIANT_FIELDS, "" where there is none.
ACTIONS: dict[str, dict[str, Operation]] = {
    "answer": {
        "": Operation(
            Capability.ANSWER, lambda pbx, call, params: pbx.answer(call, params.get("device_id")), _ALIVE, _RINGING
        )
    },
    "reject": {"": Operation(Capability.REJECT, lambda pbx, call, _: pbx.reject(call), _ALIVE, _RINGING)},
    "hangup": {"": Operation(Capability.HANGUP, lambda pbx, call, _: pbx.hangup(call), _ALIVE)},
    "hold": {
        "": Operation(
            Capability.HOLD,
            lambda pbx, call, _: pbx.hold(call),
            frozenset({"connected"}),
            frozenset({"connected"}),
        )
    },
    "resume": {
        "": Operation(
            Capability.RESUME, lambda pbx, call, _: pbx.resume(call), frozenset({"held"}), frozenset({"hold"})
        )
    },
    "mute": {
        "": Operation(Capability.MUTE, lambda pbx, call, _: pbx.mute(call), leg=_ON_THE_CALL, muted=False),
    },
    "unmute": {
        "": Operation(Capability.UNMUTE, lambda pbx, call, _: pbx.unmute(call), leg=_ON_THE_CALL, muted=True),
    },
    "swap": {"": Operation(Capability.SWAP, lambda pbx, call, _: pbx.swap(call), leg=_ON_THE_CALL)},
    "park": {"": Operation(Capability.PARK, lambda pbx, call, _: pbx.park(call), leg=_ON_THE_CALL)},
    "leave": {"": Operation(Capability.LEAVE, lambda pbx, call, _: pbx.leave(call), leg=_ON_THE_CALL, others=2)},
    "transfer": {
        "blind": _transfer("blind", Capability.TRANSFER_BLIND, deflects=True),
        "attended": _transfer("attended", Capability.TRANSFER_ATTENDED),
        "voicemail": _transfer("voicemail", Capability.TRANSFER_VOICEMAIL, deflects=True),
        "camp_on": _transfer("camp_on", Capability.TRANSFER_CAMP_ON),
    },
    "complete-transfer": {
        "": Operation(
            Capability.COMPLETE_TRANSFER,
            lambda pbx, call, params: pbx.complete_transfer(call, params.get("target")),
            leg=_ON_THE_CALL,
            others=2,  # unless the body names another call
        )
    },
    "cancel-transfer": {
        "": Operation(
            Capability.CANCEL_TRANSFER, lambda pbx, call, _: pbx.cancel_transfer(call), leg=_ON_THE_CALL, others=2
        )
    },
    "consult": {
        "": Operation(
            Capability.CONSULT,
            lambda pbx, call, params: pbx.consult(call, params["to"], params.get("device_id")),
            leg=_ON_THE_CALL,
        )
    },
    "conference": {
        "": Operation(
            Capability.CONFERENCE,
            lambda pbx, call, params: pbx.conference(call, params["target"]),
            leg=_ON_THE_CALL,
        )
    },
    "move": {
        "": Operation(Capability.MOVE, lambda pbx, call, params: pbx.move(call, params["device_id"]), leg=_ON_THE_CALL)
    },
    "pickup": {
        "": Operation(
            Capability.PICKUP,
            lambda pbx, call, params: pbx.pickup(call, params["by"], params.get("device_id")),
            frozenset({"alerting", "queued", "parked"}),
            rings_here=True,
        )
    },
    "dtmf": {
        "": Operation(
            Capability.DTMF, lambda pbx, call, params: pbx.dtmf(call, params["digits"]), leg=frozenset({"connected"})
        )
    },
    "recording": {
        "start": _record(Capability.RECORDING_START, lambda pbx, call, _: pbx.start_recording(call), "off"),
        "stop": _record(Capability.RECORDING_STOP, lambda pbx, call, _: pbx.stop_recording(call), *_RECORDED),
        "pause": _record(Capability.RECORDING_PAUSE, lambda pbx, call, _: pbx.pause_recording(call), "on"),
        "resume": _record(Capability.RECORDING_RESUME, lambda pbx, call, _: pbx.resume_recording(call), "paused"),
        # What was recorded may be kept or thrown away while it is still being recorded, or afterwards.
        "save": _record(Capability.RECORDING_SAVE, lambda pbx, call, _: pbx.save_recording(call), "off", *_RECORDED),
        "discard": _record(
            Capability.RECORDING_DISCARD, lambda pbx, call, _: pbx.discard_recording(call), "off", *_RECORDED
        ),
    },
    "supervise": {
        "listen": _supervise("listen", Capability.SUPERVISE_LISTEN),
        "whisper": _supervise("whisper", Capability.SUPERVISE_WHISPER),
        "barge": _supervise("barge", Capability.SUPERVISE_BARGE),
    },
    "tags": {"add": _tag(Capability.TAGS), "remove": _tag(Capability.TAGS_REMOVE)},
    "block": {"": Operation(Capability.BLOCK, lambda pbx, call, _: pbx.block(call), _ALIVE)},
    "disconnect-leg": {"": Operation(Capability.DISCONNECT_LEG, lambda pbx, call, _: pbx.disconnect_leg(call), _ALIVE)},
}
VARIANT_FIELDS = {"transfer": "mode", "recording": "action", "supervise": "mode", "tags": "change"}


def allowed_actions(call: Mapping[str, Any], capabilities: Collection[str]) -> list[str]:
    """The names of the actions that a call, as the API shows it, allows on an account that can do `capabilities`."""
    if call["state"] == "ended":
        return []
    return list(_allowed(shape_of(call), frozenset(capabilities)))


@lru_cache(maxsize=4096)  # there are few shapes, and every event of a call asks
def _allowed(situation: Situation, capabilities: frozenset[str]) -> tuple[str, ...]:
    return tuple(
        action
        for action, operations in ACTIONS.items()
        if any(
            each.capability in capabilities and each.on(capabilities).possible(situation)
            for each in operations.values()
        )
    )


def supported_operations(action: str, capabilities: Collection[str]) -> dict[str, Operation]:
    """What the account can do of an action, by variant. Raises Unsupported when that is nothing."""
    operations = {
        variant: each.on(capabilities) for variant, each in ACTIONS[action].items() if each.capability in capabilities
    }
    if not operations:
        raise Unsupported(f"This account's PBX can't do `{action}` through its API.")
    return operations


def check_possible(operation: Operation, action: str, call: Situation) -> None:
    """Raises InvalidCallState, with the reason, unless the call's own state and its recording's allow the operation now."""
    if call.state == "ended":
        raise InvalidCallState("The call has ended.")
    if call.state not in operation.states:
        raise InvalidCallState(f"`{action}` is not possible while the call is {call.state}.")
    if not operation.is_within_reach(call):
        raise InvalidCallState(f"`{action}` is not possible: the call rings at nobody's line here.")
    if operation.recording is not None and call.recording not in operation.recording:
        raise InvalidCallState(f"The call's recording is already {call.recording}.")
