"""OAuth token pairs: one refresh an expiry, however many processes want it. Accounts with a JWT get theirs for that.

A refresh kills the pair that it used, so it runs under the grant's row lock: whoever comes second waits, reads again, and
finds the new pair. The pair is saved before anybody uses it. The lock is held during the vendor's request, which is bounded
by the HTTP client's timeout. A database that goes away meanwhile is waited for. Only if the process dies between the vendor's
answer and our commit, or the answer is lost on its way, is the new pair lost and the old one dead: the next refresh gets
invalid_grant, and the account asks an admin to authorize again, unless the vendor answers a used refresh token again for a
while (`OAuthProfile.replays_refresh`), or there is a JWT.
"""

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

import msgspec
import structlog
from asgiref.sync import async_to_sync
from authlib.oauth2.auth import ClientAuth
from channels.db import database_sync_to_async
from django.db import InterfaceError, OperationalError, connection
from msgspec import Meta, Struct
from psycopg.errors import LockNotAvailable

from common.http import HttpResponse
from common.times import utc_now
from integrations.contract.adapter import OAuthProfile
from integrations.contract.errors import AuthorizationLost, VendorRejected, VendorTimeout, VendorUnavailable
from integrations.contract.transport import first_words, raise_if_unavailable, send
from integrations.http import open_http
from integrations.limits import RedisRateLimits
from integrations.models import OAuthGrant, PbxAccount
from integrations.registry import adapter_class
from tenants.rls import tenant_scope

log = structlog.get_logger(__name__)
_OK = 200
_LOCK_SECONDS = 20
_SAVE_AGAIN_AFTER = (0.1, 0.5, 1, 2, 4, 8)
_LONGEST_LIFE = 10 * 365 * 86400
_JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_LEEWAY = timedelta(seconds=30)
"""A token this close to its end counts as expired, unless it lives so shortly that a quarter of its life is less."""


class TokenAnswer(Struct, frozen=True):
    """What a token endpoint answers (RFC 6749 §5.1)."""

    access_token: Annotated[str, Meta(pattern=r"^[\x20-\x7e]+\Z")]  # it becomes a header
    expires_in: int = 900
    refresh_token: str | None = None
    scope: str | None = None
    state: str | None = None


class TokenError(Struct, frozen=True):
    """What it answers instead (RFC 6749 §5.2)."""

    error: str = ""
    error_description: str = ""


class StoredTokens:
    """The TokenSource of an account: its grant's row."""

    def __init__(self, tenant_id: UUID, account_id: UUID) -> None:
        self._ids = (tenant_id, account_id)

    async def access_token(self, *, rejected: str | None = None) -> str:
        """A token that should work now: the stored one, or a new one if that has expired or is the `rejected` one.

        Raises AuthorizationLost without a grant or when it has ended, VendorError when the refresh fails otherwise.
        """
        now = utc_now()
        grant = await database_sync_to_async(_read)(*self._ids)
        if not _usable(grant, rejected, now):
            # In a thread of its own: while it waits for the vendor, others of this process go on with the database.
            grant = await database_sync_to_async(refresh, thread_sensitive=False)(
                *self._ids, unless=lambda found: _usable(found, rejected, now), now=now
            )
        return access_token_of(grant)


def refresh(tenant_id: UUID, account_id: UUID, *, unless: Callable[[OAuthGrant], bool], now: datetime) -> OAuthGrant:
    """The grant with a new pair of tokens, or as it is if, once locked, it turns out that `unless` holds.

    Only an explicit invalid_grant, for the pair that stands in the locked row, ends the grant: AuthorizationLost. Whatever
    else fails is a VendorError that leaves the grant as it is.
    """
    used, answer = None, None
    try:
        with tenant_scope(tenant_id):
            grant = _lock(account_id)
            if grant.lost_at is None and not unless(grant):
                used = grant.tokens.get("refresh_token")
                answer = _ask(grant)
                _save(grant, answer, now)
    except (OperationalError, InterfaceError):
        if answer is None:
            raise
        grant = _save_late(tenant_id, account_id, answer, used=used, now=now)
    if grant.lost_at is not None:
        what = "Authorize the account again" if needs_browser(grant.account) else "Give the account a new JWT"
        raise AuthorizationLost(f"The vendor says that the authorization has ended. {what}.")
    return grant


def refresh_ahead(tenant_id: UUID, account_id: UUID, *, now: datetime) -> datetime:
    """Refreshes once half of the token's life has passed; answers when that will be next."""
    return half_life(refresh(tenant_id, account_id, unless=lambda grant: now < half_life(grant), now=now))


def half_life(grant: OAuthGrant) -> datetime:
    """When a grant is to be refreshed: lives of 15 minutes and of 14 days both occur."""
    return grant.refreshed_at + (grant.expires_at - grant.refreshed_at) / 2


def needs_browser(account: PbxAccount) -> bool:
    """Whether somebody has to authorize the account at the vendor: it has OAuth, and no JWT that stands in for that."""
    profile = adapter_class(account.vendor).oauth
    return profile is not None and not account.credentials.get(profile.jwt_credential)


def begin_grant(account: PbxAccount, now: datetime) -> None:
    """Makes the grant of an account that needs nobody's browser: without tokens, so that whoever comes first gets some."""
    OAuthGrant.objects.create(account=account, tenant_id=account.tenant_id, tokens={}, refreshed_at=now, expires_at=now)


def revoke(tenant_id: UUID, account_id: UUID) -> None:
    """Gives the account's tokens back, where the vendor takes them. Raises VendorError."""
    with tenant_scope(tenant_id):
        grant = OAuthGrant.objects.select_related("account").filter(pk=account_id).first()
    if grant is None or not grant.tokens or not _profile(grant.account).revoke_path:
        return
    path, parameters = _profile(grant.account).revoke_path, {"token": access_token_of(grant)}
    raise_if_unavailable(async_to_sync(_post)(grant.account, path, parameters), "The vendor's revocation endpoint")


def store(grant: OAuthGrant, answer: TokenAnswer, now: datetime) -> None:
    """Puts an answered pair into the grant's row, inside the caller's transaction."""
    refresh_token = answer.refresh_token or grant.tokens.get("refresh_token")
    grant.tokens = {"access_token": answer.access_token, "refresh_token": refresh_token}
    grant.scopes = answer.scope.split() if answer.scope else grant.scopes
    grant.refreshed_at, grant.expires_at = now, now + timedelta(seconds=min(max(answer.expires_in, 1), _LONGEST_LIFE))
    grant.lost_at = None
    grant.save()


def access_token_of(grant: OAuthGrant) -> str:
    return str(grant.tokens["access_token"])


async def request_tokens(account: PbxAccount, parameters: Mapping[str, str]) -> TokenAnswer:
    """Asks the vendor's token endpoint, authenticated by HTTP Basic; a client without a secret says its id instead.

    Raises VendorRejected with the vendor's error code, VendorUnavailable, or VendorTimeout.
    """
    return _read_answer(await _post(account, _profile(account).token_path, parameters))


async def _post(account: PbxAccount, path: str, parameters: Mapping[str, str]) -> HttpResponse:
    method, url, headers = "POST", account.base_url + path, {"Accept": "application/json"}
    client_id, secret = account.credentials["client_id"], account.credentials.get("client_secret")
    if secret:
        _, headers, _ = ClientAuth(client_id, secret).prepare(method, url, headers, "")
    else:
        parameters = {**parameters, "client_id": client_id}
    await _count(account)
    async with open_http(account.settings) as http:
        if _profile(account).json_body:
            return await send(http, method, url, headers=headers, json=dict(parameters))
        return await send(http, method, url, headers=headers, data=dict(parameters))


async def _count(account: PbxAccount) -> None:
    """Raises VendorUnavailable instead of asking more often than the vendor allows: with a wrong secret every request would ask."""
    most = _profile(account).requests_a_minute
    if most is None:
        return
    wait = await RedisRateLimits(account.public_id).take("auth", limit=most, window_s=60)
    if wait:
        raise VendorUnavailable(
            f"The vendor gives tokens {most} times a minute; try again in {wait:.0f} s.", retry_after=wait
        )


def _profile(account: PbxAccount) -> OAuthProfile:
    profile = adapter_class(account.vendor).oauth
    assert profile is not None, f"{account.vendor} has no OAuth"  # noqa: S101 - callers handle OAuth accounts alone
    return profile


def _read_answer(response: HttpResponse) -> TokenAnswer:
    raise_if_unavailable(response, "The vendor's token endpoint")
    try:
        if response.status == _OK:
            return msgspec.json.decode(response.body, type=TokenAnswer, strict=False)
        problem = msgspec.json.decode(response.body, type=TokenError)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise VendorRejected(
            f"The vendor's token endpoint gave no proper answer ({response.status}): {first_words(response)}",
            status=response.status,
        ) from error
    words = problem.error_description or problem.error or first_words(response)
    raise VendorRejected(f"The vendor gives no tokens: {words}", status=response.status, code=problem.error)


def _ask(grant: OAuthGrant) -> TokenAnswer | None:
    """A new pair from the vendor, for the refresh token or else for the JWT; None for invalid_grant."""
    profile = _profile(grant.account)
    refresh_token, jwt = grant.tokens.get("refresh_token"), grant.account.credentials.get(profile.jwt_credential)
    ways = []
    if refresh_token:
        ways.append({"grant_type": "refresh_token", "refresh_token": refresh_token})
    if jwt:
        ways.append({"grant_type": _JWT_BEARER, "assertion": jwt})
    for parameters in ways:
        try:
            return _ask_again_if_lost(grant.account, parameters)
        except VendorRejected as error:
            if error.code != "invalid_grant":
                raise
    return None


def _ask_again_if_lost(account: PbxAccount, parameters: Mapping[str, str]) -> TokenAnswer:
    try:
        return async_to_sync(request_tokens)(account, parameters)
    except VendorTimeout:
        if not _profile(account).replays_refresh:
            raise
        return async_to_sync(request_tokens)(account, parameters)


def _save(grant: OAuthGrant, answer: TokenAnswer | None, now: datetime) -> None:
    if answer is None:
        grant.lost_at = now
        grant.save(update_fields=["lost_at"])
    else:
        store(grant, answer, now)


def _save_late(
    tenant_id: UUID, account_id: UUID, answer: TokenAnswer, *, used: str | None, now: datetime
) -> OAuthGrant:
    """The database went away with the transaction. The answered pair is the only one that works now: we wait and try again.

    Somebody else may have used the dead pair meanwhile and noted that the grant is lost: storing the pair mends that.
    """
    for wait in _SAVE_AGAIN_AFTER:
        time.sleep(wait)
        try:
            with tenant_scope(tenant_id):
                grant = _lock(account_id)
                if grant.tokens.get("refresh_token") == used:
                    store(grant, answer, now)
        except (OperationalError, InterfaceError) as error:
            log.warning("a new token pair can't be saved yet", account=str(account_id), error=type(error).__name__)
        else:
            return grant
    raise VendorUnavailable("The access token was renewed, but the database was away too long to keep it.")


def _read(tenant_id: UUID, account_id: UUID) -> OAuthGrant:
    with tenant_scope(tenant_id):
        grant = OAuthGrant.objects.filter(pk=account_id).first()
    if grant is None:
        raise AuthorizationLost("This account has not been authorized yet.")
    return grant


def _lock(account_id: UUID) -> OAuthGrant:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{_LOCK_SECONDS}s"])
    try:
        grant = (
            OAuthGrant.objects.select_for_update(of=("self",)).select_related("account").filter(pk=account_id).first()
        )
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        raise VendorUnavailable("Another process is still renewing the access token.", retry_after=5) from error
    if grant is None:
        raise AuthorizationLost("This account has not been authorized yet.")
    return grant


def _usable(grant: OAuthGrant, rejected: str | None, now: datetime) -> bool:
    leeway = min(_LEEWAY, (grant.expires_at - grant.refreshed_at) / 4)
    return grant.lost_at is None and now < grant.expires_at - leeway and access_token_of(grant) != rejected
