"""How accounts are, as pages show it: rows of the database in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Count, Prefetch, Q

from common.http import HttpClient
from integrations.contract.adapter import Account, PbxAdapter
from integrations.models import OAuthGrant, PbxAccount, Upkeep, VendorSubscription
from integrations.pages.abilities import Abilities, account_abilities
from integrations.registry import adapter_class

Status = PbxAccount.Status
ACCOUNT_PILLS = {
    Status.PENDING_AUTHORIZATION: "warn",
    Status.CONNECTING: "busy",
    Status.ACTIVE: "good",
    Status.DEGRADED: "warn",
    Status.REAUTHORIZATION_REQUIRED: "bad",
    Status.DISABLED: "off",
}
_UPKEEP_WORDS = {
    Upkeep.Kind.REFRESH_TOKEN: "Renewing the access token",
    Upkeep.Kind.SUBSCRIPTIONS: "Checking the subscription",
    Upkeep.Kind.DIRECTORY: "Copying the directory",
    Upkeep.Kind.CALLS: "Comparing the calls",
}


@dataclass(frozen=True)
class Light:
    """A status pill: its colour's class and its words."""

    pill: str
    words: str


@dataclass(frozen=True)
class Overview:
    """An account at a glance."""

    account: PbxAccount
    vendor: str
    status: Light
    lines: int
    grant: OAuthGrant | None
    token: Light
    subscriptions: Sequence[VendorSubscription]
    events: Light
    upkeep: Sequence[tuple[str, Upkeep]]

    @property
    def has_hook(self) -> bool:
        """Whether the vendor calls an address of ours, or will: not where events come over a stream."""
        return not self.subscriptions or any(each.transport == "webhook" for each in self.subscriptions)


def overviews(now: datetime, **only: object) -> list[Overview]:
    """The tenant's accounts by name, or those that `only` picks; inside its scope, without reading any secret."""
    current = VendorSubscription.objects.exclude(status=VendorSubscription.Status.ENDED).defer("hook_token")
    accounts = (
        PbxAccount.objects.filter(**only)
        .select_related("grant")
        .defer("credentials", "grant__tokens")
        .annotate(lines=Count("extensions", filter=Q(extensions__gone_at=None)))
        .prefetch_related(Prefetch("subscriptions", queryset=current.order_by("-created_at")), "upkeep")
        .order_by("name", "id")
    )
    return [_overview(account, now) for account in accounts]


def _overview(account: PbxAccount, now: datetime) -> Overview:
    adapter = adapter_class(account.vendor)
    grant = getattr(account, "grant", None)  # raises where there is none
    subscriptions = list(account.subscriptions.all())
    upkeep = sorted(account.upkeep.all(), key=lambda each: each.kind)
    return Overview(
        account=account,
        vendor=adapter.label,
        status=Light(ACCOUNT_PILLS[Status(account.status)], account.get_status_display()),
        lines=account.lines,  # type: ignore[attr-defined]  # annotated
        grant=grant,
        token=_token(adapter, grant, now),
        subscriptions=subscriptions,
        events=_events(subscriptions),
        upkeep=[(_UPKEEP_WORDS[Upkeep.Kind(each.kind)], each) for each in upkeep],
    )


def _token(adapter: type[PbxAdapter], grant: OAuthGrant | None, now: datetime) -> Light:
    if adapter.oauth is None:
        return Light("good", "Doesn't expire")
    if grant is None:
        return Light("off", "Not authorized yet")
    if grant.lost_at is not None:
        return Light("bad", "Lost")
    return Light("good", "Valid") if grant.expires_at > now else Light("warn", "Expired, being renewed")


def _events(subscriptions: Sequence[VendorSubscription]) -> Light:
    """The subscription that works, if any does."""
    found = {each.status for each in subscriptions}
    if VendorSubscription.Status.ACTIVE in found:
        return Light("good", "Receiving events")
    if VendorSubscription.Status.FAILED in found:
        return Light("bad", "No events: subscribing failed")
    if VendorSubscription.Status.PENDING in found:
        return Light("busy", "Being subscribed")
    return Light("off", "Not subscribed")


def missing_permissions(account: PbxAccount, grant: OAuthGrant | None) -> Sequence[str]:
    """What doesn't work because the vendor hasn't granted it, in sentences; empty until somebody has authorized."""
    return _adapter(account, grant).missing_permissions() if grant else ()


def abilities_of(account: PbxAccount, grant: OAuthGrant | None) -> Abilities:
    """What the account can do with what it was granted, and its vendor."""
    adapter = _adapter(account, grant)
    return account_abilities(adapter.declared, adapter.capabilities(), adapter.lacking)


def _adapter(account: PbxAccount, grant: OAuthGrant | None) -> PbxAdapter:
    """One that answers without talking to the vendor, and without credentials."""
    granted = None if grant is None or grant.scopes is None else frozenset(grant.scopes)
    seen = Account(account.public_id, account.base_url, settings=account.settings, granted_scopes=granted)
    return adapter_class(account.vendor)(seen, HttpClient(allowed_networks=()))


def callback_host() -> str:
    """Where vendors send events to; the secret part of that address is shown only when asked for."""
    return urlsplit(settings.PATCHBAY_PUBLIC_URL).netloc
