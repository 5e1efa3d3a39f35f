"""Points per minute and per day: "Limits and restrictions"."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.faces.callgear.errors import limit_exceeded

_MINUTE_S, _DAY_S = 60, 86_400
PRICE = 1


@dataclass(slots=True)
class _Window:
    """What was used since it began; it begins with the first request after the last one ended."""

    seconds: int
    began: float = 0.0
    used: int = 0

    def at(self, now: float) -> "_Window":
        if now - self.began >= self.seconds:
            self.began, self.used = now, 0
        return self

    def left_s(self, now: float) -> int:
        return max(1, round(self.began + self.seconds - now))


class Points:
    """Of one API. What each method costs isn't published: here every one costs the same."""

    def __init__(self, limits: Callable[[], tuple[int, int]], now: Callable[[], float]) -> None:
        self._limits = limits
        self._now = now
        self._minute = _Window(_MINUTE_S)
        self._day = _Window(_DAY_S)

    def check(self) -> None:
        """Raises RpcError limit_exceeded when one more request has too few points left."""
        now = self._now()
        minute_limit, day_limit = self._limits()
        for name, window, limit in (("minute", self._minute, minute_limit), ("day", self._day, day_limit)):
            if window.at(now).used + PRICE > limit:
                raise limit_exceeded(name, limit)

    def charge(self) -> None:
        """After a request that succeeded."""
        for window in (self._minute, self._day):
            window.at(self._now()).used += PRICE

    def render(self, *, exhausted: bool = False) -> dict[str, int]:
        """metadata.limits; `exhausted`: as if the minute's points had been used elsewhere and came back in a second."""
        now = self._now()
        minute_limit, day_limit = self._limits()
        limits = {
            "day_limit": day_limit,
            "day_remaining": max(0, day_limit - self._day.at(now).used),
            "day_reset": self._day.left_s(now),
            "minute_limit": minute_limit,
            "minute_remaining": max(0, minute_limit - self._minute.at(now).used),
            "minute_reset": self._minute.left_s(now),
        }
        return limits | {"minute_remaining": 0, "minute_reset": 1} if exhausted else limits
