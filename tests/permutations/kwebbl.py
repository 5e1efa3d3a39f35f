"""Stories as Kwebbl's notifications tell them: a customer calls in by the number of Sales."""

import json
from typing import Any

ANNA, BOB, CAROL, SALES = "a" * 32, "b" * 32, "c" * 32, "d" * 32
CUSTOMER = {"number": "31612345678", "caller_id": "Jansen BV"}
SALES_NUMBER = {"extension_id": SALES, "number": "31203080700"}
Notification = dict[str, Any]


class Story:
    """Notifications a second apart."""

    def __init__(self) -> None:
        self.told: list[Notification] = []

    def tell(self, kind: str, call_id: str | None = "call-1", **fields: Any) -> "Story":
        number = len(self.told)
        note = {
            "id": f"event-{number}",
            "event_type": kind,
            "call_id": call_id,
            "time": f"2026-01-31T09:00:{number:02d}.000Z",
            **fields,
        }
        self.told.append({name: value for name, value in note.items() if value is not None})
        return self

    def inbound(self, *kinds: str, to: str = ANNA, **fields: Any) -> "Story":
        """What happens to the customer's call."""
        for kind in kinds:
            self.tell(kind, **_sides(CUSTOMER, {"extension_id": to}), direction="inbound", **fields)
        return self

    def asks_bob(self, *kinds: str) -> "Story":
        """What happens to Anna's own call, a consultation."""
        for kind in kinds:
            self.tell(kind, "call-2", **_sides({"extension_id": ANNA}, {"extension_id": BOB}), direction="outbound")
        return self

    def begins(self) -> "Story":
        """The first event names the dialplan, and no call: the document's example."""
        return self.tell("created", None, **_sides(CUSTOMER, SALES_NUMBER), direction="inbound")


def _sides(from_: Notification, to: Notification) -> dict[str, Any]:
    return {"from": from_, "to": to, "via": SALES_NUMBER}


def answered() -> Story:
    return Story().inbound("created", "ringing", "answered", "terminated", reason="hangup")


def missed() -> Story:
    return Story().inbound("created", "ringing", "terminated", reason="cancel")


def rejected() -> Story:
    return Story().inbound("created", "ringing", "terminated", reason="rejected")


def ring_group() -> Story:
    story = Story().inbound("created")
    for member in (ANNA, BOB, CAROL):
        story.inbound("ringing", to=member)
    return story.inbound("answered", "terminated", to=BOB)


def hold() -> Story:
    return Story().inbound("created", "ringing", "answered", "holding", "resume", "terminated")


def record() -> Story:
    return Story().inbound("created", "ringing", "answered", "start_recording", "stop_recording", "terminated")


def outbound() -> Story:
    story = Story()
    for kind in ("created", "ringing", "answered", "terminated"):
        story.tell(kind, **_sides({"extension_id": ANNA}, {"number": "31612345678"}), direction="outbound")
    return story


def blind_transfer() -> Story:
    story = Story().inbound("created", "ringing", "answered")
    _transfers(story, "blind")
    return story.inbound("ringing", "answered", "terminated", to=BOB)


def attended_transfer() -> Story:
    """Anna asks Bob by a call of her own, then hands the customer over."""
    story = Story().inbound("created", "ringing", "answered", "holding").asks_bob("created", "ringing", "answered")
    strands = [
        {"call_id": "call-1", "from": CUSTOMER, "to": {"extension_id": ANNA}, "direction": "inbound"},
        {"call_id": "call-2", "from": {"extension_id": ANNA}, "to": {"extension_id": BOB}, "direction": "outbound"},
    ]
    story.tell("bridged", None, calls=strands)
    _transfers(story, "attended")
    return story.asks_bob("terminated").inbound("terminated", to=BOB)


def _transfers(story: Story, kind: str) -> None:
    story.tell(
        "transferred",
        before={"from": CUSTOMER, "to": {"extension_id": ANNA}},
        after={"from": CUSTOMER, "to": {"extension_id": BOB}},
        initiator={"extension_id": ANNA},
        transfer_type=kind,
    )


def nameless_beginning() -> Story:
    """`created` as the document's example shows it: without a call id."""
    return Story().begins().inbound("ringing", "answered", "terminated")


STORIES = {
    story.__name__: story
    for story in (
        *(answered, missed, rejected, ring_group, hold, record, outbound),
        *(blind_transfer, attended_transfer, nameless_beginning),
    )
}


def bodies(name: str) -> list[bytes]:
    """The deliveries of one of STORIES, in the order in which it happened."""
    return [json.dumps(note).encode() for note in STORIES[name]().told]
