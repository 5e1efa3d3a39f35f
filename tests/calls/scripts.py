"""Realistic calls as vendor events, in the order in which they happened: the material of the state machine's tests."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from cti.calls.book import AccountContext
from cti.calls.directory import Directory, Entry
from integrations.contract.events import CtiEvent, Direction, EndReason, EventType, Party, Strand, Transfer

ACCOUNT = UUID(int=1)
ANNA, BOB, CAROL, SALES, QUEUE = "a" * 32, "b" * 32, "c" * 32, "d" * 32, "e" * 32
EXTENSIONS = [
    Entry(UUID(int=11), ANNA, "1001", "Anna", "user"),
    Entry(UUID(int=12), BOB, "1002", "Bob", "user"),
    Entry(UUID(int=13), CAROL, "1003", "Carol", "user"),
    Entry(UUID(int=14), SALES, "300", "Sales", "dialplan", "31203080700"),
    Entry(UUID(int=15), QUEUE, "400", "Service", "queue"),
]
T0 = datetime(2026, 1, 31, 9, tzinfo=UTC)
CUSTOMER = Party(number="31612345678", name="Jansen BV")
SALES_NUMBER = Party(number="31203080700")


def account() -> AccountContext:
    return AccountContext(
        id=ACCOUNT,
        vendor="kwebbl",
        directory=Directory(EXTENSIONS, "NL"),
        actions=lambda call: ["hangup"] if call["state"] != "ended" else [],
    )


class Script:
    """Writes down what happens on one of the vendor's calls, a second apart."""

    def __init__(self) -> None:
        self.events: list[CtiEvent] = []

    def add(self, kind: EventType, call: str | None, **fields: object) -> "Script":
        number = len(self.events)
        self.events.append(
            CtiEvent(
                identity=f"{kind}:{call}:{number}",
                type=kind,
                occurred_at=T0 + timedelta(seconds=number),
                vendor_call_id=call,
                **fields,  # type: ignore[arg-type]
            )
        )
        return self

    def inbound(self, kind: EventType, to: Party, call: str = "A", **fields: object) -> "Script":
        via = Party(extension_id=SALES, number="31203080700")
        return self.add(kind, call, from_=CUSTOMER, to=to, via=via, direction=Direction.INBOUND, **fields)


def ext(vendor_id: str) -> Party:
    return Party(extension_id=vendor_id)


def simple() -> list[CtiEvent]:
    anna = ext(ANNA)
    script = Script().inbound(EventType.ORIGINATED, SALES_NUMBER).inbound(EventType.DELIVERED, anna)
    return script.inbound(EventType.ESTABLISHED, anna).inbound(EventType.CLEARED, anna, reason=EndReason.HANGUP).events


def missed() -> list[CtiEvent]:
    script = Script().inbound(EventType.ORIGINATED, SALES_NUMBER).inbound(EventType.DELIVERED, ext(ANNA))
    return script.inbound(EventType.CLEARED, ext(ANNA), reason=EndReason.HANGUP).events


def ring_group() -> list[CtiEvent]:
    script = Script().inbound(EventType.ORIGINATED, SALES_NUMBER)
    for agent in (ANNA, BOB, CAROL):
        script.inbound(EventType.DELIVERED, ext(agent))
    return script.inbound(EventType.ESTABLISHED, ext(BOB)).inbound(EventType.CLEARED, ext(BOB)).events


def held_and_recorded() -> list[CtiEvent]:
    anna = ext(ANNA)
    script = Script().inbound(EventType.DELIVERED, anna).inbound(EventType.ESTABLISHED, anna)
    for kind in (EventType.HELD, EventType.RETRIEVED, EventType.HELD, EventType.RETRIEVED):
        script.inbound(kind, anna)
    for kind in (EventType.RECORDING_STARTED, EventType.RECORDING_STOPPED, EventType.RECORDING_STARTED):
        script.inbound(kind, anna)
    return script.inbound(EventType.CLEARED, anna).events


def blind_transfer() -> list[CtiEvent]:
    script = Script().inbound(EventType.DELIVERED, ext(ANNA)).inbound(EventType.ESTABLISHED, ext(ANNA))
    script.add(
        EventType.TRANSFERRED, "A", transfer=Transfer(CUSTOMER, ext(ANNA), CUSTOMER, ext(BOB), ext(ANNA), "blind")
    )
    script.inbound(EventType.DELIVERED, ext(BOB)).inbound(EventType.ESTABLISHED, ext(BOB))
    return script.inbound(EventType.CLEARED, ext(BOB)).events


def attended_transfer() -> list[CtiEvent]:
    """Anna asks Bob on a consultation call of her own (B), then hands the customer over."""
    script = Script().inbound(EventType.DELIVERED, ext(ANNA)).inbound(EventType.ESTABLISHED, ext(ANNA))
    script.inbound(EventType.HELD, ext(ANNA))
    for kind in (EventType.ORIGINATED, EventType.DELIVERED, EventType.ESTABLISHED):
        script.add(kind, "B", from_=ext(ANNA), to=ext(BOB), direction=Direction.OUTBOUND)
    strands = (
        Strand("A", CUSTOMER, ext(ANNA), Direction.INBOUND),
        Strand("B", ext(ANNA), ext(BOB), Direction.OUTBOUND),
    )
    script.add(EventType.BRIDGED, None, strands=strands)
    transfer = Transfer(CUSTOMER, ext(ANNA), CUSTOMER, ext(BOB), ext(ANNA), "attended")
    script.add(EventType.TRANSFERRED, "A", transfer=transfer)
    script.add(EventType.CLEARED, "B", from_=ext(ANNA), to=ext(BOB), direction=Direction.OUTBOUND)
    return script.inbound(EventType.CLEARED, ext(BOB)).events


SCRIPTS = {
    script.__name__: script
    for script in (simple, missed, ring_group, held_and_recorded, blind_transfer, attended_transfer)
}
