"""From a new account to an active one, and what stands in the way: over real HTTP with the sandbox."""

from typing import Any

from integrations.accounts import test_account as check_account_live
from integrations.hooks import callback_url
from integrations.models import Extension, PbxAccount, VendorSubscription
from tenants.rls import tenant_scope
from tests.integrations.conftest import Connect, authorize, listed_subscriptions, reload, run_upkeep
from tests.sandbox_server import SandboxHandle

Status = PbxAccount.Status


def test_authorized_account_becomes_active(sandbox: SandboxHandle, new_account: Connect, woken: list[Any]) -> None:
    account = new_account()
    assert (account.status, woken) == (Status.PENDING_AUTHORIZATION, [])

    account = authorize(sandbox, account)
    assert account.status == Status.CONNECTING
    assert len(woken) == 3

    run_upkeep(account)
    assert reload(account).status == Status.ACTIVE
    with tenant_scope(account.tenant_id):
        numbers = set(Extension.objects.filter(account=account, gone_at=None).values_list("number", flat=True))
        subscription = VendorSubscription.objects.get(account=account)
    assert {"1000", "1001", "2001"} <= numbers
    listed = listed_subscriptions(sandbox)
    assert [each["callback_url"] for each in listed] == [callback_url("kwebbl", subscription)]
    assert (listed[0]["events"], listed[0]["mode"]) == (["*"], "detailed")
    assert check_account_live(account.tenant_id, account.pk).ok
