"""Lists that vendors keep, of calls and voicemails, over one account or all that have one: account after account.

A page asks one vendor once. The cursor names the account and the vendor's own place in its list.
"""

import base64
import binascii
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from rest_framework import serializers
from rest_framework.exceptions import NotFound

from common.ids import public_id
from cti.control.capabilities import capabilities_of, readable_accounts
from cti.control.vendor import ask
from integrations.contract.adapter import PbxAdapter
from integrations.contract.capabilities import Capability
from integrations.contract.errors import Unsupported
from integrations.contract.things import Page
from integrations.models import PbxAccount
from tenants.principals import Principal
from tenants.rls import tenant_scope

Read = Callable[[PbxAdapter, str | None], Awaitable[Page]]
"""Asks an adapter for the page that begins at the vendor's own `next`."""


class _Place(Struct, array_like=True):
    account_id: UUID
    page: str | None


def read_page(
    principal: Principal, capability: Capability, account_id: UUID | None, cursor: str | None, read: Read
) -> tuple[PbxAccount | None, tuple[Any, ...], str | None]:
    """An account, what its vendor lists, and the cursor of what follows. Without any account that can: nothing.

    Raises NotFound, Unsupported for an account that has no such list, ValidationError for a cursor that isn't one, VendorError.
    """
    accounts = _accounts(principal, capability, account_id)
    place = _parse(cursor) if cursor else None
    if place is not None:
        accounts = [account for account in accounts if account.pk >= place.account_id]
    if not accounts:
        return None, (), None
    account = accounts[0]
    start = place.page if place is not None and place.account_id == account.pk else None
    page = ask(account, capability.value, lambda adapter: read(adapter, start))
    if page.next is not None:
        return account, page.items, _format(_Place(account.pk, page.next))
    return account, page.items, _format(_Place(accounts[1].pk, None)) if len(accounts) > 1 else None


def _accounts(principal: Principal, capability: Capability, account_id: UUID | None) -> list[PbxAccount]:
    with tenant_scope(principal.tenant_id):
        accounts = readable_accounts().order_by("pk")
        if account_id is None:
            return [account for account in accounts if capability in capabilities_of(account)]
        account = accounts.filter(pk=account_id).first()
        if account is None:
            raise NotFound(f"There is no account {public_id('acc', account_id)}.")
        if capability not in capabilities_of(account):
            raise Unsupported("This account's PBX has no such list, or hasn't permitted to read it.")
        return [account]


def _format(place: _Place) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def _parse(cursor: str) -> _Place:
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=_Place)
    except (binascii.Error, ValueError) as error:  # msgspec's errors are ValueErrors
        raise serializers.ValidationError({"cursor": ["This is not a cursor of this list."]}) from error
