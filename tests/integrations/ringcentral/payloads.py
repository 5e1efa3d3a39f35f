"""Notifications as RingCentral sends them."""

import json
from typing import Any

from integrations.contract.events import CtiEvent, Ignored
from integrations.vendors.ringcentral.events import parse_notification

ACCOUNT = "400144452008"
ANNA = {"phoneNumber": "101", "name": "Anna Agent", "extensionId": "400144455008"}
BOB = {"phoneNumber": "102", "name": "Bob Backup", "extensionId": "400144457008"}
BOSS = {"phoneNumber": "109", "name": "Bea Boss", "extensionId": "400144459008"}
QUEUE = {"phoneNumber": "201", "name": "Orders", "extensionId": "400144451008"}
CUSTOMER = {"phoneNumber": "+31612345678", "name": "Jansen BV"}
Notification = dict[str, Any]

# The example of the document, whole.
DOCUMENTED: Notification = {
    "uuid": "837270960869181944",
    "subscriptionId": "5c37f936-fa66-4b4b-95af-1e94b51a748d",
    "ownerId": "400144455008",
    "pn_apns": {
        "aps": {"content-available": 1},
        "uuid": "837270960869181944",
        "event": "/restapi/v1.0/account/400144452008/extension/400144455008/telephony/sessions",
        "timestamp": "2018-06-05T00:14:50.181Z",
        "subscriptionId": "5c37f936-fa66-4b4b-95af-1e94b51a748d",
        "ownerId": "400144455008",
        "body": {
            "sequence": 5,
            "sessionId": "402936341008",
            "telephonySessionId": "Y3MxNzE4NDE5MDM0MzQwMTgzODRAMTAuNjIuMjUuMTEx",
            "serverId": "10.62.25.111.TAM",
            "eventTime": "2018-06-05T00:14:50.147Z",
            "accountId": "400144452008",
            "parties": [
                {
                    "sipData": {"callId": "555555555555", "toTag": "123", "fromTag": "456"},
                    "extensionId": "400144455008",
                    "id": "cs171841903434018384-2",
                    "direction": "Inbound",
                    "to": {"phoneNumber": "102", "name": "Tom Sawyer", "extensionId": "400144455008"},
                    "from": {"phoneNumber": "103", "name": "TheCat Jerry", "extensionId": "400144457008"},
                    "queueCall": True,
                    "status": {
                        "code": "Proceeding",
                        "mobilePickupData": {
                            "ccMailboxes": ["400144455008"],
                            "to": "#19008@example.com:5060",
                            "sid": "402936472080",
                            "srvLvl": "-149699523",
                            "srvLvlExt": "390",
                        },
                    },
                    "missedCall": False,
                    "standAlone": False,
                    "muted": False,
                }
            ],
            "origin": {"type": "Call"},
            "extensionId": "400144455008",
        },
    },
}


def party(
    number: int,
    code: str,
    who: dict[str, Any],
    other: dict[str, Any],
    *,
    session: str = "1",
    outbound: bool | None = None,
    reason: str | None = None,
    peer: dict[str, Any] | None = None,
    **fields: Any,
) -> dict[str, Any]:
    """A party: the first calls, the others are called, unless told otherwise. `who` is shown as its own end."""
    calls = number == 1 if outbound is None else outbound
    status = {"code": code, "rcc": False, "reason": reason, "peerId": peer, "parkData": fields.pop("park_data", None)}
    return {
        "accountId": ACCOUNT,
        **({"extensionId": who["extensionId"]} if "extensionId" in who else {}),
        "id": f"p-{session}-{number}",
        "direction": "Outbound" if calls else "Inbound",
        "from": who if calls else other,
        "to": other if calls else who,
        "status": {name: value for name, value in status.items() if value is not None},
        "missedCall": False,
        "standAlone": False,
        "muted": False,
        **fields,
    }


def notification(
    *parties: dict[str, Any], sequence: int | None = 1, session: str = "1", second: int | None = None, **body: Any
) -> Notification:
    """A notification of telephony sessions, as it comes today; `second` after nine, by default the sequence."""
    second = (sequence or 0) if second is None else second
    return {
        "uuid": f"uuid-{session}-{sequence}",
        "event": f"/restapi/v1.0/account/{ACCOUNT}/telephony/sessions",
        "timestamp": f"2026-01-31T09:00:{second:02d}.500Z",
        "subscriptionId": "subscription-1",
        "ownerId": ANNA["extensionId"],
        "body": {
            "sequence": sequence,
            "sessionId": "402936341008",
            "telephonySessionId": f"s-{session}",
            "serverId": "10.62.25.111.TAM",
            "eventTime": f"2026-01-31T09:00:{second:02d}.000Z",
            "accountId": ACCOUNT,
            "parties": list(parties),
            "origin": {"type": "Call"},
            **body,
        },
    }


def encoded(note: Notification) -> bytes:
    return json.dumps(note).encode()


def nested(note: Notification) -> Notification:
    """The same in the form of the document's example."""
    return {"uuid": note["uuid"], "pn_apns": {"aps": {"content-available": 1}, **note}}


def read(note: dict[str, Any]) -> CtiEvent:
    """The one event of a notification about a session."""
    parsed = parse_notification(encoded(note))
    assert not isinstance(parsed, Ignored)
    [event] = parsed
    assert isinstance(event, CtiEvent)
    return event
