"""Notifications as Kwebbl's document shows them, lost braces and commas mended, its oddities kept."""

from typing import Any

AGENT = {"extension_id": "abcdef123456abcdef123456abcdef12", "caller_id": "anonymous"}
CUSTOMER = {"number": "31101111111"}
CALL_ID = "4a2bcad2-c4b9e70a"


def notification(event_type: str, **changes: Any) -> dict[str, Any]:
    """A notification of the base structure."""
    base = {
        "id": "a1b2c3d2",
        "event_type": event_type,
        "call_id": CALL_ID,
        "from": AGENT,
        "to": CUSTOMER,
        "direction": "outbound",
        "time": "2016-08-30T14:02:06.635Z",
    }
    return base | changes


CREATED = {
    "id": "a1b2c3d0",
    "event_type": "created",
    "from": AGENT,
    "to": CUSTOMER,
    "direction": "inbound",
    "time": "2016-08-30T14:02:06.435Z",
}
ANSWERED = notification("answered", id="a1b2c3d3", direction="inbound", time="2016-08-30T14:02:16.635Z")
BRIDGED = {
    "id": "a1b2c3d3",
    "event_type": "bridged",
    "calls": [
        {
            "call_id": CALL_ID,
            "from": {"number": "31101111111"},
            "to": {"extension_id": "abcdef123456abcdef123456abcdef12", "number": "31101222222"},
            "direction": "inbound",
        },
        {
            "call_id": "fd8265472-8c34a51b",
            "from": {"number": "31101111111"},
            "to": {"extension_id": "def456789abcdef456789abcdef45678", "number": "030"},
            "direction": "outbound",
        },
    ],
    "time": "2016-08-30T14:02:16.635Z",
}
TRANSFERRED = {
    "id": "a1b2c3d9",
    "event_type": "transferred",
    "call_id": CALL_ID,
    "before": {"from": AGENT | {"number": "010"}, "to": CUSTOMER},
    "after": {
        "from": {"extension_id": "def456789abcdef456789abcdef45678", "caller_id": "anonymous", "number": "030"},
        "to": CUSTOMER,
    },
    "initiator": {"extension_id": "abcdef123456abcdef123456abcdef12", "number": "020"},
    "transfer_type": "blind",
    "time": "2016-08-30T14:20:36.635Z",
}
