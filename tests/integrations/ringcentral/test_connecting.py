"""Accounts come to their tokens in the browser or by a JWT, keep them through every refresh, and give them back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from asgiref.sync import async_to_sync

from common.http import HttpResponse
from common.times import utc_now
from integrations import accounts, oauth, tokens
from integrations.accounts import create_account, delete_account, update_account
from integrations.contract.errors import AuthorizationLost, VendorRejected, VendorTimeout, VendorUnavailable
from integrations.contract.transport import send
from integrations.models import OAuthGrant, PbxAccount, Upkeep
from integrations.tokens import StoredTokens, half_life, refresh_ahead
from integrations.validation import InvalidAccount
from tenants.rls import tenant_scope
from tests.integrations.conftest import reload
from tests.sandbox.ringcentral.client import COMPANY, ROSA, SEM
from tests.sandbox_server import SandboxHandle
from tests.tenancy import Company

Make = Callable[..., PbxAccount]
Status = PbxAccount.Status


@pytest.fixture
def make(sandbox: SandboxHandle, company: Company) -> Make:
    """Makes accounts with the application's client id and secret, and whatever else."""

    def account(**credentials: str | None) -> PbxAccount:
        facts = sandbox.company(COMPANY)
        client = {name: facts["connection"][name] for name in ("client_id", "client_secret")}
        given = {name: value for name, value in (client | credentials).items() if value is not None}
        return create_account(
            company.tenant.pk,
            vendor="ringcentral",
            name="Utrecht",
            base_url=sandbox.url + urlsplit(facts["base_url"]).path,
            credentials=given,
        )

    return account


@pytest.fixture
def with_jwt(sandbox: SandboxHandle, make: Make) -> Make:
    return lambda email=ROSA: make(jwt=sandbox.company(COMPANY)["jwts"][email])


def authorize(sandbox: SandboxHandle, account: PbxAccount) -> tuple[PbxAccount, dict[str, str]]:
    """What an admin does in the browser; and what RingCentral was asked."""
    session: dict[str, Any] = {}
    url = oauth.authorization_url(session, account, oauth.callback_uri())
    rosa = next(each for each in sandbox.company(COMPANY)["users"] if each["email"] == ROSA)
    location = sandbox.authorize(url, rosa["email"], rosa["password"])
    return oauth.complete(session, dict(parse_qsl(urlsplit(location).query))), dict(parse_qsl(urlsplit(url).query))


def grant_of(account: PbxAccount) -> OAuthGrant:
    with tenant_scope(account.tenant_id):
        return OAuthGrant.objects.get(pk=account.pk)


def token(account: PbxAccount, rejected: str | None = None) -> str:
    return async_to_sync(StoredTokens(account.tenant_id, account.pk).access_token)(rejected=rejected)


def test_in_the_browser(sandbox: SandboxHandle, make: Make) -> None:
    account = make()
    assert account.status == Status.PENDING_AUTHORIZATION
    account, asked = authorize(sandbox, account)
    assert asked["code_challenge_method"] == "S256"
    assert account.status == Status.CONNECTING
    assert {"CallControl", "ReadAccounts"} <= set(grant_of(account).scopes or ())
    checked = accounts.test_account(account.tenant_id, account.pk)
    assert (checked.ok, checked.detail) == (True, "Connected as Rosa Meijer (101)")


def test_public_application_has_no_secret(sandbox: SandboxHandle, make: Make) -> None:
    sandbox.set("connection", COMPANY, public=True)
    account, _ = authorize(sandbox, make(client_secret=None))
    first = token(account)
    assert token(account, rejected=first) != first


def test_jwt_needs_no_browser(with_jwt: Make) -> None:
    account = with_jwt()
    assert account.status == Status.CONNECTING
    with tenant_scope(account.tenant_id):
        assert Upkeep.objects.filter(account=account).count() >= 3
    assert accounts.test_account(account.tenant_id, account.pk).ok
    grant = grant_of(account)
    assert grant.tokens["refresh_token"]
    assert timedelta(minutes=59) < grant.expires_at - grant.refreshed_at <= timedelta(hours=1)


def test_jwt_that_nobody_made(make: Make) -> None:
    account = make(jwt="nonsense")
    checked = accounts.test_account(account.tenant_id, account.pk)
    assert (checked.ok, checked.detail) == (
        False,
        "The vendor says that the authorization has ended. Give the account a new JWT.",
    )
    assert reload(account).status == Status.REAUTHORIZATION_REQUIRED


def test_another_jwt_begins_anew(sandbox: SandboxHandle, with_jwt: Make) -> None:
    account = with_jwt()
    token(account)
    update_account(account.tenant_id, account.pk, credentials={"jwt": sandbox.company(COMPANY)["jwts"][SEM]})
    assert grant_of(account).tokens == {}
    assert accounts.test_account(account.tenant_id, account.pk).detail == "Connected as Sem Kok (102)"


def test_each_refresh_token_is_used_once(with_jwt: Make) -> None:
    account = with_jwt()
    used = set()
    for _ in range(4):
        before = token(account)
        used.add(grant_of(account).tokens["refresh_token"])
        assert token(account, rejected=before) != before
    assert len(used) == 4
    assert accounts.test_account(account.tenant_id, account.pk).ok


def test_lost_answer_is_asked_for_again(with_jwt: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """RingCentral replays the pair: were the refresh token dead, the grant would be."""
    account = with_jwt()
    old, lost = token(account), list[HttpResponse]()

    async def lose_the_first(*args: Any, **options: Any) -> HttpResponse:
        answer = await send(*args, **options)
        if not lost:
            lost.append(answer)
            raise VendorTimeout("no answer")
        return answer

    monkeypatch.setattr(tokens, "send", lose_the_first)
    new = token(account, rejected=old)
    assert new != old
    assert new.encode() in lost[0].body
    assert accounts.test_account(account.tenant_id, account.pk).ok


def test_dead_refresh_token_falls_back_to_the_jwt(sandbox: SandboxHandle, with_jwt: Make) -> None:
    account = with_jwt()
    old = token(account)
    sandbox.control("POST", f"/companies/{COMPANY}/tokens/revoke")
    assert token(account, rejected=old) != old
    assert accounts.test_account(account.tenant_id, account.pk).ok


def test_without_a_jwt_a_dead_refresh_token_is_the_end(sandbox: SandboxHandle, make: Make) -> None:
    account, _ = authorize(sandbox, make())
    sandbox.control("POST", f"/companies/{COMPANY}/tokens/revoke")
    with pytest.raises(AuthorizationLost, match="Authorize the account again"):
        token(account, rejected=token(account))


def test_wrong_secret_is_told_and_ends_nothing(with_jwt: Make) -> None:
    account = with_jwt()
    old = token(account)
    with tenant_scope(account.tenant_id):
        account.credentials |= {"client_secret": "another"}
        account.save()
    with pytest.raises(VendorRejected, match="Invalid client credentials"):
        token(account, rejected=old)
    assert grant_of(account).lost_at is None


def test_tokens_are_not_asked_for_too_often(sandbox: SandboxHandle, with_jwt: Make) -> None:
    """RingCentral gives tokens five times a minute, and each further request would prolong its penalty."""
    sandbox.set("connection", COMPANY, rate_limits=False)
    account = with_jwt()
    for _ in range(5):
        token(account, rejected=grant_of(account).tokens.get("access_token"))
    with pytest.raises(VendorUnavailable, match="5 times a minute") as raised:
        token(account, rejected=grant_of(account).tokens["access_token"])
    assert raised.value.retry_after is not None
    assert 0 < raised.value.retry_after <= 60


def test_refreshed_ahead(with_jwt: Make) -> None:
    account = with_jwt()
    now = utc_now()
    due_at = refresh_ahead(account.tenant_id, account.pk, now=now)
    assert due_at == half_life(grant_of(account)) > now + timedelta(minutes=29)
    first = token(account)
    refresh_ahead(account.tenant_id, account.pk, now=due_at + timedelta(seconds=1))
    assert token(account) != first


def test_tokens_are_given_back(sandbox: SandboxHandle, with_jwt: Make) -> None:
    account = with_jwt()
    last, base = token(account), urlsplit(sandbox.company(COMPANY)["base_url"]).path

    def status() -> int:
        headers = {"Authorization": f"Bearer {last}"}
        return sandbox.request("GET", f"{base}/restapi/v1.0/account/~", headers=headers).status

    assert status() == 200
    delete_account(account.tenant_id, account.pk)
    assert status() == 401


def test_account_without_tokens_is_removed_as_well(with_jwt: Make, make: Make) -> None:
    for account in (with_jwt(), make()):
        delete_account(account.tenant_id, account.pk)
        with pytest.raises(PbxAccount.DoesNotExist):
            reload(account)


@pytest.mark.parametrize(
    ("credentials", "chosen", "field"),
    [
        ({"client_secret": "x"}, {}, "credentials.client_id"),
        ({"client_id": "x", "password": "y"}, {}, "credentials"),
        ({"client_id": "x"}, {"transport": "pigeon"}, "settings.transport"),
    ],
)
def test_what_an_account_needs(
    company: Company, credentials: dict[str, str], chosen: dict[str, str], field: str
) -> None:
    with pytest.raises(InvalidAccount) as raised:
        create_account(
            company.tenant.pk, vendor="ringcentral", name="Utrecht", credentials=credentials, settings=chosen
        )
    assert set(raised.value.errors) == {field}
