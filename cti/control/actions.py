"""The actions of the API on a call: what each asks of an adapter, and in which states it is possible. Pure."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

from msgspec import Struct

from integrations.contract.adapter import PbxAdapter
from integrations.contract.capabilities import Capability
from integrations.contract.commands import CallRef
from integrations.contract.errors import InvalidCallState, Unsupported

Send = Callable[[PbxAdapter, CallRef, Mapping[str, Any]], Awaitable[None]]

_ALIVE = frozenset({"initiated", "alerting", "connected", "held", "queued", "parked"})
_TALKING = frozenset({"connected", "held"})


class Operation(Struct, frozen=True):
    """One thing that an adapter does to a call."""

    capability: Capability
    states: frozenset[str]
    send: Send
    recording: str | None = None
    """The recording state that it starts from, where that matters."""

    def possible(self, state: str, recording_state: str) -> bool:
        return state in self.states and self.recording in {None, recording_state}


def _transfer(mode: str, capability: Capability) -> Operation:
    return Operation(capability, _TALKING, lambda adapter, call, params: adapter.transfer(call, params["to"], mode))


# action → variant → operation. The variant is the value of the body's field in VARIANT_FIELDS, "" where there is none.
# An action without operations is one that no connected vendor can do yet: it answers `unsupported_by_vendor`.
ACTIONS: dict[str, dict[str, Operation]] = {
    "answer": {},
    "reject": {},
    "hangup": {"": Operation(Capability.HANGUP, _ALIVE, lambda adapter, call, _: adapter.hangup(call))},
    "hold": {"": Operation(Capability.HOLD, frozenset({"connected"}), lambda adapter, call, _: adapter.hold(call))},
    "resume": {"": Operation(Capability.RESUME, frozenset({"held"}), lambda adapter, call, _: adapter.resume(call))},
    "mute": {},
    "unmute": {},
    "swap": {},
    "park": {},
    "leave": {},
    "transfer": {
        "blind": _transfer("blind", Capability.TRANSFER_BLIND),
        "attended": _transfer("attended", Capability.TRANSFER_ATTENDED),
    },
    "complete-transfer": {},
    "cancel-transfer": {},
    "consult": {},
    "conference": {},
    "move": {},
    "pickup": {},
    "dtmf": {},
    "recording": {
        "start": Operation(
            Capability.RECORDING_START, _TALKING, lambda adapter, call, _: adapter.start_recording(call), "off"
        ),
        "stop": Operation(
            Capability.RECORDING_STOP, _TALKING, lambda adapter, call, _: adapter.stop_recording(call), "on"
        ),
    },
    "supervise": {},
    "tags": {},
    "block": {},
    "disconnect-leg": {},
}
VARIANT_FIELDS = {"transfer": "mode", "recording": "action", "supervise": "mode"}


def allowed_actions(state: str, recording_state: str, capabilities: Collection[str]) -> list[str]:
    """The names of the actions that a call in this state allows, on an account that can do `capabilities`."""
    return [
        action
        for action, operations in ACTIONS.items()
        if any(
            each.capability in capabilities and each.possible(state, recording_state) for each in operations.values()
        )
    ]


def supported_operations(action: str, capabilities: Collection[str]) -> dict[str, Operation]:
    """What the account can do of an action, by variant. Raises Unsupported when that is nothing."""
    operations = {variant: each for variant, each in ACTIONS[action].items() if each.capability in capabilities}
    if not operations:
        raise Unsupported(f"This account's PBX can't do `{action}` through its API.")
    return operations


def check_possible(operation: Operation, action: str, state: str, recording_state: str) -> None:
    """Raises InvalidCallState, with the reason, unless the operation is possible now."""
    if state == "ended":
        raise InvalidCallState("The call has ended.")
    if state not in operation.states:
        raise InvalidCallState(f"`{action}` is not possible while the call is {state}.")
    if not operation.possible(state, recording_state):
        raise InvalidCallState(f"The call's recording is already {recording_state}.")
