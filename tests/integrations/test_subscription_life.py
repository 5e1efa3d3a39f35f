"""Subscriptions at vendors of other kinds than Kwebbl: those that expire, and those that have no list."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from common.http import HttpClient
from common.times import utc_now
from integrations import subscriptions
from integrations.accounts import create_account
from integrations.contract.adapter import Account, PbxAdapter
from integrations.contract.capabilities import Capability
from integrations.contract.commands import SubscriptionFilter, SubscriptionInfo
from integrations.contract.errors import VendorRejected
from integrations.models import PbxAccount, VendorSubscription
from integrations.subscriptions import hook_secret, keep_subscriptions
from tenants.rls import tenant_scope
from tests.tenancy import Company

LIFE = timedelta(hours=1)


class Vendor(PbxAdapter):
    """One whose webhooks live for an hour; it forgets none, and tells of none where `lists_subscriptions` is False."""

    key = "kwebbl"
    label = "Vendor"
    declared = frozenset({Capability.CALL_EVENTS})
    now: datetime
    made: dict[str, SubscriptionInfo]
    secrets: list[str]
    renewals: int
    refuses_renewal: bool
    life: timedelta

    def wanted_subscription(self) -> SubscriptionFilter:
        return SubscriptionFilter(event_types=("calls",))

    async def list_subscriptions(self) -> Sequence[SubscriptionInfo]:
        assert self.lists_subscriptions
        return list(self.made.values())

    async def create_subscription(
        self, callback_url: str, wanted: SubscriptionFilter, secret: str = ""
    ) -> SubscriptionInfo:
        self.secrets.append(secret)
        return self._keep(f"sub-{len(self.made) + 1}", callback_url)

    async def renew_subscription(self, vendor_subscription_id: str, wanted: SubscriptionFilter) -> SubscriptionInfo:
        if self.refuses_renewal:
            raise VendorRejected("It is gone.", status=404)
        type(self).renewals += 1
        return self._keep(vendor_subscription_id, self.made[vendor_subscription_id].callback_url)

    async def delete_subscription(self, vendor_subscription_id: str) -> None:
        self.made.pop(vendor_subscription_id, None)

    def _keep(self, vendor_id: str, callback_url: str) -> SubscriptionInfo:
        self.made[vendor_id] = SubscriptionInfo(vendor_id, callback_url, expires_at=self.now + self.life)
        return self.made[vendor_id]


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch) -> type[Vendor]:
    """The vendor behind every account of the test, with nothing subscribed yet."""

    class Fresh(Vendor):
        now, made, secrets, renewals, refuses_renewal, life = utc_now(), {}, [], 0, False, LIFE
        lists_subscriptions = False

    @asynccontextmanager
    async def open_adapter(tenant_id: UUID, account_id: UUID) -> AsyncIterator[PbxAdapter]:
        async with HttpClient(allowed_networks=()) as http:
            yield Fresh(Account(id="acc_1", base_url=""), http)

    monkeypatch.setattr(subscriptions, "open_adapter", open_adapter)
    return Fresh


@pytest.fixture
def account(company: Company) -> PbxAccount:
    credentials = {"client_id": "x", "client_secret": "y"}
    return create_account(company.tenant.pk, vendor="kwebbl", name="Head office", credentials=credentials)


def keep(account: PbxAccount, vendor: type[Vendor], after: timedelta = timedelta()) -> tuple[Any, timedelta]:
    """The row after one look, so long after the vendor's beginning, and in what time the next one is due."""
    began, vendor.now = vendor.now, vendor.now + after
    try:
        due_at = keep_subscriptions(account.tenant_id, account.pk, now=vendor.now)
        with tenant_scope(account.tenant_id):
            return VendorSubscription.objects.get(account=account), due_at - vendor.now
    finally:
        vendor.now = began


def test_made_with_the_secret_of_its_hook(account: PbxAccount, vendor: type[Vendor]) -> None:
    row, _ = keep(account, vendor)
    assert vendor.made[row.vendor_subscription_id].callback_url.endswith(row.hook_token)
    assert vendor.secrets == [hook_secret(row.hook_token)]
    assert (row.status, row.expires_at) == ("active", vendor.now + LIFE)


def test_without_a_list_the_time_is_trusted(account: PbxAccount, vendor: type[Vendor]) -> None:
    keep(account, vendor)
    row, _ = keep(account, vendor, timedelta(minutes=29))
    assert (list(vendor.made), vendor.renewals, row.status) == (["sub-1"], 0, "active")


@pytest.mark.parametrize("lists", [True, False])
def test_renewed_at_half_of_its_life(account: PbxAccount, vendor: type[Vendor], lists: bool) -> None:
    vendor.lists_subscriptions = lists
    keep(account, vendor)
    row, _ = keep(account, vendor, timedelta(minutes=31))
    assert (list(vendor.made), vendor.renewals) == (["sub-1"], 1)
    assert row.expires_at == vendor.now + timedelta(minutes=31) + LIFE


def test_renewal_that_fails_is_told_and_the_expired_is_made_anew(account: PbxAccount, vendor: type[Vendor]) -> None:
    keep(account, vendor)
    vendor.refuses_renewal = True
    with pytest.raises(VendorRejected, match="gone"):
        keep(account, vendor, timedelta(minutes=31))
    row, _ = keep(account, vendor, timedelta(minutes=61))
    assert row.vendor_subscription_id == "sub-2"
    assert row.status == "active"


@pytest.mark.parametrize(
    ("life", "due_in"),
    [(timedelta(hours=1), 300.0), (timedelta(minutes=4), 120.0), (timedelta(seconds=8), 10.0), (timedelta(0), 10.0)],
)
def test_next_look(account: PbxAccount, vendor: type[Vendor], life: timedelta, due_in: float) -> None:
    vendor.life = life
    _, due = keep(account, vendor)
    assert due.total_seconds() == due_in
