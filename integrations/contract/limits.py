"""What lets an adapter keep to a vendor's rate limits ahead of time, though it holds no state and runs in many processes."""

from typing import Protocol


class RateLimits(Protocol):
    """An account's requests in the last while, counted together whoever sends them. `group` is the vendor's word.

    An adapter asks before it sends. Where nothing may be sent it raises VendorUnavailable with the time to wait: a person is
    told at once, and upkeep comes again when that has passed, so nobody waits in a worker.
    """

    async def take(self, group: str, *, limit: int, window_s: float) -> float:
        """Counts a request that is about to be sent, and answers 0; or doesn't, and answers in how many seconds one may be.

        `limit` is the documented number of requests in any `window_s` seconds; one that was learnt counts instead.
        """
        ...

    async def learn(self, group: str, *, limit: int, remaining: int, window_s: float) -> None:
        """What the vendor says of itself: its limit, and how many requests it still takes, whoever has sent the others."""
        ...

    async def pause(self, group: str, seconds: float) -> None:
        """The vendor wants nothing of this group for so long."""
        ...
