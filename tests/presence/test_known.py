"""What notices leave behind: the last known state of lines and queues."""

from datetime import timedelta
from typing import Any

import pytest

from cti.presence.known import apply_notice
from cti.presence.lines import run
from integrations.contract.events import Notice, NoticeType
from integrations.models import Extension, Queue
from tenants.rls import tenant_scope
from tests.connected import ANNA, BOB, Connected, connect_with_queue
from tests.everything import NOON


@pytest.fixture
def connected(db: None) -> Connected:
    return connect_with_queue()


def hear(connected: Connected, kind: NoticeType, data: dict[str, Any], *, minutes: int = 0, **fields: Any) -> None:
    notice = Notice("1", kind, NOON + timedelta(minutes=minutes), data, **fields)
    if statement := apply_notice(connected.account.id, notice):
        with tenant_scope(connected.tenant_id):
            run(statement)


def test_presence_is_kept_field_by_field(connected: Connected) -> None:
    hear(connected, NoticeType.PRESENCE, {"activity": "lunch", "note": "back at 1\0"}, vendor_extension_id=ANNA)
    hear(connected, NoticeType.PRESENCE, {"available": False, "else": 1}, minutes=1, vendor_extension_id=ANNA)
    assert connected.extension(ANNA).presence == {"activity": "lunch", "note": "back at 1", "available": False}
    assert connected.extension(BOB).presence is None


def test_a_line_state_is_kept(connected: Connected) -> None:
    hear(connected, NoticeType.LINE_STATE, {"line_state": "busy" * 20}, vendor_extension_id=ANNA)
    assert connected.extension(ANNA).line_state == ("busy" * 20)[:40]


def test_statistics_are_kept_figure_by_figure(connected: Connected) -> None:
    hear(connected, NoticeType.QUEUE, {"stats": {"waiting": 3, "answered": 7}}, vendor_queue_id="q1")
    hear(connected, NoticeType.QUEUE, {"stats": {"waiting": 2, "answered": None}}, minutes=1, vendor_queue_id="q1")
    with tenant_scope(connected.tenant_id):
        queue = Queue.objects.get()
    assert (queue.stats, queue.stats_at) == ({"waiting": 2, "answered": 7}, NOON + timedelta(minutes=1))


def test_older_news_changes_nothing(connected: Connected) -> None:
    for minutes in (5, 1):
        at = {"minutes": minutes}
        hear(connected, NoticeType.PRESENCE, {"activity": str(minutes)}, vendor_extension_id=ANNA, **at)
        hear(connected, NoticeType.LINE_STATE, {"line_state": str(minutes)}, vendor_extension_id=ANNA, **at)
        hear(connected, NoticeType.QUEUE, {"stats": {"waiting": minutes}}, vendor_queue_id="q1", **at)
    with tenant_scope(connected.tenant_id):
        anna, queue = Extension.objects.get(vendor_extension_id=ANNA), Queue.objects.get()
    assert (anna.presence, anna.line_state, queue.stats) == ({"activity": "5"}, "5", {"waiting": 5})


@pytest.mark.parametrize(
    "notice",
    [
        Notice("1", NoticeType.MESSAGE, NOON, {"text": "Hi"}, vendor_extension_id=ANNA),
        Notice("1", NoticeType.VOICEMAIL, NOON, {}, vendor_extension_id=ANNA),
        Notice("1", NoticeType.AGENT, NOON, {"state": "paused"}, vendor_extension_id=ANNA),
        Notice("1", NoticeType.PRESENCE, NOON, {"activity": "lunch"}),
        Notice("1", NoticeType.LINE_STATE, NOON, {"line_state": 7}, vendor_extension_id=ANNA),
        Notice("1", NoticeType.QUEUE, NOON, {"stats": "many"}, vendor_queue_id="q1"),
    ],
)
def test_what_says_nothing_that_stays_leaves_nothing(connected: Connected, notice: Notice) -> None:
    assert apply_notice(connected.account.id, notice) is None
