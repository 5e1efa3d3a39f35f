"""A RingCentral adapter, on the sandbox or on a server of the test's own, without Django's database."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from integrations.contract.commands import CallRef, LegRef
from integrations.contract.limits import RateLimits
from integrations.vendors.ringcentral.adapter import RingCentralAdapter
from tests.integrations.kwebbl_live import ListedTokens
from tests.integrations.live import adapter_at
from tests.sandbox.ringcentral.client import COMPANY, ROSA, RingCentral
from tests.sandbox_server import SandboxHandle


@asynccontextmanager
async def ringcentral_at(
    base_url: str, tokens: ListedTokens | None, *, limits: RateLimits | None = None, **settings: Any
) -> AsyncIterator[RingCentralAdapter]:
    """An adapter for that address."""
    opened = adapter_at(RingCentralAdapter, base_url, settings=settings, tokens=tokens, limits=limits)
    async with opened as adapter:
        yield adapter


@asynccontextmanager
async def ringcentral_of(
    sandbox: SandboxHandle, email: str = ROSA, *, limits: RateLimits | None = None, **settings: Any
) -> AsyncIterator[RingCentralAdapter]:
    """An adapter for the sandbox's company, as one of its users."""
    user = RingCentral.logged_in(sandbox, email)
    base_url = sandbox.url + urlsplit(sandbox.company(COMPANY)["base_url"]).path
    tokens = ListedTokens(user.tokens["access_token"])
    async with ringcentral_at(base_url, tokens, limits=limits, **settings) as adapter:
        yield adapter


def call_of(user: RingCentral, session_id: str, *others: str) -> CallRef:
    """A session as the layers above name it, with the user's own newest party acting; `others` are sessions of the same call."""
    legs = [leg for each in (session_id, *others) for leg in _legs(user, each)]
    mine = [each for each in legs if each.extension_id == user.extension_id and each.vendor_call_id == session_id]
    return CallRef(session_id, "connected", tuple(legs), mine[-1] if mine else None)


def _legs(user: RingCentral, session_id: str) -> list[LegRef]:
    states = {"Proceeding": "alerting", "Answered": "connected", "Hold": "hold", "Parked": "parked"}
    return [
        LegRef(
            vendor_call_id=session_id,
            vendor_leg_id=party["id"],
            extension_id=party.get("extensionId"),
            state=states.get(party["status"]["code"], "null"),
        )
        for party in user.session(session_id)["parties"]
        if party["status"]["code"] not in {"Disconnected", "Gone"}
    ]


async def until(look: Callable[[], object]) -> None:
    """Waits until that is true: what it looks at is in another process."""
    async with asyncio.timeout(10):
        while not look():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


@dataclass(frozen=True)
class Scene:
    """A user's adapter on the sandbox: by default the administrator's, Rosa's, extension 101."""

    sandbox: SandboxHandle
    adapter: RingCentralAdapter
    user: RingCentral

    async def ringing(self, caller_to: str = "31305550101") -> CallRef:
        """A customer's call that rings at Rosa's phone."""
        return call_of(self.user, self.sandbox.ring_in(caller_to, COMPANY))

    async def talking(self) -> CallRef:
        """A customer's call that Rosa has answered."""
        call = await self.ringing()
        self.sandbox.act(call.vendor_call_id, "answer", COMPANY, extension="101")
        return self.look(call)

    def look(self, call: CallRef, *others: str) -> CallRef:
        """The call as it is now."""
        return call_of(self.user, call.vendor_call_id, *others)

    def codes(self, call: CallRef) -> dict[str, str]:
        return self.user.codes(call.vendor_call_id)

    def calls(self) -> list[dict[str, Any]]:
        """Those that are alive."""
        found: list[dict[str, Any]] = self.sandbox.control("GET", f"/companies/{COMPANY}/calls")
        return found


@asynccontextmanager
async def scene_of(sandbox: SandboxHandle, email: str = ROSA, **settings: Any) -> AsyncIterator[Scene]:
    """A user's adapter, and what that user sees at the vendor beside."""
    async with ringcentral_of(sandbox, email, **settings) as adapter:
        yield Scene(sandbox, adapter, RingCentral.logged_in(sandbox, email))
