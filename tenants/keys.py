"""API keys, `pb_<prefix>_<secret>`: made, shown once, recognised."""

import ipaddress
import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from common.crypto import same_secret, token_digest
from tenants.models import ApiKey, User

_FORM = re.compile(r"pb_(?P<prefix>[0-9a-f]{12})_(?P<secret>[A-Za-z0-9_-]{43})")
_PREFIX_BYTES = 6
_SECRET_BYTES = 32
_USE_NOTED_EVERY = timedelta(minutes=1)


def issue_key(
    tenant_id: UUID,
    *,
    name: str,
    scopes: Iterable[str],
    created_by: User | None,
    expires_at: datetime | None = None,
    allowed_networks: Iterable[str] = (),
) -> tuple[ApiKey, str]:
    """Makes a key inside the tenant's scope; answers the row and the key's text, which can't be had again."""
    prefix, secret = secrets.token_hex(_PREFIX_BYTES), secrets.token_urlsafe(_SECRET_BYTES)
    key = ApiKey.objects.create(
        tenant_id=tenant_id,
        name=name,
        prefix=prefix,
        secret_digest=token_digest(secret),
        scopes=sorted(scopes),
        allowed_networks=list(allowed_networks),
        created_by=created_by,
        expires_at=expires_at,
    )
    return key, f"pb_{prefix}_{secret}"


def revoke_key(key: ApiKey, now: datetime) -> ApiKey:
    """Ends a key for good; once revoked, the first moment stays."""
    if key.revoked_at is None:
        key.revoked_at = now
        key.save(update_fields=["revoked_at"])
    return key


def split_key(text: str) -> tuple[str, str] | None:
    """The prefix and the secret of a key's text, None where it isn't one."""
    match = _FORM.fullmatch(text)
    return (match["prefix"], match["secret"]) if match else None


def why_refused(key: ApiKey, secret: str, remote_addr: str, now: datetime) -> str | None:
    """Why this key doesn't admit this caller now; None when it does."""
    if not same_secret(bytes(key.secret_digest), token_digest(secret)):
        return "This API key is not known."
    if key.revoked_at is not None:
        return "This API key has been revoked."
    if key.expires_at is not None and key.expires_at <= now:
        return "This API key has expired."
    if key.allowed_networks and not _inside(remote_addr, key.allowed_networks):
        return "This API key may not be used from this address."
    return None


def note_use(key: ApiKey, now: datetime) -> None:
    """Keeps when the key was last used, to the minute, so that a busy key doesn't cost a write a request."""
    if key.last_used_at is None or now - key.last_used_at >= _USE_NOTED_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)


def _inside(remote_addr: str, networks: Iterable[str]) -> bool:
    try:
        address = ipaddress.ip_address(remote_addr)
    except ValueError:  # no network address at all: a Unix socket, say
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return any(address in ipaddress.ip_network(network) for network in networks)
