"""What a poll has found out, as events. EQ tells nothing by itself: our poller hands on what changed, with the rows as they came.

{"at": "2026-01-31T09:00:00Z", "rows": [{"change": "shown", "kind": "line", "place": "502", "key": "line:502:…", "row": {…}}], …}
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct, structs

from integrations.contract.adapter import WebhookRequest
from integrations.contract.errors import MalformedPayload
from integrations.contract.events import CtiEvent, EndReason, Ignored, Notice, NoticeType
from integrations.vendors.eq.agents import AgentRow, QueueRow, agent_row, queue_row
from integrations.vendors.eq.calls import Change, observed
from integrations.vendors.eq.diff import Changes, RowChange
from integrations.vendors.eq.rows import Kind, Row, line_row, parked_row, queued_row
from integrations.vendors.eq.wire import Record, Unreadable, decode

_MAX_IDENTITY = 300
_Name = Annotated[str, Meta(min_length=1, max_length=200)]
_TIMED = re.compile(r"[0-9]{9,}\.[0-9]+")
"""Asterisk's unique IDs have the time in them. Others may come again for another call, some day."""


class ToldRow(Struct, frozen=True, omit_defaults=True):
    """What has become of a row."""

    change: Change
    kind: Kind
    place: Annotated[str, Meta(max_length=40)]
    key: _Name
    row: dict[str, Any]
    together: tuple[_Name, ...] = ()
    reason: EndReason | None = None
    parked_at: Annotated[str, Meta(max_length=40)] | None = None


class ToldAgent(Struct, frozen=True, omit_defaults=True):
    """An agent's status in a queue; `is_out` of one who isn't listed any more, or not at that extension."""

    row: dict[str, Any]
    extension: Annotated[str, Meta(max_length=40)]
    is_out: bool = False


class Told(Struct, frozen=True, omit_defaults=True):
    """What our poller and our snapshots hand to `parse`."""

    at: Annotated[datetime, Meta(tz=True)]
    rows: tuple[ToldRow, ...] = ()
    agents: tuple[ToldAgent, ...] = ()
    queues: tuple[dict[str, Any], ...] = ()


def told(at: datetime, changes: Changes) -> bytes:
    """The changes as `parse` reads them. Of an agent who sits nowhere nobody could be told."""
    agents = [
        ToldAgent(dict(each.raw), each.extension, is_out=each.state == "logged_out")
        for each in changes.agents
        if each.extension is not None
    ]
    return msgspec.json.encode(
        Told(at, tuple(map(_told_row, changes.rows)), tuple(agents), tuple(dict(each.raw) for each in changes.queues))
    )


def _told_row(each: RowChange) -> ToldRow:
    row = each.row
    return ToldRow(each.change, row.kind, row.place, row.key, dict(row.raw), each.together, each.reason, each.parked_at)


def parse_delivery(request: WebhookRequest) -> Sequence[CtiEvent | Notice] | Ignored:
    """What a poll says. Raises MalformedPayload, saying what is wrong, for what is none."""
    try:
        value = msgspec.convert(decode(request.body), Told)
        value = structs.replace(value, at=value.at.astimezone(UTC))
        return [*_calls(value), *_agents(value), *_queues(value)] or Ignored("nothing has changed")
    except (Unreadable, msgspec.ValidationError, RecursionError) as error:
        raise MalformedPayload(f"not what our poller tells of EQ: {error}") from error
    except OverflowError as error:
        raise MalformedPayload("not what our poller tells of EQ: its time is out of this world") from error


def _calls(value: Told) -> Iterator[CtiEvent]:
    """A microsecond apart, so that their order stays what it is, however they come."""
    for number, each in enumerate(value.rows):
        row = _row(each)
        if row is not None:
            yield observed(
                row,
                each.change,
                each.reason,
                each.parked_at,
                identity=_identity(each.key, each.change, value.at),
                at=value.at + timedelta(microseconds=number),
                peers=(*each.together, *_timed_names(row)),
            )


def _row(each: ToldRow) -> Row | None:
    record = Record(each.row)
    match each.kind:
        case Kind.LINE:
            row = line_row(record, each.place)
        case Kind.QUEUED:
            row = queued_row(record, each.place)
        case Kind.PARKED:
            row = parked_row(record)
    return row and structs.replace(row, key=each.key)


def _timed_names(row: Row) -> Iterator[str]:
    for name in dict.fromkeys((row.unique, row.linked)):
        if name and _TIMED.fullmatch(name):
            yield f"unique:{name}"


def _agents(value: Told) -> Iterator[Notice]:
    for each in value.agents:
        row = agent_row(Record(each.row), {})
        row = structs.replace(row, extension=each.extension, **(_OUT if each.is_out else {}))
        yield _agent_notice(row, value.at)


_OUT = {"state": "logged_out", "pause_code": None, "skill": None, "since": None}


def _agent_notice(row: AgentRow, at: datetime) -> Notice:
    told_of = msgspec.to_builtins(row.queue_agent())
    return Notice(
        identity=_identity("agent", row.key, row.extension or "", at),
        type=NoticeType.AGENT,
        occurred_at=at,
        data={name: each for name, each in told_of.items() if name != "vendor_extension_id"},
        vendor_extension_id=row.extension,
        vendor_queue_id=row.queue or None,
    )


def _queues(value: Told) -> Iterator[Notice]:
    for raw in value.queues:
        row: QueueRow = queue_row(Record(raw))
        stats = {name: each for name, each in msgspec.to_builtins(row.stats).items() if each is not None}
        yield Notice(
            identity=_identity("queue", row.key, value.at),
            type=NoticeType.QUEUE,
            occurred_at=value.at,
            data={"stats": stats},
            vendor_queue_id=row.queue,
        )


def _identity(*parts: str | datetime) -> str:
    """Of what was found out then: the same body says the same again."""
    words = [each.isoformat() if isinstance(each, datetime) else each for each in parts]
    identity = ":".join(words)
    return identity if len(identity) <= _MAX_IDENTITY else hashlib.sha256(identity.encode()).hexdigest()
