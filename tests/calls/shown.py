"""The stories of tests/calls/scripts.py and more, as vendors tell them that show how calls stand (EventType.OBSERVED).

`sessions`: one call of the vendor's for a conversation, changes only, numbered (RingCentral's way). `views`: each user's own call
with the other side as that user sees it, always whole (Dstny's way).
"""

from datetime import timedelta

from integrations.contract.events import CtiEvent, Direction, EndReason, EventType, LegState, LegView, Party, Recording
from tests.calls.scripts import ANNA, BOB, CAROL, CUSTOMER, QUEUE, T0, ext

INITIATED, ALERTING, CONNECTED, HOLD = LegState.INITIATED, LegState.ALERTING, LegState.CONNECTED, LegState.HOLD
PARKED, NULL = LegState.PARKED, LegState.NULL


class Sessions:
    """Changes of legs, a second apart, numbered within each session."""

    def __init__(self, direction: Direction = Direction.INBOUND) -> None:
        self.events: list[CtiEvent] = []
        self.direction = direction

    def show(self, *legs: LegView, call: str = "A", **fields: object) -> "Sessions":
        number = len(self.events)
        self.events.append(
            CtiEvent(
                identity=f"{call}:{number}",
                type=EventType.OBSERVED,
                occurred_at=T0 + timedelta(seconds=number),
                vendor_call_id=call,
                direction=self.direction,
                order=number,
                legs=legs,
                **fields,  # type: ignore[arg-type]
            )
        )
        return self


def customer(state: LegState, **fields: object) -> LegView:
    return LegView("p-1", CUSTOMER, state, role="caller", **fields)  # type: ignore[arg-type]


def agent(vendor_id: str, state: LegState, role: str = "callee", call: str = "", **fields: object) -> LegView:
    return LegView(f"p-{call}{vendor_id[:1]}", ext(vendor_id), state, role=role, **fields)  # type: ignore[arg-type]


def gone(vendor_id: str, reason: EndReason, mode: str = "blind", **fields: object) -> LegView:
    return agent(vendor_id, NULL, reason=reason, transfer=mode, **fields)  # type: ignore[arg-type]


def _ringing() -> Sessions:
    return Sessions().show(customer(INITIATED)).show(agent(ANNA, ALERTING))


def _talking() -> Sessions:
    return _ringing().show(customer(CONNECTED), agent(ANNA, CONNECTED))


def _over(script: Sessions, vendor_id: str = ANNA) -> list[CtiEvent]:
    return script.show(customer(NULL, reason=EndReason.HANGUP), gone(vendor_id, EndReason.HANGUP)).events


def simple() -> list[CtiEvent]:
    return _over(_talking())


def missed() -> list[CtiEvent]:
    return _over(_ringing())


def rejected() -> list[CtiEvent]:
    script = _ringing().show(gone(ANNA, EndReason.REJECTED))
    return script.show(customer(NULL)).events


def voicemail() -> list[CtiEvent]:
    script = _ringing().show(gone(ANNA, EndReason.VOICEMAIL))
    return script.show(customer(NULL, reason=EndReason.HANGUP)).events


def ring_group() -> list[CtiEvent]:
    script = Sessions().show(customer(INITIATED))
    script.show(agent(ANNA, ALERTING)).show(agent(BOB, ALERTING)).show(agent(CAROL, ALERTING))
    script.show(agent(BOB, CONNECTED), customer(CONNECTED))
    script.show(gone(ANNA, EndReason.CANCELLED)).show(gone(CAROL, EndReason.CANCELLED))
    return _over(script, BOB)


def queue_call() -> list[CtiEvent]:
    script = Sessions().show(customer(CONNECTED)).show(agent(QUEUE, ALERTING)).show(agent(ANNA, ALERTING))
    script.show(agent(ANNA, CONNECTED), gone(QUEUE, EndReason.ANSWERED_ELSEWHERE))
    return _over(script)


def held_and_recorded() -> list[CtiEvent]:
    script = _talking()
    for state in (HOLD, CONNECTED, HOLD, CONNECTED):
        script.show(agent(ANNA, state))
    for recording in (Recording.ON, Recording.OFF, Recording.ON):
        script.show(recording=recording)
    return _over(script)


def muted() -> list[CtiEvent]:
    return _over(_talking().show(agent(ANNA, CONNECTED, muted=True)).show(agent(ANNA, CONNECTED)))


def blind_transfer() -> list[CtiEvent]:
    script = _talking().show(gone(ANNA, EndReason.TRANSFERRED)).show(agent(BOB, ALERTING))
    return _over(script.show(agent(BOB, CONNECTED)), BOB)


def attended_transfer() -> list[CtiEvent]:
    """Anna asks Bob on a session of her own, then hands the customer over; the customer's session names Bob's."""
    script = _talking().show(agent(ANNA, HOLD))
    script.show(agent(ANNA, CONNECTED, "caller", "B"), call="B").show(agent(BOB, ALERTING, call="B"), call="B")
    script.show(agent(BOB, CONNECTED, call="B"), call="B")
    script.show(gone(ANNA, EndReason.TRANSFERRED, "attended", call="B"), call="B")
    script.show(gone(ANNA, EndReason.TRANSFERRED, "attended"), peers=("B",))
    script.show(gone(BOB, EndReason.HANGUP, call="B"), call="B")
    return script.show(customer(NULL, reason=EndReason.HANGUP)).events


def parked() -> list[CtiEvent]:
    script = _talking().show(gone(ANNA, EndReason.TRANSFERRED)).show(customer(PARKED, parked_at="801"))
    return _over(script.show(agent(BOB, CONNECTED), customer(CONNECTED)), BOB)


def conference() -> list[CtiEvent]:
    script = _talking().show(agent(BOB, CONNECTED, "participant"), conference=True)
    script.show(agent(CAROL, CONNECTED, "participant")).show(gone(BOB, EndReason.HANGUP, role="participant"))
    return _over(script.show(gone(CAROL, EndReason.HANGUP, role="participant")))


def supervised() -> list[CtiEvent]:
    script = _talking().show(agent(CAROL, CONNECTED, "supervisor"))
    return _over(script.show(gone(CAROL, EndReason.HANGUP, role="supervisor")))


class Views:
    """Each user's own calls, whole, a second apart; all of them carry the conversation's name."""

    def __init__(self, conversation: str | None = "corr-1") -> None:
        self.events: list[CtiEvent] = []
        self.conversation = conversation

    def show(
        self,
        user: str,
        state: LegState,
        other: LegState,
        remote: Party = CUSTOMER,
        *,
        inbound: bool = True,
        reason: EndReason | None = None,
        conversation: str | None = None,
        **fields: object,
    ) -> "Views":
        number = len(self.events)
        own, theirs = ("callee", "caller") if inbound else ("caller", "callee")
        name = conversation or self.conversation
        mode = str(fields.pop("mode", "blind"))
        self.events.append(
            CtiEvent(
                identity=f"{user}:{number}",
                type=EventType.OBSERVED,
                occurred_at=T0 + timedelta(seconds=number),
                vendor_call_id=f"call-{user[:1]}-{name}",
                direction=Direction.INBOUND if inbound else Direction.OUTBOUND,
                legs=(
                    LegView("own", ext(user), state, role=own, reason=reason, transfer=mode),
                    LegView("remote", remote, other, role=theirs, inferred=True),
                ),
                complete=True,
                peers=(name,) if name else (),
                **fields,  # type: ignore[arg-type]
            )
        )
        return self


def views_simple() -> list[CtiEvent]:
    return Views().show(ANNA, ALERTING, CONNECTED).show(ANNA, CONNECTED, CONNECTED).show(ANNA, NULL, NULL).events


def views_ring_group() -> list[CtiEvent]:
    script = Views()
    for user in (ANNA, BOB, CAROL):
        script.show(user, ALERTING, CONNECTED)
    script.show(BOB, CONNECTED, CONNECTED).show(ANNA, NULL, NULL).show(CAROL, NULL, NULL)
    return script.show(BOB, NULL, NULL).events


def views_blind_transfer() -> list[CtiEvent]:
    """Anna's own call is over before Bob's is shown; only the conversation's name holds them together."""
    script = Views().show(ANNA, ALERTING, CONNECTED).show(ANNA, CONNECTED, CONNECTED)
    script.show(ANNA, NULL, CONNECTED, reason=EndReason.TRANSFERRED)
    return script.show(BOB, ALERTING, CONNECTED).show(BOB, CONNECTED, CONNECTED).show(BOB, NULL, NULL).events


def views_internal() -> list[CtiEvent]:
    """One conversation that both sides tell of."""
    script = Views().show(ANNA, INITIATED, ALERTING, ext(BOB), inbound=False)
    script.show(BOB, ALERTING, CONNECTED, ext(ANNA)).show(BOB, CONNECTED, CONNECTED, ext(ANNA))
    script.show(ANNA, CONNECTED, CONNECTED, ext(BOB), inbound=False)
    script.show(BOB, HOLD, CONNECTED, ext(ANNA)).show(BOB, CONNECTED, CONNECTED, ext(ANNA))
    return script.show(ANNA, NULL, NULL, ext(BOB), inbound=False).show(BOB, NULL, NULL, ext(ANNA)).events


SHOWN = {
    script.__name__: script
    for script in (
        *(simple, missed, rejected, voicemail, ring_group, queue_call, held_and_recorded, muted, blind_transfer),
        *(attended_transfer, parked, conference, supervised),
        *(views_simple, views_ring_group, views_blind_transfer, views_internal),
    )
}
