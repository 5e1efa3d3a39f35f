"""Each vendor's PBX in bad weather: a burst of calls ends in the product's calls, one each, as the PBX's own log has them."""

from collections.abc import Callable

import pytest

from tests.faults.weather import ANSWERS, CALLS, DELIVERIES, MISSED, SETTLE_SECONDS, Weather
from tests.servers import wait_until

pytestmark = pytest.mark.slow
DROP = {
    "kwebbl": "/subscriptions/drop",
    "ringcentral": "/vendor/blacklist-subscriptions",
    "dstny": "/subscriptions/drop",
    "eq": "/vendor/sign-out-everybody",
    "callgear": "/subscriptions/drop",
}


@pytest.mark.parametrize(
    ("vendor", "faults"),
    [
        ("kwebbl", DELIVERIES | ANSWERS),
        ("ringcentral", DELIVERIES | ANSWERS),
        (
            "dstny",
            DELIVERIES | {"slow_ms": 10},
        ),  # a reading that fails is found out by the next comparison of all calls
        ("callgear", DELIVERIES | ANSWERS),
    ],
)
def test_doubled_and_reordered_deliveries_and_an_api_that_fails(
    weather: Callable[[str], Weather], vendor: str, faults: dict[str, float]
) -> None:
    storm = weather(vendor)
    storm.set("faults", **faults)
    storm.burst()
    storm.ring_in_vain()
    wait_until(lambda: len(storm.at_the_pbx()) == CALLS + MISSED, SETTLE_SECONDS, "the PBX has played all calls")
    wait_until(
        lambda: storm.agrees(answers=vendor not in {"dstny", "callgear"}), SETTLE_SECONDS, "the product has them, too"
    )
    storm.assert_told_properly()


@pytest.mark.parametrize("vendor", DROP)
def test_tokens_that_expire_and_subscriptions_that_go(weather: Callable[[str], Weather], vendor: str) -> None:
    storm = weather(vendor)
    storm.set("faults", **DELIVERIES, **ANSWERS)
    storm.burst()
    wait_until(lambda: len(storm.at_the_pbx()) >= CALLS // 4, SETTLE_SECONDS, "the burst is under way")
    storm.do("/tokens/expire")
    storm.do(DROP[vendor])
    wait_until(lambda: len(storm.at_the_pbx()) == CALLS, SETTLE_SECONDS, "the PBX has played all calls")
    storm.clears_up()
    assert (storm.here() or {}).keys() <= storm.at_the_pbx().keys()
    storm.assert_told_properly()
    known = len(storm.pbx.calls())
    call_id = storm.pbx.customer_calls(storm.pbx.office.anna)
    wait_until(lambda: len(storm.pbx.calls()) == known + 1, SETTLE_SECONDS, "the next call is heard of")
    storm.pbx.act(call_id, "hangup")
    wait_until(lambda: storm.here() is not None, SETTLE_SECONDS, "and of its end")
