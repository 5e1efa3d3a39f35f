"""How notifications are delivered: retries, order, faults, and the ledger."""

from collections import Counter
from typing import Any

import pytest

from tests.sandbox.kwebbl import Kwebbl
from tests.sandbox.receiver import Receiver
from tests.sandbox_server import SandboxHandle, wait_for


def ledger(sandbox: SandboxHandle) -> Any:
    return sandbox.control("GET", "/companies/acme/ledger")


def settled(sandbox: SandboxHandle, count: int) -> list[dict[str, Any]]:
    """The ledger's deliveries once there are so many and none is pending."""
    return list(
        wait_for(
            lambda: (
                (found := ledger(sandbox))["counts"]["pending"] == 0
                and len(found["deliveries"]) >= count
                and found["deliveries"]
            )
        )
    )


def test_refused_is_retried_in_order(sandbox: SandboxHandle, admin: Kwebbl, receiver: Receiver) -> None:
    sandbox.set("delivery", first_retry_s=0.01)
    receiver.refuse = 3
    admin.subscribe(receiver)
    sandbox.act(sandbox.ring_in("1001"), "hangup")
    assert receiver.types(3) == ["created", "ringing", "terminated"]
    deliveries = settled(sandbox, 3)
    assert [(each["event_type"], each["sent"], each["state"]) for each in deliveries] == [
        ("created", 4, "acknowledged"),
        ("ringing", 1, "acknowledged"),
        ("terminated", 1, "acknowledged"),
    ]
    assert [each["event_id"] for each in deliveries] == [event["id"] for event in receiver.events]
    assert "url" not in deliveries[0]


def test_retries_are_bounded(sandbox: SandboxHandle, admin: Kwebbl, receiver: Receiver) -> None:
    sandbox.set("delivery", first_retry_s=0.01, attempts=3)
    receiver.refuse = 3
    admin.subscribe(receiver)
    sandbox.ring_in("1001")
    assert receiver.types(1) == ["ringing"]
    assert [(each["sent"], each["state"]) for each in settled(sandbox, 2)] == [(3, "failed"), (1, "acknowledged")]


def test_giving_up_at_once(sandbox: SandboxHandle, admin: Kwebbl, receiver: Receiver) -> None:
    sandbox.set("faults", give_up=True)
    receiver.refuse = 1
    admin.subscribe(receiver)
    sandbox.ring_in("1001")
    assert [(each["sent"], each["state"]) for each in settled(sandbox, 2)] == [(1, "failed"), (1, "acknowledged")]


def test_unreachable_receiver_fails(sandbox: SandboxHandle, admin: Kwebbl) -> None:
    sandbox.set("delivery", first_retry_s=0.01, attempts=2)
    admin.send("POST", "/subscriptions", {"callback_url": "http://127.0.0.1:9/hook"})
    sandbox.ring_in("1001")
    assert [(each["state"], each["status"]) for each in settled(sandbox, 2)] == [("failed", None)] * 2


def test_duplicates(sandbox: SandboxHandle, admin: Kwebbl, receiver: Receiver) -> None:
    sandbox.set("faults", duplicate=1)
    admin.subscribe(receiver)
    sandbox.ring_in("1001")
    assert receiver.types(4) == ["created", "created", "ringing", "ringing"]
    assert set(Counter(event["id"] for event in receiver.events).values()) == {2}


def test_reordering_loses_nothing(sandbox: SandboxHandle, admin: Kwebbl, receiver: Receiver) -> None:
    sandbox.set("faults", reorder=0.5, reorder_ms=100)
    admin.subscribe(receiver)
    for _ in range(10):
        sandbox.act(sandbox.ring_in("1001"), "hangup")
    received = [event["id"] for event in receiver.wait(30)]
    sent = [each["event_id"] for each in settled(sandbox, 30)]
    assert sorted(received) == sorted(sent)
    assert received != sent


def test_held_back_webhooks_come_late_and_lost_ones_never(
    sandbox: SandboxHandle, admin: Kwebbl, receiver: Receiver
) -> None:
    admin.subscribe(receiver)
    sandbox.control("POST", "/companies/acme/webhooks/hold", seconds=0.3)
    call = sandbox.ring_in("1001")
    assert ledger(sandbox)["counts"]["pending"] == 2
    assert receiver.types(2) == ["created", "ringing"]
    sandbox.control("POST", "/companies/acme/webhooks/lose", seconds=60)
    sandbox.act(call, "hangup")
    assert ledger(sandbox)["counts"]["lost"] == 1
    assert len(receiver.events) == 2


@pytest.mark.parametrize(
    ("fault", "status", "code"), [("rate_limited", 429, None), ("server_errors", 500, "server_error")]
)
def test_api_faults(sandbox: SandboxHandle, admin: Kwebbl, fault: str, status: int, code: str | None) -> None:
    sandbox.set("faults", **{fault: 1})
    assert admin.refusal("GET", "/extensions") == (status, code)
    sandbox.set("faults", **{fault: 0})
    assert admin.send("GET", "/extensions").status == 200


@pytest.mark.parametrize("ordering", ["subscription", "call", "none"])
def test_burst_arrives_whole(sandbox: SandboxHandle, admin: Kwebbl, receiver: Receiver, ordering: str) -> None:
    sandbox.set("delivery", ordering=ordering)
    admin.subscribe(receiver)
    sandbox.control("POST", "/companies/acme/burst", calls=50, events_per_second=2000)
    receiver.wait(200)
    by_call: dict[str, list[str]] = {}
    for event in receiver.events:
        by_call.setdefault(event["call_id"], []).append(event["event_type"])
    script = ["created", "ringing", "answered", "terminated"]
    assert len(by_call) == 50
    assert all(sorted(types) == sorted(script) for types in by_call.values())
    if ordering != "none":
        assert all(types == script for types in by_call.values())
