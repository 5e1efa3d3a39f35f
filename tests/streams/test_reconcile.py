"""Calls compared with the vendor's own: after gaps, and as upkeep."""

from base64 import b64encode
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
from pytest_django.fixtures import Settings

from common.times import utc_now
from cti.ingest.reconcile import RECONCILE_EVERY, SETTLED_AFTER, reconcile
from integrations import upkeep
from integrations.models import Upkeep
from tenants.rls import tenant_scope
from tests.connected import kwebbl_event
from tests.servers import Server, url_of_test_database, wait_until
from tests.streams.conftest import SOON, Stream_, Streamed

pytestmark = pytest.mark.usefixtures("streams")


@pytest.fixture(autouse=True)
def own_connections(committed_db: None, settings: Settings) -> None:
    """What opens connections beside Django's finds the tests' database too."""
    settings.DATABASE_URL = url_of_test_database()


def live(call_id: str, **fields: Any) -> dict[str, str]:
    """A call as the vendor's snapshot lists it; msgspec reads bytes as base64."""
    payload = orjson.dumps(kwebbl_event("ringing", call_id, id=f"snapshot-{call_id}", **fields))
    return {"vendor_call_id": call_id, "payload": b64encode(payload).decode()}


def later() -> datetime:
    return utc_now() + SETTLED_AFTER + timedelta(seconds=1)


def calls_upkeep(streamed: Streamed) -> Upkeep:
    with tenant_scope(streamed.tenant_id):
        return Upkeep.objects.get(account=streamed.account, kind=Upkeep.Kind.CALLS)


def test_calls_that_the_vendor_has_appear_and_those_it_lost_end(connect: Stream_) -> None:
    streamed = connect()
    streamed.wait_until_connected()
    streamed.send(kwebbl_event("ringing", "gone"))
    streamed.send(kwebbl_event("ringing", "kept", id="kept-1"))
    streamed.wait_for(*["call.originated", "call.delivered"] * 2)
    streamed.line.calls = [live("kept"), live("new")]
    reconcile(streamed.tenant_id, streamed.account.pk, later())
    told = [(event["type"], event["data"]["call"]["vendor_call_id"]) for event in streamed.events()[-3:]]
    assert sorted(told) == [("call.cleared", "gone"), ("call.delivered", "new"), ("call.originated", "new")]
    cleared = next(event for event in streamed.events() if event["type"] == "call.cleared")
    assert cleared["data"]["call"]["end_reason"] == "lost"


def test_a_call_that_was_just_heard_of_is_left_alone(connect: Stream_) -> None:
    streamed = connect()
    streamed.wait_until_connected()
    streamed.send(kwebbl_event("ringing"))
    streamed.wait_for("call.originated", "call.delivered")
    reconcile(streamed.tenant_id, streamed.account.pk)
    assert streamed.call_events() == ["call.originated", "call.delivered"]


def test_reconciling_again_changes_nothing(connect: Stream_) -> None:
    streamed = connect()
    streamed.line.calls = [live("kept")]
    for _ in range(2):
        reconcile(streamed.tenant_id, streamed.account.pk, later())
    assert streamed.call_events() == ["call.originated", "call.delivered"]


def test_a_gap_makes_it_due_at_once(connect: Stream_) -> None:
    streamed = connect()
    streamed.wait_until_connected()
    due = calls_upkeep(streamed)
    streamed.line.calls = [live("new")]
    upkeep.run(streamed.tenant_id, due.pk)
    streamed.wait_for("call.originated", "call.delivered")
    done = calls_upkeep(streamed)
    assert (done.attempts, done.last_error) == (0, "")
    assert done.due_at > utc_now() + RECONCILE_EVERY / 2
    streamed.vendor.hang_up(streamed.name)
    wait_until(lambda: calls_upkeep(streamed).due_at <= utc_now(), SOON, "it is due again after the gap")


def test_an_account_without_a_list_of_calls_is_left_alone(connect: Stream_, streams: Server) -> None:
    streamed = connect("listlessstreamer")
    streamed.wait_until_connected()
    streamed.send(kwebbl_event("ringing"))
    streamed.wait_for("call.originated", "call.delivered")
    reconcile(streamed.tenant_id, streamed.account.pk, later())
    assert streamed.call_events() == ["call.originated", "call.delivered"]
    with tenant_scope(streamed.tenant_id):
        assert not Upkeep.objects.filter(account=streamed.account).exists()
