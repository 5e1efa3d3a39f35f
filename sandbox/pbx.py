"""One emulated PBX, put together, and all of them."""

from dataclasses import dataclass, field

import aiohttp

from sandbox import defaults
from sandbox.engine.company import Behaviour, Company
from sandbox.engine.switch import Switch
from sandbox.faces.face import Face
from sandbox.faces.kwebbl.face import KwebblFace
from sandbox.faults import Faults, FaultState
from sandbox.outbox import DeliveryPolicy, Outbox
from sandbox.traffic import Traffic


@dataclass(slots=True)
class Pbx:
    """A company, the face that it shows, and what may go wrong with it."""

    company: Company
    face: Face
    faults: FaultState
    outbox: Outbox
    traffic: Traffic = field(init=False)

    def __post_init__(self) -> None:
        self.traffic = Traffic(Switch(self.company))

    @property
    def switch(self) -> Switch:
        return self.face.switch

    async def reset(self) -> None:
        """As freshly started, except that people keep the caller ids they chose."""
        await self.traffic.stop()
        self.face.reset()
        await self.outbox.clear()
        self.company.calls.clear()
        self.company.ended.clear()
        self.company.behaviour = Behaviour()
        self.outbox.policy = DeliveryPolicy()
        self.faults.settings = Faults()
        self.faults.dice.seed(1)
        self.faults.hold_until = self.faults.lose_until = 0.0


def default_pbxes(session: aiohttp.ClientSession) -> dict[str, Pbx]:
    """The default companies by slug."""
    return {company.slug: _kwebbl(company, session) for company in (defaults.acme(), defaults.globex())}


def _kwebbl(company: Company, session: aiohttp.ClientSession) -> Pbx:
    faults = FaultState()
    outbox = Outbox(session, faults)
    return Pbx(company, KwebblFace(company, faults, outbox, defaults.client_for(company)), faults, outbox)
