"""Authorizing an account at its vendor: RFC 6749's authorization code flow, in the browser of a signed-in admin.

The state is single use, bound to the browser's session, and lives for ten minutes. What the vendor answers, in the redirect
and at its token endpoint, is checked and told in words.
"""

from collections.abc import Mapping, MutableMapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from asgiref.sync import async_to_sync
from authlib.common.security import generate_token
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from django.conf import settings
from django.urls import reverse
from msgspec import Struct

from common.times import utc_now
from integrations.contract.adapter import OAuthProfile
from integrations.contract.errors import VendorError, VendorRejected
from integrations.locking import accounts_for_update, lock_grant
from integrations.models import OAuthGrant, PbxAccount, Upkeep
from integrations.registry import adapter_class
from integrations.schedule import make_due
from integrations.status import set_status
from integrations.tokens import TokenAnswer, request_tokens, store
from tenants.rls import tenant_scope

Session = MutableMapping[str, Any]
STATE_LIFETIME = timedelta(minutes=10)
_SESSION_KEY = "oauth_states"
_MOST_STATES = 5
"""Several tabs may be authorizing; the oldest give way."""
_LONGEST_WORDS = 300


class OAuthFailed(Exception):
    """The account wasn't authorized; the message says why and what to do. `account` is None where that isn't known."""

    def __init__(self, words: str, account: PbxAccount | None = None) -> None:
        super().__init__(words)
        self.account = account


class PendingState(Struct, frozen=True):
    """What a session remembers of an authorization that it started."""

    tenant_id: UUID
    account_id: UUID
    redirect_uri: str
    expires_at: datetime
    verifier: str | None = None
    """PKCE's secret (RFC 7636), where the vendor's profile has PKCE."""


def authorize_page_url(account: PbxAccount) -> str:
    """The page of ours that sends a signed-in admin on to the vendor."""
    return settings.PATCHBAY_PUBLIC_URL + reverse("account_authorize", args=[account.public_id])


def callback_uri() -> str:
    """The redirect URL to register at the vendor."""
    return settings.PATCHBAY_PUBLIC_URL + reverse("oauth_callback")


def authorization_url(session: Session, account: PbxAccount, redirect_uri: str, *, now: datetime | None = None) -> str:
    """The vendor's page that asks for permission; the session will know its answer again."""
    profile = _profile(account)
    verifier = generate_token(64) if profile.pkce else None
    pending = PendingState(
        account.tenant_id, account.pk, redirect_uri, expires_at=(now or utc_now()) + STATE_LIFETIME, verifier=verifier
    )
    state = generate_token(43)
    session[_SESSION_KEY] = dict(_newest(session)) | {state: msgspec.to_builtins(pending)}
    challenge = (
        {"code_challenge": create_s256_code_challenge(verifier), "code_challenge_method": "S256"} if verifier else {}
    )
    url: str = prepare_grant_uri(
        account.base_url + profile.authorize_path,
        client_id=account.credentials["client_id"],
        response_type="code",
        redirect_uri=redirect_uri,
        scope=" ".join(_scopes(account)),
        state=state,
        **challenge,
    )
    return url


def complete(session: Session, query: Mapping[str, str], *, now: datetime | None = None) -> PbxAccount:
    """Takes the vendor's redirect: exchanges the code, stores the grant, and lets the account's upkeep begin.

    Raises OAuthFailed.
    """
    now = now or utc_now()
    state = query.get("state", "")
    pending = _take(session, state)
    if pending is None or pending.expires_at < now:
        raise OAuthFailed(
            "This authorization wasn't begun in this browser, was already used, or took longer than ten minutes. "
            "Begin again from the account's page."
        )
    with tenant_scope(pending.tenant_id):
        account = PbxAccount.objects.filter(pk=pending.account_id).first()
    if account is None:
        raise OAuthFailed("The account has been removed meanwhile.")
    answer = _exchange(account, pending, query)
    if answer.state not in {None, state}:
        raise OAuthFailed("The vendor's answer belongs to another authorization. Begin again.", account)
    return _save(account, answer, now)


def _exchange(account: PbxAccount, pending: PendingState, query: Mapping[str, str]) -> TokenAnswer:
    if "error" in query or "code" not in query:
        raise OAuthFailed(_words(account, query.get("error", ""), query.get("error_description", "")), account)
    parameters = {
        "grant_type": "authorization_code",
        "code": query["code"],
        "redirect_uri": pending.redirect_uri,
    }
    if pending.verifier is not None:
        parameters["code_verifier"] = pending.verifier
    try:
        return async_to_sync(request_tokens)(account, parameters)
    except VendorRejected as error:
        raise OAuthFailed(_words(account, error.code or "", error.message), account) from error
    except VendorError as error:
        raise OAuthFailed(
            f"The permission was given, but the tokens didn't come: {error}. Try again.", account
        ) from error


def _save(account: PbxAccount, answer: TokenAnswer, now: datetime) -> PbxAccount:
    with tenant_scope(account.tenant_id):
        grant = lock_grant(account.pk)
        account = accounts_for_update(account.tenant_id).get(pk=account.pk)
        if grant is None:
            grant = OAuthGrant(account=account, tenant_id=account.tenant_id, tokens={})
        # RFC 6749 §5.1: a vendor that doesn't name the scopes has granted what was asked for.
        grant.scopes = _scopes(account) or None
        store(grant, answer, now)
        account.directory_version += 1
        account.save(update_fields=["directory_version"])
        set_status(account, PbxAccount.Status.CONNECTING)
        Upkeep.objects.filter(account=account).delete()  # how it went with the old grant doesn't count
        make_due(account, now)
    return account


def _scopes(account: PbxAccount) -> list[str]:
    return list(account.settings.get("scopes") or _profile(account).default_scopes)


def _profile(account: PbxAccount) -> OAuthProfile:
    profile = adapter_class(account.vendor).oauth
    if profile is None:
        raise OAuthFailed("This vendor needs no authorization in the browser.", account)
    return profile


def _words(account: PbxAccount, code: str, description: str) -> str:
    """The vendor's error code as the adapter explains it; else what the vendor said, which is untrusted text."""
    label = adapter_class(account.vendor).label
    explained = _profile(account).error_words.get(code)
    if explained:
        return f"{label} refused: {explained}"
    return f"{label} refused: {(description or code or 'it sent neither a code nor a reason.')[:_LONGEST_WORDS]}"


def _newest(session: Session) -> list[tuple[str, Any]]:
    return list(session.get(_SESSION_KEY, {}).items())[1 - _MOST_STATES :]


def _take(session: Session, state: str) -> PendingState | None:
    states = dict(session.get(_SESSION_KEY, {}))
    pending = states.pop(state, None)
    session[_SESSION_KEY] = states
    return None if pending is None else msgspec.convert(pending, PendingState)
