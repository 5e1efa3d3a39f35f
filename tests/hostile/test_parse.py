"""Whatever comes to a hook or over a stream is read, or refused as MalformedPayload, at once; what is read breaks no call."""

import time
from collections.abc import Sequence

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.contract.adapter import WebhookRequest
from integrations.contract.errors import MalformedPayload
from integrations.contract.events import CtiEvent, Ignored, Notice, Reconcile
from integrations.registry import adapter_class
from tests.hostile.mutations import NO_PAYLOADS, each_place, payloads
from tests.hostile.valid import PAYLOADS, QUERIES
from tests.permutations.playing import played

AT_ONCE_S = 0.1
LONGEST_IDENTITY, LONGEST_CALL_ID, LONGEST_NUMBER = 300, 200, 40
"""Of the columns that hold them."""
Parsed = Sequence[CtiEvent | Notice | Reconcile] | Ignored | None
every_vendor = pytest.mark.parametrize("vendor", PAYLOADS)


def read(vendor: str, body: bytes, query: dict[str, str]) -> Parsed:
    """What the adapter makes of it, soon; None where it refuses. A collection of garbage may happen once, so it has three tries."""
    took = []
    for _ in range(3):
        began = time.process_time()
        parsed = _parsed(vendor, WebhookRequest({}, body, query))
        took.append(time.process_time() - began)
        if min(took) < AT_ONCE_S:
            return parsed
    raise AssertionError(f"reading took {min(took):.2f} s")


def _parsed(vendor: str, request: WebhookRequest) -> Parsed:
    try:
        return adapter_class(vendor).parse(request)
    except MalformedPayload as error:
        words = str(error)
    assert words
    return None


def assert_harmless(vendor: str, body: bytes, query: dict[str, str]) -> None:
    """It is read or refused; what was read fits where it is kept, can be applied, and can be shown."""
    parsed = read(vendor, body, query)
    if parsed is None or isinstance(parsed, Ignored):
        return
    for each in parsed:
        assert isinstance(each, CtiEvent | Notice | Reconcile)
        if isinstance(each, CtiEvent | Notice):
            assert len(each.identity) <= LONGEST_IDENTITY
    book, _ = played(vendor, [WebhookRequest({}, body, query)], {})
    for entry in book.entries.values():
        orjson.dumps(entry.snapshot)
        assert all(len(name) <= LONGEST_CALL_ID for name in entry.facts.vendor_call_ids())
        numbers = [entry.snapshot[side]["number"] or "" for side in ("from", "to")]
        assert all(len(number) <= LONGEST_NUMBER for number in numbers)
    for noted in book.noted:
        orjson.dumps(noted.notice.data)


@every_vendor
@settings(max_examples=600, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_changed_payloads(vendor: str, data: st.DataObject) -> None:
    assert_harmless(vendor, data.draw(payloads(PAYLOADS[vendor])), data.draw(st.sampled_from(QUERIES[vendor])))


@every_vendor
def test_each_hostile_value_in_each_place(vendor: str) -> None:
    for body in each_place(PAYLOADS[vendor]):
        assert_harmless(vendor, body, QUERIES[vendor][0])


@every_vendor
def test_no_payloads_at_all(vendor: str) -> None:
    for body in NO_PAYLOADS:
        for query in QUERIES[vendor]:
            assert_harmless(vendor, body, query)


@every_vendor
def test_valid_ones_are_read(vendor: str) -> None:
    """What is changed above is worth changing."""
    for body in PAYLOADS[vendor]:
        assert read(vendor, body, QUERIES[vendor][0]) is not None
