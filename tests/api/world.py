"""A company with a PBX, as the tests of the API need it: rows alone, no vendor behind them."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection
from django.test import Client

from common.times import utc_now
from cti.calls import sql
from cti.calls.accounts import account_context
from cti.calls.book import AccountContext, Book
from cti.calls.models import Call
from cti.events import log
from integrations.contract.events import CtiEvent, Direction, EventType, Party
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
        vendor_call_id = f"vendor-{secrets.token_hex(8)}"
        now = utc_now()
        with tenant_scope(self.company.tenant.id):
            head = log.lock_head(self.company.tenant.id)
            book, account = Book(), self._context()
            for number, kind in enumerate(kinds or (EventType.ORIGINATED,)):
                event = CtiEvent(
                    identity=f"{vendor_call_id}-{number}",
                    type=kind,
                    occurred_at=now + timedelta(milliseconds=number),
                    vendor_call_id=vendor_call_id,
                    direction=Direction.OUTBOUND,
                    from_=Party(extension_id=self.alice.vendor_extension_id),
                    to=Party(number=to),
                )
                entry = book.apply(event, account)
            log.write(self.company.tenant.id, head, book, now)
            assert entry is not None
            return Call.objects.get(pk=entry.id)

    def _context(self) -> AccountContext:
        with connection.cursor() as cursor:
            cursor.execute(sql.READ_ACCOUNT, [self.account.id])
            account = cursor.fetchone()
            cursor.execute(sql.READ_EXTENSIONS, [self.account.id])
            return account_context(self.account.id, account, cursor.fetchall())


def make_world(company: Company, base_url: str = "https://pbx.example.com/v100") -> World:
    with tenant_scope(company.tenant.id):
        account = PbxAccount.objects.create(
            tenant=company.tenant,
            vendor="kwebbl",
            name="Head office",
            base_url=base_url,
            credentials={"client_id": "cid", "client_secret": "hush-hush"},
            status=PbxAccount.Status.ACTIVE,
        )
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
