"""A company with a PBX, as the tests of the API need it: rows alone, no vendor behind them."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection
from django.test import Client

from common.times import utc_now
from cti.calls import sql
from cti.calls.book import Book
from cti.calls.models import Call
from cti.calls.store import read_account
from cti.events import log
from integrations.contract.events import CtiEvent, Direction, EventType, LegView, Party
from integrations.models import Extension, OAuthGrant, PbxAccount
from tenants.rls import tenant_scope
from tests.tenancy import Company

SCOPES = ["company.dialplans", "company.users", "calls.events", "calls.create", "calls.manage"]


@dataclass(frozen=True)
class World:
    company: Company
    account: PbxAccount
    alice: Extension
    sales: Extension

    @property
    def client(self) -> Client:
        return self.company.program()

    def call(self, *kinds: EventType, to: str = "31612345678") -> Call:
        """A call that Alice made, as these events of the vendor tell it."""
        vendor_call_id, now = f"vendor-{secrets.token_hex(8)}", utc_now()
        return self.told(
            CtiEvent(
                identity=f"{vendor_call_id}-{number}",
                type=kind,
                occurred_at=now + timedelta(milliseconds=number),
                vendor_call_id=vendor_call_id,
                direction=Direction.OUTBOUND,
                from_=Party(extension_id=self.alice.vendor_extension_id),
                to=Party(number=to),
            )
            for number, kind in enumerate(kinds or (EventType.ORIGINATED,))
        )

    def shown(self, *legs: LegView, **fields: Any) -> Call:
        """A call with these legs, as a vendor shows it that tells how calls stand."""
        vendor_call_id = fields.pop("vendor_call_id", f"vendor-{secrets.token_hex(8)}")
        event = CtiEvent(
            identity=f"{vendor_call_id} shown",
            type=EventType.OBSERVED,
            occurred_at=utc_now(),
            vendor_call_id=vendor_call_id,
            direction=Direction.INBOUND,
            legs=legs,
            **fields,
        )
        return self.told([event])

    def told(self, events: Iterable[CtiEvent]) -> Call:
        """The call that these events are about."""
        events = list(events)
        with tenant_scope(self.company.tenant.id):
            head, book, account = log.lock_head(self.company.tenant.id), Book(), read_account(self.account.id)
            with connection.cursor() as cursor:
                keys = [(account.id, event.vendor_call_id or "") for event in events]
                cursor.execute(sql.READ_CALLS, sql.read_params(keys, []))
                sql.put_rows(book, cursor.fetchall(), {account.id: account})
            for event in events:
                entry = book.apply(event, account)
            log.write(self.company.tenant.id, head, book, utc_now())
            assert entry is not None
            return Call.objects.get(pk=entry.id)


def make_world(company: Company, base_url: str = "https://pbx.example.com/v100", vendor: str = "kwebbl") -> World:
    with tenant_scope(company.tenant.id):
        account = PbxAccount.objects.create(
            tenant=company.tenant,
            vendor=vendor,
            name="Head office",
            base_url=base_url,
            credentials={"client_id": "cid", "client_secret": "hush-hush"},
            status=PbxAccount.Status.ACTIVE,
        )
        if vendor == "kwebbl":
            OAuthGrant.objects.create(
                account=account,
                tenant=company.tenant,
                tokens={"access_token": "at", "refresh_token": "rt"},
                scopes=SCOPES,
                expires_at=utc_now() + timedelta(minutes=15),
            )
        alice = _extension(account, "a" * 32, "1000", "Alice", "user")
        sales = _extension(account, "b" * 32, "345", "Sales", "dialplan", external_number="31102612345")
    return World(company, account, alice, sales)


def _extension(account: PbxAccount, vendor_id: str, number: str, name: str, kind: str, **fields: Any) -> Extension:
    return Extension.objects.create(
        tenant_id=account.tenant_id,
        account=account,
        vendor_extension_id=vendor_id,
        number=number,
        name=name,
        type=kind,
        **fields,
    )
