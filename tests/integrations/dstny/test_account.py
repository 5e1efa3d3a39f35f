"""A Dstny account from its credentials to its upkeep: what may be given, what is kept, and what the pages leave alone."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from common.times import utc_now
from integrations import upkeep
from integrations.accounts import create_account, update_account
from integrations.models import Extension, PbxAccount, Queue, Upkeep, VendorSubscription
from integrations.validation import InvalidAccount, check_account
from integrations.vendors.dstny.adapter import DstnyAdapter
from tenants.rls import tenant_scope
from tests.integrations.conftest import reload, run_upkeep
from tests.integrations.dstny.live import BASE, COMPANY, DOMAIN, SERVICE
from tests.sandbox_server import SandboxHandle
from tests.tenancy import Company

TICKET = {"domain": DOMAIN, "user": "cti-service", "ticket": f"{COMPANY}-demo-superuser-ticket"}
USERS = [{"user": "vera", "password": "demo-vera"}, {"user": "wout", "ticket": "1234.x"}]


def wrong(credentials: dict[str, Any], settings: dict[str, Any] | None = None) -> dict[str, list[str]]:
    """What is said of these."""
    try:
        check_account(
            DstnyAdapter, name="x", base_url="https://pbx.example/api", credentials=credentials, settings=settings or {}
        )
    except InvalidAccount as error:
        return error.errors
    return {}


@pytest.mark.parametrize("credentials", [SERVICE, TICKET, {"domain": DOMAIN, "users": USERS}])
def test_forms_of_credentials(credentials: dict[str, Any]) -> None:
    assert wrong(credentials) == {}


@pytest.mark.parametrize(
    ("credentials", "errors"),
    [
        ({"domain": "d"}, {"credentials": ["Give a user with a password or a ticket, or users with one each."]}),
        ({"domain": "d", "users": []}, {"credentials.users": ["This must not be empty."]}),
        (
            {"domain": "d", "users": [{"user": "a"}]},
            {"credentials.users.0": ["Give each user a password or a ticket."]},
        ),
        (
            {"domain": "d", "user": "a@d", "password": "x"},
            {
                "credentials.user": [
                    "A service account, or an administrator, that may act for the users to watch; without the domain"
                ]
            },
        ),
    ],
)
def test_what_is_wrong_with_credentials_is_said(credentials: dict[str, Any], errors: dict[str, list[str]]) -> None:
    assert wrong(credentials) == errors


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"paths": {"hold": "no slash"}}, "settings.paths.hold"),
        ({"paths": {"hold": "PATCH /hold"}}, "settings.paths.hold"),
        ({"paths": {"no-such": "/x"}}, "settings.paths"),
        ({"users": ["wout@acme.example"]}, "settings.users.0"),
        ({"transport": "poll"}, "settings.transport"),
        ({"apis": ["calls"]}, "settings.apis.0"),
    ],
)
def test_what_is_wrong_with_settings_is_said(options: dict[str, Any], field: str) -> None:
    assert wrong(SERVICE, options).keys() == {field}


@pytest.fixture
def account(sandbox: SandboxHandle, company: Company, settings: Settings) -> PbxAccount:
    """Made with a superuser ticket, all its upkeep done once."""
    settings.PATCHBAY_PUBLIC_URL = "http://127.0.0.1:9"
    made = create_account(
        company.tenant.pk, vendor="dstny", name="Eindhoven", base_url=sandbox.url + BASE, credentials=TICKET
    )
    run_upkeep(made)
    return reload(made)


def test_a_new_account_is_watched_listed_and_has_a_ticket_of_its_own(
    account: PbxAccount, sandbox: SandboxHandle
) -> None:
    assert (account.status, account.status_detail) == (PbxAccount.Status.ACTIVE, "")
    assert set(account.tickets) == {"cti-service"}
    assert account.tickets["cti-service"]["token"] != TICKET["ticket"]
    with tenant_scope(account.tenant_id):
        numbers = dict(Extension.objects.filter(account=account).values_list("vendor_extension_id", "number"))
        queues = set(Queue.objects.filter(account=account).values_list("name", flat=True))
        subscription = VendorSubscription.objects.get(account=account)
    assert numbers == {"vera": "301", "wout": "302", "xander": "303"}
    assert queues == {"Reception", "Service"}
    assert subscription.expires_at is not None
    assert timedelta(minutes=59) < subscription.expires_at - utc_now() <= timedelta(hours=1)
    assert len(sandbox.company(COMPANY)["subscriptions"]) == 3


def test_webhooks_are_registered_again_at_half_of_their_life(account: PbxAccount) -> None:
    with tenant_scope(account.tenant_id):
        row = Upkeep.objects.get(account=account, kind=Upkeep.Kind.SUBSCRIPTIONS)
        before = VendorSubscription.objects.get(account=account)
    later = utc_now() + timedelta(minutes=31)
    upkeep.run(account.tenant_id, row.pk, clock=lambda: later)
    with tenant_scope(account.tenant_id):
        after = VendorSubscription.objects.get(account=account)
    assert after.vendor_subscription_id == before.vendor_subscription_id
    assert after.renewed_at == later


def test_other_credentials_make_the_ticket_forgotten(account: PbxAccount) -> None:
    update_account(account.tenant_id, account.pk, name="The same")
    assert reload(account).tickets is not None
    update_account(account.tenant_id, account.pk, credentials={"user": "vera", "ticket": "1234.other"})
    assert reload(account).tickets is None
