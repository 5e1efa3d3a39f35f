"""What all vendors' adapters need to be tried without Django's database."""

import ipaddress
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from common.http import HttpClient
from integrations.contract.adapter import Account, PbxAdapter
from integrations.contract.commands import LegRef
from integrations.contract.events import CtiEvent, LegState

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)
_OVER = {LegState.NULL, LegState.FAIL}
AdapterT = TypeVar("AdapterT", bound=PbxAdapter)


@asynccontextmanager
async def adapter_at(adapter: type[AdapterT], base_url: str, **account: Any) -> AsyncIterator[AdapterT]:
    """The adapter of an account at that address; `account`: what else it has."""
    async with HttpClient(allowed_networks=LOOPBACK) as http:
        yield adapter(Account(id="acc_1", base_url=base_url, **account), http)


def legs_of(events: Iterable[CtiEvent]) -> list[LegRef]:
    """The live ones, as a call of ours has them."""
    return [
        LegRef(
            vendor_call_id=event.vendor_call_id or "",
            vendor_leg_id=leg.vendor_leg_id,
            extension_id=leg.party.extension_id,
            number=leg.party.number,
            role=leg.role,
            state=leg.state,
            device_id=leg.device_id,
        )
        for event in events
        for leg in event.legs
        if leg.state not in _OVER
    ]
