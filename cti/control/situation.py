"""What of a call decides what can be done to it: its own state, its recording, and its legs. Pure."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

_AS_LEG = {"connected": "connected", "held": "hold"}
"""The state of the leg that a call stands for when the PBX shows none of ours on it; else they have the same names."""
_OVER = frozenset({"null", "fail"})


class LegNow(Struct, frozen=True):
    """A leg that is alive."""

    id: str
    state: str
    muted: bool = False
    vendor_leg_id: str | None = None
    extension_id: str | None = None
    """Of whose line it is; None for a party outside."""
    role: str = "participant"


class Situation(Struct, frozen=True):
    """A call at one moment."""

    state: str
    recording: str
    muted: bool
    legs: tuple[LegNow, ...]
    parties: frozenset[str] = frozenset()
    """The lines that the call is from or to; whoever is consulted, or joined later, is neither."""

    def candidates(self) -> tuple[LegNow, ...]:
        """The legs that may act: ours. Where the PBX shows none of ours, the call itself stands for it."""
        ours = tuple(leg for leg in self.legs if leg.extension_id is not None and leg.role != "supervisor")
        return ours or (LegNow("", _AS_LEG.get(self.state, self.state), self.muted),)

    def find(self, leg_id: str) -> LegNow | None:
        return next((leg for leg in self.legs if leg.id == leg_id), None)

    def others(self, leg: LegNow) -> int:
        """How many more are on the call."""
        return sum(each.id != leg.id and each.role != "supervisor" for each in self.legs)


def shape_of(call: Mapping[str, Any]) -> Situation:
    """The same for all calls that stand alike, whoever is on them."""
    legs = [leg for leg in call["legs"] if leg["state"] not in _OVER]
    return Situation(
        state=call["state"],
        recording=call["recording"]["state"],
        muted=call["muted"],
        legs=tuple(
            LegNow(str(number), leg["state"], leg["muted"], None, leg["extension_id"] and "ours", leg["role"])
            for number, leg in enumerate(legs)
        ),
    )


def situation_of(call: Mapping[str, Any]) -> Situation:
    """From the call as the API shows it."""
    return Situation(
        state=call["state"],
        recording=call["recording"]["state"],
        muted=call["muted"],
        legs=tuple(
            LegNow(
                id=leg["id"],
                state=leg["state"],
                muted=leg["muted"],
                vendor_leg_id=leg["vendor_leg_id"],
                extension_id=leg["extension_id"],
                role=leg["role"],
            )
            for leg in call["legs"]
            if leg["state"] not in _OVER
        ),
        parties=frozenset(each for side in ("from", "to") if (each := call.get(side, {}).get("extension_id"))),
    )
