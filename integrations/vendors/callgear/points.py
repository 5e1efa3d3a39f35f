"""Points ("Limits and restrictions"): every answer says how many are left this minute and today, so none is asked for in vain.

What a method costs isn't published. Requests of people are counted with everybody else's (contract/limits.py). Pollers, which ask
all the time, keep to what the last answer said: once half of the points are gone, they spread the rest over the time until new
ones come, and leave people a fifth.
"""

import time
from typing import Any

from msgspec import Struct

from integrations.contract.adapter import Account
from integrations.contract.errors import VendorUnavailable
from integrations.vendors.callgear.wire import Unreadable, convert

_MINUTE_S, _DAY_S = 60.0, 86_400.0
_UNTOLD = 1000
"""Requests a minute, as long as CallGear has told no limit."""
_MOST = 1_000_000
_FOR_POLLERS = 0.8


class Limits(Struct):
    """`metadata.limits`."""

    day_limit: int | None = None
    day_remaining: int | None = None
    day_reset: float | None = None
    minute_limit: int | None = None
    minute_remaining: int | None = None
    minute_reset: float | None = None

    def budgets(self) -> list[tuple[int, int, float]]:
        """The limit, what remains, and in how many seconds it comes back, of minute and day as far as they are told."""
        told = (
            (self.minute_limit, self.minute_remaining, self.minute_reset, _MINUTE_S),
            (self.day_limit, self.day_remaining, self.day_reset, _DAY_S),
        )
        return [
            (limit, max(0, min(remaining, limit)), min(max(0.0, reset or 0.0), longest))
            for limit, remaining, reset, longest in told
            if limit is not None and remaining is not None and 0 < limit <= _MOST
        ]


class Points:
    """One API's, of one account."""

    def __init__(self, account: Account, group: str) -> None:
        self._limits = account.limits
        self._group = f"points:{group}"
        self._told = Limits()
        self._told_at = 0.0

    async def take(self) -> None:
        """Before a request of somebody's. Raises VendorUnavailable, at once, where no points are left."""
        if self._limits is None:
            return
        wait = await self._limits.take(self._group, limit=_UNTOLD, window_s=_MINUTE_S)
        if wait:
            raise VendorUnavailable(
                f"CallGear's points are spent for now; try again in {wait:.0f} s.", retry_after=wait
            )

    async def learn(self, limits: Any, *, shared: bool) -> None:
        """Takes in `metadata.limits`; tells the other processes, if it is a person's request or few are left."""
        try:
            self._told, self._told_at = convert(limits, Limits), time.monotonic()
        except Unreadable:
            return
        budgets = self._told.budgets()
        if self._limits is None or not (shared or any(remaining * 2 < limit for limit, remaining, _ in budgets)):
            return
        if self._told.minute_limit and self._told.minute_remaining is not None:
            limit, remaining, _ = budgets[0]
            await self._limits.learn(self._group, limit=limit, remaining=remaining, window_s=_MINUTE_S)
        spent = [reset for _, remaining, reset in budgets if remaining == 0]
        if spent:
            await self._limits.pause(self._group, max(spent))

    def retry_after(self, limit_type: str) -> float | None:
        """When the points of a limit that is exceeded come back."""
        reset = self._told.day_reset if limit_type == "day" else self._told.minute_reset
        return None if reset is None else max(1.0, reset)

    async def exceeded(self, limit_type: str) -> None:
        """The vendor has refused: nobody asks until the points of that limit come back."""
        if self._limits is not None:
            await self._limits.pause(self._group, self.retry_after(limit_type) or 1.0)

    def poller_waits(self, now: float | None = None) -> float:
        """Seconds that a poller leaves the vendor alone, from now on; by the monotonic clock."""
        passed = (time.monotonic() if now is None else now) - self._told_at
        waits = (
            reset / max(1.0, remaining * _FOR_POLLERS) if remaining else reset
            for limit, remaining, reset in self._told.budgets()
            if remaining * 2 < limit
        )
        return max(0.0, max(waits, default=0.0) - passed)
