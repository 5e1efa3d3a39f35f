"""What a PBX can do, by the API's names. A capability is declared only where the vendor itself can do it."""

from collections import defaultdict
from collections.abc import Iterable
from enum import StrEnum


class Capability(StrEnum):
    """`group.name`; the group is a key of `GET /accounts/{id}/capabilities`."""

    ORIGINATE = "calls.originate"
    HANGUP = "calls.hangup"
    HOLD = "calls.hold"
    RESUME = "calls.resume"
    TRANSFER = "calls.transfer"
    TRANSFER_BLIND = "transfer.blind"
    TRANSFER_ATTENDED = "transfer.attended"
    RECORDING_START = "recording.start"
    RECORDING_STOP = "recording.stop"
    LIST_EXTENSIONS = "directory.extensions"
    LIST_CALLER_IDS = "directory.caller_ids"
    SET_CALLER_ID = "directory.set_caller_id"
    CALL_EVENTS = "events.calls"
    SNAPSHOT = "events.snapshot"


def grouped(capabilities: Iterable[Capability]) -> dict[str, list[str]]:
    """`{"calls": ["hangup", "hold", …], "recording": […]}`, sorted."""
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for capability in sorted(capabilities):
        group, _, name = capability.value.partition(".")
        groups[group].append(name)
    return dict(groups)
