"""What adapters keep of what a vendor gave them, beside an account."""

import pytest
from asgiref.sync import async_to_sync

from integrations.accounts import update_account
from integrations.adapters import adapter_account
from integrations.contract.adapter import TicketStore
from integrations.models import PbxAccount
from tenants.rls import tenant_scope
from tests.integrations.conftest import reload
from tests.tenancy import Company


@pytest.fixture
def account(company: Company) -> PbxAccount:
    with tenant_scope(company.tenant.pk):
        return PbxAccount.objects.create(
            tenant=company.tenant,
            vendor="dstny",
            name="Delft",
            base_url="https://pbx.example/api",
            credentials={"domain": "d", "user": "u", "password": "p"},
        )


def store_of(account: PbxAccount) -> TicketStore:
    store = adapter_account(account, scopes=None).ticket_store
    assert store is not None
    return store


def test_tickets_are_kept_one_by_one(account: PbxAccount) -> None:
    mine, others = store_of(account), store_of(account)
    async_to_sync(mine.put)("anna", {"token": "1"})
    async_to_sync(others.put)("bob", {"token": "2"})
    assert async_to_sync(mine.load)() == {"anna": {"token": "1"}, "bob": {"token": "2"}}
    async_to_sync(mine.put)("anna", None)
    assert async_to_sync(others.load)() == reload(account).tickets == {"bob": {"token": "2"}}


def test_all_of_them_are_replaced(account: PbxAccount) -> None:
    store = store_of(account)
    async_to_sync(store.put)("anna", {"token": "1"})
    async_to_sync(store.save)({"bob": {"token": "2"}})
    assert async_to_sync(store.load)() == {"bob": {"token": "2"}}


def test_of_other_credentials_nothing_is_kept_and_nothing_is_told(account: PbxAccount) -> None:
    store = store_of(account)
    async_to_sync(store.put)("anna", {"token": "1"})
    update_account(account.tenant_id, account.pk, credentials={"password": "another"})
    async_to_sync(store.put)("bob", {"token": "2"})
    assert async_to_sync(store.load)() == {}
    assert reload(account).tickets is None
