"""What EQ shows at one moment, as dictionaries that a test can read."""

from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import structs

from integrations.contract.adapter import WebhookRequest
from integrations.vendors.eq.agents import agent_row, queue_row
from integrations.vendors.eq.diff import Picture, Seen, differences
from integrations.vendors.eq.events import told
from integrations.vendors.eq.rows import line_row, parked_row, queued_row
from integrations.vendors.eq.wire import Record

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
CUSTOMER = "31612345678"
PEOPLE = {"501": ("501", "Yara"), "502": ("502", "Zeno"), "503": ("503", "Noor"), "504": ("504", "Olaf")}
Fields = dict[str, Any]
CALL = "1769860800.7"
"""Asterisk's unique ID of the customer's call."""


def line(extension: str, state: str = "ringing", unique: str | None = CALL, **fields: Any) -> Fields:
    """An active call of that extension's: the customer's, unless `fields` say otherwise."""
    shown = {
        "channel": f"SIP/{extension}-0000000{extension[-1]}",
        "extension": extension,
        "callerId": CUSTOMER,
        "callerName": "Jan Jansen",
        "destination": extension,
        "state": state,
        "startTime": 1769860800,
        "uniqueId": unique,
        **fields,
    }
    return {name: value for name, value in shown.items() if value is not None}


def outgoing(extension: str, to: str, state: str = "dialing", unique: str | None = CALL, **fields: Any) -> Fields:
    return line(extension, state, unique, callerId=extension, callerName=None, destination=to, **fields)


def queued(queue: str = "601", unique: str | None = CALL, **fields: Any) -> Fields:
    shown = {"channel": "SIP/trunk-00000001", "queue": queue, "callerId": CUSTOMER, "position": 1, "uniqueId": unique}
    return {name: value for name, value in {**shown, **fields}.items() if value is not None}


def parked(space: str = "801", unique: str | None = CALL, **fields: Any) -> Fields:
    shown = {"channel": "SIP/trunk-00000001", "space": space, "callerId": CUSTOMER, "uniqueId": unique, **fields}
    return {name: value for name, value in shown.items() if value is not None}


def picture(*shown: Fields) -> Picture:
    """Of such calls: those in a queue have a `queue` and no extension, those who are parked a `space`."""
    rows = []
    for fields in shown:
        record = Record(fields)
        if "space" in fields:
            rows.append(parked_row(record))
        elif "extension" in fields:
            row = line_row(record, fields["extension"])
            rows += [row] if row else []
        else:
            rows.append(queued_row(record))
    return Picture(rows=tuple(rows))


def everything() -> Picture:
    """Of every kind of row one."""
    status = {"queue": "601", "agent": 2, "name": "Zeno", "extension": "502", "status": "paused", "pauseCode": 6}
    statistics = {"queue": "601", "name": "Support", "callsWaiting": 1, "longestWaitTime": 7, "agentsSignedIn": 3}
    shown = picture(line("502", "talking", recording=True), queued(), parked())
    return structs.replace(shown, agents=(agent_row(Record(status), {}),), queues=(queue_row(Record(statistics)),))


def polled(*pictures: Picture) -> list[WebhookRequest]:
    """What our poller hands on of these, a second apart; the last is taken twice, as the poller does when something is missing."""
    seen, bodies = Seen(), []
    for number, each in enumerate((*pictures, pictures[-1])):
        changes, seen = differences(seen, each)
        if changes:
            bodies.append(told(NOON + timedelta(seconds=number), changes))
    return [WebhookRequest({}, body) for body in bodies]
