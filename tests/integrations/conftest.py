"""A sandbox PBX and accounts that are connected to it."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import pytest

from common.times import utc_now
from integrations import oauth, schedule, upkeep
from integrations.accounts import create_account
from integrations.models import PbxAccount, Upkeep, VendorSubscription
from integrations.signals import subscription_status_changed
from tenants.rls import tenant_scope
from tests.sandbox_server import SandboxHandle
from tests.tenancy import Company, make_company

Connect = Callable[..., PbxAccount]


@pytest.fixture
def sandbox(sandbox_process: SandboxHandle) -> SandboxHandle:
    """The sandbox, as freshly started."""
    sandbox_process.control("POST", "/companies/acme/reset")
    return sandbox_process


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """The rows of upkeep that workers would be told of: these tests run them by themselves."""
    rows: list[UUID] = []
    monkeypatch.setattr(schedule, "wake", lambda _, upkeep_id: rows.append(upkeep_id))
    return rows


@pytest.fixture
def company(committed_db: None) -> Company:
    return make_company()


@pytest.fixture
def new_account(sandbox: SandboxHandle, company: Company) -> Connect:
    """Makes accounts that aren't authorized yet."""

    def make(**settings: Any) -> PbxAccount:
        pbx = sandbox.company()
        client = pbx["connection"]
        return create_account(
            company.tenant.pk,
            vendor="kwebbl",
            name="Head office",
            base_url=sandbox.url + urlsplit(pbx["base_url"]).path,
            credentials={"client_id": client["client_id"], "client_secret": client["client_secret"]},
            settings=settings,
        )

    return make


@pytest.fixture
def connect(sandbox: SandboxHandle, new_account: Connect) -> Connect:
    """Makes accounts that the admin of the sandbox's company has authorized, through the whole flow."""

    def make(**settings: Any) -> PbxAccount:
        return authorize(sandbox, new_account(**settings))

    return make


@pytest.fixture
def statuses() -> Iterator[list[str]]:
    """What was told of subscriptions."""
    told: list[str] = []

    def note(subscription: VendorSubscription, **_: Any) -> None:
        told.append(subscription.status)

    subscription_status_changed.connect(note)
    yield told
    subscription_status_changed.disconnect(note)


def authorize(sandbox: SandboxHandle, account: PbxAccount) -> PbxAccount:
    """What an admin does in the browser."""
    session: dict[str, Any] = {}
    url = oauth.authorization_url(session, account, oauth.callback_uri())
    admin = next(user for user in sandbox.company()["users"] if user["is_admin"])
    location = sandbox.authorize(url, admin["email"], admin["password"])
    return oauth.complete(session, dict(parse_qsl(urlsplit(location).query)))


def listed_subscriptions(sandbox: SandboxHandle) -> list[dict[str, Any]]:
    """The vendor's own list, as its admin sees it."""
    path = urlsplit(sandbox.company()["base_url"]).path
    headers = {"Authorization": f"Bearer {sandbox.tokens()['access_token']}"}
    found: list[dict[str, Any]] = sandbox.request("GET", f"{path}/subscriptions", headers=headers).json()
    return found


def run_upkeep(account: PbxAccount, **options: Any) -> None:
    """Runs what is due of the account's upkeep, as workers would."""
    with tenant_scope(account.tenant_id):
        rows = list(Upkeep.objects.filter(account=account, due_at__lte=options.get("clock", utc_now)()))
    for row in rows:
        upkeep.run(account.tenant_id, row.pk, **options)


def reload(account: PbxAccount) -> PbxAccount:
    with tenant_scope(account.tenant_id):
        return PbxAccount.objects.get(pk=account.pk)
