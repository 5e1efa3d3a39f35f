"""One emulated PBX, put together, and all of them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sandbox import defaults
from sandbox.engine.company import Company
from sandbox.engine.switch import Switch
from sandbox.faces.callgear.face import CallGearFace
from sandbox.faces.dstny.face import DstnyFace
from sandbox.faces.eq.face import EqFace
from sandbox.faces.face import Face
from sandbox.faces.kwebbl.face import KwebblFace
from sandbox.faces.ringcentral.client_app import client_for
from sandbox.faces.ringcentral.face import RingCentralFace
from sandbox.faults import FaultState
from sandbox.outbox import Outbox
from sandbox.traffic import Traffic


@dataclass(slots=True)
class Pbx:
    """A company, the face that it shows, and what may go wrong with it."""

    company: Company
    face: Face[Any, Any]
    faults: FaultState
    outbox: Outbox
    traffic: Traffic = field(init=False)

    def __post_init__(self) -> None:
        self.traffic = Traffic(self.switch, self.face.features)

    @property
    def switch(self) -> Switch:
        return self.face.switch

    async def reset(self) -> None:
        """As freshly started."""
        await self.traffic.stop()
        self.traffic.reset()
        await self.outbox.clear()
        self.face.reset()
        self.company.reset()
        self.faults.reset()


def default_pbxes(address: str) -> dict[str, Pbx]:
    """The default companies by slug: a tenant with several PBXs, and one with one. `address`: the sandbox's own."""
    pbxes = (
        _pbx(defaults.acme(), _kwebbl),
        _pbx(defaults.acme_rc(), _ringcentral),
        _pbx(defaults.acme_dstny(), _dstny),
        _pbx(defaults.acme_eq(), _eq),
        _pbx(defaults.acme_callgear(), partial(_callgear, address)),
        _pbx(defaults.globex(), _kwebbl),
    )
    return {pbx.company.slug: pbx for pbx in pbxes}


def _pbx(company: Company, make_face: Callable[[Company, FaultState, Outbox], Face[Any, Any]]) -> Pbx:
    faults = FaultState()
    outbox = Outbox(faults)
    return Pbx(company, make_face(company, faults, outbox), faults, outbox)


def _kwebbl(company: Company, faults: FaultState, outbox: Outbox) -> KwebblFace:
    return KwebblFace(company, faults, outbox, defaults.client_for(company))


def _callgear(address: str, company: Company, faults: FaultState, outbox: Outbox) -> CallGearFace:
    return CallGearFace(company, faults, outbox, defaults.callgear_connection_for(company), address)


def _dstny(company: Company, faults: FaultState, outbox: Outbox) -> DstnyFace:
    return DstnyFace(company, faults, outbox, defaults.connection_for(company))


def _eq(company: Company, faults: FaultState, outbox: Outbox) -> EqFace:
    return EqFace(company, faults, outbox, defaults.eq_connection_for(company))


def _ringcentral(company: Company, faults: FaultState, outbox: Outbox) -> RingCentralFace:
    return RingCentralFace(company, faults, outbox, client_for(company))
