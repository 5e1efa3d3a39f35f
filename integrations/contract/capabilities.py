"""What a PBX can do, by the API's names. A capability is declared only where the vendor itself can do it."""

from collections import defaultdict
from collections.abc import Iterable
from enum import StrEnum


class Capability(StrEnum):
    """`group.name`; the group is a key of `GET /accounts/{id}/capabilities`."""

    ORIGINATE = "calls.originate"
    ANSWER = "calls.answer"
    REJECT = "calls.reject"
    HANGUP = "calls.hangup"
    HOLD = "calls.hold"
    RESUME = "calls.resume"
    MUTE = "calls.mute"
    UNMUTE = "calls.unmute"
    SWAP = "calls.swap"
    PARK = "calls.park"
    PICKUP = "calls.pickup"
    MOVE = "calls.move"
    DTMF = "calls.dtmf"
    TRANSFER = "calls.transfer"
    CONSULT = "calls.consult"
    COMPLETE_TRANSFER = "calls.complete-transfer"
    CANCEL_TRANSFER = "calls.cancel-transfer"
    CONFERENCE = "calls.conference"
    LEAVE = "calls.leave"
    DISCONNECT_LEG = "calls.disconnect-leg"
    SUPERVISE = "calls.supervise"
    TAGS = "calls.tags"
    BLOCK = "calls.block"
    TRANSFER_BLIND = "transfer.blind"
    TRANSFER_ATTENDED = "transfer.attended"
    TRANSFER_VOICEMAIL = "transfer.voicemail"
    TRANSFER_CAMP_ON = "transfer.camp_on"
    DEFLECT = "transfer.deflect"
    """Blind and to voicemail also while a call still rings (CSTA's Deflect Call)."""
    SUPERVISE_LISTEN = "supervise.listen"
    SUPERVISE_WHISPER = "supervise.whisper"
    SUPERVISE_BARGE = "supervise.barge"
    RECORDING_START = "recording.start"
    RECORDING_STOP = "recording.stop"
    RECORDING_PAUSE = "recording.pause"
    RECORDING_RESUME = "recording.resume"
    RECORDING_SAVE = "recording.save"
    RECORDING_DISCARD = "recording.discard"
    RECORDING_FETCH = "recording.fetch"
    LIST_EXTENSIONS = "directory.extensions"
    LIST_DEVICES = "directory.devices"
    LIST_CALLER_IDS = "directory.caller_ids"
    SET_CALLER_ID = "directory.set_caller_id"
    READ_PRESENCE = "presence.read"
    SET_PRESENCE = "presence.set"
    READ_DIVERSION = "diversion.read"
    SET_DIVERSION = "diversion.set"
    LIST_QUEUES = "queues.list"
    QUEUE_AGENTS = "queues.agents"
    QUEUE_CALLS = "queues.calls"
    AGENT_LOGIN = "queues.login"
    AGENT_LOGOUT = "queues.logout"
    AGENT_PAUSE = "queues.pause"
    AGENT_RESUME = "queues.resume"
    AGENT_END_WRAP_UP = "queues.end-wrap-up"
    STEAL = "queues.steal"
    SEND_MESSAGE = "messages.send"
    CALL_LOG = "history.call_log"
    VOICEMAILS = "history.voicemails"
    CALL_EVENTS = "events.calls"
    SNAPSHOT = "events.snapshot"
    PASSTHROUGH = "api.passthrough"


def grouped(capabilities: Iterable[Capability]) -> dict[str, list[str]]:
    """`{"calls": ["hangup", "hold", …], "recording": […]}`, sorted."""
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for capability in sorted(capabilities):
        group, _, name = capability.value.partition(".")
        groups[group].append(name)
    return dict(groups)
