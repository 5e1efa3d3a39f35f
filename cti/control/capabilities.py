"""What a connected account can do, without asking its vendor."""

from uuid import UUID

from django.db.models import QuerySet
from rest_framework.exceptions import NotFound

from common.http import HttpClient
from common.ids import public_id
from integrations import registry
from integrations.contract.adapter import Account
from integrations.contract.capabilities import Capability
from integrations.contract.errors import Unsupported
from integrations.models import OAuthGrant, PbxAccount


def capabilities_of(account: PbxAccount) -> frozenset[Capability]:
    """As they stand for this account: the vendor's, narrowed by the scopes granted. Loads `account.grant` if need be."""
    return registry.capabilities_of(account.vendor, _seen_by_adapter(account))


def require(account: PbxAccount, capability: Capability) -> None:
    """Raises Unsupported unless the account can do it: before anything is asked of the vendor."""
    if capability not in capabilities_of(account):
        raise Unsupported(f"This account can't do that (`{capability}`): its PBX can't, or hasn't permitted it.")


def missing_permissions_of(account: PbxAccount) -> list[str]:
    """In sentences: what doesn't work because the vendor didn't permit it."""
    adapter = registry.adapter_class(account.vendor)
    return list(adapter(_seen_by_adapter(account), HttpClient(allowed_networks=())).missing_permissions())


def _seen_by_adapter(account: PbxAccount) -> Account:
    """Without credentials: enough for what needs no talk with the vendor."""
    return Account(
        id=str(account.id),
        base_url=account.base_url,
        settings=account.settings,
        granted_scopes=granted_scopes(account),
    )


def readable_accounts() -> QuerySet[PbxAccount]:
    """Accounts without their secrets, so that reading doesn't decrypt what it never shows. Inside a tenant's scope."""
    return PbxAccount.objects.select_related("grant").defer("credentials", "grant__tokens")


def find_account(account_id: UUID) -> PbxAccount:
    """The account, without its secrets, inside the tenant's scope. Raises NotFound."""
    account = readable_accounts().filter(pk=account_id).first()
    if account is None:
        raise NotFound(f"There is no account {public_id('acc', account_id)}.")
    return account


def granted_scopes(account: PbxAccount) -> frozenset[str] | None:
    """None where the vendor has no scopes, hasn't said, or nobody has authorized the account yet."""
    try:
        scopes = account.grant.scopes
    except OAuthGrant.DoesNotExist:
        return None
    return frozenset(scopes) if scopes is not None else None
