"""What calls need to know of their PBX account: read once, kept until the account's directory version moves on."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import orjson

from cti.calls.book import AccountContext
from cti.calls.directory import Directory, Entry, QueueEntry
from cti.control.actions import allowed_actions
from integrations import registry
from integrations.contract.adapter import Account


def account_context(
    account_id: UUID,
    account: tuple[Any, ...],
    extensions: Iterable[tuple[Any, ...]],
    queues: Iterable[tuple[Any, ...]] = (),
) -> AccountContext:
    """From the rows of `sql.READ_ACCOUNT`, `sql.READ_EXTENSIONS` and `sql.READ_QUEUES`."""
    vendor, base_url, settings, version, scopes, region = account
    capabilities = registry.capabilities_of(
        vendor,
        Account(
            id=str(account_id),
            base_url=base_url,
            settings=orjson.loads(settings),
            granted_scopes=frozenset(scopes) if scopes is not None else None,
        ),
    )
    return AccountContext(
        id=account_id,
        vendor=vendor,
        directory=Directory((Entry(*row) for row in extensions), region, (QueueEntry(*row) for row in queues)),
        actions=lambda call: allowed_actions(call, capabilities),
        directory_version=version,
    )
