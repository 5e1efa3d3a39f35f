"""Rate-limit groups: so many requests a user and minute, and a penalty that every further request restarts."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from sandbox.faces.ringcentral.client_app import ClientApp
from sandbox.faces.ringcentral.errors import ApiError


class Group(StrEnum):
    LIGHT = "light"
    MEDIUM = "medium"
    HEAVY = "heavy"
    AUTH = "auth"


@dataclass(slots=True)
class _Window:
    began: float
    requests: int = 0
    refused_until: float = 0.0


@dataclass(slots=True)
class RateLimits:
    """Counts requests by user and group ("API rate limits" in the guide)."""

    client: ClientApp
    now: Callable[[], float] = time.monotonic
    _windows: dict[tuple[str, Group], _Window] = field(default_factory=dict)

    def count(self, user: str, group: Group) -> dict[str, str]:
        """The headers that tell where the user stands. Raises ApiError 429 CMN-301 beyond the limit."""
        if not self.client.rate_limits:
            return {}
        limit, now = int(getattr(self.client, group.value)), self.now()
        window = self._windows.setdefault((user, group), _Window(now))
        if now >= window.began + self.client.rate_window_s and now >= window.refused_until:
            window.began, window.requests = now, 0
        window.requests += 1
        headers = {
            "X-Rate-Limit-Group": group.value,
            "X-Rate-Limit-Limit": str(limit),
            "X-Rate-Limit-Remaining": str(max(0, limit - window.requests)),
            "X-Rate-Limit-Window": f"{self.client.rate_window_s:g}",
        }
        if window.requests > limit:
            window.refused_until = now + self.client.penalty_s
            headers["Retry-After"] = f"{self.client.penalty_s:g}"
            raise ApiError(429, "CMN-301", "Request rate exceeded", headers=headers)
        return headers

    def reset(self) -> None:
        self._windows.clear()
