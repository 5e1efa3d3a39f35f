"""Tokens survive: one refresh an expiry, saved before use, and only invalid_grant ends a grant."""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import psycopg
import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import connection

from common.http import HttpResponse
from common.times import utc_now
from integrations import tokens
from integrations.contract.errors import AuthorizationLost, VendorError, VendorRejected, VendorUnavailable
from integrations.contract.transport import send
from integrations.models import OAuthGrant, PbxAccount
from integrations.tokens import StoredTokens, half_life, refresh_ahead
from tenants.rls import tenant_scope
from tests.integrations.conftest import Connect
from tests.sandbox_server import SandboxHandle


def grant_of(account: PbxAccount) -> OAuthGrant:
    with tenant_scope(account.tenant_id):
        return OAuthGrant.objects.get(pk=account.pk)


def change_grant(account: PbxAccount, **fields: object) -> None:
    with tenant_scope(account.tenant_id):
        OAuthGrant.objects.filter(pk=account.pk).update(**fields)


def token(account: PbxAccount, rejected: str | None = None) -> str:
    return async_to_sync(StoredTokens(account.tenant_id, account.pk).access_token)(rejected=rejected)


def at_once(account: PbxAccount, threads: int, ask: Callable[[], str]) -> list[str]:
    """The answers of that many threads that ask together."""
    gate = Barrier(threads)

    def run(_: int) -> str:
        gate.wait(10)
        try:
            return ask()
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, range(threads)))


def test_stored_token_is_used_until_it_expires(connect: Connect) -> None:
    account = connect()
    assert token(account) == grant_of(account).tokens["access_token"]


def test_expired_token_is_refreshed_once_by_twenty_at_once(connect: Connect, sandbox: SandboxHandle) -> None:
    account = connect()
    old = grant_of(account)
    change_grant(account, expires_at=utc_now())
    sandbox.control("POST", "/companies/acme/tokens/expire")

    answers = at_once(account, 20, lambda: token(account))

    # Each refresh makes another pair and kills the one before: one answer for all means one refresh.
    new = grant_of(account)
    assert set(answers) == {new.tokens["access_token"]}
    assert new.tokens["access_token"] != old.tokens["access_token"]
    assert new.tokens["refresh_token"] != old.tokens["refresh_token"]
    assert new.expires_at > utc_now() + timedelta(minutes=14)


def test_rejected_token_is_replaced_once_by_twenty_at_once(connect: Connect) -> None:
    account = connect()
    old = grant_of(account).tokens["access_token"]
    answers = at_once(account, 20, lambda: token(account, rejected=old))
    assert set(answers) == {grant_of(account).tokens["access_token"]}
    assert old not in answers


def test_one_event_loop_refreshes_once_too(connect: Connect) -> None:
    account = connect()
    old = grant_of(account).tokens["access_token"]
    source = StoredTokens(account.tenant_id, account.pk)

    async def ask() -> list[str]:
        return await asyncio.gather(*(source.access_token(rejected=old) for _ in range(20)))

    assert set(asyncio.run(ask())) == {grant_of(account).tokens["access_token"]} != {old}


def test_rejecting_a_token_that_was_replaced_meanwhile(connect: Connect) -> None:
    account = connect()
    assert token(account, rejected="one from before") == grant_of(account).tokens["access_token"]


def test_database_that_goes_away_meanwhile_loses_no_tokens(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    account = connect()
    old = grant_of(account).tokens
    backends: list[int] = []

    async def cut_off(*args: Any, **options: Any) -> HttpResponse:
        """The vendor's answer, after which the connection that holds the lock is no more."""
        answer = await send(*args, **options)
        with psycopg.connect(settings.DATABASE_URL, autocommit=True) as owner:
            owner.execute("SELECT pg_terminate_backend(%s)", [backends.pop()])
        return answer

    def lock(account_id: UUID) -> OAuthGrant:
        backends.append(connection.connection.info.backend_pid)
        return locked(account_id)

    locked = tokens._lock
    monkeypatch.setattr(tokens, "send", cut_off)
    monkeypatch.setattr(tokens, "_lock", lock)
    fresh = token(account, rejected=old["access_token"])
    assert grant_of(account).tokens["access_token"] == fresh != old["access_token"]
    monkeypatch.undo()
    assert token(account, rejected=fresh) != fresh


def test_refresh_ahead_waits_for_half_of_the_life(connect: Connect) -> None:
    account = connect()
    begun = grant_of(account)
    assert refresh_ahead(account.tenant_id, account.pk, now=half_life(begun) - timedelta(seconds=1)) == half_life(begun)
    assert grant_of(account).tokens == begun.tokens

    later = half_life(begun) + timedelta(seconds=1)
    assert refresh_ahead(account.tenant_id, account.pk, now=later) == later + timedelta(seconds=450)
    assert grant_of(account).tokens != begun.tokens


def test_lives_of_two_weeks(connect: Connect, sandbox: SandboxHandle) -> None:
    sandbox.set("connection", access_token_s=14 * 86400)
    grant = grant_of(connect())
    assert half_life(grant) - grant.refreshed_at == timedelta(days=7)


def test_invalid_grant_ends_the_grant(connect: Connect, sandbox: SandboxHandle) -> None:
    account = connect()
    sandbox.control("POST", "/companies/acme/tokens/revoke")
    old = grant_of(account).tokens["access_token"]
    for _ in range(2):
        with pytest.raises(AuthorizationLost, match="Authorize the account again"):
            token(account, rejected=old)
    assert grant_of(account).lost_at is not None


def test_everything_else_leaves_the_grant(connect: Connect, sandbox: SandboxHandle) -> None:
    account = connect()
    old = grant_of(account).tokens["access_token"]
    for fault, error in (("server_errors", VendorUnavailable), ("rate_limited", VendorUnavailable)):
        sandbox.set("faults", **{fault: 1})
        with pytest.raises(error):
            token(account, rejected=old)
        sandbox.set("faults", **{fault: 0})
    assert grant_of(account).lost_at is None
    assert token(account, rejected=old) != old


def test_wrong_client_secret_is_not_the_end_of_the_grant(connect: Connect) -> None:
    account = connect()
    with tenant_scope(account.tenant_id):
        account.credentials |= {"client_secret": "another"}
        account.save()
    with pytest.raises(VendorRejected, match="Client authentication failed") as raised:
        token(account, rejected=grant_of(account).tokens["access_token"])
    assert raised.value.code == "invalid_client"
    assert grant_of(account).lost_at is None


@pytest.mark.parametrize(
    "answer",
    [
        {"access_token": "s3cret", "expires_in": "soon"},
        {"access_token": "s3cret\n", "expires_in": 900},
        {"token": "s3cret"},
        ["s3cret"],
    ],
)
def test_unreadable_tokens_are_not_repeated_in_words(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, answer: object
) -> None:
    async def answers(*_: object, **__: object) -> HttpResponse:
        return HttpResponse(200, {}, json.dumps(answer).encode())

    account = connect()
    monkeypatch.setattr(tokens, "send", answers)
    with pytest.raises(VendorRejected, match="no proper answer") as raised:
        token(account, rejected=grant_of(account).tokens["access_token"])
    assert "s3cret" not in str(raised.value)


def test_unreachable_vendor(connect: Connect) -> None:
    account = connect()
    with tenant_scope(account.tenant_id):
        PbxAccount.objects.filter(pk=account.pk).update(base_url="http://127.0.0.1:9/v100")
    with pytest.raises(VendorError):
        token(account, rejected=grant_of(account).tokens["access_token"])
    assert grant_of(account).lost_at is None


def test_account_that_was_never_authorized(new_account: Connect) -> None:
    with pytest.raises(AuthorizationLost, match="not been authorized"):
        token(new_account())


def test_tokens_are_encrypted_at_rest(connect: Connect) -> None:
    account = connect()
    access_token = grant_of(account).tokens["access_token"]
    with tenant_scope(account.tenant_id), connection.cursor() as cursor:
        cursor.execute("SELECT tokens FROM integrations_oauthgrant WHERE account_id = %s", [account.pk])
        assert access_token not in cursor.fetchone()[0]
