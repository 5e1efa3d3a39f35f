"""What a phone system can and can't do from here, in plain words instead of capabilities' names."""

from collections.abc import Set
from typing import NamedTuple

from integrations.contract.capabilities import Capability as Can

ABILITIES: tuple[tuple[str, frozenset[Can]], ...] = (
    ("show calls as they happen", frozenset({Can.CALL_EVENTS})),
    ("place calls", frozenset({Can.ORIGINATE})),
    ("answer calls", frozenset({Can.ANSWER})),
    ("reject calls", frozenset({Can.REJECT})),
    ("hang up", frozenset({Can.HANGUP})),
    ("hold and resume", frozenset({Can.HOLD, Can.RESUME})),
    ("mute and unmute", frozenset({Can.MUTE, Can.UNMUTE})),
    ("press keys", frozenset({Can.DTMF})),
    ("swap between two calls", frozenset({Can.SWAP})),
    ("carry on at another phone", frozenset({Can.MOVE})),
    ("transfer at once", frozenset({Can.TRANSFER_BLIND})),
    ("transfer after talking to a colleague", frozenset({Can.TRANSFER_ATTENDED, Can.CONSULT})),
    ("complete or cancel such a transfer from here", frozenset({Can.COMPLETE_TRANSFER, Can.CANCEL_TRANSFER})),
    ("transfer to voicemail", frozenset({Can.TRANSFER_VOICEMAIL})),
    ("transfer when a colleague is free", frozenset({Can.TRANSFER_CAMP_ON})),
    ("send a ringing call elsewhere", frozenset({Can.DEFLECT})),
    ("park", frozenset({Can.PARK})),
    ("pick up parked and ringing calls", frozenset({Can.PICKUP})),
    ("join calls into a conference", frozenset({Can.CONFERENCE})),
    ("remove somebody from a call", frozenset({Can.DISCONNECT_LEG})),
    ("listen in, whisper or barge in", frozenset({Can.SUPERVISE_LISTEN, Can.SUPERVISE_WHISPER, Can.SUPERVISE_BARGE})),
    ("record calls", frozenset({Can.RECORDING_START, Can.RECORDING_STOP})),
    ("pause a recording", frozenset({Can.RECORDING_PAUSE, Can.RECORDING_RESUME})),
    ("keep or discard a recording", frozenset({Can.RECORDING_SAVE, Can.RECORDING_DISCARD})),
    ("play recordings", frozenset({Can.RECORDING_FETCH})),
    ("list users and numbers", frozenset({Can.LIST_EXTENSIONS})),
    ("list a user's phones", frozenset({Can.LIST_DEVICES})),
    ("choose the number that is shown", frozenset({Can.LIST_CALLER_IDS, Can.SET_CALLER_ID})),
    ("show and set presence", frozenset({Can.READ_PRESENCE, Can.SET_PRESENCE})),
    ("divert a line", frozenset({Can.READ_DIVERSION, Can.SET_DIVERSION})),
    ("show agents' states and waiting callers as they change", frozenset({Can.AGENT_EVENTS, Can.QUEUE_EVENTS})),
    ("list queues and their agents", frozenset({Can.LIST_QUEUES, Can.QUEUE_AGENTS})),
    ("list who waits in a queue, and take them out of it", frozenset({Can.QUEUE_CALLS, Can.STEAL})),
    ("log in to and out of queues", frozenset({Can.AGENT_LOGIN, Can.AGENT_LOGOUT})),
    ("pause in queues", frozenset({Can.AGENT_PAUSE, Can.AGENT_RESUME, Can.AGENT_END_WRAP_UP})),
    ("send text messages", frozenset({Can.SEND_MESSAGE})),
    ("show the call log", frozenset({Can.CALL_LOG})),
    ("list voicemails", frozenset({Can.VOICEMAILS})),
    ("tag calls", frozenset({Can.TAGS, Can.TAGS_REMOVE, Can.LIST_TAGS})),
    ("block callers", frozenset({Can.BLOCK})),
)
"""Each ability and what it takes; some of that will do."""
UNSEEN = frozenset({Can.TRANSFER, Can.SUPERVISE, Can.LEAVE, Can.SNAPSHOT, Can.PASSTHROUGH})
"""What only comes along with others, or isn't for people."""


class Abilities(NamedTuple):
    """What can and what can't be done, in words that follow "can" and "can't"."""

    can: list[str]
    cannot: list[str]


def abilities(capabilities: Set[Can]) -> Abilities:
    """What an account, or a vendor, with these capabilities can do."""
    can = [words for words, needed in ABILITIES if needed & capabilities]
    return Abilities(can, [words for words, _ in ABILITIES if words not in can])
