"""Payloads as the vendors' documents have them, of every kind: what is changed to find out what breaks."""

import json
from typing import Any

from integrations.vendors.dstny.events import told, told_groups
from tests.integrations import kwebbl_payloads
from tests.integrations.callgear import stories as callgear
from tests.integrations.dstny import payloads as dstny
from tests.integrations.eq import pictures as eq
from tests.integrations.eq import stories as eq_stories
from tests.integrations.ringcentral import payloads as ringcentral
from tests.integrations.ringcentral.stories import story
from tests.permutations import kwebbl

_ACCOUNT = "/restapi/v1.0/account/400144452008/extension/400144455008"
_PRESENCE = {
    "extensionId": 400144455008,
    "telephonyStatus": "Ringing",
    "presenceStatus": "Busy",
    "userStatus": "Available",
    "dndStatus": "TakeAllCalls",
    "message": "Back at one",
    "sequence": 3,
}
_VOICEMAIL = {
    "id": 2050,
    "from": {"phoneNumber": "+31612345678", "name": "Jansen BV"},
    "to": [{"extensionNumber": "101"}],
    "type": "VoiceMail",
    "creationTime": "2026-01-31T09:00:00.000Z",
    "readStatus": "Unread",
    "direction": "Inbound",
    "subject": "Voice message",
    "attachments": [{"id": 2050, "vmDuration": 7}],
}
_GROUP: dict[str, Any] = {
    "id": "400",
    "domain": "acme.example",
    "name": "Sales",
    "number": "+46277400",
    "statistics": {"waiting": 2, "longestWait": 31},
    "members": [{"user": "anna", "loggedIn": True}],
}


def _notification(event: str, body: Any) -> dict[str, Any]:
    return {
        "uuid": "u-1",
        "event": _ACCOUNT + event,
        "timestamp": "2026-01-31T09:00:00.000Z",
        "subscriptionId": "s-1",
        "body": body,
    }


def _json(*values: Any) -> list[bytes]:
    return [json.dumps(each).encode() for each in values]


PAYLOADS: dict[str, list[bytes]] = {
    "kwebbl": _json(
        kwebbl_payloads.CREATED,
        kwebbl_payloads.ANSWERED,
        kwebbl_payloads.BRIDGED,
        kwebbl_payloads.TRANSFERRED,
        *kwebbl.ring_group().told[-2:],
    ),
    "ringcentral": _json(
        ringcentral.DOCUMENTED,
        *story("attended_transfer")[-3:],
        *story("recording")[-3:],
        *story("queue")[-3:],
        story("voicemail")[-1],
        _notification("/presence?detailedTelephonyState=true", _PRESENCE),
        _notification("/voicemail", _VOICEMAIL),
        _notification("/message-store/instant?type=SMS", _VOICEMAIL | {"type": "SMS"}),
    ),
    "dstny": [
        *(
            request.body
            for name in ("conference", "blind_transfer")
            for request in dstny.requests(dstny.STORIES[name]())
        ),
        *(told(user, shown) for user, shown in dstny.STORIES["record_on_demand"]()),
        told_groups("anna", [_GROUP]),
        *_json(
            {"stateToken": 17, "userId": "anna"},
            {"timeStamp": 1716201728788, "changedField": "DEVICE_STATUS"},
            dstny.conference()[-3][1],
        ),
    ],
    "callgear": [
        *(callgear.polled(step) for step in callgear.STORIES["attended transfer"][1:5]),
        *_json(*(hint for step in callgear.STORIES["recorded and tagged"] for hint in step.hints)),
        *_json(callgear.hint("recording_completed", file_link="https://media.example/1/2")),
    ],
    "eq": [
        *(each.body for each in eq.polled(*eq_stories.transferred_attended())),
        *(each.body for each in eq.polled(*eq_stories.parked_and_picked_up(None))),
        eq.polled(eq.everything())[0].body,
    ],
}
QUERIES: dict[str, list[dict[str, str]]] = {
    "kwebbl": [{}],
    "ringcentral": [{}],
    "callgear": [{}],
    "eq": [{}],
    "dstny": [{"user": "anna"}, {}, {"user": "\0"}, {"user": "a" * 5000}, {"user": "../@:/ "}],
}
"""What stands behind the hook's address, which is ours, but anybody who knows it may change."""
