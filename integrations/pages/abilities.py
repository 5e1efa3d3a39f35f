"""What a phone system can and can't do from here, in plain words instead of capabilities' names."""

from collections.abc import Callable, Mapping, Set
from typing import NamedTuple

from integrations.contract.capabilities import Capability as Can

ABILITIES: Mapping[str, Mapping[Can, str]] = {
    "Calls": {
        Can.CALL_EVENTS: "show calls as they happen",
        Can.SNAPSHOT: "tell which calls are going on, after an interruption",
        Can.ORIGINATE: "place calls",
        Can.ANSWER: "answer calls",
        Can.REJECT: "reject calls",
        Can.HANGUP: "hang up",
        Can.HOLD: "put calls on hold",
        Can.RESUME: "resume held calls",
        Can.MUTE: "mute",
        Can.UNMUTE: "unmute",
        Can.DTMF: "press keys during a call",
        Can.SWAP: "swap between two calls",
        Can.MOVE: "carry on at another phone",
        Can.PARK: "park calls",
        Can.PICKUP: "pick up parked and ringing calls",
        Can.TAGS: "tag calls",
        Can.TAGS_REMOVE: "take tags off again",
        Can.LIST_TAGS: "list the tags that there are",
        Can.BLOCK: "block callers",
    },
    "Transfer and conference": {
        Can.TRANSFER_BLIND: "transfer at once",
        Can.TRANSFER_ATTENDED: "transfer to a call with a colleague",
        Can.TRANSFER_VOICEMAIL: "transfer to voicemail",
        Can.TRANSFER_CAMP_ON: "transfer when a colleague is free",
        Can.DEFLECT: "send a ringing call elsewhere",
        Can.CONSULT: "call a colleague while the caller waits",
        Can.COMPLETE_TRANSFER: "connect the caller with that colleague",
        Can.CANCEL_TRANSFER: "go back to the caller instead",
        Can.CONFERENCE: "join calls into a conference",
        Can.LEAVE: "leave a conference that goes on",
        Can.DISCONNECT_LEG: "remove somebody from a call",
    },
    "Supervision": {
        Can.SUPERVISE_LISTEN: "listen in",
        Can.SUPERVISE_WHISPER: "whisper to a colleague on a call",
        Can.SUPERVISE_BARGE: "barge in",
    },
    "Recording": {
        Can.RECORDING_START: "start recording",
        Can.RECORDING_STOP: "stop recording",
        Can.RECORDING_PAUSE: "pause a recording",
        Can.RECORDING_RESUME: "go on with a paused recording",
        Can.RECORDING_SAVE: "mark a recording as worth keeping",
        Can.RECORDING_DISCARD: "throw a recording away",
        Can.RECORDING_FETCH: "play recordings",
    },
    "Directory and lines": {
        Can.LIST_EXTENSIONS: "list users and numbers",
        Can.LIST_DEVICES: "list a user's phones",
        Can.LIST_CALLER_IDS: "list the numbers that a line may show",
        Can.SET_CALLER_ID: "choose the number that a line shows",
        Can.READ_PRESENCE: "show presence",
        Can.SET_PRESENCE: "set presence",
        Can.READ_DIVERSION: "show where a line is diverted to",
        Can.SET_DIVERSION: "divert a line",
    },
    "Queues": {
        Can.LIST_QUEUES: "list queues",
        Can.QUEUE_EVENTS: "show waiting callers as they change",
        Can.QUEUE_AGENTS: "list a queue's agents",
        Can.AGENT_EVENTS: "show agents' states as they change",
        Can.QUEUE_CALLS: "list who waits in a queue",
        Can.STEAL: "take somebody out of a queue",
        Can.AGENT_LOGIN: "log in to queues",
        Can.AGENT_LOGOUT: "log out of queues",
        Can.AGENT_PAUSE: "pause in queues",
        Can.AGENT_RESUME: "end a pause in queues",
        Can.AGENT_END_WRAP_UP: "end wrap-up",
    },
    "Messages and history": {
        Can.SEND_MESSAGE: "send text messages",
        Can.CALL_LOG: "show the phone system's own call log",
        Can.VOICEMAILS: "list voicemails",
    },
}
"""By topic, in words that follow "can" and "can't"."""
UNSEEN = frozenset({Can.TRANSFER, Can.SUPERVISE, Can.PASSTHROUGH})
"""What only comes along with others, or isn't for people."""


class Withheld(NamedTuple):
    """What the vendor can do and an account can't."""

    words: str
    lacks: str


class Abilities(NamedTuple):
    """What an account, or a vendor, can and can't do."""

    can: list[str]
    withheld: list[Withheld]
    cannot: list[str]


def abilities(declared: Set[Can]) -> Abilities:
    """What a vendor that declares these capabilities can do, given every permission."""
    return account_abilities(declared, declared, lambda _: "")


def account_abilities(declared: Set[Can], allowed: Set[Can], lacks: Callable[[Can], str]) -> Abilities:
    """What an account can do that has these of its vendor's capabilities; `lacks` says what one of the others takes."""
    every = [each for topic in ABILITIES.values() for each in topic.items()]
    return Abilities(
        [words for capability, words in every if capability in allowed],
        [Withheld(words, lacks(capability)) for capability, words in every if capability in declared - allowed],
        [words for capability, words in every if capability not in declared],
    )
