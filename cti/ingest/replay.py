"""Ingests a stored delivery again: for what wasn't understood when it came, once our reading of it is mended."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from msgspec import structs

from common.times import utc_now
from cti.calls import sql
from cti.calls.book import Book
from cti.calls.commit import DeliveryRow
from cti.calls.store import read_account
from cti.events import log
from cti.ingest.models import Delivery
from cti.ingest.parse import decode_waiting, parse_delivery
from cti.ingest.plan import Incoming, Waiting, plan
from cti.ingest.store import READ_SEEN, READ_WAITING, RECENTLY
from cti.presence.known import apply_notice
from cti.presence.lines import run
from integrations.models import PbxAccount
from tenants.rls import tenant_scope

UNPARSED = Delivery.Status.UNPARSED


class NotReplayable(Exception):
    """The delivery was understood when it came: taking it in once more would tell of the same thing twice."""


def replay_delivery(tenant_id: UUID, account_id: UUID, delivery_id: UUID, now: datetime | None = None) -> Delivery:
    """Reads a delivery that wasn't understood from its raw body again; what it tells goes to the end of the log.

    The delivery keeps its id and time of arrival; its status says what became of it now, which may be the same as before.
    Raises Delivery.DoesNotExist and NotReplayable.
    """
    moment = now or utc_now()
    with tenant_scope(tenant_id):
        head = log.lock_head(tenant_id)  # before any other lock, as everywhere
        delivery = Delivery.objects.select_for_update().get(pk=delivery_id, account_id=account_id)
        if delivery.status != UNPARSED:
            raise NotReplayable("This delivery was understood when it came.")
        incoming = _read_again(delivery)
        book = Book()
        row, found, by_identity = _plan(incoming, book, moment)
        log.write(tenant_id, head, book, moment, deliveries=by_identity, found=found)
        for noted in book.noted:
            if statement := apply_notice(noted.account.id, noted.notice):
                run(statement)
        delivery.status, delivery.identity, delivery.note = row.status, row.identity, row.note
        delivery.call_id = row.call_id
        delivery.save(update_fields=["status", "identity", "note", "call_id"])
    return delivery


def _read_again(delivery: Delivery) -> Incoming:
    """Headers aren't kept; no adapter needs them to read what has been verified once."""
    incoming = parse_delivery(
        PbxAccount.objects.only("vendor").get(pk=delivery.account_id).vendor,
        account_id=delivery.account_id,
        subscription_id=delivery.subscription_id,
        headers={},
        body=bytes(delivery.body),
        received_at=delivery.received_at,
    )
    return structs.replace(incoming, id=delivery.id)


def _plan(
    incoming: Incoming, book: Book, now: datetime
) -> tuple[DeliveryRow, list[tuple[UUID, UUID]], dict[str, UUID]]:
    """As one transaction of `cti.ingest.store`, for a single delivery: what becomes of it, and whom it helped."""
    account_id = incoming.account_id
    contexts = {account_id: read_account(account_id)}
    sql.put_rows(book, _rows(sql.READ_CALLS, *sql.read_params(incoming.vendor_calls(), [account_id])), contexts)
    if any(event.vendor_call_id is None and not event.strands for event in incoming.events):
        sql.put_rows(book, _rows(sql.READ_RECENT, [account_id], now - RECENTLY), contexts)
    identities = [incoming.identity] if incoming.identity else []
    seen = {(row[0], row[1]): None for row in _rows(READ_SEEN, [account_id] * len(identities), identities)}
    vendor = contexts[account_id].vendor
    waiting = [Waiting(row[0], row[1], decode_waiting(vendor, row[2])) for row in _rows(READ_WAITING, [account_id])]
    made = plan([incoming], book, contexts, seen, waiting)
    return made.deliveries[0], made.found, made.by_identity


def _rows(query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())
