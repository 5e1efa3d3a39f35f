"""What notices leave behind of agents: how each is in each queue, as last heard."""

from datetime import timedelta
from typing import Any

import pytest

from cti.presence.known import apply_notice
from cti.presence.lines import run
from integrations.contract.events import Notice, NoticeType
from integrations.models import PbxAccount, QueueMember
from tenants.rls import tenant_scope
from tests.connected import ANNA, BOB, Connected, connect_with_queue
from tests.everything import NOON


@pytest.fixture
def connected(db: None) -> Connected:
    return connect_with_queue()


def notice(minutes: int, line: str | None = ANNA, queue: str | None = "q1", **data: Any) -> Notice:
    at = NOON + timedelta(minutes=minutes)
    return Notice("1", NoticeType.AGENT, at, data, vendor_extension_id=line, vendor_queue_id=queue)


def hear(connected: Connected, minutes: int, **told: Any) -> None:
    if statement := apply_notice(connected.account.id, notice(minutes, **told)):
        with tenant_scope(connected.tenant_id):
            run(statement)


def members(connected: Connected) -> list[tuple[Any, ...]]:
    with tenant_scope(connected.tenant_id):
        found = QueueMember.objects.order_by("vendor_extension_id")
        return list(found.values_list("vendor_extension_id", "state", "pause_code", "since"))


def minute(number: int) -> Any:
    return NOON + timedelta(minutes=number)


def test_an_agents_state_is_kept_with_its_beginning(connected: Connected) -> None:
    hear(connected, 1, state="available", name="Anna")
    hear(connected, 2, state="paused", pause_code="lunch\0", since=minute(1).isoformat())
    hear(connected, 3, line=BOB, state="wrap_up")
    assert members(connected) == [(ANNA, "paused", "lunch", minute(1)), (BOB, "wrap_up", None, minute(3))]
    with tenant_scope(connected.tenant_id):
        assert QueueMember.objects.get(vendor_extension_id=ANNA).name == "Anna"


def test_older_news_changes_nothing(connected: Connected) -> None:
    hear(connected, 5, state="paused")
    hear(connected, 1, state="available")
    assert members(connected) == [(ANNA, "paused", None, minute(5))]


def test_who_joins_a_queue_changes_the_directory(connected: Connected) -> None:
    """Those who remember it must read it again: what is told of the queue concerns one more."""

    def version() -> int:
        with tenant_scope(connected.tenant_id):
            return PbxAccount.objects.get().directory_version

    before = version()
    hear(connected, 1, state="available")
    assert version() == before + 1
    hear(connected, 2, state="paused")
    assert version() == before + 1


@pytest.mark.parametrize(
    "told",
    [
        {"state": "asleep"},
        {"state": 7},
        {"state": "paused", "line": None},
        {"state": "paused", "queue": None},
        {"state": "paused", "queue": "unknown"},
        {"state": "paused", "since": "lately"},
    ],
)
def test_what_says_nothing_that_stays_leaves_nothing(connected: Connected, told: dict[str, Any]) -> None:
    hear(connected, 1, **told)
    assert members(connected) == []
