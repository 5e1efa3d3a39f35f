"""A company whose PBX can do everything (tests/everything.py), and calls in every situation."""

from dataclasses import dataclass
from typing import Any

from cti.calls.models import Call
from integrations.contract.events import LegState, LegView, Party
from integrations.models import Extension, Queue
from tenants.rls import tenant_scope
from tests.api.world import World, make_world
from tests.everything import EverythingPbx, Memory
from tests.tenancy import Company

CUSTOMER = Party(number="0612345678", name="Jansen")
ADAPTER = f"{EverythingPbx.__module__}:{EverythingPbx.__name__}"


@dataclass(frozen=True)
class Anything(World):
    bob: Extension
    help_desk: Queue

    @property
    def memory(self) -> Memory:
        return EverythingPbx.memories.setdefault(self.account.public_id, Memory())

    def last(self) -> Any:
        """What the PBX was asked last."""
        return self.memory.asked[-1]

    def customer(self, state: LegState = LegState.CONNECTED) -> LegView:
        return LegView("p-customer", CUSTOMER, state, role="caller")

    def agent(self, line: Extension, state: LegState = LegState.CONNECTED, **fields: Any) -> LegView:
        party = Party(extension_id=line.vendor_extension_id)
        return LegView(f"p-{line.name.lower()}", party, state, role="callee", **fields)

    def ringing(self) -> Call:
        return self.shown(self.customer(), self.agent(self.alice, LegState.ALERTING))

    def ringing_for_both(self) -> Call:
        return self.shown(*(self.agent(line, LegState.ALERTING) for line in (self.alice, self.bob)), self.customer())

    def talking(self, **fields: Any) -> Call:
        return self.shown(self.customer(), self.agent(self.alice, **fields))

    def held(self) -> Call:
        return self.shown(self.customer(), self.agent(self.alice, LegState.HOLD))

    def conference(self) -> Call:
        third = LegView("p-third", Party(number="0687654321"), LegState.CONNECTED)
        return self.shown(self.customer(), self.agent(self.alice), third)

    def waiting(self) -> Call:
        """For the help desk."""
        queue = LegView("p-queue", Party(extension_id=self.help_desk.vendor_queue_id), LegState.QUEUED, role="callee")
        return self.shown(self.customer(), queue)

    def parked(self) -> Call:
        return self.shown(LegView("p-customer", CUSTOMER, LegState.PARKED, role="caller", parked_at="801"))


def make_anything(company: Company) -> Anything:
    """The company; the test has registered the vendor (`ADAPTER`)."""
    world = make_world(company, vendor=EverythingPbx.key)
    with tenant_scope(company.tenant.id):
        bob = Extension.objects.create(
            tenant=company.tenant,
            account=world.account,
            vendor_extension_id="c" * 32,
            number="1001",
            name="Bob",
            type="user",
        )
        queue = Queue.objects.create(
            tenant=company.tenant, account=world.account, vendor_queue_id="q" * 32, number="800", name="Help"
        )
    return Anything(world.company, world.account, world.alice, world.sales, bob, queue)
