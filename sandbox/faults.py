"""What can be made to go wrong, per company. Shares are probabilities from 0 to 1; everything is off by default."""

import asyncio
import random
from dataclasses import dataclass, field

_SEED = 1


@dataclass(slots=True)
class Faults:
    """The settings that stay until they are changed.

    `duplicate`: notifications sent twice. `reorder`: notifications held back for up to `reorder_ms` and sent out of order.
    `rate_limited`, `server_errors`: API requests answered 429 or 500. `slow_ms`: before every API answer.
    `give_up`: no retries after a refused notification.
    """

    duplicate: float = 0.0
    reorder: float = 0.0
    reorder_ms: int = 300
    rate_limited: float = 0.0
    server_errors: float = 0.0
    slow_ms: int = 0
    give_up: bool = False


@dataclass(slots=True)
class FaultState:
    """The settings, the dice (seeded: a run can be repeated), and the outages that end by themselves.

    Until `hold_until` (on the event loop's clock) notifications wait; those raised before `lose_until` are never sent.
    """

    settings: Faults = field(default_factory=Faults)
    dice: random.Random = field(default_factory=lambda: random.Random(_SEED))
    hold_until: float = 0.0
    lose_until: float = 0.0

    def reset(self) -> None:
        self.settings = Faults()
        self.dice.seed(_SEED)
        self.hold_until = self.lose_until = 0.0

    async def delay(self) -> None:
        """Before an API answer."""
        if self.settings.slow_ms:
            await asyncio.sleep(self.settings.slow_ms / 1000)

    def hits(self, share: float) -> bool:
        return share > 0 and self.dice.random() < share
