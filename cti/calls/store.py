"""Changes to calls that no vendor event makes: calls that we ask for, and calls that we give up. Short transactions."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import connection

from common.times import utc_now
from cti.calls import sql
from cti.calls.accounts import account_context
from cti.calls.book import AccountContext, Book, Entry
from cti.calls.facts import CallFacts, Request
from cti.calls.models import Call
from cti.events import log
from integrations.contract.events import EndReason, Party
from tenants.rls import tenant_scope


def expect_outbound(
    tenant_id: UUID, account_id: UUID, *, from_: Party, to: Party, external_id: str = "", now: datetime | None = None
) -> Call:
    """Stores a call that is about to be asked of the vendor: the events that tell of it will find it. Nobody sees it yet."""
    moment = now or utc_now()
    with tenant_scope(tenant_id):
        head = log.lock_head(tenant_id)
        account = read_account(account_id)
        book = Book()
        request = Request(from_=from_, to=to, requested_at=moment, external_id=external_id)
        entry = book.expect(account, CallFacts(request=request))
        log.write(tenant_id, head, book, moment)
        return Call.objects.get(pk=entry.id)


def confirm_originated(tenant_id: UUID, call_id: UUID, vendor_call_id: str | None, now: datetime | None = None) -> Call:
    """The vendor accepted the call: it is told as `call.originated`, unless its events were faster."""
    moment = now or utc_now()

    def confirm(book: Book, entry: Entry) -> None:
        _read_owner(book, entry, vendor_call_id)
        book.confirm(entry, vendor_call_id, moment)

    return _change(tenant_id, call_id, moment, confirm)


def discard_expected(tenant_id: UUID, call_id: UUID) -> None:
    """The vendor refused the call: it never was."""
    with tenant_scope(tenant_id):
        log.lock_head(tenant_id)
        Call.objects.filter(pk=call_id, version=0).delete()


def close_call(tenant_id: UUID, call_id: UUID, reason: EndReason, now: datetime | None = None) -> Call:
    """Ends a call that the vendor no longer has; one that has ended stays as it is."""
    moment = now or utc_now()
    return _change(tenant_id, call_id, moment, lambda book, entry: book.close(entry, reason, moment))


def ask_consultation(tenant_id: UUID, call_id: UUID, from_: Party, to: Party, now: datetime | None = None) -> Call:
    """The vendor is about to be asked for a further call for somebody on this one: events that tell of it will be this call's."""
    moment = now or utc_now()
    asking = Request(from_=from_, to=to, requested_at=moment)
    return _change(tenant_id, call_id, moment, lambda book, entry: book.ask(entry, asking))


def forget_consultation(tenant_id: UUID, call_id: UUID) -> Call:
    """The vendor refused it."""
    return _change(tenant_id, call_id, utc_now(), lambda book, entry: book.ask(entry, None))


def link(tenant_id: UUID, call_id: UUID, vendor_call_id: str, now: datetime | None = None) -> Call:
    """The vendor placed a further call for somebody on this one, to consult: its events are this call's, before and after."""
    moment = now or utc_now()

    def take(book: Book, entry: Entry) -> None:
        _read_owner(book, entry, vendor_call_id)
        book.link(entry, vendor_call_id, moment)

    return _change(tenant_id, call_id, moment, take)


def _read_owner(book: Book, entry: Entry, vendor_call_id: str | None) -> None:
    """Events of the vendor's call may have been faster, and made a call of their own."""
    if vendor_call_id:
        with connection.cursor() as cursor:
            cursor.execute(sql.READ_CALLS, sql.read_params([(entry.account.id, vendor_call_id)], []))
            sql.put_rows(book, cursor.fetchall(), {entry.account.id: entry.account})


def _change(tenant_id: UUID, call_id: UUID, now: datetime, change: Callable[[Book, Entry], None]) -> Call:
    with tenant_scope(tenant_id):
        head = log.lock_head(tenant_id)
        book = Book()
        with connection.cursor() as cursor:
            cursor.execute(sql.READ_CALL, [call_id])
            rows = cursor.fetchall()
        for row in rows:
            sql.put_rows(book, [row], {row[1]: read_account(row[1])})
            change(book, book.entries[call_id])
        log.write(tenant_id, head, book, now)
        return Call.objects.get(pk=call_id)


def read_account(account_id: UUID) -> AccountContext:
    """What calls need to know of an account; inside its tenant's scope."""
    with connection.cursor() as cursor:
        cursor.execute(sql.READ_ACCOUNT, [account_id])
        account = cursor.fetchone()
        cursor.execute(sql.READ_EXTENSIONS, [account_id])
        extensions = cursor.fetchall()
        cursor.execute(sql.READ_QUEUES, [account_id])
        return account_context(account_id, account, extensions, cursor.fetchall())
